"""Copies of arrays: rows by the C library on all threads, axes in another order tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import Routine
from ramba.kernels.local.run import address, run
from ramba.kernels.team import Part, Team, slabs

MANY = 1 << 17  # elements: NumPy has transposed fewer sooner
ENOUGH = 3 << 19  # bytes: NumPy copies fewer before a second thread wakes up
ENOUGH_ODD = 1 << 22  # elements that do not lie in long rows: Python's threads, which wake up later, share them out
ROW = 256  # bytes of a row: NumPy copies shorter ones with fewer instructions
PIECE = 1 << 18  # bytes of one tile,
TILES = 32  # or more, so that there are no more tiles than that for each thread
STREAMED = 32 << 20  # bytes: so large a result leaves every cache before it is read, and is written around them
SIDE = 64  # elements of a tile's side: both its rows and its columns stay in the first cache

_SIZES = frozenset({1, 2, 4, 8})  # bytes of the elements that the compiled loop moves
_LANES = 8


def copy(team: Team, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """``out[...] = a`` for pairs of arrays of one shape and dtype, none of which share memory.

    Notes
    -----
    Transposed matrices are moved in tiles of so many rows and columns, which are read along their columns and written
    along their rows. What lies in rows of both arrays is copied by the C library, all pairs in one job. Else NumPy's
    own copies, in slabs.
    """
    nbytes = sum([out.nbytes for out, _ in pairs])
    if nbytes < ENOUGH:
        for out, a in pairs:
            _copy_odd(team, out, a)
        return
    piece = max(PIECE, nbytes // (TILES * team.size))
    tiles: list[int] = []
    for out, a in pairs:
        rows = _rows(out, a)
        if rows is None:
            _copy_odd(team, out, a)
        else:
            tiles += _tiles(rows, piece)
    if tiles:
        table = np.array(tiles, np.int64)
        run(team, _rows_code(nbytes >= STREAMED), len(tiles) // len(_Rows._fields), table)


def is_moved(out: np.ndarray, a: np.ndarray) -> bool:
    """Whether `copy` has a loop of its own for two arrays that share no memory, so many elements and so laid out."""
    return out.size >= MANY and (_matrices(out, a) is not None or _rows(out, a) is not None)


def _copy_odd(team: Team, out: np.ndarray, a: np.ndarray) -> None:
    """Copies what is little, or does not lie in long rows."""
    found = _matrices(out, a) if out.size >= MANY else None
    if found is not None:
        across = -(-found.columns // SIDE)
        each = -(-found.rows // SIDE) * across
        run(team, _code(out.itemsize), found.number * each, a, out, *found[1:], across, each)
        return

    def part(key: Part) -> None:
        out[key] = a[key]

    if out.size < ENOUGH_ODD or out.ndim == 0:
        out[...] = a
    else:
        slabs(team, out.shape, (), part)


class _Rows(NamedTuple):
    """Elements that lie one after the other in both arrays, in rows."""

    to: int  # addresses
    source: int
    rows: int
    nbytes: int  # of a row
    step: int  # bytes from row to row, where they are written
    source_step: int


def _rows(out: np.ndarray, a: np.ndarray) -> _Rows | None:
    """The rows that make up both arrays, if they are long and all of them equally far apart."""
    if out.dtype != a.dtype or out.dtype.hasobject:
        return None
    nbytes, rows, steps = out.itemsize, 1, (0, 0)
    for extent, *strides in zip(reversed(out.shape), reversed(out.strides), reversed(a.strides), strict=True):
        if extent == 1:
            continue
        here = (strides[0], strides[1])
        if rows == 1 and here == (nbytes, nbytes):
            nbytes *= extent
        elif rows == 1:
            rows, steps = extent, here
        elif here == (steps[0] * rows, steps[1] * rows):
            rows *= extent
        else:
            return None
    if nbytes < ROW or not out.size:
        return None
    return _Rows(address(out), address(a), rows, nbytes, *steps)


def _tiles(whole: _Rows, piece: int) -> list[int]:
    """The rows in parts of about so many bytes, field after field."""
    to, source, rows, nbytes, step, source_step = whole
    tiles: list[int] = []
    together, length = max(piece // nbytes, 1), min(piece, nbytes)
    for first in range(0, rows, together):
        for start in range(0, nbytes, length):
            some, here = min(together, rows - first), min(length, nbytes - start)
            begin = first * step + start, first * source_step + start
            tiles += (to + begin[0], source + begin[1], some, here, step, source_step)
    return tiles


@cache
def _rows_code(streamed: bool) -> Code:
    """The loop over the rows of a tile."""
    text = Routine()
    mine = text.at("i64", text.word(0, "ptr"), text.mul("%tile", len(_Rows._fields)))
    to, source = (text.load("ptr", mine, str(place)) for place in range(2))
    rows, nbytes, *steps = (text.load("i64", mine, str(place)) for place in range(2, 6))
    with text.loop("0", rows) as row:
        there, here = (text.at("i8", base, text.mul(row, step)) for base, step in zip((to, source), steps, strict=True))
        if streamed:
            text.stream_bytes(there, here, nbytes)
        else:
            text.copy_bytes(there, here, nbytes)
    return text.build()


class _Matrices(NamedTuple):
    """Equally many rows and columns that lie by rows in one array, by columns in the other."""

    number: int  # of matrices
    rows: int
    columns: int
    down: int  # bytes from column to column of the source,
    along: int  # and from row to row of the result
    source_step: int  # bytes from matrix to matrix
    step: int


def _matrices(out: np.ndarray, a: np.ndarray) -> _Matrices | None:
    """The transposed matrices that make up both arrays, if there is such a view of them."""
    size = out.itemsize
    if size not in _SIZES or out.dtype.hasobject or out.dtype != a.dtype:
        return None
    axes: list[tuple[int, int, int]] = []  # extent, bytes from element to element in both arrays; joined where possible
    for extent, here, there in zip(out.shape, out.strides, a.strides, strict=True):
        if axes and (here * extent, there * extent) == axes[-1][1:]:
            axes[-1] = axes[-1][0] * extent, here, there
        elif extent != 1:
            axes.append((extent, here, there))
    if len(axes) not in (2, 3) or axes[-1][1] != size:
        return None
    across = [place for place, axis in enumerate(axes[:-1]) if axis[2] == size and axis[0] >= _LANES]
    if not across or axes[-1][0] < _LANES:
        return None
    rows, columns = axes.pop(across[0]), axes.pop()
    number, step, source_step = axes[0] if axes else (1, 0, 0)
    return _Matrices(number, rows[0], columns[0], columns[2], rows[1], source_step, step)


@cache
def _code(itemsize: int) -> Code:
    """The loop that transposes a tile: groups of rows, all columns of each group one after the other."""
    text = Routine()
    kind = f"i{8 * itemsize}"
    rows, columns, down, along, *steps, across, each = (text.word(place) for place in range(2, 10))
    matrix, tile = text.udiv("%tile", each), text.urem("%tile", each)
    a, out = (text.at("i8", text.word(place, "ptr"), text.mul(matrix, step)) for place, step in enumerate(steps))
    top = text.mul(text.udiv(tile, across), SIDE)
    left = text.mul(text.urem(tile, across), SIDE)
    bottom = text.smaller(text.add(top, SIDE), rows)
    right = text.smaller(text.add(left, SIDE), columns)
    below, beyond = text.whole(top, bottom, _LANES), text.whole(left, right, _LANES)

    def square(row: str, column: str, height: int, width: int) -> None:
        sources = [text.mul(text.add(column, n), down) for n in range(width)]
        read = [text.vector(height, kind, text.at("i8", a, source), row, itemsize) for source in sources]
        for n in range(height):
            lanes = [text.lane(height, kind, vector, n) for vector in read]
            start = text.at("i8", out, text.mul(text.add(row, n), along))
            text.write(kind, lanes, start, column, itemsize)

    for first, last, height in ((top, below, _LANES), (below, bottom, 1)):
        with text.loop(first, last, height) as row:
            for begin, end, width in ((left, beyond, _LANES), (beyond, right, 1)):
                with text.loop(begin, end, width) as column:
                    square(row, column, height, width)
    return text.build()
