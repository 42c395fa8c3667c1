"""What goes wrong with files: a clear error, nothing lost, and no part of a file is left."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.files.arrays import same
from tests.subject import mode, ramba

h5py = pytest.importorskip("h5py")
zarr = pytest.importorskip("zarr")

A = numpy.arange(120_000.0).reshape(300, 400)
BACKENDS = ["default", "3 workers"]
WRITERS: dict[str, Callable[[Path, Any], None]] = {
    "a.npy": lambda path, x: ramba.save(path, x),
    "a.raw": lambda path, x: x.tofile(path),
    "a.h5": lambda path, x: ramba.save(path, x, "x"),
    "b.h5": lambda path, x: ramba.save(path, x, "x", compression="gzip", chunks=(50, 50)),
    "a.zarr": lambda path, x: ramba.save(path, x, compression="zstd", chunks=(50, 50)),
}


@pytest.mark.own_modes
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("file", WRITERS)
def test_a_failing_write_leaves_what_was_there(name: str, file: str, tmp_path: Path, monkeypatch: Any) -> None:
    write = WRITERS[file]
    with mode(name):
        x = ramba.asarray(A) + 1
        write(tmp_path / file, x)
        before = _content(tmp_path)

        def full(*args: object, **options: object) -> int:
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr(os, "pwrite", full)
        if file == "b.h5":
            monkeypatch.setattr(ramba_store(), "__code__", full.__code__)
        if file == "a.zarr":
            monkeypatch.setattr(os, "makedirs", full)
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path / file, x * 2)
        monkeypatch.undo()
        assert _content(tmp_path) == before
        same(x, A + 1)
        write(tmp_path / file, x * 2)
        assert _content(tmp_path) != before


def ramba_store() -> Any:
    """What writes chunks of HDF5 files."""
    from ramba.files.formats import hdf5

    return hdf5.store


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


LIMITED = """
import os, resource, sys
import numpy, ramba as np
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, resource.RLIM_INFINITY))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
x = np.random.default_rng(0).random(1_200_000)
before = float(x.sum())
for save in (lambda: np.save("a.npy", x), lambda: np.save("a.h5", x), lambda: x.tofile("a.bin"),
             lambda: np.save("b.h5", x, compression="gzip"), lambda: np.save("a.zarr", x, chunks=(1_000_000,)),
             lambda: np.save("b.zarr", x, chunks=(100_000,), shards=(1_000_000,), compression="zstd")):
    try:
        save()
    except OSError as problem:
        print(problem.errno)
    else:
        raise AssertionError("it was written")
print(sorted(os.listdir(".")), float(x.sum()) == before)
np.shutdown()
"""


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_a_file_that_may_not_grow(backend: str, tmp_path: Path) -> None:
    """As a full disk, but by a limit that the system keeps, and that workers inherit."""
    pytest.importorskip("zmq")
    variables = os.environ | {"RAMBA_BACKEND": backend, "RAMBA_WORKERS": "2", "RAMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], cwd=tmp_path, env=variables, capture_output=True, text=True, check=True
    )
    *errors, end = done.stdout.splitlines()
    assert len(errors) == 6
    assert set(errors) <= {"27", "None"}  # EFBIG; HDF5 says it in words
    assert errors.count("None") <= 2
    assert end == "[] True"


@pytest.mark.own_modes
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("change", ["longer", "other", "gone"])
def test_files_that_change_before_they_are_read(name: str, change: str, tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with mode(name):
        numpy.save(path, A)
        y = ramba.asarray(A) * 2
        ramba.sync()
        x = ramba.load(path, dtype="f8")
        total = (x + y).sum()
        if change == "gone":
            path.unlink()
        else:
            numpy.save(path, A if change == "other" else numpy.concatenate([A, A]))
            os.utime(path, ns=(1, 1))
        with pytest.raises(FileNotFoundError if change == "gone" else ramba.FileChangedError, match=r"a\.npy"):
            float(total)
        same(y, A * 2)
        with pytest.raises(ramba.ArrayLostError):
            float(total)


def test_a_loaded_array_does_not_need_its_file(tmp_path: Path) -> None:
    """NumPy's programs write files again that they have loaded."""
    path = tmp_path / "a.npy"
    numpy.save(path, A)
    x = ramba.load(path)
    ramba.save(path, x * 2)
    same(x, A)
    same(ramba.load(path), A * 2)


@pytest.mark.parametrize("length", [0, 5, 100, 500, A.nbytes])
def test_truncated_files(length: int, tmp_path: Path) -> None:
    numpy.save(tmp_path / "a.npy", A)
    with open(tmp_path / "a.npy", "r+b") as file:
        file.truncate(length)
    with pytest.raises((ValueError, EOFError)) as theirs:
        numpy.load(tmp_path / "a.npy")
    with pytest.raises(type(theirs.value)):
        ramba.load(tmp_path / "a.npy")
    with pytest.raises((ValueError, EOFError)):
        ramba.Dataset(tmp_path / "a.npy")


