"""Reductions of groups: each worker folds its block, and what travels are partial results of every group.

A reduction is data: what is folded, in which dtype, and what is made of the folds in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local.grouping import FOLDS, fold_groups
from ramba.kernels.piece import Piece, uncut, with_axis_at
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, to_partition
from ramba.layout.partition import Partition, replicated

Partial = dict[str, np.ndarray]


class Reduction(NamedTuple):
    """How groups are reduced."""

    folds: tuple[str, ...]  # names of `FOLDS`; "moments" stands for counts, means and sums of squared distances
    finish: Callable[[Partial, np.ndarray, float], np.ndarray]  # (folds, sizes of groups, ddof): the result
    skip: bool = False  # whether nan is left out
    empty: bool = True  # whether there is a result of no elements, in every dtype


def _only(found: Partial, sizes: np.ndarray, ddof: float) -> np.ndarray:
    (result,) = found.values()
    return result


def _mean(found: Partial, sizes: np.ndarray, ddof: float) -> np.ndarray:
    return found["add"] / found.get("count", sizes)


def _extreme(found: Partial, sizes: np.ndarray, ddof: float) -> np.ndarray:
    (result,) = found.values()
    if result.dtype.kind in "fc" and not sizes.all():
        return np.where(sizes > 0, result, result.dtype.type(np.nan))
    return result


def _var(found: Partial, sizes: np.ndarray, ddof: float) -> np.ndarray:
    freedom = found["count"] - ddof
    return found["squares"] / np.where(freedom > 0, freedom, np.nan)


def _std(found: Partial, sizes: np.ndarray, ddof: float) -> np.ndarray:
    return np.sqrt(_var(found, sizes, ddof))


REDUCTIONS = {
    "sum": Reduction(("add",), _only),
    "nansum": Reduction(("add",), _only, skip=True),
    "prod": Reduction(("multiply",), _only),
    "nanprod": Reduction(("multiply",), _only, skip=True),
    "mean": Reduction(("add",), _mean),
    "nanmean": Reduction(("add", "count"), _mean, skip=True),
    "min": Reduction(("minimum",), _extreme, empty=False),
    "max": Reduction(("maximum",), _extreme, empty=False),
    "nanmin": Reduction(("fmin",), _only, skip=True, empty=False),
    "nanmax": Reduction(("fmax",), _only, skip=True, empty=False),
    "any": Reduction(("maximum",), _only),
    "all": Reduction(("minimum",), _only),
    "count": Reduction(("count",), _only, skip=True),
    "var": Reduction(("moments",), _var),
    "nanvar": Reduction(("moments",), _var, skip=True),
    "std": Reduction(("moments",), _std),
    "nanstd": Reduction(("moments",), _std, skip=True),
}


@lru_cache(maxsize=1024)
def result_dtype(name: str, dtype: np.dtype) -> np.dtype:
    """The dtype that NumPy's reduction of this name gives."""
    if name == "count":
        return np.dtype(np.intp)
    with np.errstate(all="ignore"):
        found: np.dtype = getattr(np, name)(np.ones(1, dtype)).dtype
    return found


def has_result(name: str, dtype: np.dtype) -> bool:
    """Whether a reduction gives something for groups without elements: integers have no nan."""
    return REDUCTIONS[name].empty or dtype.kind in "fc"


def _inside(fold: str, result: np.dtype, source: np.dtype) -> np.dtype:
    """The dtype in which a fold is computed: sums of floats in 64 bits."""
    if fold == "count":
        return np.dtype(np.int64)
    if fold in ("add", "multiply"):
        return np.result_type(result, np.float64) if result.kind in "fc" else result
    return np.dtype(np.uint8) if source.kind == "b" else source


def checked(codes: np.ndarray, groups: int) -> np.ndarray:
    """Codes of 32 bits, those below zero as the number of groups; raises ValueError if one is too large."""
    highest = int(codes.max(initial=-1))
    if highest >= groups:
        raise ValueError(f"The codes name group {highest}, but there are only {groups} groups.")
    if groups >= 1 << 31:
        raise ValueError(f"There are {groups} groups: more than 2147483647.")
    return np.where(codes < 0, groups, codes).astype(np.int32)


