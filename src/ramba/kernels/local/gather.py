"""Picking elements: by index, by mask, and where they are not zero. ``make`` gives memory for the result."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import prod
from typing import Any

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.run import run
from ramba.kernels.local.scatter import from_end
from ramba.kernels.local.select_loop import SIZES, pick
from ramba.kernels.team import Team, slabs

FEW = 1 << 16  # elements: NumPy has picked fewer sooner than threads wake up,
FEW_IN_ROWS = 1 << 21  # and copies long rows at the speed of memory
ROW = 256  # bytes of a long one
TILE = 1 << 14  # indices of one tile
TILE_BYTES = 1 << 17  # of one tile of rows
PIECE = 1 << 18  # elements under one piece of a mask
COUNTED = 1 << 22  # elements under a mask: one thread counts fewer before Python's threads wake up
MANY = 1 << 20  # elements: NumPy finds out sooner which of fewer are not zero

Maker = Callable[[tuple[int, ...], np.dtype], np.ndarray]

_LANES = 8
_INLINE = frozenset({1, 2, 4, 8, 16, 32, 64})  # bytes of a row that is copied by instructions in the loop


def take(team: Team, make: Maker, a: np.ndarray, index: np.ndarray, axis: int = 0) -> np.ndarray:
    """``a[..., index, ...]``, the index array (of integers) standing at an axis. Raises IndexError as NumPy does.

    Notes
    -----
    Loops that note whether an index was out of bounds: one for elements of a single dimension, one that copies rows.
    Else NumPy's own for slabs of the index array or of the other axes, whichever is longer.
    """
    axis %= a.ndim
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    key: tuple[Any, ...] = (*(slice(None),) * axis, index)
    few = FEW if prod(after) * a.itemsize < ROW else FEW_IN_ROWS
    if index.size * prod(before + after) < few or index.dtype.kind not in "iu":
        return a[key]
    out = make(before + index.shape + after, a.dtype)
    single = a.ndim == 1 and _moves(a)
    rows = a.flags.c_contiguous and not a.dtype.hasobject and a.size > 0
    if (single or rows) and out.flags.c_contiguous:
        numbers = np.ascontiguousarray(index, index.dtype.newbyteorder("="))
        found = _gather(team, a, numbers, out) if single else _gather_rows(team, a, numbers, axis, out)
        if not found:
            a[key]  # raises
        return out
    _take_rows(team, a, index, axis, out.reshape(*before, index.size, *after))
    return out


def _take_rows(team: Team, a: np.ndarray, index: np.ndarray, axis: int, out: np.ndarray) -> None:
    """``out[...] = np.take(a, index.ravel(), axis)``, by slabs that are contiguous in the result if possible."""
    if int(index.min()) < -a.shape[axis] or int(index.max()) >= a.shape[axis]:
        key: tuple[Any, ...] = (*(slice(None),) * axis, index)
        a[key]  # raises
    numbers = index.reshape(-1).astype(np.int64, copy=False)
    whole = range(1, out.ndim) if len(out) >= 2 * team.size else (0,)

    def part(where: tuple[slice, ...]) -> None:
        source = a[(*where[:axis], slice(None), *where[axis + 1 :])]
        # no index is out of bounds: "wrap" serves those below zero, and writes without a copy in between
        np.take(source, numbers[where[axis]], axis, out=out[where], mode="wrap")

    slabs(team, out.shape, whole, part)


def compress(team: Team, make: Maker, a: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``a[mask]`` for a mask of the array's own shape."""
    flat, chosen = np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(mask).reshape(-1)
    if a.itemsize not in SIZES or a.dtype.hasobject:
        picked = flat[chosen]
        out = make(picked.shape, a.dtype)
        out[...] = picked
        return out
    pieces = max(-(-a.size // PIECE), 1)
    counts = np.zeros(pieces, np.int64)

    def count(n: int) -> None:
        counts[n] = np.count_nonzero(chosen[n * PIECE : (n + 1) * PIECE])

    if a.size < COUNTED:
        for n in range(pieces):
            count(n)
    else:
        team.map(count, pieces)
    out = make((int(counts.sum()),), a.dtype)
    if a.size:
        pick(team, flat, chosen, out, np.cumsum(counts) - counts, PIECE)
    return out


def flat_nonzero(team: Team, make: Maker, a: np.ndarray) -> np.ndarray:
    """``np.flatnonzero(a)``: int64, in C order."""
    flat = a.reshape(-1)
    if a.size < MANY or team.size == 1:
        return np.flatnonzero(flat)
    pieces = max(-(-flat.size // PIECE), 1)
    found: list[np.ndarray] = [np.empty(0, np.int64)] * pieces

    def search(n: int) -> None:
        found[n] = np.flatnonzero(flat[n * PIECE : (n + 1) * PIECE])

    team.map(search, pieces)
    ends = np.cumsum([len(places) for places in found])
    out = make((int(ends[-1]),), np.dtype(np.int64))

    def shift(n: int) -> None:
        np.add(found[n], n * PIECE, out=out[ends[n] - len(found[n]) : ends[n]])

    team.map(shift, pieces)
    return out


def nonzero(team: Team, make: Maker, a: np.ndarray) -> list[np.ndarray]:
    """``np.nonzero(a)``: an int64 array for each dimension."""
    if a.size < MANY:
        return list(np.nonzero(a))
    numbers = flat_nonzero(team, make, a)
    if a.ndim == 1:
        return [numbers]
    columns = [make(numbers.shape, numbers.dtype) for _ in a.shape]

    def part(key: tuple[slice, ...]) -> None:
        for column, places in zip(columns, np.unravel_index(numbers[key], a.shape), strict=True):
            column[key] = places

    slabs(team, numbers.shape, (), part)
    return columns


def _moves(a: np.ndarray) -> bool:
    return a.itemsize in SIZES and not a.dtype.hasobject and len(a) > 0


def _gather(team: Team, a: np.ndarray, index: np.ndarray, out: np.ndarray) -> bool:
    """Fills `out`; gives whether all indices lay in the array."""
    tiles = -(-index.size // TILE)
    strange = np.zeros(tiles, np.int8)
    code = _code(a.itemsize, index.dtype.str[1:])
    run(team, code, tiles, a, index, out, strange, index.size, TILE, len(a), a.strides[0])
    return not strange.any()


def _gather_rows(team: Team, a: np.ndarray, index: np.ndarray, axis: int, out: np.ndarray) -> bool:
    """As `_gather`, of what lies at an index of any axis: a row, the product of the axes after it."""
    outer, nbytes = prod(a.shape[:axis]), prod(a.shape[axis + 1 :]) * a.itemsize
    each = max(min(index.size, TILE_BYTES // nbytes), 1)  # indices of a tile,
    together = max(TILE_BYTES // (nbytes * index.size), 1)  # and how often it reads all of them
    across = -(-index.size // each)
    tiles = -(-outer // together) * across
    strange = np.zeros(tiles, np.int8)
    code = _rows_code(nbytes if nbytes in _INLINE else 0, index.dtype.str[1:])
    extents = index.size, each, across, outer, together, a.shape[axis], nbytes
    run(team, code, tiles, a, index, out, strange, *extents)
    return not strange.any()


@cache
def _rows_code(nbytes: int, source: str) -> Code:
    """The loop that copies rows of so many bytes, of each matrix those that an index array names; 0: of any number."""
    text = Routine()
    a, index, out, strange = (text.word(place, "ptr") for place in range(4))
    count, each, across, outer, together, length, size = (text.word(place) for place in range(4, 11))
    row = str(nbytes) if nbytes else size
    piece, block = text.urem("%tile", across), text.udiv("%tile", across)
    start = text.mul(piece, each)
    stop = text.smaller(text.add(start, each), count)
    top = text.mul(block, together)
    bottom = text.smaller(text.add(top, together), outer)
    wrong = text.variable("i1", "false")
    with text.loop(top, bottom) as matrix:
        there = text.at("i8", a, text.mul(text.mul(matrix, length), row))
        here = text.at("i8", out, text.mul(text.mul(matrix, count), row))
        with text.loop(start, stop) as i:
            loaded = text.load(REGISTER[source], index, i)
            number = from_end(text, text.convert(loaded, source, "i8"), length, 1)
            outside = text.icmp("uge", number, length)
            text.set(wrong, text.or_(text.get(wrong), outside, "i1"))
            number = text.select(outside, 0, number)
            target = text.at("i8", here, text.mul(i, row))
            text.copy_bytes(target, text.at("i8", there, text.mul(number, row)), row)
    text.store("i8", text.cast("zext", text.get(wrong), "i1", "i8"), strange, "%tile")
    return text.build()


@cache
def _code(itemsize: int, source: str) -> Code:
    """The loop that picks elements of some bytes, which lie any number of bytes apart."""
    text = Routine()
    kind = f"i{8 * itemsize}" if itemsize <= 8 else "<2 x i64>"
    align = min(itemsize, 8)
    a, index, out, strange = (text.word(place, "ptr") for place in range(4))
    count, size, length, step = (text.word(place) for place in range(4, 8))
    first, last = text.share(count, size)
    middle = text.whole(first, last, _LANES)
    wrong = text.variable("i1", "false")
    for start, stop, width in ((first, middle, _LANES), (middle, last, 1)):
        longs, truths = vector_of("i64", width), vector_of("i1", width)
        with text.loop(start, stop, width) as i:
            loaded = text.vector(width, REGISTER[source], index, i, int(source[1:]))
            number = from_end(text, text.convert(loaded, source, "i8", width), length, width)
            outside = text.icmp("uge", number, text.splat(width, "i64", length), longs)
            text.set(wrong, text.or_(text.get(wrong), text.any(width, outside), "i1"))
            zero = "0" if width == 1 else "zeroinitializer"
            number = text.select(outside, zero, number, longs, truths)
            place = text.mul(number, text.splat(width, "i64", step), longs)
            for n in range(width):
                there = text.at("i8", a, text.lane(width, "i64", place, n))
                value = text.read(kind, there, align)
                text.store(kind, value, out, text.add(i, n), align)
    text.store("i8", text.cast("zext", text.get(wrong), "i1", "i8"), strange, "%tile")
    return text.build()


__all__ = ["Maker", "compress", "flat_nonzero", "nonzero", "take"]
