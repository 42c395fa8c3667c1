"""h5py, zarr and netCDF4: files written from our arrays, read into them, and indexed by them."""

from __future__ import annotations

import itertools
import pathlib
import tempfile
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

h5py = pytest.importorskip("h5py")
zarr = pytest.importorskip("zarr")
netCDF4 = pytest.importorskip("netCDF4")
PLACE = pathlib.Path(tempfile.mkdtemp())
NUMBERS = itertools.count()


def variables(np: Any, n: int) -> dict[str, Any]:
    number = next(NUMBERS)
    f = h5py.File(PLACE / f"{number}.h5", "w")
    z = zarr.create_array(zarr.storage.MemoryStore(), shape=(n,), dtype="f8", chunks=(max(n // 4, 1),))
    z[:] = numpy.arange(n) * 1.0
    nc = netCDF4.Dataset(PLACE / f"{number}.nc", "w")
    nc.createDimension("t", n)
    v = nc.createVariable("v", "f8", ("t",))
    v[:] = numpy.arange(n) * 1.0
    x = np.asarray(numpy.arange(n) * 2.0)
    return {
        "f": f,
        "d": f.create_dataset("d", data=numpy.arange(n) * 1.0),
        "d2": f.create_dataset("d2", (n,), "f8"),
        "z": z,
        "nc": nc,
        "v": v,
        "x": x,
        "m": x > n,
        "i": np.asarray([1, 3, 5]),
        "out": np.zeros(n),
        "n": n,
        "k": (x > 5).sum(),
    }


CASES = """
np.asarray(d)
np.array(d[:]) + x
d[i]
d2[:] = x; d2[:]
d2[...] = x * 2; d2[:]
d2[2:5] = x[2:5]; d2[:6]
d2[i] = x[i]; d2[:6]
d2[0] = x.sum(); d2[:1]
f.create_dataset("e", data=x)[:]
f.create_dataset("e2", data=x[::2])[:]
f.create_dataset("e3", data=x * 2 + 1, compression="gzip")[:]
f.create_dataset("e4", data=m)[:]
f.create_dataset("s", data=x.sum())[()]
f.attrs.__setitem__("a", x[:4]); f.attrs["a"]
f.attrs.__setitem__("m", x.mean()); f.attrs["m"]
f.__setitem__("q", x); f["q"][:]
f.require_dataset("r", (n,), "f8")[:]
x + d[:]
x - np.asarray(d)
x[:] = d; x
x[...] = d[:]; x
d.astype("f4")[:]
np.sum(d)
np.sqrt(d)
np.mean(d)
d.len()
f.create_dataset("res", shape=(0,), maxshape=(None,)).resize((int(k),)); f["res"].shape
z[:]
z.get_orthogonal_selection(i)
z.oindex[i]
z.vindex[i]
z[2:5]
z.__setitem__(slice(None), x); z[:]
z.__setitem__(slice(2, 5), x[2:5]); z[:6]
z.set_basic_selection(slice(None), x * 2); z[:]
z.set_mask_selection(m, x[m]); z[:]
z.set_orthogonal_selection(i, x[i]); z[:6]
z.__setitem__(0, x.sum()); z[:1]
np.asarray(z)
x + z[:]
np.sqrt(z)
zarr.create_array(zarr.storage.MemoryStore(), data=x)[:]
zarr.create_array(zarr.storage.MemoryStore(), data=x * 2, chunks=(max(n // 3, 1),))[:]
zarr.group().create_array("a", data=m)[:]
v[:]
v.__setitem__(slice(None), x); v[:]
v.__setitem__(slice(2, 5), x[2:5]); v[:6]
v.__setitem__(slice(None), x * 2); v[:]
v[m]
v[i]
v.__setitem__(0, x.mean()); v[:1]
np.mean(v[:])
d[m]
d.read_direct(out); out
d2.write_direct(x); d2[:]
d2[m] = x[m]; d2[:]
"""

NEIGHBOUR = Neighbour({"zarr": zarr}, variables, CASES, large=200_000)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