def _reduced(types: Sequence[Type], name: str, axis: int, groups: int, ddof: float, place: int) -> list[Type]:
    dtype, shape = types[0]
    assert shape is not None
    rest = _without(shape, axis)
    return [Type(result_dtype(name, dtype), (*rest[:place], groups, *rest[place:]))]


@kernel(_reduced)
def reduce_groups(
    group: Group, small: int, pieces: Sequence[Piece], name: str, axis: int, groups: int, ddof: float, place: int
) -> Waiting[list[Piece]]:
    """A reduction of the elements that have one code along an axis, for each of so many codes.

    Codes below zero belong to no group; larger ones are a ValueError.

    Types: any numbers, and a vector of codes; the reduction's dtype, a group for each code along the axis `place`, the
        others being in order.
    Exchanged: the codes, and the partial results of the workers along the axis.
    Algorithm: private partial results of each code, then a fold in a fixed tree; see `local.grouping`.
    """
    a, codes = pieces
    numbers = checked((yield from everywhere(group, codes)), groups)
    sizes = np.bincount(numbers, minlength=groups + 1)[:groups]
    if not has_result(name, a.array.dtype) and not sizes.all():
        raise ValueError(f"zero-size array to reduction operation {name} which has no identity: an empty group")
    elements, dtype = _elements(a.array, name), result_dtype(name, a.array.dtype)
    start, extent = (ends[axis] for ends in a.partition.block(group.rank))
    found = _partial(group, elements, numbers[start : start + extent], name, axis, groups)
    made = yield from _finished(group, a.partition, found, sizes, name, axis, ddof, dtype)
    return [with_axis_at(made, axis, place)]


def _picked(types: Sequence[Type], name: str, axis: int, ddof: float) -> list[Type]:
    (made,) = _reduced(types, name, axis, 1, ddof, axis)
    assert made.shape is not None
    return [Type(made.dtype, made.shape[:axis] + made.shape[axis + 1 :])]


@kernel(_picked)
def reduce_picked(
    group: Group, small: int, pieces: Sequence[Piece], name: str, axis: int, ddof: float
) -> Waiting[list[Piece]]:
    """A reduction of what an index array picks along an axis, which goes: all indices are inside, none below zero.

    Types: any numbers, and a vector of integers; the reduction's dtype and the shape without the axis.
    Exchanged: the indices, and the partial results of the workers along the axis.
    Algorithm: as `reduce_groups` with one group.
    """
    a, index = pieces
    places = yield from everywhere(group, index)
    start, extent = (ends[axis] for ends in a.partition.block(group.rank))
    here = places[(places >= start) & (places < start + extent)] - start
    some: Any = here
    if len(here) and np.array_equal(here, np.arange(here[0], here[0] + len(here))):  # a slice: no copy
        some = slice(int(here[0]), int(here[0]) + len(here))
    elements, dtype = _elements(a.array[(slice(None),) * axis + (some,)], name), result_dtype(name, a.array.dtype)
    found = _partial(group, elements, np.zeros(len(here), np.int32), name, axis, 1)
    made = yield from _finished(group, a.partition, found, np.array([len(places)]), name, axis, ddof, dtype)
    if len(made.shape) == 1:  # one number, which everybody has
        made = yield from to_partition(group, made, replicated(made.shape))
    array = made.array.reshape(_without(made.array.shape, axis))
    return [Piece(array, Partition(_without(made.shape, axis), _without(made.partition.grid, axis)))]


def _elements(a: np.ndarray, name: str) -> np.ndarray:
    """What is folded: for questions about truth, truths."""
    return a.astype(bool, copy=False) if name in ("any", "all") else a


def _partial(group: Group, a: np.ndarray, codes: np.ndarray, name: str, axis: int, groups: int) -> Partial:
    """What a worker makes of its block."""
    reduction, dtype = REDUCTIONS[name], result_dtype(name, a.dtype)
    if reduction.folds == ("moments",):
        return _moments(group, a, codes, axis, groups, reduction.skip)
    folds = {fold: _inside(fold, dtype, a.dtype) for fold in reduction.folds}
    found = fold_groups(group.team, group.memory, a, codes, axis, groups, folds, reduction.skip)
    return dict(zip(folds, found, strict=True))


