"""SciPy: every part of it, sparse matrices as operands, and arrays that results are written into."""

from __future__ import annotations

import importlib
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

scipy = pytest.importorskip("scipy")
for part in ("cluster.hierarchy", "cluster.vq", "sparse.linalg"):
    importlib.import_module(f"scipy.{part}")


def variables(np: Any, n: int) -> dict[str, Any]:
    r = numpy.random.default_rng(0)
    k = int(n**0.5)
    eye = numpy.eye(k) * 2
    return {
        "x": np.asarray(r.random(n)),
        "y": np.asarray(r.random(n)),
        "m": np.asarray(r.random((k, k))),
        "v": np.asarray(r.random(k)),
        "i": np.asarray(r.integers(0, 10, n)),
        "csr": scipy.sparse.csr_matrix(eye),
        "arr": scipy.sparse.csr_array(eye),
        "out": np.zeros((k, k)),
        "n": n,
        "k": k,
        "g": np.linspace(0, 1, n),
        "p": np.asarray(r.random((200, 3))),
    }


CASES = """
csr @ m
m @ csr
m + csr
csr + m
m - csr
csr - m
m * csr
csr * m
csr.multiply(m)
csr @ v
csr * v
v @ csr
v * csr
arr @ m
m @ arr
m + arr
arr + m
m * arr
arr * m
csr / v[0]
csr * v.sum()
v.sum() * csr
csr.dot(v)
csr < m
m > csr
sp.csr_matrix(m)
sp.csr_array(m).sum()
sp.coo_matrix((x, (i, i)), shape=(10, 10)).toarray()
sp.csr_matrix((x, (i, i)), shape=(10, 10)).toarray()
sp.diags([v], [0]).toarray()
sp.diags(v).toarray()
sp.eye(k) @ m
sp.kron(m[:5, :5], np.eye(2)).toarray()
sp.vstack([csr, sp.csr_matrix(m)]).toarray()
sla.spsolve(csr.tocsc(), v)
sla.cg(csr, v)[0]
sla.LinearOperator((k, k), matvec=lambda z: np.asarray(z) * 2).matvec(v)
numpy.sort(sla.eigsh(sp.csr_matrix(np.diag(np.arange(1.0, k + 1))), k=3, v0=numpy.ones(k), return_eigenvectors=False))
sla.expm_multiply(csr, v)
opt.minimize(lambda z: ((z - 1) ** 2).sum(), v[:5]).x.round(3)
opt.minimize(lambda z: (((z - 1) ** 2).sum(), 2 * (z - 1)), v, jac=True, method="L-BFGS-B").x.round(3)
opt.minimize(lambda z: np.sum((np.asarray(z) - 1) ** 2), v[:5], method="Nelder-Mead").x.round(2)
opt.minimize(lambda z: np.sum((np.asarray(z) - 1) ** 2), v[:5], method="BFGS", jac=lambda z: 2 * (np.asarray(z) - 1)).x.round(2)
opt.minimize(lambda z: np.sum((np.asarray(z) - 1) ** 2), v[:5], bounds=[(0, 2)] * 5).x.round(2)
opt.least_squares(lambda z: np.asarray(z) - 2, v[:5]).x
opt.curve_fit(lambda t, a, b: a * t + b, g, 2 * g + 1)[0].round(6)
opt.root(lambda z: np.asarray(z) ** 2 - 2, v[:5] + 1).x.round(5)
opt.brentq(lambda z: np.cos(z) - z, 0, 1)
opt.linprog(v[:3], A_ub=-np.eye(3), b_ub=np.zeros(3)).x
opt.differential_evolution(lambda z: np.sum(np.asarray(z) ** 2), [(-1, 1)] * 2, rng=1, maxiter=5).x.round(2)
opt.fsolve(lambda z: np.asarray(z) - 1, v[:3])
sig.convolve(x, v)
sig.fftconvolve(x, v)
sig.convolve2d(m, np.ones((3, 3)))
sig.butter(3, 0.1)[0]
sig.lfilter([1.0, 2], [1.0], x)
sig.filtfilt(*sig.butter(3, 0.1), x)
sig.sosfilt(sig.butter(3, 0.1, output="sos"), x)
sig.welch(x)
sig.find_peaks(x)[0]
sig.savgol_filter(x, 5, 2)
sig.medfilt(x, 3)
sig.resample(x, 50)
sig.decimate(x, 2)
sig.hilbert(x)
sig.spectrogram(x, nperseg=32)[2]
sig.correlate(x, v)
sig.detrend(x)
sig.stft(x, nperseg=32)[2]
sig.windows.hann(32)
ndi.gaussian_filter(m, 1)
ndi.gaussian_filter(m, 1, output=out)
(ndi.gaussian_filter(m, 1, output=out), out)[1]
(ndi.uniform_filter(m, 3, output=out), out)[1]
ndi.sobel(m)
ndi.median_filter(m, 3)
ndi.convolve(m, np.ones((3, 3)))
ndi.label(m > 0.5)
ndi.binary_erosion(m > 0.2)
ndi.binary_dilation(m > 0.9, iterations=2)
ndi.distance_transform_edt(m > 0.1)
ndi.map_coordinates(m, np.array([[0.5, 1.5], [1.0, 2.0]]), order=1)
ndi.zoom(m, 2, order=1)
ndi.rotate(m, 30, order=1)
ndi.shift(m, 1.5, order=1)
ndi.affine_transform(m, np.eye(2))
ndi.center_of_mass(m)
ndi.sum(m, ndi.label(m > 0.5)[0], index=np.arange(3))
ndi.maximum_filter(m, 3)
ndi.grey_dilation(m, 3)
ndi.generic_filter(m[:8, :8], np.mean, 3)
ndi.find_objects(ndi.label(m > 0.5)[0])[:2]
ndi.laplace(m)
st.norm.pdf(x)
st.norm.fit(x)
st.ttest_ind(x, y)
st.pearsonr(x, y)
st.spearmanr(x, y).statistic
st.describe(x)
st.zscore(x)
st.skew(x)
st.kurtosis(x)
st.gaussian_kde(v)(v[:10])
st.linregress(x, y)
st.ks_2samp(v, v)
st.mode(i)
st.rankdata(x)
st.binned_statistic(x, y, bins=5)[0]
st.entropy(x)
st.iqr(x)
st.trim_mean(x, 0.1)
st.mannwhitneyu(x, y)
st.chisquare(v)
st.bootstrap((v,), np.mean, rng=1, n_resamples=99).standard_error
itp.interp1d(g, x)(g[:-1] + 1e-5)
itp.CubicSpline(g, x)(g)
itp.UnivariateSpline(g, x, s=0)(g[:10])
itp.RegularGridInterpolator((np.arange(float(k)), np.arange(float(k))), m)(np.array([[0.5, 0.5], [1.0, 2]]))
itp.griddata(p[:, :2], p[:, 2], p[:10, :2])
itp.make_interp_spline(g, x)(g[:10])
itp.PchipInterpolator(g, x)(g)
itp.RBFInterpolator(p[:, :2], p[:, 2])(p[:5, :2])
integ.trapezoid(x, g)
integ.simpson(x, x=g)
integ.cumulative_trapezoid(x, g)
integ.quad(lambda t: np.sin(t), 0, 1)
integ.solve_ivp(lambda t, z: -np.asarray(z), (0, 1), v[:3]).y
integ.odeint(lambda z, t: -np.asarray(z), v[:3], np.linspace(0, 1, 5))
la.inv(m + np.eye(k) * k)
la.solve(m + np.eye(k) * k, v)
la.eigh(m + m.T)[0]
la.svd(m)[1]
la.lu_factor(m)[0]
la.cholesky(m @ m.T + np.eye(k))
la.expm(m / k)
la.norm(m)
la.det(m / 10)
la.qr(m)[1]
la.toeplitz(v)
la.block_diag(m, m)
la.lstsq(m, v)[0].round(3)
la.solve(m + np.eye(k) * k, v, overwrite_b=True)
sfft.fft(x)
sfft.rfft2(m)
sfft.dct(x)
spatial.distance.cdist(p, p)
spatial.distance.pdist(p)
spatial.cKDTree(p).query(p[:5])[1]
spatial.ConvexHull(p[:, :2]).vertices
spatial.Delaunay(p[:, :2]).simplices.shape
spatial.distance.squareform(spatial.distance.pdist(p))
special.erf(x)
special.gamma(x)
special.expit(x)
special.logsumexp(x)
special.softmax(x)
special.jv(0, x)
special.comb(10, np.arange(4))
vq.kmeans2(p, p[:3])[1]
vq.whiten(p)
hier.linkage(p[:20])
numpy.sort(sla.eigsh(np.diag(np.arange(1.0, k + 1)), k=3, v0=np.ones(k), return_eigenvectors=False))
sla.svds(m, k=2, v0=np.ones(k))[1]
opt.minimize(lambda z: (np.sum((np.asarray(z) - 1) ** 2), 2 * (np.asarray(z) - 1)), x, jac=True, method="L-BFGS-B").x.round(3)
labels = np.zeros(m.shape, "i4"); ndi.label(m > 0.5, output=labels); labels
"""

NEIGHBOUR = Neighbour(
    {
        "scipy": scipy,
        "sp": scipy.sparse,
        "opt": scipy.optimize,
        "sig": scipy.signal,
        "ndi": scipy.ndimage,
        "st": scipy.stats,
        "itp": scipy.interpolate,
        "integ": scipy.integrate,
        "la": scipy.linalg,
        "sfft": scipy.fft,
        "spatial": scipy.spatial,
        "special": scipy.special,
        "vq": scipy.cluster.vq,
        "sla": scipy.sparse.linalg,
        "hier": scipy.cluster.hierarchy,
    },
    variables,
    CASES,
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
