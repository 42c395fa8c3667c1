"""HDF5 and NetCDF: what is read is what h5py reads, and h5py reads what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.arrays import arrays, indexes, same
from tests.subject import MODES, mode, ramba

h5py = pytest.importorskip("h5py")

ALL = [name for name in MODES if name in ("default", "threads") or "workers" in name]
STORED: list[dict[str, Any]] = [
    {},
    {"chunks": True},
    {"compression": "gzip"},
    {"compression": "gzip", "shuffle": True, "fletcher32": True},
    {"compression": "lzf", "shuffle": True},
    {"scaleoffset": 0},
    {"fillvalue": 7, "chunks": True},
]


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12)  # of each mode
@given(data=st.data())
def test_any_part_of_a_file(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a = data.draw(arrays(["?", "i2", "u8", "f2", "f4", "f8", "c8", ">i4", ">f8"], least=1))
    options = dict(data.draw(st.sampled_from(STORED)))
    if "chunks" in options or "compression" in options or "scaleoffset" in options:
        if 0 in a.shape:
            options = {}
        else:
            options["chunks"] = tuple(data.draw(st.integers(1, n)) for n in a.shape)
    if "scaleoffset" in options and a.dtype.kind not in "iu":
        options.pop("scaleoffset")
    path = tmp_path_factory.mktemp("hdf5") / "a.h5"
    with h5py.File(path, "w", userblock_size=data.draw(st.sampled_from([0, 512]))) as file:
        dataset = file.create_dataset("g/x", a.shape, a.dtype, **options)
        if "fillvalue" in options and a.shape[0] > 1:
            dataset[: a.shape[0] // 2] = a[: a.shape[0] // 2]
        else:
            dataset[...] = a
        a = dataset[...]
    with mode(name):
        index = data.draw(indexes(a.shape))
        same(ramba.Dataset(path, "g/x")[index], a[index])
        same(ramba.load(path), a)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12)  # of each mode
@given(data=st.data())
def test_written(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a = data.draw(arrays(["?", "i2", "u8", "f4", "f8", "c16"]))
    path = tmp_path_factory.mktemp("hdf5") / "a.h5"
    chunks = data.draw(st.none() | st.tuples(*(st.integers(1, n + 2) for n in a.shape))) if a.shape else None
    compression = data.draw(st.sampled_from([None, "gzip", 1]))
    with mode(name):
        ramba.save(path, ramba.asarray(a), "g/x", chunks=chunks, compression=compression)
        ramba.to_hdf5(path, "y", ramba.asarray(a) * 1, compression=compression)
        ramba.to_hdf5(path, "y", ramba.asarray(a), chunks=chunks)
        same(ramba.from_hdf5(path, "g/x"), a)
    with h5py.File(path) as file:
        assert sorted(file) == ["g", "y"]
        for found in (file["g/x"], file["y"]):
            assert found.dtype == a.dtype
            numpy.testing.assert_array_equal(found[...], a)


def test_filters_of_plugins(tmp_path: Path) -> None:
    """Chunks that were compressed by others: Zstandard and Blosc need no plugin here."""
    numcodecs = pytest.importorskip("numcodecs")
    a = numpy.arange(40_000, dtype="i4").reshape(200, 200)
    for code, codec in ((32015, numcodecs.Zstd()), (32001, numcodecs.Blosc())):
        path = tmp_path / f"{code}.h5"
        with h5py.File(path, "w") as file:
            properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            properties.set_chunk((100, 200))
            properties.set_filter(code, h5py.h5z.FLAG_OPTIONAL, (3,))
            space, kind = h5py.h5s.create_simple(a.shape), h5py.h5t.NATIVE_INT32
            dataset = h5py.h5d.create(file.id, b"x", kind, space, properties)
            for row in (0, 100):
                dataset.write_direct_chunk((row, 0), codec.encode(a[row : row + 100]))
        same(ramba.Dataset(path)[3::7, ::-1], a[3::7, ::-1])


def test_names(tmp_path: Path) -> None:
    path = tmp_path / "a.hdf5"
    with h5py.File(path, "w") as file:
        file["g/x"] = numpy.arange(30_000.0)
        file["g/y"] = numpy.arange(3)
        file["words"] = ["a", "bc"]
        file["nothing"] = h5py.Empty("f8")
        file["point"] = numpy.array((1, 2.5), [("n", "i4"), ("x", ">f8")])
    for option in ({"name": "g/x"}, {"arr_path": "/g/x"}, {"name": "g/x", "arr_path": "g/x"}):
        assert ramba.Dataset(path, **option).shape == (30_000,)
    assert ramba.load(path, "g/y").sum() == 3
    assert ramba.load(path, arr_path="g/y", dtype="f4").dtype == "f4"
    assert ramba.Dataset(path, "point")[()]["x"] == 2.5
    with pytest.raises(KeyError, match="g/x"):
        ramba.Dataset(path)
    with pytest.raises(KeyError, match="no array 'g'"):
        ramba.Dataset(path, "g")
    with pytest.raises(ValueError, match="different names"):
        ramba.Dataset(path, "g/x", arr_path="g/y")
    with pytest.raises(ValueError, match="texts"):
        ramba.Dataset(path, "words")
    with pytest.raises(ValueError, match="no elements"):
        ramba.Dataset(path, "nothing")


def test_other_files_are_not_read(tmp_path: Path) -> None:
    """A file from somebody else must not show what its reader may read and its writer may not."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"0123456789abcdef")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = numpy.arange(3)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (2,), "f8", external=[(str(secret), 0, 16)])
        file["y"] = h5py.ExternalLink("other.h5", "x")
    with pytest.raises(ValueError, match="external storage"):
        ramba.Dataset(tmp_path / "a.h5", "x")
    with pytest.raises(ValueError, match="link to another file"):
        ramba.Dataset(tmp_path / "a.h5", "y")


def test_netcdf(tmp_path: Path) -> None:
    netcdf = pytest.importorskip("netCDF4")
    a = numpy.arange(30_000, dtype="f4").reshape(30, 20, 50)
    with netcdf.Dataset(tmp_path / "a.nc", "w") as file:
        for name, extent in zip("txy", a.shape, strict=True):
            file.createDimension(name, extent)
        file.createVariable("x", "f8", ("x",))[:] = numpy.arange(20)
        file.createVariable("t2m", "f4", ("t", "x", "y"), zlib=True, chunksizes=(7, 20, 50))[:] = a
    same(ramba.load(tmp_path / "a.nc"), a)
    same(ramba.Dataset(tmp_path / "a.nc", var_select="t2m")[::2, 5, ::-1], a[::2, 5, ::-1])
    same(ramba.Dataset(tmp_path / "a.nc", "x")[...], numpy.arange(20.0))
    with netcdf.Dataset(tmp_path / "old.nc", "w", format="NETCDF3_CLASSIC") as file:
        file.createDimension("x", 3)
    with pytest.raises(ValueError, match="classic"):
        ramba.Dataset(tmp_path / "old.nc")
