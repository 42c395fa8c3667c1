"""Files of NumPy's: what is loaded and saved is what NumPy loads and saves."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.files import archives
from tests.files.arrays import DTYPES, arrays, indexes, same
from tests.subject import MODES, mode, ramba

ALL = [name for name in MODES if name in ("default", "threads") or "workers" in name]


@pytest.fixture(params=ALL)
def _mode(request: pytest.FixtureRequest) -> Any:
    with mode(request.param):
        yield


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_any_part_of_a_file(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a = data.draw(arrays())
    path = tmp_path_factory.mktemp("npy") / "a.npy"
    numpy.save(path, numpy.array(a, order="F") if data.draw(st.booleans()) else a)
    with mode(name):
        index = data.draw(indexes(a.shape))
        same(ramba.Dataset(path)[index], a[index])
        same(ramba.Dataset(path)[...], a)


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
def test_saved_and_loaded(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    a, folder = data.draw(arrays()), tmp_path_factory.mktemp("npy")
    with mode(name):
        x = ramba.asarray(a)
        turned = data.draw(st.booleans())
        x, a = (x.T, a.T) if turned else (x, a)
        ramba.save(folder / "ours", x)
        numpy.save(folder / "theirs", a)
        x.tofile(folder / "ours.bin")
        found, again = numpy.load(folder / "ours.npy"), ramba.load(folder / "theirs.npy")
        for each in (found, again):
            assert each.dtype == a.dtype
            assert each.flags.f_contiguous == a.flags.f_contiguous
            numpy.testing.assert_array_equal(numpy.asarray(each), a)
        assert (folder / "ours.bin").read_bytes() == a.tobytes()
        numpy.testing.assert_array_equal(numpy.asarray(ramba.fromfile(folder / "ours.bin", a.dtype)), a.reshape(-1))
        assert sorted(os.listdir(folder)) == ["ours.bin", "ours.npy", "theirs.npy"]


@pytest.mark.own_modes
@pytest.mark.usefixtures("_mode")
@pytest.mark.parametrize("count", [-1, 0, 7, 10**9])
def test_fromfile_as_numpy_does(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(numpy.arange(60_000, dtype="u1").tobytes())
    for dtype in ("u1", "f4", ">i2", "3f4"):
        found = ramba.fromfile(path, dtype, count, offset=5)
        expected = numpy.fromfile(path, dtype, count, offset=5)
        assert found.dtype == expected.dtype
        numpy.testing.assert_array_equal(numpy.asarray(found), expected)


@pytest.mark.own_modes
@pytest.mark.usefixtures("_mode")
def test_structured_and_text(tmp_path: Path) -> None:
    a = numpy.zeros((300, 100), [("x", ">f4"), ("name", "U3"), ("y", "i8", (2,))])
    a["x"], a["name"] = 1.5, "abc"
    path = tmp_path / "a.npy"
    ramba.save(path, a)
    for found, expected in ((ramba.load(path), a), (ramba.Dataset(path)[::7, -1:], a[::7, -1:])):
        assert found.shape == expected.shape
        for field in ("x", "name", "y"):
            numpy.testing.assert_array_equal(numpy.asarray(found)[field], expected[field])


def test_what_is_no_path_is_numpys(tmp_path: Path) -> None:
    stream = io.BytesIO()
    ramba.save(stream, ramba.arange(100_000.0))
    stream.seek(0)
    assert ramba.load(stream).sum() == numpy.arange(100_000.0).sum()
    numpy.savez(tmp_path / "a.npz", a=numpy.arange(3))
    assert list(ramba.load(tmp_path / "a.npz")["a"]) == [0, 1, 2]
    numpy.save(tmp_path / "a.npy", numpy.arange(40_000.0))
    assert isinstance(ramba.load(tmp_path / "a.npy", mmap_mode="r"), numpy.memmap)
    for name in ("a.dat", "a.bin", "a.h5"):  # what it is, it says itself
        os.link(tmp_path / "a.npy", tmp_path / name)
        assert ramba.load(tmp_path / name).shape == (40_000,)
    with pytest.raises(ValueError, match="URL"):
        ramba.save("memory://a.h5", ramba.arange(3))


def test_pickles_are_refused(tmp_path: Path) -> None:
    objects = numpy.array([{}, None] * 20_000, dtype=object)
    numpy.save(tmp_path / "o.npy", objects)
    (tmp_path / "p.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        ramba.load(tmp_path / "o.npy")
    with pytest.raises(ValueError, match="allow_pickle=False"):
        ramba.Dataset(tmp_path / "o.npy")
    with pytest.raises(ValueError, match="npy"):
        ramba.load(tmp_path / "p.pkl")
    assert ramba.load(tmp_path / "p.pkl", allow_pickle=True) == [1]
    assert ramba.load(tmp_path / "o.npy", allow_pickle=True).shape == (40_000,)


def test_unknown_files(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_bytes(b"0" * 100)
    for attempt in (ramba.load, ramba.Dataset):
        with pytest.raises(ValueError, match=r"\.npy"):
            attempt(tmp_path / "a.xyz")
    with pytest.raises(ValueError, match="is no format"):
        ramba.Dataset(tmp_path / "a.xyz", ftype="xyz")
    with pytest.raises(FileNotFoundError):
        ramba.load(tmp_path / "missing.xyz")
    with pytest.raises(FileNotFoundError):
        ramba.Dataset(tmp_path / "missing.npy")
    with pytest.raises(TypeError, match="no option"):
        ramba.Dataset(tmp_path / "a.xyz", ftype="npy", channels="last")


def test_indexes_that_numpy_refuses(tmp_path: Path) -> None:
    a = numpy.arange(60_000.0).reshape(200, 300)
    numpy.save(tmp_path / "a.npy", a)
    d = ramba.Dataset(tmp_path / "a.npy")
    for index in [(200,), (0, -301), (0, 0, 0), (..., ...), (slice(None, None, 0),), 1.5, "x"]:
        with pytest.raises(Exception) as theirs:
            a[index]
        with pytest.raises(type(theirs.value)):
            d[index]
    for index in [[3, 1, 2], a[:, 0] > 30_000, (slice(0, 5), [1, 2]), numpy.int8(3), numpy.array(4)]:
        same(d[index], a[index])
    assert len(d) == 200
    assert d.nbytes == a.nbytes
    same(numpy.asarray(d), a)


@pytest.mark.parametrize("dtype", DTYPES)
def test_in_another_dtype(tmp_path: Path, dtype: str) -> None:
    a = numpy.arange(40_000).reshape(200, 200).astype(dtype)
    numpy.save(tmp_path / "a.npy", a)
    same(ramba.Dataset(tmp_path / "a.npy", dtype="c16")[3:, ::2], a[3:, ::2].astype("c16"))


def test_raw_files(tmp_path: Path) -> None:
    a = numpy.arange(60_000, dtype="<i4")
    (tmp_path / "a.raw").write_bytes(b"head" + a.tobytes())
    d = ramba.Dataset(tmp_path / "a.raw", dtype="i4", offset=4, shape=(200, 300), order="F")
    same(d[5:, ::-3], a.reshape((200, 300), order="F")[5:, ::-3])
    same(ramba.load(tmp_path / "a.raw", dtype="i4", offset=4), a)
    with pytest.raises(ValueError, match="truncated"):
        ramba.Dataset(tmp_path / "a.raw", dtype="i4", offset=8, shape=(200, 300))


def test_archives(tmp_path: Path) -> None:
    a, b = numpy.arange(1_500_000.0).reshape(1000, 1500), numpy.arange(7)
    turned = numpy.asfortranarray(a.astype("f4"))
    for save, theirs in ((ramba.savez, numpy.savez), (ramba.savez_compressed, numpy.savez_compressed)):
        save(tmp_path / "ours", ramba.asarray(a), b, turned=ramba.asarray(turned))
        theirs(tmp_path / "theirs", a, b, turned=turned)
        if save is ramba.savez:
            assert (tmp_path / "ours.npz").read_bytes() == (tmp_path / "theirs.npz").read_bytes()
        else:  # in pieces, which end where others do
            assert (tmp_path / "ours.npz").stat().st_size < 1.01 * (tmp_path / "theirs.npz").stat().st_size
            with zipfile.ZipFile(tmp_path / "ours.npz") as packed:
                assert packed.testzip() is None
            with numpy.load(tmp_path / "ours.npz") as whole:
                for name, expected in (("arr_0", a), ("arr_1", b), ("turned", turned)):
                    numpy.testing.assert_array_equal(whole[name], expected)
                assert whole["turned"].flags.f_contiguous
        with ramba.load(tmp_path / "ours.npz") as found:
            assert isinstance(found, numpy.lib.npyio.NpzFile)
            assert sorted(found) == ["arr_0", "arr_1", "turned"]
            for name, expected in (("arr_0", a), ("arr_0.npy", a), ("arr_1", b), ("turned", turned)):
                assert type(found[name]) is ramba.ndarray
                same(found[name], expected)
            assert found["turned"].flags.f_contiguous
            with pytest.raises(KeyError):
                found["nothing"]
    assert sorted(os.listdir(tmp_path)) == ["ours.npz", "theirs.npz"]


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["threads", "3 workers"])
@given(data=st.data())
def test_compressed_archives(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("npz")
    drawn = data.draw(st.lists(arrays(DTYPES), min_size=1, max_size=3))
    turned = [a.T if data.draw(st.booleans()) else a for a in drawn]
    with mode(name), pytest.MonkeyPatch.context() as patched:
        patched.setattr(archives, "DEFLATED", 100)
        ramba.savez_compressed(folder / "a", *map(ramba.asarray, turned), é=turned[0], text=numpy.array(["a", "bc"]))
        with numpy.load(folder / "a.npz") as found, zipfile.ZipFile(folder / "a.npz") as packed:
            assert packed.testzip() is None
            expected = {
                **{f"arr_{n}": a for n, a in enumerate(turned)},
                "é": turned[0],
                "text": numpy.array(["a", "bc"]),
            }
            assert sorted(found) == sorted(expected)
            for key, each in expected.items():
                assert (found[key].dtype, found[key].shape) == (each.dtype, each.shape)
                numpy.testing.assert_array_equal(found[key], each)
        for wrong in ({"arr_0": turned[0]}, {"o": numpy.array([{}]), "allow_pickle": False}):
            with pytest.raises(ValueError) as theirs:
                numpy.savez_compressed(folder / "b", turned[0], **wrong)
            with pytest.raises(type(theirs.value)) as ours:
                ramba.savez_compressed(folder / "c", turned[0], **wrong)
            assert str(ours.value) == str(theirs.value)
    assert sorted(os.listdir(folder)) in (["a.npz"], ["a.npz", "b.npz"])


def test_damaged_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, path = numpy.arange(1_500_000.0), tmp_path / "a.npz"
    ramba.savez(path, a=a)
    whole = bytearray(path.read_bytes())
    whole[9_000_000] ^= 1
    path.write_bytes(whole)
    for load in (numpy.load, ramba.load):
        with pytest.raises(zipfile.BadZipFile, match="CRC"):
            load(path)["a"]
    before = path.read_bytes()

    def full(*args: object, **options: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(numpy.lib.format, "write_array", full)
    with pytest.raises(OSError, match="No space left"):
        ramba.savez(path, a=a + 1)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.npz"]


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_checksums_are_joined(first: bytes, second: bytes) -> None:
    assert archives.joined(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


def test_text(tmp_path: Path) -> None:
    a = numpy.random.default_rng(0).random((300, 70))
    for name in ("a.txt", "a.csv", "a.gz"):
        ramba.savetxt(tmp_path / name, ramba.asarray(a), delimiter=",", header="x")
        numpy.savetxt(tmp_path / f"n{name}", a, delimiter=",", header="x")
        if name != "a.gz":  # which knows its own name
            assert (tmp_path / name).read_bytes() == (tmp_path / f"n{name}").read_bytes()
        same(ramba.loadtxt(tmp_path / name, delimiter=","), a)
        same(ramba.genfromtxt(tmp_path / name, delimiter=","), a)
    before = (tmp_path / "a.txt").read_bytes()
    with pytest.raises(TypeError, match="Mismatch"):  # in the first row, when the file is open
        ramba.savetxt(tmp_path / "a.txt", ramba.array([["x"]]), fmt="%d")
    assert (tmp_path / "a.txt").read_bytes() == before
    assert len(os.listdir(tmp_path)) == 6
