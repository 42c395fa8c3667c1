"""NumPy's own format: a header, then the bytes of one array."""

from __future__ import annotations

from typing import IO

import numpy as np

from ramba.files import plain, storage
from ramba.files.format import Format, Options, Written
from ramba.files.source import Selection, Source, named
from ramba.files.threads import Threads

_READERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def describe(file: str, name: str, options: Options) -> Source:
    """What the header says, if the file is as long as it says."""
    if name:
        raise ValueError(f"{file} holds one array, without a name: {name!r} is not there")
    with storage.stream(file) as stream:
        shape, dtype, fortran, offset = header(stream)
    stamp = storage.stamp(file)
    return source(file, "npy", shape, dtype, fortran, offset, stamp, stamp[0])


def header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype, bool, int]:
    """Shape, dtype, order and place of the data of what a stream is about to give."""
    begin = stream.tell()
    version = np.lib.format.read_magic(stream)
    if version not in _READERS:
        raise ValueError(f"only versions (1, 0) and (2, 0) of NumPy's format are read in parts, not {version}")
    shape, fortran, dtype = _READERS[version](stream)
    if any(extent < 0 for extent in shape):
        raise ValueError(f"{shape} is not a shape")
    if dtype.hasobject:
        raise ValueError("Object arrays cannot be loaded when allow_pickle=False")
    return shape, dtype, fortran, stream.tell() - begin


def source(
    file: str,
    format: str,
    shape: tuple[int, ...],
    dtype: np.dtype,
    fortran: bool,
    offset: int,
    stamp: tuple[int, ...],
    end: int,
) -> Source:
    """An array that lies in a file from a place on, and before another one."""
    made = Source(file, format, "", named(dtype), shape, (), stamp, (offset, fortran))
    if offset + made.size * dtype.itemsize > end:
        raise storage.truncated(file, offset + made.size * dtype.itemsize)
    return made


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`."""
    plain.read(source, plain.Plain(*source.layout), selection, out, team)


def create(path: str, what: Written, added: bool) -> Source:
    """A file with a header, as long as it will be."""
    if added or what.name or what.chunks or what.compression:
        raise ValueError("A file of NumPy's holds one array, which has no name, chunks or compression.")
    with open(path, "wb") as stream:
        shape = what.shape[::-1] if what.fortran else what.shape
        np.lib.format.write_array_header_1_0(
            stream,
            {"descr": np.lib.format.dtype_to_descr(what.dtype), "fortran_order": what.fortran, "shape": shape},
        )
        offset = stream.tell()
    made = Source(path, "npy", "", named(what.dtype), what.shape, (), (), (offset, False))
    storage.reserve(path, offset + made.size * what.dtype.itemsize)
    return made


def write(source: Source, array: np.ndarray, start: tuple[int, ...], team: Threads) -> None:
    """As `Format.write`."""
    plain.write(source.file, array, start, source.shape, plain.Plain(*source.layout), team)


FORMAT = Format("npy", ("npy",), describe, read, create, write)
