"""What part of its operands some tiles of a kernel need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from ramba.plan import Access, Kernel, tile_counts


class Reach(NamedTuple):
    """Bytes of a slot, counted from its beginning."""

    slot: int
    low: int
    high: int | None  # None: to its end
    writes: bool


def reached(kernel: Kernel, first: int, last: int) -> list[Reach]:
    """What the tiles from ``first`` up to ``last`` need: all of it, and perhaps what lies in between."""
    box = _box(kernel, first, last)
    found = []
    for operand, access in zip(kernel.spec.operands, kernel.accesses, strict=True):
        if not isinstance(access, Access) or operand.role == "index":
            continue
        if operand.role == "fold":
            found.append(Reach(access.slot, 0, None, True))
            continue
        size = int(operand.dtype[1:])
        ends = [(low * stride, high * stride) for (low, high), stride in zip(box, access.strides, strict=True)]
        low = access.offset + sum(map(min, ends))
        high = access.offset + sum(map(max, ends)) + 1
        found.append(Reach(access.slot, low * size, high * size, operand.role == "store"))
    return found


def parts(count: int, pieces: int) -> Iterator[tuple[int, int]]:
    """So many tiles in so many pieces."""
    pieces = min(pieces, count)
    for number in range(pieces):
        yield count * number // pieces, count * (number + 1) // pieces


def _box(kernel: Kernel, first: int, last: int) -> list[tuple[int, int]]:
    """The first and the last index of each loop: the inner loop's tiles are numbered fastest, then folded ones'."""
    spec, extents, tiles = kernel.spec, kernel.extents, kernel.tiles
    _, folded_count, inner_count = tile_counts(spec, extents, tiles)
    kept, folded = extents[: spec.kept], extents[spec.kept : -1]
    lows, highs = _numbers(first, folded_count, inner_count), _numbers(last - 1, folded_count, inner_count)
    box: list[tuple[int, int]] = []
    same = True
    for low, high, size, loops in zip(lows, highs, tiles, (kept, folded, extents[-1:]), strict=True):
        points = prod(loops)
        box += _loops(loops, low * size if same else 0, min((high + 1) * size, points) if same else points)
        same = same and low == high
    return box


def _numbers(tile: int, folded_count: int, inner_count: int) -> tuple[int, int, int]:
    outer, inner = divmod(tile, inner_count)
    kept, folded = divmod(outer, folded_count)
    return kept, folded, inner


def _loops(extents: Sequence[int], start: int, stop: int) -> list[tuple[int, int]]:
    """The indices of points from one to another in C order, loop by loop."""
    low, high, found, same = start, stop - 1, [], True
    for number in range(len(extents)):
        inside = prod(extents[number + 1 :])
        (a, low), (b, high) = divmod(low, inside), divmod(high, inside)
        found.append((a, b) if same else (0, extents[number] - 1))
        same = same and a == b
    return found


__all__ = ["Reach", "parts", "reached"]
