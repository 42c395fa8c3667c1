"""``a.flags``: how the elements lie in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.layout import is_c_contiguous, is_f_contiguous
from ramba.lazyarray.core import has_buffer, memory_if_local, ndarray, pin

_SHORT = {
    "C": "c_contiguous",
    "CONTIGUOUS": "c_contiguous",
    "F": "f_contiguous",
    "FORTRAN": "f_contiguous",
    "O": "owndata",
    "W": "writeable",
    "A": "aligned",
    "X": "writebackifcopy",
    "CA": "carray",
    "FA": "farray",
    "B": "behaved",
}

# whether the elements lie in C order, whether in Fortran order, whether they may be written; all are aligned
_FACTS: dict[str, Callable[[bool, bool, bool], Any]] = {
    "c_contiguous": lambda c, f, writeable: c,
    "contiguous": lambda c, f, writeable: c,
    "f_contiguous": lambda c, f, writeable: f,
    "fortran": lambda c, f, writeable: f,
    "fnc": lambda c, f, writeable: f and not c,
    "forc": lambda c, f, writeable: f or c,
    "aligned": lambda c, f, writeable: True,
    "writeable": lambda c, f, writeable: writeable,
    "behaved": lambda c, f, writeable: writeable,
    "carray": lambda c, f, writeable: writeable and c,
    "farray": lambda c, f, writeable: writeable and f and not c,
    "writebackifcopy": lambda c, f, writeable: False,
    "num": lambda c, f, writeable: c + 2 * f + 0x100 + 0x400 * writeable,
}


def base_of(a: ndarray) -> Any:
    """The array that owns the memory, or what else does; None if it is the array's own, or its buffer's."""
    if a._base is not None or a._np is None or has_buffer(a):
        return a._base
    return a._np.base


class Flags:
    """The memory layout of an array, as attributes or by NumPy's keys."""

    __slots__ = ("_array",)

    def __init__(self, array: ndarray) -> None:
        object.__setattr__(self, "_array", array)

    def __getattr__(self, name: str) -> Any:
        array: ndarray = object.__getattribute__(self, "_array")
        if name == "owndata":
            return base_of(array) is None
        memory = memory_if_local(array)
        if memory is not None:
            return getattr(memory.flags, name)
        if name not in _FACTS:
            raise AttributeError(f"'numpy.flagsobj' object has no attribute {name!r}")
        few = array._view.size <= 1
        c = few or (not array._part and is_c_contiguous(array._view))
        f = few or (not array._part and is_f_contiguous(array._view))
        return _FACTS[name](c, f, not array._locked)

    def __setattr__(self, name: str, value: object) -> None:
        array: ndarray = object.__getattribute__(self, "_array")
        if name == "writeable" and memory_if_local(array) is None:
            if value and array._locked and array._base is not None:
                raise ValueError("cannot set WRITEABLE flag to True of this array")
            array._locked = not value
        else:
            setattr(pin(array).flags, name, value)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, _SHORT.get(key, key.lower()))

    def __setitem__(self, key: str, value: object) -> None:
        setattr(self, _SHORT.get(key, key.lower()), value)

    def __repr__(self) -> str:
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY")
        return "".join(f"  {name} : {self[name]}\n" for name in names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Flags | type(np.empty(0).flags)) and all(
            self[key] == other[key] for key in ("C", "F", "O", "W", "A")
        )

    __hash__ = None  # type: ignore[assignment]
