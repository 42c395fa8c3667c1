"""Indexing routines: iterating over arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import (
    Array,
    described_class,
    for_others,
    gathers,
    implements,
    ndarray,
    pin,
    tell_gathered,
    unwrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Key

_WRITING = ("readwrite", "writeonly", "updateifcopy")


def _writes_to_workers(operand: ndarray, op_flags: Sequence[Sequence[str]] | None, place: int) -> bool:
    """Whether the iterator may write into its operand with this number, and that lies on workers."""
    if not gathers.on_workers(operand):
        return False
    flags = op_flags or ()
    if flags and not isinstance(flags[0], str):
        flags = flags[place] if place < len(flags) else ()
    return any(flag in _WRITING for flag in flags)


class nditer:  # noqa: N801 - NumPy's name
    """NumPy's iterator; what it writes into arrays on workers reaches them when it is closed or at its end."""

    def __new__(
        cls,
        op: ArrayLike | Sequence[ArrayLike],
        flags: Sequence[str] | None = None,
        op_flags: Sequence[Sequence[str]] | None = None,
        *args: object,
        **kwargs: object,
    ) -> Any:
        operands = list(op) if isinstance(op, tuple | list) else [op]
        written = []
        for place, operand in enumerate(operands):
            if isinstance(operand, Array):
                operands[place] = values = for_others(operand)
                if _writes_to_workers(operand, op_flags, place):
                    operands[place] = values = np.array(values)
                    written.append((operand, values))
        numpy_op: Any = operands if isinstance(op, tuple | list) else operands[0]
        numpy_class: Any = np.nditer  # whose arguments NumPy checks itself
        iterator = numpy_class(numpy_op, flags, op_flags, *args, **kwargs)
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

    def __exit__(self, *exception: object) -> None:
        self._iterator.__exit__(*exception)
        self._write_back()

    def close(self) -> None:
        """Writes back what is still buffered, and ends the iteration."""
        self._iterator.close()
        self._write_back()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._iterator, name)

    def __getitem__(self, key: Key) -> Any:
        return self._iterator[key]

    def __setitem__(self, key: Key, value: ArrayLike) -> None:
        self._iterator[key] = value


def _passed_on(name: str) -> Any:
    """A method of NumPy's iterator, of that which ours holds."""

    def method(self: nditer, *args: object, **kwargs: object) -> Any:
        return getattr(self._iterator, name)(*args, **kwargs)

    return method


for _name in dir(np.nditer):
    if not _name.startswith("_") and callable(getattr(np.nditer, _name)) and not hasattr(nditer, _name):
        setattr(nditer, _name, _passed_on(_name))
described_class(nditer, np.nditer)


@implements(np.nested_iters, always=True)
def nested_iters(op: ArrayLike | Sequence[ArrayLike], *args: Any, **kwargs: Any) -> Any:
    """NumPy's iterators, one inside of the other, over the memory of arrays; what they write becomes the driver's."""
    op_flags = args[2] if len(args) > 2 else kwargs.get("op_flags")
    operands: list[Any] = list(op) if isinstance(op, list | tuple) else [op]
    for place, operand in enumerate(operands):
        if isinstance(operand, Array) and _writes_to_workers(operand, op_flags, place):
            tell_gathered("numpy.nested_iters", operand)
            operands[place] = pin(operand)
        elif isinstance(operand, Array):
            operands[place] = for_others(operand)
    numpy_function: Any = np.nested_iters  # which checks its arguments itself
    return numpy_function(operands if isinstance(op, list | tuple) else operands[0], *args, **kwargs)


class ndenumerate(np.ndenumerate):  # noqa: N801 - NumPy's name
    """Pairs of position and element, in C order."""

    def __new__(cls, arr: ArrayLike) -> ndenumerate:
        made: ndenumerate = object.__new__(cls)
        return made

    def __init__(self, arr: ArrayLike) -> None:
        super().__init__(unwrap(arr))


described_class(ndenumerate, np.ndenumerate)
