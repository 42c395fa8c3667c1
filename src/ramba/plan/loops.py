"""Loop nests: which loop runs innermost, which loops merge into one, and how the nest is cut into tiles."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ramba.plan.spec import Tiles

TILE = 1 << 16  # points of an elementwise tile: tens of microseconds of work, operands about the size of a L2 cache
STRIP = 2048  # points of a strip of accumulators: half of a L1 cache
BLOCK = 64  # side of a tile where operands run across each other, as in a transposition
SHORT = 16  # an inner loop this short costs more in its start than in its work


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
    if loops and domain[loops[-1]] < SHORT:
        longest = max(loops, key=lambda d: domain[d])
        if domain[longest] >= 4 * SHORT:
            loops.remove(longest)
            loops.append(longest)
    merged = _merge(_folded_last(loops, axes) if axes else loops, domain, axes, accesses)
    if not merged:
        return Nest((1,), 0, 0, bool(axes), tuple((0,) for _ in accesses))
    extents = tuple(extent for extent, _, _ in merged)
    folds = [fold for _, fold, _ in merged]
    strides = tuple(tuple(s[n] for _, _, s in merged) for n in range(len(accesses)))
    return Nest(extents, folds[:-1].count(False), folds[:-1].count(True), folds[-1], strides)


def _folded_last(loops: list[int], axes: tuple[int, ...]) -> list[int]:
    """Kept outer loops, in the order of the result's own axes, then folded outer loops, then the inner loop."""
    kept, folded = sorted(d for d in loops if d not in axes), [d for d in loops if d in axes]
    if folded and (not kept or loops[-1] != kept[-1]):
        return kept + folded  # an inner loop that is kept must be the result's last axis
    return kept[:-1] + folded + kept[-1:]


def _merge(
    loops: list[int], domain: tuple[int, ...], axes: tuple[int, ...], accesses: list[tuple[int, ...]]
) -> list[tuple[int, bool, list[int]]]:
    """Loops as (extent, folded, strides), neighbours made one where every access allows it."""
    merged: list[tuple[int, bool, list[int]]] = []
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
