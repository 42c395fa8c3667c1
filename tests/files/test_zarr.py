"""Zarr: what is read is what zarr reads, and zarr reads what is written."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.arrays import arrays, indexes, same
from tests.subject import MODES, mode, ramba

zarr = pytest.importorskip("zarr")
numcodecs = pytest.importorskip("numcodecs")

ALL = [name for name in MODES if name in ("default", "threads") or "workers" in name]
SECOND: list[dict[str, Any]] = [
    {"compressors": None},
    {"compressors": numcodecs.Zstd(), "order": "F"},
    {"compressors": numcodecs.Blosc(shuffle=2)},
    {"compressors": numcodecs.GZip(), "filters": [numcodecs.Shuffle(1)]},
    {"compressors": numcodecs.Zlib(), "chunk_key_encoding": {"name": "v2", "separator": "/"}},
    {"compressors": numcodecs.LZ4()},
    {"compressors": numcodecs.BZ2()},
]
THIRD: list[dict[str, Any]] = [
    {"compressors": None},
    {"compressors": [zarr.codecs.ZstdCodec(checksum=True)]},
    {"compressors": [zarr.codecs.BloscCodec(cname="zstd")]},
    {"compressors": [zarr.codecs.GzipCodec(), zarr.codecs.Crc32cCodec()]},
    {"serializer": zarr.codecs.BytesCodec(endian="big")},
    {"chunk_key_encoding": {"name": "v2", "separator": "."}},
    {"sharded": True},
    {"sharded": True, "compressors": None},
]


@pytest.mark.own_modes
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12)  # of each mode
@given(data=st.data())
def test_any_part_of_a_store(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a = data.draw(arrays(["?", "i2", "u8", "f2", "f4", "f8", "c8"]).filter(lambda a: 0 not in a.shape))
    kind = data.draw(st.sampled_from([2, 3]))
    options = dict(data.draw(st.sampled_from(SECOND if kind == 2 else THIRD)))
    chunks = tuple(data.draw(st.integers(1, n)) for n in a.shape)
    if options.pop("sharded", False):
        options["shards"] = tuple(c * data.draw(st.integers(1, 3)) for c in chunks)
    if not a.shape:
        options.pop("shards", None)
    if a.dtype.itemsize == 1:
        options.pop("serializer", None)
    path = tmp_path_factory.mktemp("zarr") / "a.zarr"
    z = zarr.create_array(path, shape=a.shape, chunks=chunks, dtype=a.dtype, zarr_format=kind, fill_value=1, **options)
    if a.shape and a.shape[0] > 2:
        z[: a.shape[0] // 2] = a[: a.shape[0] // 2]
    else:
        z[...] = a
    a = numpy.asarray(z[...])
    with mode(name):
        index = data.draw(indexes(a.shape))
        same(ramba.Dataset(path)[index], a[index])
        same(ramba.from_zarr(path), a)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@settings(max_examples=12)  # of each mode
@given(data=st.data())
def test_written(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a = data.draw(arrays(["?", "i2", "u8", "f4", "f8", "c16"]))
    folder = tmp_path_factory.mktemp("zarr")
    chunks = data.draw(st.none() | st.tuples(*(st.integers(1, n + 2) for n in a.shape))) if a.shape else None
    compression = data.draw(st.sampled_from([None, "zstd", "blosc", "gzip"]))
    shards = None
    if a.shape and data.draw(st.booleans()):
        shards = tuple(n * data.draw(st.integers(1, 3)) for n in chunks or (2,) * a.ndim)
    with mode(name):
        x = ramba.asarray(a)
        ramba.save(folder / "a.zarr", x, chunks=chunks, compression=compression)
        ramba.save(folder / "a.zarr", x, chunks=chunks, shards=shards, compression=compression)
        ramba.to_zarr(x * 1, folder / "g.zarr", "g/x", chunks=chunks, shards=shards)
        ramba.to_zarr(x, folder / "g.zarr", "g/x", compression=compression)
        ramba.to_zarr(x, folder / "g.zarr", "y", compression=compression)
        same(ramba.from_zarr(folder / "g.zarr", "g/x"), a)
        with pytest.raises(FileExistsError):
            ramba.to_zarr(x, folder / "a.zarr")
        ramba.to_zarr(x, folder / "a.zarr", overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["a.zarr", "g.zarr"]
    group = zarr.open_group(folder / "g.zarr", mode="r")
    assert sorted(name for name, _ in group.members(max_depth=None)) == ["g", "g/x", "y"]
    for found in (zarr.open_array(folder / "a.zarr", mode="r"), group["g/x"], group["y"]):
        assert found.dtype == a.dtype
        numpy.testing.assert_array_equal(found[...], a)


def test_names(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("zarr") / "g.zarr"
    group = zarr.open_group(path, mode="w")
    group.create_array("a/b", shape=(3,), dtype="i4")
    assert ramba.Dataset(path).name == "a/b"
    group.create_array("c", shape=(4,), dtype="i4")
    assert ramba.load(path, "c").shape == (4,)
    with pytest.raises(KeyError, match="a/b, c"):
        ramba.Dataset(path)
    with pytest.raises(KeyError, match="is a group"):
        ramba.Dataset(path, "a")
    with pytest.raises(FileNotFoundError):
        ramba.Dataset(path.with_name("none.zarr"))


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
def test_each_shard_has_one_writer(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Workers' blocks end within shards; what one of them wrote would be lost if another one wrote there, too."""
    path, a = tmp_path_factory.mktemp("zarr") / "a.zarr", numpy.arange(23.0 * 31 * 5).reshape(23, 31, 5)
    with mode(name):
        x = ramba.asarray(a) + 0
        ramba.save(path, x, chunks=(2, 5, 5), shards=(4, 10, 5), compression="zstd")
        same(ramba.load(path), a)
    found = zarr.open_array(path, mode="r")
    assert (found.chunks, found.shards) == ((2, 5, 5), (4, 10, 5))
    numpy.testing.assert_array_equal(found[...], a)
    files = [file for file in path.rglob("*") if file.is_file() and file.name != "zarr.json"]
    assert len(files) == 6 * 4


def test_shards_that_cannot_be(tmp_path_factory: pytest.TempPathFactory) -> None:
    path, x = tmp_path_factory.mktemp("zarr"), ramba.arange(100.0).reshape(10, 10)
    for options in ({"chunks": (4, 4), "shards": (6, 8)}, {"shards": (5,)}, {"shards": (0, 5)}):
        with pytest.raises(ValueError):
            ramba.save(path / "a.zarr", x, **options)
    for file in ("a.npy", "a.dat", "a.h5"):
        with pytest.raises(ValueError):
            ramba.save(path / file, x, shards=(5, 5))
    assert not list(path.iterdir())
