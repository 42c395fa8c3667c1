"""The bytes of an array and nothing else: what `tofile` writes."""

from __future__ import annotations

import operator

import numpy as np

from ramba.files import storage
from ramba.files.format import Format, Options, Written
from ramba.files.formats import npy
from ramba.files.source import Source, named


def describe(file: str, name: str, options: Options) -> Source:
    """What the options say, if the file is as long; without a shape, all of it in one dimension."""
    if name:
        raise ValueError(f"{file} holds one array, without a name: {name!r} is not there")
    dtype, offset, order = np.dtype(options.get("dtype", float)), options.get("offset", 0), options.get("order", "C")
    if dtype.hasobject:
        raise ValueError("Cannot read into object array")
    if order not in ("C", "F") or offset < 0:
        raise ValueError(f"order must be 'C' or 'F', not {order!r}, and offset not negative")
    stamp = storage.stamp(file)
    shape = options.get("shape")
    if shape is None:
        shape = (max(stamp[0] - offset, 0) // dtype.itemsize,)
    elif not isinstance(shape, tuple | list):
        shape = (operator.index(shape),)
    return npy.source(file, "raw", tuple(map(operator.index, shape)), dtype, order == "F", offset, stamp, stamp[0])


def create(path: str, what: Written, added: bool) -> Source:
    """A file as long as it will be."""
    if added or what.name or what.chunks or what.compression:
        raise ValueError("A raw file holds one array, which has no name, chunks or compression.")
    made = Source(path, "raw", "", named(what.dtype), what.shape, (), (), (0, False))
    storage.reserve(path, made.size * what.dtype.itemsize)
    return made


FORMAT = Format(
    "raw", ("raw", "bin"), describe, npy.read, create, npy.write, options=("dtype", "shape", "offset", "order")
)
