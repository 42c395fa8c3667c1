"""Iterating over arrays, and NumPy's objects that join arrays by subscript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ramba.lazyarray import call_library, ndarray, unwrap

_WRITING = ("readwrite", "writeonly", "updateifcopy")


def _writes(op_flags: Any, place: int) -> bool:
    """Whether the iterator may write into its operand with this number."""
    flags = op_flags or ()
    if flags and not isinstance(flags[0], str):
        flags = flags[place] if place < len(flags) else ()
    return any(flag in _WRITING for flag in flags)


class nditer:  # noqa: N801 - NumPy's name
    """NumPy's iterator; what it writes into Ramba arrays reaches them when it is closed or at its end."""

    def __new__(cls, op: Any, flags: Any = None, op_flags: Any = None, *args: Any, **kwargs: Any) -> Any:
        operands = list(op) if isinstance(op, tuple | list) else [op]
        written = []
        for place, operand in enumerate(operands):
            if isinstance(operand, ndarray):
                operands[place] = values = unwrap(operand)
                if _writes(op_flags, place):
                    operands[place] = values = np.array(values)
                    written.append((operand, values))
        numpy_op: Any = operands if isinstance(op, tuple | list) else operands[0]
        iterator = np.nditer(numpy_op, flags, op_flags, *args, **kwargs)
        if not written:
            return iterator
        made = super().__new__(cls)
        made._iterator, made._written = iterator, written
        return made

    _iterator: Any
    _written: list[tuple[ndarray, np.ndarray]]

    def _write_back(self) -> None:
        for target, values in self._written:
            target[...] = values

    def __iter__(self) -> Iterator[Any]:
        yield from self._iterator
        self._write_back()

    def __enter__(self) -> nditer:
        self._iterator.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._iterator.__exit__(*exception)
        self._write_back()

    def close(self) -> None:
        """Writes back what is still buffered, and ends the iteration."""
        self._iterator.close()
        self._write_back()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._iterator, name)

    def __getitem__(self, key: Any) -> Any:
        return self._iterator[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._iterator[key] = value


class Joiner:
    """One of NumPy's objects that join by subscript: ``r_[a, 0, b]``."""

    def __init__(self, numpy_joiner: Any) -> None:
        self._numpy_joiner = numpy_joiner
        self.__doc__ = numpy_joiner.__doc__

    def __getitem__(self, key: Any) -> Any:
        return call_library(self._numpy_joiner.__getitem__, key)


def ndenumerate(arr: Any) -> Iterator[Any]:
    """Pairs of position and element, in C order."""
    return np.ndenumerate(unwrap(arr))


r_ = Joiner(np.r_)
c_ = Joiner(np.c_)
