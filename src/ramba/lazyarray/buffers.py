"""The memory of arrays for others: Python's buffer protocol, and NumPy's array interface."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray.convert import read_only
from ramba.lazyarray.core import alias, define, dtype_of, ndarray, pin, shape_of, values
from ramba.lazyarray.gathers import on_workers, tell_gathered
from ramba.lazyarray.native import NATIVE

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType

_HAS_BUFFERS = NATIVE is not None or sys.version_info >= (3, 12)


class _Ignored(threading.local):
    """What the buffer protocol raised last, and at which instruction of which frame."""

    place: tuple[int, int] | None = None
    problem: BaseException | None = None


_ignored = _Ignored()


def for_others(a: ndarray) -> np.ndarray:
    """The array's own memory, or, where it lies on workers, a copy that cannot be written."""
    if on_workers(a):
        return read_only(values(a))  # a write that would be lost is an error
    return alias(a)


def _buffer(self: ndarray, flags: int = 0) -> Any:
    """What shows the memory to whoever asks for a buffer.

    NumPy asks for it first, whatever that raises; and goes on to the other protocols, which raise it again.
    """
    _ignored.place = _ignored.problem = None
    dtype = dtype_of(self)
    if dtype.names and (dtype.hasobject or (not shape_of(self) and _is_cut(dtype))):  # NumPy could not read it
        raise BufferError("structures that hold objects, and single ones without padding, have no buffer")
    try:
        shown = for_others(self)
    except BaseException as problem:
        _ignored.place = _place(sys._getframe(1))
        _ignored.problem = problem
        raise
    return shown if NATIVE is not None else shown.data


def _is_cut(dtype: np.dtype) -> bool:
    """Whether a structure ends before it is aligned; NumPy takes the description of a single one for an aligned one."""
    assert dtype.names is not None
    assert dtype.fields is not None
    fields = [(name, dtype.fields[name][0]) for name in dtype.names]
    return np.dtype(fields, align=True).itemsize != dtype.itemsize


def _place(frame: FrameType) -> tuple[int, int]:
    return id(frame), frame.f_lasti


def raise_ignored(frame: FrameType) -> None:
    """Raises again what the same call has ignored of the buffer protocol's."""
    place, problem = _ignored.place, _ignored.problem
    _ignored.place = _ignored.problem = None
    if problem is not None and place == _place(frame):
        raise problem


def _to_numpy(self: ndarray, dtype: DType = None, copy: bool = False, na_value: object = None) -> np.ndarray:
    """NumPy's array over the memory, or a copy of it: the word that data frames have for it."""
    shown = for_others(self)
    return np.array(shown, dtype) if copy else np.asarray(shown, dtype)


def _interface(self: ndarray) -> dict[str, Any]:
    """NumPy's array interface: the address of the memory, which from now on stays where it is."""
    raise_ignored(sys._getframe(1))
    if dtype_of(self).names and dtype_of(self).hasobject:  # NumPy would read them as bytes
        raise AttributeError("__array_interface__")
    tell_gathered("ndarray.__array_interface__", self)
    interface = pin(self).__array_interface__
    try:
        np.dtype(interface["typestr"])
    except TypeError:  # a dtype that has no such name
        raise AttributeError("__array_interface__") from None
    return interface


def _struct(self: ndarray) -> Any:
    """NumPy's array interface of C: the memory, which from now on stays where it is."""
    raise_ignored(sys._getframe(1))
    dtype = dtype_of(self)
    if dtype.kind not in "biufcSUV" or dtype.names:  # it has no room for units and fields, nor what other dtypes know
        raise AttributeError("__array_struct__")
    tell_gathered("ndarray.__array_struct__", self)
    return pin(self).__array_struct__


if NATIVE is not None:
    NATIVE.bind("buffer", _buffer, None, None, 1)
else:
    define("__buffer__", _buffer)
if _HAS_BUFFERS:  # else NumPy would ask for it, too, and hold the array, but no loan
    define("__array_interface__", property(_interface))
    define("__array_struct__", property(_struct))

define("to_numpy", _to_numpy)
define("_typ", "npy_extension")  # for pandas: a wrapper of a NumPy array like its own, which it unwraps by `to_numpy`

__all__ = ["for_others", "raise_ignored"]
