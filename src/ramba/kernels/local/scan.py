"""Scans: running sums, products and extremes along one axis.

Along a single axis that is long, the two-pass scan of Blelloch, "Prefix Sums and Their Applications" (1990): each
block is scanned by itself, the last elements are scanned, and each block but the first gets what came before it. The
blocks depend on the length alone, so that the result does not depend on the number of threads.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.combine import combined, combines
from ramba.kernels.local.run import run
from ramba.kernels.team import Part, Team, slabs
from ramba.ops import OPS, Defined, identity

LONG = 1 << 15  # elements: shorter rows are scanned as NumPy scans them
BLOCK = (1 << 12) + 64  # elements; no power of two: the blocks of one tile would fight for the same lines of the cache
MANY = 1 << 14  # elements of a matrix: NumPy has scanned smaller ones sooner than a kernel is prepared

_CHAINS = 8  # blocks of one tile, side by side: an addition need not wait for the one before it
_LANES = 8
_COLUMNS = 256  # of one tile: the row before is still in the cache


def accumulate(team: Team, out: np.ndarray, a: np.ndarray, op: str, axis: int, exact: bool = False) -> None:
    """``op.accumulate(a, axis)`` into ``out``; ``exact``: in one pass, in NumPy's order.

    Only sums of floats along a single long axis are rounded otherwise than NumPy's, and only if not ``exact``.
    """
    axis %= a.ndim
    length = out.shape[axis]
    rows = out.size // max(length, 1)
    if rows == 1 and length > LONG and _divides(team, op, out.dtype, exact) and _has_loop(out, a, op):
        _row(team, out, a, op, (a.strides[axis], out.strides[axis]), length)
    elif rows > 1 and out.size >= MANY and a.ndim == 2 and _has_loop(out, a, op):
        if axis == 0 and _is_unit(a) and _is_unit(out):
            _columns(team, out, a, op)
        else:
            _rows(team, np.moveaxis(out, axis, 1), np.moveaxis(a, axis, 1), op)
    elif rows > 1:
        _by_slabs(team, out, a, op, axis)
    else:
        OPS[op].numpy.accumulate(a, axis=axis, dtype=out.dtype, out=out)


def _divides(team: Team, op: str, dtype: np.dtype, exact: bool) -> bool:
    """Whether one row is worth two passes, and may be scanned in parts."""
    if isinstance(OPS[op], Defined):
        return not exact
    if dtype.kind in "iu":  # NumPy adds integers at the speed of memory; the passes need more threads than that
        return team.size > 2
    # the product of a block by itself may overflow where the running product does not
    return op in ("maximum", "minimum") or (op == "add" and not exact)


def _has_loop(out: np.ndarray, a: np.ndarray, op: str) -> bool:
    known = all(array.dtype.str[1:] in REGISTER and array.dtype.isnative for array in (a, out))
    return known and np.can_cast(a.dtype, out.dtype) and op != "subtract" and combines(op, out.dtype.str[1:])


def _is_unit(a: np.ndarray) -> bool:
    return a.strides[1] == a.itemsize


def _by_slabs(team: Team, out: np.ndarray, a: np.ndarray, op: str, axis: int) -> None:
    function = OPS[op].numpy

    def part(key: Part) -> None:
        function.accumulate(a[key], axis=axis, dtype=out.dtype, out=out[key])

    slabs(team, out.shape, {axis}, part)


def _row(team: Team, out: np.ndarray, a: np.ndarray, op: str, steps: tuple[int, int], count: int) -> None:
    """One long row, in two passes; the first one only learns where each block ends."""
    blocks = -(-count // BLOCK)
    carries = np.empty(blocks + 1, out.dtype)
    # -0.0 + x is x for every x, even for 0.0; a first element changes no extreme
    neutral: dict[str, Any] = {"add": -0.0 if out.dtype.kind == "f" else 0, "multiply": 1}
    if isinstance(OPS[op], Defined):
        carries[0] = identity(op, out.dtype.str[1:])
    else:
        carries[0] = neutral[op] if op in neutral else a[(0,) * a.ndim]
    names = op, a.dtype.str[1:], out.dtype.str[1:]
    run(team, _row_code(*names, look=True), -(-(blocks - 1) // _CHAINS), a, out, carries, count, BLOCK, *steps)
    ends = carries[None, 1:-1]
    if isinstance(OPS[op], Defined) and ends.size:  # interpreted, it takes some microseconds for each element
        _rows(team, ends, ends, op)
    elif ends.size:
        with np.errstate(all="ignore"):  # as in the compiled loop
            OPS[op].numpy.accumulate(ends, axis=1, out=ends)
    run(team, _row_code(*names, look=False), -(-blocks // _CHAINS), a, out, carries, count, BLOCK, *steps)


@cache
def _row_code(op: str, source: str, target: str, look: bool) -> Code:
    """The loop over some blocks of a row: it looks where they end, or writes them with what came before.

    Carries are one for each block: the neutral element, then the ends of blocks.
    """
    text = Routine()
    a, out, carries = (text.word(place, "ptr") for place in range(3))
    count, size = text.word(3), text.word(4)
    steps = text.word(5), text.word(6)
    block = text.mul("%tile", _CHAINS)
    beyond = text.add(block, _CHAINS)
    full = text.icmp("sle", text.mul(beyond, size), count)

    def blocks(one: str, length: str, chains: int) -> None:
        chosen = [text.add(one, n) for n in range(chains)]
        firsts = [text.mul(number, size) for number in chosen]
        before = [text.load(REGISTER[target], carries, number) for number in chosen]
        starts = [(_moved(text, a, first, steps[0]), _moved(text, out, first, steps[1])) for first in firsts]
        sums = _side_by_side(text, (op, source, target), starts, steps, length, None if look else before)
        for number, sum_ in zip(chosen if look else [], sums, strict=False):
            text.store(REGISTER[target], sum_, carries, text.add(number, 1))

    with text.when(full):
        blocks(block, size, _CHAINS)
    with text.when(text.negation(full)):
        padded = text.add(count, text.sub(size, 1))
        with text.loop(block, text.smaller(beyond, text.udiv(padded, size))) as one:
            rest = text.sub(count, text.mul(one, size))
            blocks(one, text.smaller(rest, size), 1)
    return text.build()


def _moved(text: Routine, base: str, index: str, step: str) -> str:
    """The address of an element, when elements lie so many bytes apart."""
    return text.at("i8", base, text.mul(index, step))


def _side_by_side(
    text: Routine,
    names: tuple[str, str, str],
    starts: list[tuple[str, str]],
    steps: tuple[str, str],
    length: str,
    before: list[str] | None,
    carried: bool = True,
) -> list[str]:
    """Scans some rows of one length together, element by element, and gives where they end.

    Starts are addresses in `a` and in `out`. What came before is combined with every element that is written; without
    it nothing is written, unless nothing is carried.
    """
    op, source, target = names
    kind = REGISTER[target]
    sums = [text.variable(kind) for _ in starts]
    for (start, _), sum_ in zip(starts, sums, strict=True):
        text.set(sum_, text.convert(text.load(REGISTER[source], start, "0"), source, target))

    def write(n: int, value: str, address: str) -> None:
        if before is not None:
            value = combined(text, op, target, (before[n], value))
        if before is not None or not carried:
            text.store(kind, value, address, "0")

    for n, sum_ in enumerate(sums):
        write(n, text.get(sum_), starts[n][1])
    with text.loop("1", length) as i:
        here, there = (text.mul(i, step) for step in steps)
        for n, sum_ in enumerate(sums):
            x = text.load(REGISTER[source], text.at("i8", starts[n][0], here), "0")
            value = combined(text, op, target, (text.get(sum_), text.convert(x, source, target)))
            text.set(sum_, value)
            write(n, value, text.at("i8", starts[n][1], there))
    return [text.get(sum_) for sum_ in sums]


def _rows(team: Team, out: np.ndarray, a: np.ndarray, op: str) -> None:
    """Along the rows of a matrix of any strides, in NumPy's order."""
    code = _rows_code(op, a.dtype.str[1:], out.dtype.str[1:])
    run(
        team,
        code,
        -(-len(out) // _CHAINS),
        a,
        out,
        *out.shape,
        a.strides[1],
        out.strides[1],
        a.strides[0],
        out.strides[0],
    )


@cache
def _rows_code(op: str, source: str, target: str) -> Code:
    """The loop over the elements of some rows, which are scanned together."""
    text = Routine()
    a, out = text.word(0, "ptr"), text.word(1, "ptr")
    rows, length = text.word(2), text.word(3)
    steps, distances = (text.word(4), text.word(5)), (text.word(6), text.word(7))
    first = text.mul("%tile", _CHAINS)
    beyond = text.add(first, _CHAINS)
    full = text.icmp("sle", beyond, rows)

    def scan(row: str, chains: int) -> None:
        chosen = [text.add(row, n) for n in range(chains)]
        starts = [(_moved(text, a, one, distances[0]), _moved(text, out, one, distances[1])) for one in chosen]
        _side_by_side(text, (op, source, target), starts, steps, length, None, carried=False)

    with text.when(full):
        scan(first, _CHAINS)
    with text.when(text.negation(full)), text.loop(first, rows) as row:
        scan(row, 1)
    return text.build()


def _columns(team: Team, out: np.ndarray, a: np.ndarray, op: str) -> None:
    """Down the columns of a matrix: every row is the one before it and the next row of `a`, in NumPy's order."""
    rows, columns = out.shape
    out[0] = a[0]
    code = _columns_code(op, a.dtype.str[1:], out.dtype.str[1:])
    # narrow matrices are shared out as well, but not within a line of the cache
    width = min(_COLUMNS, max(-(-columns // team.size // 16) * 16, 16))
    run(team, code, -(-columns // width), a, out, rows, columns, a.strides[0], out.strides[0], width)


@cache
def _columns_code(op: str, source: str, target: str) -> Code:
    """The loop over the rows, for some of the columns."""
    text = Routine()
    a, out = text.word(0, "ptr"), text.word(1, "ptr")
    rows, columns = text.word(2), text.word(3)
    steps = text.word(4), text.word(5)
    kind = REGISTER[target]
    first, last = text.share(columns, text.word(6))
    middle = text.whole(first, last, _LANES)
    with text.loop("1", rows) as row:
        from_ = text.at("i8", a, text.mul(row, steps[0]))
        to = text.at("i8", out, text.mul(row, steps[1]))
        before = text.at("i8", to, text.sub(0, steps[1]))
        for start, stop, width in ((first, middle, _LANES), (middle, last, 1)):
            with text.loop(start, stop, width) as i:
                x = text.vector(width, REGISTER[source], from_, i, int(source[1:]))
                sum_ = text.vector(width, kind, before, i, int(target[1:]))
                value = combined(text, op, target, (sum_, text.convert(x, source, target, width)), width)
                address = text.at(kind, to, i)
                text.put(vector_of(kind, width), value, address, target[1:])
    return text.build()
