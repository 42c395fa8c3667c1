"""scikit-image, Pillow, tifffile and imageio: images that are our arrays."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

skimage = pytest.importorskip("skimage")
tifffile = pytest.importorskip("tifffile")
iio = pytest.importorskip("imageio.v3")
Image = pytest.importorskip("PIL.Image")


def variables(np: Any, n: int) -> dict[str, Any]:
    k = int(n**0.5)
    r = numpy.random.default_rng(0)
    return {
        "g": np.asarray(r.random((k, k))),
        "u": np.asarray(r.integers(0, 255, (k, k)).astype("u1")),
        "rgb": np.asarray(r.integers(0, 255, (k, k, 3)).astype("u1")),
        "b": np.asarray(r.random((k, k)) > 0.4),
        "l": np.asarray(r.integers(0, 5, (k, k))),
        "k": k,
    }


CASES = """
mo.dilation(u, mo.disk(2))
mo.erosion(u, mo.disk(2))
mo.dilation(g)
mo.erosion(g)
mo.opening(g)
mo.closing(u)
mo.white_tophat(u)
mo.white_tophat(g)
mo.black_tophat(g)
mo.skeletonize(b)
mo.label(b)
mo.dilation(g, np.ones((3, 3)))
mo.erosion(u, np.ones((3, 3), "u1"))
mo.reconstruction(g * 0.5, g)
mo.convex_hull_image(b)
[c.shape for c in me.find_contours(g, 0.5)][:5]
me.label(b)
[r.area for r in me.regionprops(l + 1, intensity_image=g)]
me.regionprops_table(l + 1, properties=("area", "centroid"))["area"]
me.block_reduce(g, (2, 2), np.mean)
me.moments(g)
me.profile_line(g, (0, 0), (5, 5))
me.shannon_entropy(u)
fi.gaussian(g, 1)
fi.sobel(g)
fi.threshold_otsu(u)
fi.threshold_otsu(g)
fi.threshold_local(g, 5)
fi.median(u)
fi.unsharp_mask(g)
fi.laplace(g)
fi.roberts(g)
fi.frangi(g) if k < 60 else 0
tr.resize(g, (10, 10))
tr.rescale(g, 0.5)
tr.rotate(g, 30)
tr.warp(g, tr.AffineTransform(translation=(1, 1)))
tr.downscale_local_mean(g, (2, 2))
tr.pyramid_reduce(g)
tr.radon(g, theta=np.arange(0.0, 90, 30), circle=False)
tr.integral_image(g)
se.find_boundaries(l)
se.slic(rgb, n_segments=5)
se.clear_border(b)
se.felzenszwalb(g)[0, :3]
fe.canny(g)
fe.peak_local_max(g)[:5]
fe.corner_harris(g)
fe.blob_log(g)[:2] if k < 60 else 0
fe.graycomatrix(u, [1], [0], levels=256).sum()
fe.local_binary_pattern(u, 8, 1)
fe.match_template(g, g[:5, :5])[0, 0]
co.rgb2gray(rgb)
co.rgb2hsv(rgb)
co.rgb2lab(rgb)
co.gray2rgb(u)
co.label2rgb(l, g)[0, 0]
ex.equalize_hist(g)
ex.rescale_intensity(g)
ex.histogram(u)[0]
ex.adjust_gamma(g, 2)
ex.equalize_adapthist(g)
util.img_as_ubyte(g)
util.img_as_float(u)
util.random_noise(g, rng=1)[0, 0]
util.montage(np.stack([g, g]))
util.invert(u)
re.denoise_tv_chambolle(g)
re.denoise_bilateral(g) if k < 60 else 0
re.denoise_nl_means(g) if k < 60 else 0
met.structural_similarity(g, g * 0.9, data_range=1.0)
met.peak_signal_noise_ratio(g, g * 0.9, data_range=1.0)
met.mean_squared_error(g, g * 0.9)
numpy.asarray(Image.fromarray(u))
numpy.asarray(Image.fromarray(rgb))
numpy.asarray(Image.fromarray(u[::2, ::2]))
numpy.asarray(Image.fromarray(u.T))
numpy.asarray(Image.fromarray(b))
numpy.asarray(Image.fromarray(g.astype("f4")))
numpy.asarray(Image.fromarray((g * 255).astype("u1")))
numpy.asarray(Image.fromarray(u + 1))
numpy.asarray(Image.fromarray(u).resize((5, 5)))
np.asarray(Image.fromarray(u))
tifffile.imwrite(tmp + "/a.tif", u); tifffile.imread(tmp + "/a.tif")
tifffile.imwrite(tmp + "/a.tif", g); tifffile.imread(tmp + "/a.tif")
tifffile.imwrite(tmp + "/a.tif", g.T, compression="zlib"); tifffile.imread(tmp + "/a.tif")
tifffile.imwrite(tmp + "/a.tif", rgb, photometric="rgb"); tifffile.imread(tmp + "/a.tif")
iio.imwrite(tmp + "/a.png", u); iio.imread(tmp + "/a.png")
iio.imwrite(tmp + "/a.png", rgb); iio.imread(tmp + "/a.png")
iio.imwrite(tmp + "/a.tif", u); iio.imread(tmp + "/a.tif")
sk.io.imsave(tmp + "/b.png", u, check_contrast=False); sk.io.imread(tmp + "/b.png")
iio.imwrite("<bytes>", u, extension=".png")[:4]
mo.remove_small_objects(b, max_size=8)
tr.hough_line(b)[0].sum()
se.watershed(g, np.where(g > 0.99, 1, 0).astype(int))
util.view_as_windows(g, (3, 3)).shape
"""

NEIGHBOUR = Neighbour(
    {
        "sk": skimage,
        "mo": skimage.morphology,
        "me": skimage.measure,
        "fi": skimage.filters,
        "tr": skimage.transform,
        "se": skimage.segmentation,
        "fe": skimage.feature,
        "co": skimage.color,
        "ex": skimage.exposure,
        "util": skimage.util,
        "re": skimage.restoration,
        "met": skimage.metrics,
        "Image": Image,
        "tifffile": tifffile,
        "iio": iio,
        "tmp": tempfile.mkdtemp(),
    },
    variables,
    CASES,
    small=400,
    large=62_500,
)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