@pytest.mark.own_modes
@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}])
def test_truncated_hdf5(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=numpy.random.default_rng(0).random((300, 400)), **options)
    whole = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "a.h5").write_bytes(whole[: len(whole) // 2])
    with mode(name), pytest.raises((OSError, ValueError)):
        float(ramba.load(tmp_path / "a.h5", "x").sum())


def _header(shape: str) -> bytes:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize("shape", ["(10**12, 10)", "(-1, 5)", "(9223372036854775807, 3)"])
def test_shapes_that_no_file_has(shape: str, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(_header(str(eval(shape))) + b"0" * 200_000)
    for attempt in (ramba.load, ramba.Dataset):
        with pytest.raises((ValueError, MemoryError)):
            attempt(tmp_path / "a.npy")


def test_an_array_larger_than_memory(tmp_path: Path) -> None:
    """A file of few bytes that says it has many: chunks that nobody wrote."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (1 << 20, 1 << 20), "f8", chunks=(1 << 10, 1 << 10))
    d = ramba.Dataset(tmp_path / "a.h5")
    same(d[5:7, :3], numpy.zeros((2, 3)))
    with pytest.raises(MemoryError):
        numpy.asarray(d[...])


@pytest.mark.own_modes
@pytest.mark.parametrize("name", BACKENDS)
def test_chunks_that_unpack_to_more(name: str, tmp_path: Path) -> None:
    """Compressed bombs are refused before they are unpacked."""
    numcodecs = pytest.importorskip("numcodecs")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        x = file.create_dataset("x", (300, 400), "f8", chunks=(300, 400), compression="gzip")
        x.id.write_direct_chunk((0, 0), zlib.compress(bytes(50_000_000)))
    for number, codec in enumerate((numcodecs.Zstd(), numcodecs.Blosc(), numcodecs.LZ4(), numcodecs.GZip())):
        z = zarr.create_array(
            tmp_path / f"{number}.zarr",
            shape=(300, 400),
            chunks=(300, 400),
            dtype="f8",
            zarr_format=2,
            compressors=codec,
        )
        z[...] = A
        (tmp_path / f"{number}.zarr" / "0.0").write_bytes(codec.encode(bytes(50_000_000)))
    with mode(name):
        for file in ("a.h5", "0.zarr", "1.zarr", "2.zarr", "3.zarr"):
            with pytest.raises(ValueError, match="damaged, or larger"):
                float(ramba.load(tmp_path / file).sum())


@pytest.mark.parametrize("size", [0, 1, 10, 30])
def test_chunks_of_nonsense(size: int, tmp_path: Path) -> None:
    numcodecs = pytest.importorskip("numcodecs")
    for number, codec in enumerate((numcodecs.Zstd(), numcodecs.Blosc(), numcodecs.LZ4(), numcodecs.GZip(), None)):
        path = tmp_path / f"{number}.zarr"
        zarr.create_array(
            path, shape=(300, 400), chunks=(300, 400), dtype="f8", zarr_format=2, compressors=codec, fill_value=0
        )[...] = A
        (path / "0.0").write_bytes(bytes(range(size)))
        with pytest.raises(ValueError, match="chunk"):
            float(ramba.load(path).sum())


def test_devices_and_folders(tmp_path: Path) -> None:
    ramba.save("/dev/null", ramba.asarray(A)) if os.path.exists("/dev/null.npy") else None
    (tmp_path / "d.npy").mkdir()
    with pytest.raises(IsADirectoryError):
        ramba.save(tmp_path / "d.npy", ramba.asarray(A))
    with pytest.raises(FileNotFoundError):
        ramba.save(tmp_path / "no" / "a.npy", ramba.asarray(A))
    os.symlink(tmp_path / "real.npy", tmp_path / "link.npy")
    ramba.save(tmp_path / "link.npy", ramba.asarray(A))
    assert (tmp_path / "link.npy").is_symlink()
    same(ramba.load(tmp_path / "real.npy"), A)
    os.chmod(tmp_path / "real.npy", 0o640)
    ramba.save(tmp_path / "link.npy", ramba.asarray(A))
    assert (tmp_path / "real.npy").stat().st_mode & 0o777 == 0o640


def test_modes_of_save(tmp_path: Path) -> None:
    x = ramba.asarray(A)
    ramba.save(tmp_path / "a.h5", x, mode="x")
    with pytest.raises(FileExistsError):
        ramba.save(tmp_path / "a.h5", x, mode="x")
    for options in ({"mode": "q"}, {"chunks": 3.5}, {"chunks": (1,)}, {"compression": "zip"}, {"chunks": (0, 5)}):
        with pytest.raises((ValueError, TypeError)):
            ramba.save(tmp_path / "a.h5", x, **options)
    with pytest.raises(ValueError, match="not written"):
        ramba.save(tmp_path / "a.png", x)
    with pytest.raises(ValueError, match="names no format"):
        ramba.save(tmp_path / "a.xyz", x, compression="gzip")
    ramba.save(tmp_path / "a.xyz", x)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5", "a.xyz.npy"]
