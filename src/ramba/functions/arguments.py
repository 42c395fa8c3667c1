"""What a function of elements is called with: other numbers, tuples or windows for each element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from ramba.codegen.from_numba import Argument, WindowKind
from ramba.functions.tracing import SAMPLE, Element, Trace, Untraceable
from ramba.lazyarray import asarray, ndarray


class ForEach(Protocol):
    """An argument that is another one for each element."""

    def arrays(self) -> tuple[Any, ...]:
        """All that it is made of, of the result's shape."""

    def kind(self) -> Argument:
        """What Numba compiles the function for."""

    def symbol(self, call: Trace) -> Any:
        """What stands for it when the function is traced."""

    def elements(self, shape: tuple[int, ...]) -> Iterator[Any]:
        """What Python calls the function with, one after the other."""

    def at(self, index: tuple[Any, ...]) -> ForEach:
        """The argument for a single element."""

    def sample(self) -> ForEach:
        """One of the same types, to see what a function does with it."""


class Each:
    """An argument that is a number."""

    def __init__(self, array: ndarray) -> None:
        self.array = array

    def arrays(self) -> tuple[Any, ...]:
        """The array."""
        return (self.array,)

    def kind(self) -> Argument:
        """Its dtype."""
        return self.array.dtype.str[1:]

    def symbol(self, call: Trace) -> Any:
        """An element."""
        return Element(self.array, call)

    def elements(self, shape: tuple[int, ...]) -> Iterator[Any]:
        """NumPy's scalars."""
        return iter(np.broadcast_to(np.asarray(self.array), shape).reshape(-1))

    def sample(self) -> Each:
        """The same with a one."""
        return Each(_sample(self.array))

    def at(self, index: tuple[Any, ...]) -> Each:
        """One number."""
        return Each(asarray(_one(self.array, index)))


class EachTuple:
    """An argument that is a tuple of numbers."""

    def __init__(self, arrays: tuple[Any, ...]) -> None:
        self.items = arrays

    def arrays(self) -> tuple[Any, ...]:
        """An array for each item."""
        return self.items

    def kind(self) -> Argument:
        """The dtypes."""
        return tuple(array.dtype.str[1:] for array in self.items)

    def symbol(self, call: Trace) -> Any:
        """A tuple of elements."""
        return tuple(Element(array, call) for array in self.items)

    def elements(self, shape: tuple[int, ...]) -> Iterator[Any]:
        """Tuples of NumPy's scalars."""
        if not self.items:
            return iter([()])
        return zip(*(Each(array).elements(shape) for array in self.items), strict=True)

    def sample(self) -> EachTuple:
        """The same with a one."""
        return EachTuple(tuple(map(_sample, self.items)))

    def at(self, index: tuple[Any, ...]) -> EachTuple:
        """One tuple."""
        return EachTuple(tuple(_one(array, index) for array in self.items))


Offset = tuple[int, ...]


class Window:
    """An argument that shows the neighbours of an element, by their offsets."""

    def __init__(self, views: Mapping[Offset, Any]) -> None:
        self.views = views

    def arrays(self) -> tuple[Any, ...]:
        """The array, shifted by each of the offsets."""
        return tuple(self.views.values())

    def kind(self) -> Argument:
        """The dtype and the offsets."""
        return WindowKind(next(iter(self.views.values())).dtype.str[1:], tuple(self.views))

    def symbol(self, call: Trace) -> Any:
        """What gives elements for offsets."""
        return Neighbours({offset: Element(view, call) for offset, view in self.views.items()})

    def elements(self, shape: tuple[int, ...]) -> Iterator[Any]:
        """What gives NumPy's scalars for offsets."""
        columns = [Each(view).elements(shape) for view in self.views.values()]
        for values in zip(*columns, strict=True):
            yield Neighbours(dict(zip(self.views, values, strict=True)))

    def sample(self) -> Window:
        """The same with a one."""
        return Window({offset: _sample(view) for offset, view in self.views.items()})

    def at(self, index: tuple[Any, ...]) -> Window:
        """One window."""
        return Window({offset: _one(view, index) for offset, view in self.views.items()})


class Neighbours:
    """What a stencil is called with in place of an array: ``a[-1, 0]`` is the neighbour before."""

    def __init__(self, values: Mapping[Offset, Any]) -> None:
        self._values = values

    def __getitem__(self, index: object) -> Any:
        place = offset_of(index)
        try:
            return self._values[place]
        except KeyError:
            raise IndexError(f"a stencil reads at {index}, outside of its neighborhood: give neighborhood=") from None


def offset_of(index: object) -> Offset:
    """What stands in the brackets, as whole numbers."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, Element) for part in parts):
        raise Untraceable("it reads where an element says")
    if not all(isinstance(part, int | np.integer) for part in parts):
        raise IndexError(f"a stencil reads single neighbours, as a[-1, 0], not [{index}]")
    return tuple(map(int, parts))


def _sample(array: ndarray) -> Any:
    return asarray(np.ones(SAMPLE, array.dtype))


def _one(array: ndarray, index: tuple[Any, ...]) -> np.ndarray:
    return np.asarray(asarray(array)[index])


FOR_EACH = (Each, EachTuple, Window)

__all__ = ["FOR_EACH", "Each", "EachTuple", "ForEach", "Neighbours", "Offset", "Window", "offset_of"]
