"""Copies of arrays whose axes lie in another order, block by block."""

from __future__ import annotations

from functools import cache

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import Routine
from ramba.kernels.local.run import run
from ramba.kernels.team import Part, Team, slabs

MANY = 1 << 17  # elements: NumPy has transposed fewer sooner
ENOUGH = 1 << 22  # elements: NumPy copies fewer at the speed of memory, before a second thread wakes up
SIDE = 64  # elements of a tile's side: both its rows and its columns stay in the first cache

_SIZES = frozenset({1, 2, 4, 8})  # bytes of the elements that the compiled loop moves
_LANES = 8


def copy(team: Team, out: np.ndarray, a: np.ndarray) -> None:
    """``out[...] = a`` for arrays of one shape and dtype that share no memory.

    Notes
    -----
    A transposed matrix is moved in tiles of so many rows and columns, which are read along their columns and written
    along their rows. Else NumPy's own copies, in slabs.
    """
    if out.size >= MANY and _is_transposed(out, a):
        rows, columns = out.shape
        across = -(-columns // SIDE)
        tiles = -(-rows // SIDE) * across
        run(team, _code(out.itemsize), tiles, a, out, rows, columns, across, a.strides[1], out.strides[0])
        return

    def part(key: Part) -> None:
        out[key] = a[key]

    if out.size < ENOUGH or out.ndim == 0:
        out[...] = a
    else:
        slabs(team, out.shape, (), part)


def _is_transposed(out: np.ndarray, a: np.ndarray) -> bool:
    plain = out.itemsize in _SIZES and not out.dtype.hasobject and out.dtype == a.dtype
    return plain and out.ndim == 2 and out.strides[1] == out.itemsize and a.strides[0] == a.itemsize


@cache
def _code(itemsize: int) -> Code:
    """The loop that transposes a tile: groups of rows, all columns of each group one after the other."""
    text = Routine()
    kind = f"i{8 * itemsize}"
    a, out = text.word(0, "ptr"), text.word(1, "ptr")
    rows, columns, across = text.word(2), text.word(3), text.word(4)
    down, along = text.word(5), text.word(6)  # bytes from column to column of `a`, from row to row of `out`
    top = text.let(f"mul i64 {text.let(f'udiv i64 %tile, {across}')}, {SIDE}")
    left = text.let(f"mul i64 {text.let(f'urem i64 %tile, {across}')}, {SIDE}")
    bottom = text.smaller(text.let(f"add i64 {top}, {SIDE}"), rows)
    right = text.smaller(text.let(f"add i64 {left}, {SIDE}"), columns)
    below, beyond = text.whole(top, bottom, _LANES), text.whole(left, right, _LANES)

    def square(row: str, column: str, height: int, width: int) -> None:
        sources = [text.let(f"mul i64 {text.let(f'add i64 {column}, {n}')}, {down}") for n in range(width)]
        read = [text.vector(height, kind, text.at("i8", a, source), row, itemsize) for source in sources]
        for n in range(height):
            lanes = [text.lane(height, kind, vector, n) for vector in read]
            start = text.at("i8", out, text.let(f"mul i64 {text.let(f'add i64 {row}, {n}')}, {along}"))
            text.write(kind, lanes, start, column, itemsize)

    for first, last, height in ((top, below, _LANES), (below, bottom, 1)):
        with text.loop(first, last, height) as row:
            for begin, end, width in ((left, beyond, _LANES), (beyond, right, 1)):
                with text.loop(begin, end, width) as column:
                    square(row, column, height, width)
    return text.build()
