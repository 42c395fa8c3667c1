"""Loop nests: which loop runs innermost, which loops merge into one, and how the nest is cut into tiles."""

from __future__ import annotations

from math import prod
from typing import NamedTuple, TypeAlias

from ramba.plan.spec import Tiles

TILE = 1 << 16  # points of an elementwise tile: tens of microseconds of work, operands about the size of a L2 cache
STRIP = 2048  # points of a strip of accumulators: half of a L1 cache
BLOCK = 64  # side of a tile where operands run across each other, as in a transposition
SHORT = 16  # an inner loop this short costs more in its start than in its work
NARROW = 128  # elements of a row: shorter ones are folded several at a time, side by side


_Loop: TypeAlias = tuple[int, bool, list[int]]  # extent, whether it is folded, stride of each access


class Nest(NamedTuple):
    """Loops in order: kept outer loops, folded outer loops, the inner loop."""

    extents: tuple[int, ...]
    kept: int
    folded: int
    fold_inner: bool
    strides: tuple[tuple[int, ...], ...]  # of each access, one per loop


def nest(domain: tuple[int, ...], axes: tuple[int, ...], accesses: list[tuple[int, ...]], first: int) -> Nest:
    """Orders and merges the loops over a domain; ``axes`` are folded; access ``first`` decides the order."""
    loops = [d for d, extent in enumerate(domain) if extent != 1]
    ranked = [accesses[first], *accesses] if accesses else []
    loops.sort(key=lambda d: [-abs(strides[d]) for strides in ranked])
    wide = _widened(_merge(loops, domain, axes, accesses)) if axes else None
    if wide is not None:
        return _nest_of(wide, accesses)
    if loops and domain[loops[-1]] < SHORT:
        longest = max(loops, key=lambda d: domain[d])
        if domain[longest] >= 4 * SHORT:
            loops.remove(longest)
            loops.append(longest)
    merged = _merge(_folded_last(loops, axes) if axes else loops, domain, axes, accesses)
    if not merged:
        return Nest((1,), 0, 0, bool(axes), tuple((0,) for _ in accesses))
    return _nest_of(merged, accesses)


def _nest_of(merged: list[_Loop], accesses: list[tuple[int, ...]]) -> Nest:
    extents = tuple(extent for extent, _, _ in merged)
    folds = [fold for _, fold, _ in merged]
    strides = tuple(tuple(s[n] for _, _, s in merged) for n in range(len(accesses)))
    return Nest(extents, folds[:-1].count(False), folds[:-1].count(True), folds[-1], strides)


def _widened(merged: list[_Loop]) -> list[_Loop] | None:
    """Narrow rows that are folded into one another, so many at a time as fit into a strip; None if they are not so.

    The strip then has a partial result for each row that is side by side in it; see `lower.combined`.
    """
    if not _are_narrow(merged):
        return None
    *before, (rows, _, down), (width, _, along) = merged
    together = _together(rows, width)
    if not together:
        return None
    return [*before, (rows // together, True, [d * together for d in down]), (width * together, False, along)]


def _are_narrow(merged: list[_Loop]) -> bool:
    """Whether what is kept is one short inner loop over which all accesses go on from row to row."""
    if len(merged) < 2 or not all(fold for _, fold, _ in merged[:-1]):
        return False
    (_, _, down), (width, fold, along) = merged[-2:]
    return not fold and width < NARROW and all(d == a * width for d, a in zip(down, along, strict=True))


def _together(rows: int, width: int) -> int:
    """How many narrow rows are folded side by side, so that none is left over; 0 if that would be too few."""
    if rows * width <= TILE:
        return 0  # one tile does them, and leaves nothing to combine
    most, least = min(STRIP // width, rows // 2), -(-NARROW // width)
    return next((n for n in range(most, least - 1, -1) if rows % n == 0), 0)


def left_over(domain: tuple[int, ...], axes: tuple[int, ...], accesses: list[tuple[int, ...]]) -> tuple[int, int]:
    """An axis whose last few narrow rows are folded for themselves, so that all others fill strips, and how many."""
    axis = next((d for d in axes if domain[d] > 1), 0)
    merged = _merge([d for d, extent in enumerate(domain) if extent != 1], domain, axes, accesses) if axes else []
    if not _are_narrow(merged) or merged[-2][0] != domain[axis] or _together(domain[axis], merged[-1][0]):
        return axis, 0
    rest = domain[axis] % (STRIP // merged[-1][0])
    return axis, rest if prod(domain) - rest * merged[-1][0] > TILE else 0


def _folded_last(loops: list[int], axes: tuple[int, ...]) -> list[int]:
    """Kept outer loops, in the order of the result's own axes, then folded outer loops, then the inner loop."""
    kept, folded = sorted(d for d in loops if d not in axes), [d for d in loops if d in axes]
    if folded and (not kept or loops[-1] != kept[-1]):
        return kept + folded  # an inner loop that is kept must be the result's last axis
    return kept[:-1] + folded + kept[-1:]


def _merge(
    loops: list[int], domain: tuple[int, ...], axes: tuple[int, ...], accesses: list[tuple[int, ...]]
) -> list[_Loop]:
    """Loops as (extent, folded, strides), neighbours made one where every access allows it."""
    merged: list[_Loop] = []
    for d in loops:
        extent, fold, strides = domain[d], d in axes, [s[d] for s in accesses]
        if merged:
            outer_extent, outer_fold, outer = merged[-1]
            if fold == outer_fold and all(o == s * extent for o, s in zip(outer, strides, strict=True)):
                merged[-1] = (outer_extent * extent, fold, strides)
                continue
        merged.append((extent, fold, strides))
    return merged


def tiles(loops: Nest, folds: bool) -> Tiles:
    """How a nest is cut: by its shape alone, so that the tree of a fold does not depend on the threads."""
    inner = loops.extents[-1]
    kept = prod(loops.extents[: loops.kept])
    folded = prod(loops.extents[loops.kept : -1])
    if not folds:
        if _crossing(loops):
            return Tiles(min(BLOCK, kept), 1, min(BLOCK, inner))
        if 1 < kept < SHORT:  # short axes, which were turned outwards: a tile holds whole rows of them
            return Tiles(kept, 1, min(inner, TILE // kept // BLOCK * BLOCK))
        width = inner if inner <= TILE else TILE // 2
        return Tiles(max(1, min(kept, TILE // width)), 1, width)
    if loops.fold_inner:
        width = min(inner, TILE)
        rows = max(1, min(folded, TILE // width))
        return Tiles(max(1, min(kept, TILE // (width * rows))), rows, width)
    width = min(inner, STRIP)
    rows = max(1, min(folded, TILE // width))
    return Tiles(max(1, min(kept, TILE // (width * rows))), rows, width)


def _crossing(loops: Nest) -> bool:
    """Whether some access runs along an outer loop where another runs along the inner one."""
    if loops.kept == 0 or loops.extents[-1] < BLOCK or loops.extents[loops.kept - 1] < BLOCK:
        return False
    along = [abs(s[-1]) == 1 for s in loops.strides if s[-1]]
    across = [abs(s[-1]) > 1 and 0 < abs(s[loops.kept - 1]) < abs(s[-1]) for s in loops.strides]
    return any(along) and any(across)
