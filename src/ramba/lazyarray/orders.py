"""In which order the elements of results lie in memory: as those of the operands do, C's where these disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.layout import View
from ramba.lazyarray.core import Array, local, memory_if_local, ndarray, shape_of, view_on
from ramba.lazyarray.flags import Flags

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import Letter

_MANY = 8  # operands: so many are not remembered

Lying = tuple[tuple[int, ...], tuple[int, ...]]  # shape and strides


def order_of(order: Any, default: Letter) -> Letter:
    """One of C, F, A and K; NumPy's complaint if it is none of them."""
    if order is None:
        return default
    if order not in ("C", "F", "A", "K"):
        np.empty(0).copy(order)
        order = order.upper()
    found: Letter = order
    return found


def has_order(x: ndarray, order: str) -> bool:
    """Whether the elements lie in memory as an order asks; any of the two will do for A."""
    flags = Flags(x)
    return bool(
        order == "K" or (order in ("C", "A") and flags.c_contiguous) or (order in ("F", "A") and flags.f_contiguous)
    )


def axes_in_memory(x: ndarray, order: str) -> tuple[int, ...]:
    """The axes of a copy in this order, the slowest one first."""
    axes = tuple(range(len(shape_of(x))))
    if len(axes) < 2 or order == "C":
        return axes
    if order == "F" or (order == "A" and Flags(x).fnc):
        return axes[::-1]
    if order == "A" or Flags(x).c_contiguous:
        return axes
    if Flags(x).f_contiguous:
        return axes[::-1]
    steps = _steps(x)
    return tuple(sorted(axes, key=lambda axis: -abs(steps[axis])))


@lru_cache(maxsize=4096)
def is_turned(view: View) -> bool:
    """Whether the elements of a view lie in another order than C's."""
    return len(view.shape) > 1 and _axes(len(view.shape), [(view.shape, view.strides)]) is not None


def axes_of_result(ndim: int, operands: Iterable[Any], order: str = "K") -> tuple[int, ...] | None:
    """The axes of what an elementwise operation gives, the slowest one first; None if that is C's order."""
    if ndim < 2 or order == "C":
        return None
    arrays = [x for x in operands if isinstance(x, Array) and shape_of(x)]
    if order == "F" or (order == "A" and arrays and all(x.flags.fnc for x in arrays)):
        return tuple(range(ndim))[::-1]
    if order == "A":
        return None
    lying = [(shape_of(x), _steps(x)) for x in arrays]
    return _axes(ndim, lying) if len(lying) > _MANY else _remembered(ndim, *lying)


def _steps(x: ndarray) -> tuple[int, ...]:
    memory = memory_if_local(x)
    return x._view.strides if memory is None else memory.strides


@lru_cache(maxsize=4096)
def _remembered(ndim: int, *lying: Lying) -> tuple[int, ...] | None:
    return _axes(ndim, lying)


def _axes(ndim: int, lying: Iterable[Lying]) -> tuple[int, ...] | None:
    """The axes as NumPy's iterator orders them: by insertion, the fastest first, as long as any operand has a say."""
    steps = [
        (0,) * (ndim - len(shape)) + tuple(0 if e == 1 else abs(s) for e, s in zip(shape, strides, strict=True))
        for shape, strides in lying
    ]
    order: list[int] = []
    for axis in reversed(range(ndim)):
        place = len(order)
        for before in reversed(range(len(order))):
            pairs = [(own[axis], own[order[before]]) for own in steps if own[axis] and own[order[before]]]
            if pairs and all(outer < inner for outer, inner in pairs):
                place = before
            elif pairs:
                break
        order.insert(place, axis)
    axes = tuple(reversed(order))
    return None if axes == tuple(range(ndim)) else axes


def turned(x: ndarray | np.ndarray, axes: tuple[int, ...]) -> Any:
    """An operand with the axes of the result in another order; what is no array, or has no axes, stays as it is."""
    if not isinstance(x, Array) or not shape_of(x):
        return x
    missing = len(axes) - len(shape_of(x))
    memory = memory_if_local(x)
    if memory is not None:
        return local(memory.reshape((1,) * missing + memory.shape).transpose(axes))
    shape, strides = (1,) * missing + x._view.shape, (0,) * missing + x._view.strides
    return view_on(x, View(x._view.offset, tuple([shape[d] for d in axes]), tuple([strides[d] for d in axes])))


def turned_back(result: ndarray, axes: tuple[int, ...]) -> Any:
    """A result, or several, with the axes where they belong."""
    if isinstance(result, tuple):
        return tuple([turned_back(item, axes) for item in result])
    if not isinstance(result, Array):
        return result
    made = turned(result, inverse(axes))
    made._base = None  # the only view of its memory
    return made


def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The order of axes that undoes another."""
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def in_order_of(ndim: int, operands: list[Any], order: str, compute: Callable[[list[Any]], Any]) -> Any:
    """What `compute` makes of operands, lying in memory as they do; NotImplemented if that is C's order already."""
    axes = axes_of_result(ndim, operands, order)
    if axes is None:
        return NotImplemented
    result = compute([turned(x, axes) for x in operands])
    return result if result is NotImplemented else turned_back(result, axes)