def _moments(group: Group, a: np.ndarray, codes: np.ndarray, axis: int, groups: int, skip: bool) -> Partial:
    """Counts, means and sums of squared distances from the mean, in two passes, as NumPy has it."""
    floats = np.dtype(np.complex128 if a.dtype.kind == "c" else np.float64)
    counted = {"add": floats, "count": np.dtype(np.int64)}
    wanted = counted if skip else {"add": floats}
    total, *counts = fold_groups(group.team, group.memory, a, codes, axis, groups, wanted, skip)
    sizes = np.bincount(codes, minlength=groups + 1)[:groups]
    count = counts[0] if skip else np.ascontiguousarray(np.broadcast_to(_along(sizes, axis, a.ndim), total.shape))
    mean = total / np.maximum(count, 1)
    squares = {"squares": np.dtype(np.float64)}
    (spread,) = fold_groups(group.team, group.memory, a, codes, axis, groups, squares, skip, mean)
    return {"count": count, "mean": mean, "squares": spread}


def _finished(
    group: Group,
    lying: Partition,
    found: Partial,
    sizes: np.ndarray,
    name: str,
    axis: int,
    ddof: float,
    dtype: np.dtype,
) -> Waiting[Piece]:
    """The results of all workers together, in a dtype."""
    made, parts = yield from _combined(group, lying, found, axis)
    box = made.block(group.rank)
    if 0 in box.extent:
        return Piece(np.zeros(box.extent, dtype), made)
    here = _along(sizes[box.start[axis] : box.start[axis] + box.extent[axis]], axis, len(lying.shape))
    with np.errstate(all="ignore"):
        result = np.asarray(REDUCTIONS[name].finish(parts, here, ddof))
    return Piece(np.ascontiguousarray(result.astype(dtype, copy=False)).reshape(box.extent), made)


def _combined(group: Group, lying: Partition, found: Partial, axis: int) -> Waiting[tuple[Partition, Partial]]:
    """Partial results of whole lines, and where they lie: those of workers that share lines are brought together."""
    some = next(iter(found.values()))
    groups = some.shape[axis]
    shape = (*lying.shape[:axis], groups, *lying.shape[axis + 1 :])
    if lying.replicated:
        return replicated(shape), found
    parts = lying.grid[axis]
    if parts == 1:
        return Partition(shape, lying.grid), found
    grid = lying.grid
    # one more axis: whose part it is
    ends = Partition((*shape[:axis], parts, *shape[axis:]), (*grid[: axis + 1], 1, *grid[axis + 1 :]))
    together = uncut(ends.shape, (axis, axis + 1) if len(shape) > 1 else (axis,), group.size)
    extent, moved = ends.block(group.rank).extent, {}
    for name, array in found.items():
        own = array.reshape(extent) if 0 not in extent else np.zeros(extent, array.dtype)
        moved[name] = (yield from to_partition(group, Piece(own, ends), together)).array
    made = Partition(_without(ends.shape, axis), _without(together.grid, axis))
    return made, {} if 0 in made.block(group.rank).extent else _merged(moved, axis)


def _merged(found: Partial, axis: int) -> Partial:
    """Partial results along an axis, one after the other."""
    if "squares" in found:
        return _merged_moments(found, axis)
    with np.errstate(all="ignore"):
        return {name: FOLDS[name].combine.reduce(array, axis, array.dtype) for name, array in found.items()}


def _merged_moments(found: Partial, axis: int) -> Partial:
    """As in Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances"."""
    rows = [np.moveaxis(found[name], axis, 0) for name in ("count", "mean", "squares")]
    count, mean, squares = (row[0] for row in rows)
    with np.errstate(all="ignore"):
        for more, other, spread in zip(*(row[1:] for row in rows), strict=True):
            total = count + more
            share = more / np.maximum(total, 1)
            distance = np.where(more * count > 0, other - mean, 0)
            length = distance.real**2 + distance.imag**2
            squares = squares + spread + length * count * share
            mean = np.where(count > 0, mean + distance * share, other)
            count = total
    return {"count": count, "mean": mean, "squares": squares}


def _along(sizes: np.ndarray, axis: int, ndim: int) -> np.ndarray:
    """Numbers of groups, to be combined with arrays that have the groups along an axis."""
    return sizes.reshape((-1, *(1,) * (ndim - axis - 1)))


def _without(items: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return items[:axis] + items[axis + 1 :]


__all__ = ["REDUCTIONS", "checked", "has_result", "reduce_groups", "reduce_picked", "result_dtype"]
