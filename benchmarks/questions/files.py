"""How long does it take to read and write files, beside what is least: `pread` and the codec, on all cores?

The baseline gets its chunks laid out: where they are, and memory that they fit. It parses nothing.
"""

from __future__ import annotations

import os
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
ROWS, COLUMNS = 512, 16384  # float64: 64 MiB
CHUNK = (64, 2048)  # 1 MiB
PIECE = 4 << 20


def answers() -> list[Answer]:
    """Files that are in the page cache; both take turns."""
    steps = numpy.random.default_rng(0).integers(-3, 4, (ROWS, COLUMNS))
    a = numpy.cumsum(steps, axis=1).astype("f8") / 8
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(cores()) as threads:
        folder = Path(name)
        return [answer for question in (_plain, _compressed) for answer in question(folder, a, threads)]


def _asked(text: str, least: Callable[[], object], ours: Callable[[], object]) -> Answer:
    baseline, seconds = alternate(least, ours, rounds=5)
    return at_least(text, baseline, seconds, LEAST)


def _loaded(*args: Any) -> None:
    found = ramba.load(*args)
    ramba.sync()
    del found


def _plain(folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """Arrays that lie as in memory."""
    numpy.save(folder / "a.npy", a)
    with h5py.File(folder / "a.h5", "w") as file:
        file["x"] = a
        place = file["x"].id.get_offset()
    for text, file, at in (("npy", "a.npy", 128), ("HDF5, contiguous", "a.h5", place)):
        descriptor = os.open(folder / file, os.O_RDONLY)
        yield _asked(
            f"loading 64 MiB: {text}",
            lambda d=descriptor, at=at: _pread(d, at, a.nbytes, threads),
            lambda file=file: _loaded(str(folder / file)),
        )
        os.close(descriptor)
    x = ramba.asarray(a)
    ramba.sync()
    yield _asked(
        "saving 64 MiB: npy",
        lambda: _pwrite(folder / "b.bin", a, threads),
        lambda: ramba.save(folder / "b.npy", x),
    )


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


def _compressed(folder: Path, a: numpy.ndarray, threads: ThreadPoolExecutor) -> Iterator[Answer]:
    """Chunks of 1 MiB."""
    with h5py.File(folder / "z.h5", "w") as file:
        x = file.create_dataset("x", data=a, chunks=CHUNK, compression="gzip", compression_opts=1)
        places = [x.id.get_chunk_info(n) for n in range(x.id.get_num_chunks())]
    descriptor = os.open(folder / "z.h5", os.O_RDONLY)

    def inflate(out: numpy.ndarray, chunk: Any) -> None:
        row, column = chunk.chunk_offset
        content = zlib.decompress(os.pread(descriptor, chunk.size, chunk.byte_offset))
        out[row : row + CHUNK[0], column : column + CHUNK[1]] = numpy.frombuffer(content).reshape(CHUNK)

    def all_inflated() -> None:
        out = numpy.empty_like(a)
        list(threads.map(lambda chunk: inflate(out, chunk), places))

    yield _asked("loading 64 MiB: HDF5, gzip", all_inflated, lambda: _loaded(str(folder / "z.h5")))
    os.close(descriptor)
    for name, codec in (("zstd", numcodecs.Zstd(1)), ("blosc", numcodecs.Blosc("lz4"))):
        path = folder / f"{name}.zarr"
        zarr.create_array(path, shape=a.shape, chunks=CHUNK, dtype="f8", zarr_format=2, compressors=codec)[...] = a

        def decode(out: numpy.ndarray, row: int, column: int, path: Path = path, codec: Any = codec) -> None:
            content = codec.decode((path / f"{row}.{column}").read_bytes())
            inside = numpy.frombuffer(content).reshape(CHUNK)
            out[row * CHUNK[0] : (row + 1) * CHUNK[0], column * CHUNK[1] : (column + 1) * CHUNK[1]] = inside

        def all_decoded(decode: Any = decode) -> None:
            out = numpy.empty_like(a)
            rows, columns = ROWS // CHUNK[0], COLUMNS // CHUNK[1]
            list(threads.map(lambda n: decode(out, *divmod(n, columns)), range(rows * columns)))

        yield _asked(f"loading 64 MiB: Zarr, {name}", all_decoded, lambda path=path: _loaded(str(path)))
