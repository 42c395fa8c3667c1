"""A user's function called by Python, once for each element: for what is neither traced nor compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from ramba.functions.arguments import FOR_EACH, Each, EachTuple, Window
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.kernels.calling import Numbers
from ramba.lazyarray import asarray


def elementwise(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    shape: tuple[int, ...],
    called: str,
    origin: tuple[int, ...] = (),
) -> Any:
    """What a function gives for each element, as an array."""
    return asarray(numbers(function, arguments, shape, called, origin).array)


def numbers(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    shape: tuple[int, ...],
    called: str,
    origin: tuple[int, ...] = (),
) -> Numbers:
    """What a function gives for each element. An exception of its own says at which index it came.

    Parameters
    ----------
    origin
        The index of the first element, if it is not 0.
    """
    columns = [a.elements(shape) if isinstance(a, FOR_EACH) else repeat(a) for a in arguments]
    count, results = int(np.prod(shape, dtype=np.int64)), []
    try:
        for _ in range(count):
            results.append(function(*[next(column) for column in columns]))  # noqa: PERF401 - the index of a failure
    except Exception as problem:
        place = moved(tuple(map(int, np.unravel_index(len(results), shape))), origin)
        problem.add_note(f"In {called}, at index {place if len(place) != 1 else place[0]}.")
        raise
    found = together(results, called)
    return Numbers(found.array.reshape(shape), found.kinds)


def moved(index: tuple[int, ...], origin: tuple[int, ...]) -> tuple[int, ...]:
    """An index that is counted from another one."""
    return tuple(i + o for i, o in zip(index, origin, strict=True)) if origin else index


def together(results: list[Any], called: str) -> Numbers:
    """Numbers as an array of the dtype that NumPy gives them together; Python's numbers adapt to NumPy's."""
    kinds = {type(each): each for each in results}
    odd = [kind for kind in kinds if not issubclass(kind, bool | int | float | complex | np.generic)]
    if odd:
        arrays = [np.asarray(each) for each in results]
        if any(array.dtype == object or array.ndim for array in arrays):
            raise TypeError(f"{called} gives {odd[0].__name__!r}, which is no number.")
        results, kinds = [array[()] for array in arrays], {array.dtype.type: array[()] for array in arrays}
    if not results:
        return Numbers(np.empty(0), ())
    plain = [kind for kind in kinds if kind in (bool, int, float, complex)]
    dtypes = [np.dtype(each.dtype) for kind, each in kinds.items() if kind not in plain]
    dtype = np.result_type(*[kind(0) for kind in plain], *dtypes)
    return Numbers(np.array(results, dtype), (*(kind.__name__ for kind in plain), *(each.str for each in dtypes)))


class Loop:
    """Calls a function for each element of blocks, on the workers that hold them."""

    def __init__(
        self, function: Callable[..., Any], numpys_meaning: bool, arguments: Sequence[Any], called: str,
        origin: tuple[int, ...],
    ) -> None:  # fmt: skip
        self.function, self.numpys_meaning, self.called, self.origin = function, numpys_meaning, called, origin
        self.arguments = [_Made.of(x) if isinstance(x, FOR_EACH) else x for x in arguments]

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> Numbers:
        function = with_numpys_meaning(self.function) if self.numpys_meaning else self.function
        rest = iter(blocks)
        arguments = [x.again(rest) if isinstance(x, _Made) else x for x in self.arguments]
        origin = tuple(s + o for s, o in zip(start, self.origin or (0,) * len(start), strict=True))
        return numbers(function, arguments, extent, self.called, origin)


class _Made(NamedTuple):
    """An argument without its arrays."""

    kind: str
    offsets: tuple[Any, ...]

    @classmethod
    def of(cls, argument: Any) -> _Made:
        """What remains of one."""
        offsets = tuple(argument.views) if isinstance(argument, Window) else (None,) * len(argument.arrays())
        return cls(type(argument).__name__, offsets)

    def again(self, blocks: Iterator[np.ndarray]) -> Any:
        """The argument, of blocks."""
        taken: list[Any] = [next(blocks) for _ in self.offsets]
        if self.kind == "Window":
            return Window(dict(zip(self.offsets, taken, strict=True)))
        return EachTuple(tuple(taken)) if self.kind == "EachTuple" else Each(taken[0])


__all__ = ["Loop", "elementwise", "moved", "numbers", "together"]
