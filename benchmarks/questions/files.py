"""How long does it take to read and write files, beside what is least: `pread`, `pwrite` and the codec, on all cores?

The baseline gets its chunks laid out: where they are, and memory that they fit. It parses nothing.

``FILES_MIB=1024`` asks of arrays of so many MiB (64), ``FILES_ONLY=gzip`` of those kinds of files only.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numcodecs
import numpy
import zarr

import ramba
from benchmarks.ask import Answer, at_least
from benchmarks.measure import alternate, cores

LEAST = 1 / 1.2  # of the baseline's speed
MIB = int(os.environ.get("FILES_MIB", 64))
ONLY = os.environ.get("FILES_ONLY", "")
ROWS, COLUMNS = 8 * MIB, 16384  # of float64
CHUNK = (64, 2048)  # 1 MiB
PIECE = 4 << 20
ROUNDS = 5 if MIB <= 256 else 3


def answers() -> list[Answer]:
    """Files that are in the page cache; both take turns."""
    a = numpy.empty((ROWS, COLUMNS))
    for row, steps in zip(a, _steps(), strict=True):
        numpy.cumsum(steps, out=row)
    a /= 8
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(cores()) as threads:
        folder = Path(name)
        return [
            answer for kind, question in KINDS.items() if ONLY in kind for answer in question(kind, folder, a, threads)
        ]


def _steps() -> Iterator[numpy.ndarray]:
    random = numpy.random.default_rng(0)
    return (random.integers(-3, 4, COLUMNS) for _ in range(ROWS))


def _asked(text: str, least: Callable[[], object], ours: Callable[[], object]) -> Answer:
    baseline, seconds = alternate(least, ours, rounds=ROUNDS)
    return at_least(text, baseline, seconds, LEAST)


def _loaded(*args: Any) -> None:
    found = ramba.load(*args)
    ramba.sync()
    del found


def _npy(kind: str, folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """An array behind a header."""
    numpy.save(folder / "a.npy", a)
    yield from _in_one_piece(kind, folder / "a.npy", 128, a, threads)


def _contiguous(kind: str, folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """HDF5 without chunks."""
    with h5py.File(folder / "a.h5", "w") as file:
        file["x"] = a
        place = file["x"].id.get_offset()
    yield from _in_one_piece(kind, folder / "a.h5", place, a, threads)


def _in_one_piece(kind: str, path: Path, at: int, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    descriptor = os.open(path, os.O_RDONLY)
    yield _asked(
        f"loading {MIB} MiB: {kind}",
        lambda: _pread(descriptor, at, a.nbytes, threads),
        lambda: _loaded(str(path)),
    )
    os.close(descriptor)
    x = ramba.asarray(a)
    ramba.sync()
    yield _asked(
        f"saving {MIB} MiB: {kind}",
        lambda: _pwrite(path.with_name("b.bin"), a, threads),
        lambda: ramba.save(path.with_stem("b"), x),
    )
    for name in ("b.bin", path.with_stem("b").name):
        (path.parent / name).unlink()


def _pread(descriptor: int, at: int, nbytes: int, threads: ThreadPoolExecutor) -> None:
    out = numpy.empty(nbytes, "u1")
    list(threads.map(lambda n: os.preadv(descriptor, [out[n : n + PIECE]], at + n), range(0, nbytes, PIECE)))


def _pwrite(path: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> None:
    content = a.reshape(-1).view("u1")
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    list(threads.map(lambda n: os.pwrite(descriptor, content[n : n + PIECE], n), range(0, a.nbytes, PIECE)))
    os.close(descriptor)
    os.rename(new, path)


def _parts() -> list[tuple[slice, slice]]:
    return [
        (slice(row, row + CHUNK[0]), slice(column, column + CHUNK[1]))
        for row in range(0, ROWS, CHUNK[0])
        for column in range(0, COLUMNS, CHUNK[1])
    ]


def _gzip(kind: str, folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """HDF5 in compressed chunks of 1 MiB."""
    with h5py.File(folder / "z.h5", "w") as file:
        x = file.create_dataset("x", shape=a.shape, dtype=a.dtype, chunks=CHUNK, compression="gzip", compression_opts=4)

        def written(part: tuple[slice, slice]) -> None:
            content = zlib.compress(numpy.ascontiguousarray(a[part]).data.cast("B"), 4)
            x.id.write_direct_chunk((part[0].start, part[1].start), content)

        list(threads.map(written, _parts()))
        places = [x.id.get_chunk_info(n) for n in range(x.id.get_num_chunks())]
    descriptor = os.open(folder / "z.h5", os.O_RDONLY)

    def inflate(out: numpy.ndarray, chunk: Any) -> None:
        row, column = chunk.chunk_offset
        content = zlib.decompress(os.pread(descriptor, chunk.size, chunk.byte_offset))
        out[row : row + CHUNK[0], column : column + CHUNK[1]] = numpy.frombuffer(content).reshape(CHUNK)

    def all_inflated() -> None:
        out = numpy.empty_like(a)
        list(threads.map(lambda chunk: inflate(out, chunk), places))

    yield _asked(f"loading {MIB} MiB: {kind}", all_inflated, lambda: _loaded(str(folder / "z.h5")))
    os.close(descriptor)
    yield _saved(
        kind,
        folder / "c.h5",
        a,
        threads,
        lambda content: zlib.compress(content, 4),
        {"chunks": CHUNK, "compression": "gzip"},
    )


def _zarr(kind: str, folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """Chunks of 1 MiB, a file each."""
    name = kind.rpartition(" ")[2]
    codec = {"zstd": numcodecs.Zstd(1), "blosc": numcodecs.Blosc("lz4")}[name]
    path = folder / f"{name}.zarr"
    zarr.create_array(path, shape=a.shape, chunks=CHUNK, dtype="f8", zarr_format=2, compressors=codec)[...] = a

    def decode(out: numpy.ndarray, part: tuple[slice, slice]) -> None:
        content = codec.decode((path / f"{part[0].start // CHUNK[0]}.{part[1].start // CHUNK[1]}").read_bytes())
        out[part] = numpy.frombuffer(content).reshape(CHUNK)

    def all_decoded() -> None:
        out = numpy.empty_like(a)
        list(threads.map(lambda part: decode(out, part), _parts()))

    yield _asked(f"loading {MIB} MiB: {kind}", all_decoded, lambda: _loaded(str(path)))
    yield _saved(kind, folder / "c.zarr", a, threads, codec.encode, {"chunks": CHUNK, "compression": name})


def _saved(
    kind: str,
    path: Path,
    a: numpy.ndarray,
    threads: ThreadPoolExecutor,
    encode: Callable[[Any], Any],
    how: dict[str, Any],
) -> Answer:
    """The codec on all chunks, and a file for each, against an array of ours that is saved."""
    x = ramba.asarray(a)
    ramba.sync()
    folder = path.with_suffix(".chunks")

    def one(part: tuple[slice, slice]) -> None:
        content = encode(numpy.ascontiguousarray(a[part]))
        (folder / f"{part[0].start}.{part[1].start}").write_bytes(content)

    def all_encoded() -> None:  # what was there goes, as from under the name of ours
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        list(threads.map(one, _parts()))

    return _asked(f"saving {MIB} MiB: {kind}", all_encoded, lambda: ramba.save(path, x, **how))


KINDS = {
    "npy": _npy,
    "HDF5, contiguous": _contiguous,
    "HDF5, gzip": _gzip,
    "Zarr, zstd": _zarr,
    "Zarr, blosc": _zarr,
}
