"""``a.flags``: how the elements lie in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.layout import ghost
from ramba.lazyarray.core import memory_if_local, ndarray, pin

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


class Flags:
    """The memory layout of an array, as attributes or by NumPy's keys."""

    __slots__ = ("_array",)

    def __init__(self, array: ndarray) -> None:
        object.__setattr__(self, "_array", array)

    def __getattr__(self, name: str) -> Any:
        array: ndarray = object.__getattribute__(self, "_array")
        if name == "owndata":
            return array._base is None
        memory = memory_if_local(array)
        if memory is not None:
            return getattr(memory.flags, name)
        if name == "writeable":
            return not array._locked
        if array._part and name in ("c_contiguous", "f_contiguous", "contiguous", "forc", "fnc", "carray", "farray"):
            return array._view.size <= 1
        return getattr(ghost(array._view).flags, name)

    def __setattr__(self, name: str, value: Any) -> None:
        array: ndarray = object.__getattribute__(self, "_array")
        if name == "writeable" and memory_if_local(array) is None:
            if value and array._locked and array._base is not None:
                raise ValueError("cannot set WRITEABLE flag to True of this array")
            array._locked = not value
        else:
            setattr(pin(array).flags, name, value)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, _SHORT.get(key, key.lower()))

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, _SHORT.get(key, key.lower()), value)

    def __repr__(self) -> str:
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "WRITEABLE", "ALIGNED", "WRITEBACKIFCOPY")
        return "".join(f"  {name} : {self[name]}\n" for name in names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Flags | type(np.empty(0).flags)) and all(
            self[key] == other[key] for key in ("C", "F", "O", "W", "A")
        )

    __hash__ = None  # type: ignore[assignment]
