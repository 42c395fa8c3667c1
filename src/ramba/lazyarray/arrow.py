"""Arrays for Arrow: pyarrow, polars and others read arrays of one dimension without a copy.

Arrow's arrays never change. What they are given is therefore a copy of ours that costs nothing until the array is
written, see `ENGINE.share`.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ramba.lazyarray.core import define, dtype_of, ndarray, shape_of, values
from ramba.lazyarray.gathers import tell_gathered
from ramba.lazyarray.methods import copy_
from ramba.lazyarray.native import NATIVE

_FORMATS = dict(zip(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"), "cCsSiIlLefg", strict=True))


class _Frozen:
    """What a NumPy array over a copy of an array holds on to."""

    __slots__ = ("__array_interface__", "_owner")

    def __init__(self, owner: ndarray, memory: np.ndarray) -> None:
        interface = memory.__array_interface__
        self.__array_interface__ = interface | {"data": (interface["data"][0], True)}
        self._owner = owner


def frozen(a: ndarray) -> np.ndarray:
    """A NumPy array with the elements as they are now, for others to keep; it is not copied before `a` is written."""
    owner = copy_(a)
    memory = values(owner)
    return np.asarray(_Frozen(owner, memory)) if memory.dtype.kind in "biuf" else memory


def _format(dtype: np.dtype) -> str:
    """Arrow's word for a dtype."""
    if dtype.kind == "b":
        return "b"
    if dtype.kind == "U":
        return "U"
    if not dtype.isnative or dtype.str[1:] not in _FORMATS:
        raise TypeError(f"Arrow is given numbers, bools and strings only, not {dtype}: `to_numpy` gives a NumPy array.")
    return _FORMATS[dtype.str[1:]]


def _encoded(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Where each text begins, and all of them in a row."""
    encoded = [text.encode() for text in texts]
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=starts[1:])
    return starts, np.frombuffer(b"".join(encoded) or b"\0", np.uint8)


def _for_arrow(self: ndarray, requested_schema: object = None) -> tuple[object, object]:
    """Capsules of Arrow's C data interface; nobody need give another type than the array's."""
    if len(shape_of(self)) != 1:
        raise ValueError(f"Arrow has arrays of one dimension only, not of {len(shape_of(self))}.")
    form = _format(dtype_of(self))
    tell_gathered("ndarray.__arrow_c_array__", self)
    memory: np.ndarray = frozen(self)
    length, rest = memory.size, None
    if form == "b":
        memory = np.packbits(memory, bitorder="little")
    elif form == "U":
        memory, rest = _encoded(memory.tolist())
    capsules: tuple[object, object] = NATIVE.arrow(form, length, memory, rest, (memory, rest))
    return capsules


def _for_pyarrow(self: ndarray, type: object = None) -> Any:
    """The array as pyarrow's, which asks for it: made by it of NumPy's array."""
    tell_gathered("ndarray.__arrow_array__", self)
    return sys.modules["pyarrow"].array(frozen(self), type=type)


define("__arrow_array__", _for_pyarrow)
if NATIVE is not None:
    define("__arrow_c_array__", _for_arrow)
