"""Reductions of picks need only the elements that are picked, and no array of them.

Reductions of several picks of one array, stacked, are one reduction of groups, if the index arrays have nothing in
common: one pass over the array. What a program does with what it picked, and in which library, does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Library, Ref
from ramba.kernels import KERNELS, Type
from ramba.layout import View, identity
from ramba.lazyarray.calls import call
from ramba.lazyarray.core import dtype_of, ndarray, on_buffer, shape_of, values
from ramba.lazyarray.operands import finished
from ramba.lazyarray.picked import (
    Pick,
    alike_later,
    isnan_later,
    moved,
    pick_of,
    places_of,
    proper_later,
    same_later,
    stored_index,
    where_later,
)

FOLDS = "sum nansum prod nanprod mean nanmean min max nanmin nanmax any all var nanvar std nanstd".split()
ORDERED = "median", "nanmedian"
_OF_MADE = {("proper", "sum"): "count", ("zeroed", "sum"): "nansum", ("oned", "prod"): "nanprod"}


def _reduced(name: str, args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """A reduction of what was picked, along the axis of the index array; None if it is something else."""
    if not args or len(args) > 2 or type(args[0]) is not ndarray:
        return None
    pick = pick_of(args[0])
    if pick is None:
        return None
    given = {key: value for key, value in options.items() if value is not None and value is not np._NoValue}
    axis = args[1] if len(args) == 2 else given.pop("axis", None)
    ddof = given.pop("ddof", 0)
    if type(axis) is tuple and len(axis) == 1:
        (axis,) = axis
    ndim = len(pick.node.shape)
    plain = type(axis) is int and -ndim <= axis < ndim and isinstance(ddof, int | float) and not given
    if not plain or axis % ndim != pick.axis or (ddof and name[-3:] not in ("var", "std")):
        return None
    if pick.kind:
        found = _OF_MADE.get((pick.kind, name))
        if found is None:
            return None
        name = found
    with ENGINE.lock:
        buffer = ENGINE.record(_reduction(name, pick, float(ddof)), "pick", part=True)
        shape = pick.node.shape[1:]
        return on_buffer(buffer, identity(shape), scalar=not shape)


def _reduction(name: str, pick: Pick, ddof: float) -> Library:
    """The call that reduces a pick."""
    node = pick.node
    if name in ORDERED:
        one = Ref(node, identity(node.shape)), stored_index(np.zeros(node.shape[0], np.int64))
        return _ordered(name, one, node.dtype, node.shape, 1)
    source, axis = _as_it_lies(node.args[0])
    params = name, axis, ddof
    types, dtype = _result(node.dtype, source.view.shape, params)
    return Library("reduce_picked", (source, node.args[1]), params, 0, types, dtype, types[0][1])


def _as_it_lies(source: Ref) -> tuple[Ref, int]:
    """An array whose axis of groups comes first, without that, and which axis it is: on workers nothing is moved."""
    whole = identity(source.node.shape)
    for axis in range(len(whole.shape)):
        if source.view == moved(whole, axis, 0):
            return Ref(source.node, whole), axis
    return source, 0


def _ordered(
    name: str,
    args: tuple[Ref, Ref],
    source: np.dtype,
    shape: tuple[int, ...],
    groups: int,
    axis: int = 0,
    place: int = 0,
) -> Library:
    """Medians of groups along an axis, and where the result has them; it has one more axis in front."""
    dtype = np.median(np.ones(1, source)).dtype
    rest = shape[:axis] + shape[axis + 1 :]
    made = (1, *rest[:place], groups, *rest[place:])
    params = axis, groups, (0.5,), name == "nanmedian", True, dtype.str[1:], place
    return Library("quantile_groups", args, params, 0, ((dtype.str[1:], made),), dtype, made)


@lru_cache(maxsize=1024)
def _result(
    dtype: np.dtype, shape: tuple[int, ...], params: tuple[str, int, float]
) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], np.dtype]:
    """The types of what `reduce_picked` gives, as nodes have them, and its dtype."""
    (made,) = KERNELS["reduce_picked"].infer([Type(dtype, shape)], *params)
    assert made.shape is not None
    return ((made.dtype.str[1:], made.shape),), made.dtype


# --- stacks of them


class _Waiting(NamedTuple):
    """A reduction of a pick that nobody has looked at."""

    name: str
    ddof: float
    axis: int  # of the operands, along which the index array picks
    pick: Library  # or what reduces: it has the same operands

    def alike(self, other: _Waiting) -> bool:
        """Whether two reductions are one, of picks of one array."""
        mine, theirs = self.pick.args[0], other.pick.args[0]
        return self[:3] == other[:3] and mine.node is theirs.node and mine.view == theirs.view


def _waiting(a: object) -> _Waiting | None:
    if type(a) is not ndarray or a._np is not None or a._hand is not None or a._buffer.hold is not None or a._part:
        return None
    node = a._buffer.node
    if type(node) is not Library:
        return None
    if node.function == "reduce_picked" and a._view == identity(node.shape):
        return _Waiting(node.params[0], node.params[2], node.params[1], node)
    if node.function == "quantile_groups" and node.params[:3] == (0, 1, (0.5,)):
        pick = node.args[0].node
        if type(pick) is Library and pick.function == "pick" and a._view == identity(node.shape[2:]):
            return _Waiting("nanmedian" if node.params[3] else "median", 0.0, 0, pick)
    return None


def _stacked(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """Reductions of picks of one array, stacked: a reduction of groups; None if they are something else."""
    if not args or len(args) > 2 or not options.keys() <= {"axis"}:
        return None
    arrays, axis = args[0], args[1] if len(args) == 2 else options.get("axis", 0)
    if not isinstance(arrays, list | tuple) or len(arrays) < 2 or type(axis) is not int:
        return None
    if type(arrays[0]) is not ndarray:
        return None
    found = [_waiting(a) for a in arrays]
    first = next((each for each in found if each is not None), None)
    rest = None if first is None else shape_of(next(a for a, each in zip(arrays, found, strict=True) if each))
    if first is None or rest is None or not -len(rest) - 1 <= axis <= len(rest):
        return None
    together = [n for n, each in enumerate(found) if each is not None and each.alike(first)]
    codes = _codes([places_of(found[n].pick) for n in together], first.pick.args[0].view.shape[first.axis])  # type: ignore[union-attr]
    if codes is None or 2 * len(together) < len(arrays):
        return None
    place = axis % (len(rest) + 1)
    made = _of_groups(first, codes, len(together), place)
    _show_rows([arrays[n] for n in together], made, place)
    return made if len(together) == len(arrays) else _with_others(made, arrays, together, place)


def _of_groups(first: _Waiting, codes: np.ndarray, groups: int, place: int) -> ndarray:
    """The reduction of all groups at once, with the groups along an axis, and in C order, as NumPy's stack has them."""
    source, axis = first.pick.args[0], first.axis
    if not axis:
        source, axis = _as_it_lies(source)
    extents, given = source.view.shape, (source, stored_index(codes))
    rest = extents[:axis] + extents[axis + 1 :]
    shape = (*rest[:place], groups, *rest[place:])
    if first.name in ORDERED:
        node = _ordered(first.name, given, source.node.dtype, extents, groups, axis, place)
    else:
        params = first.name, axis, groups, first.ddof, place
        dtype = first.pick.dtype
        node = Library("reduce_groups", given, params, 0, ((dtype.str[1:], shape),), dtype, shape)
    with ENGINE.lock:
        return on_buffer(ENGINE.record(node, node.function, part=True), identity(shape))


def _show_rows(arrays: Sequence[ndarray], made: ndarray, axis: int) -> None:
    """Arrays that wait show the rows of a result from now on: whoever still has them does not make them again."""
    with ENGINE.lock:
        rows, (offset, shape, strides) = ENGINE.share(made._buffer), moved(made._view, axis, 0)
        for number, a in enumerate(arrays):
            if a._buffer.hold is None:
                a._buffer = rows
                a._view = View(offset + number * strides[0], shape[1:], strides[1:])


def _rows(axis: int, args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """As `_stacked`, for functions that join arrays of one dimension along a new axis."""
    if len(args) != 1 or options or not isinstance(args[0], list | tuple) or not args[0]:
        return None
    first = args[0][0]
    if type(first) is not ndarray or len(shape_of(first)) != 1:  # a list of numbers may be long
        return None
    return _stacked((args[0], axis), {})


def _codes(indices: Sequence[np.ndarray], extent: int) -> np.ndarray | None:
    """Which of some index arrays picks each place of an axis, -1: none does; None if something is picked twice."""
    codes, total = np.full(extent, -1, np.int64), 0
    for number, places in enumerate(indices):
        codes[places] = number
        total += len(places)
    return codes if np.count_nonzero(codes >= 0) == total else None


def _with_others(made: ndarray, arrays: Sequence[Any], together: list[int], axis: int) -> ndarray | None:
    """The groups along an axis among other arrays that are stacked with them, in order; None if these do not fit."""
    left = sorted(set(range(len(arrays))) - set(together))
    others = [arrays[n] for n in left]
    shape, dtype = shape_of(made), dtype_of(made)
    shape = shape[:axis] + shape[axis + 1 :]
    if any(type(a) is not ndarray or shape_of(a) != shape or dtype_of(a) != dtype for a in others):
        return None
    rest = finished(np.stack([values(a) for a in others], axis))
    order = np.empty(len(arrays), np.int64)
    order[[*together, *left]] = np.arange(len(arrays))
    (joined,) = call("concatenate", [made, rest], axis)
    return call("pick", [joined, finished(order)], axis)[0]


OF_PICKS: dict[Any, Callable[[Sequence[Any], dict[str, Any]], ndarray | None]] = {
    getattr(np, name): partial(_reduced, name) for name in (*FOLDS, *ORDERED)
}
"""What functions of NumPy's make of picks that wait; None if they are given something else."""

REDUCE_PICKS = frozenset(OF_PICKS)
"""Those of them that make something of slabs, too."""

OF_PICKS |= {np.stack: _stacked, np.array: partial(_rows, 0)}
OF_PICKS |= {np.vstack: partial(_rows, 0), np.column_stack: partial(_rows, 1)}
OF_PICKS |= {np.isnan: isnan_later, np.logical_not: proper_later, np.where: where_later}
OF_PICKS[np.astype] = same_later
OF_PICKS |= {np.zeros_like: partial(alike_later, 0), np.ones_like: partial(alike_later, 1)}

__all__ = ["OF_PICKS", "REDUCE_PICKS"]
