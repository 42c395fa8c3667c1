"""Folds of groups: elements along an axis are added, multiplied or compared within the group that a code names.

Every tile has accumulators of its own, one for each group and line. Which tiles there are depends on the array alone,
and those that share a line are combined in a fixed tree: so the bits do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.combine import combined
from ramba.kernels.local.run import run
from ramba.kernels.team import Team

FEW = 1 << 11  # elements: sorting them takes less time than to prepare a kernel
TILES = 16  # at least, if the array has elements enough
LEAF = 1 << 12  # elements of a line that one tile has, at least
CACHED = 1 << 15  # accumulators of a tile that stay in the cache
WIDEST = 1 << 10  # columns of one tile
NARROW = 16  # fewer elements that lie side by side are taken for lines

_LANES = 8
_SUMS = ("add", "multiply", "squares")  # that may leave nan out

Maker = Callable[[tuple[int, ...], np.dtype], np.ndarray]


class Fold(NamedTuple):
    """What happens to the elements of a group."""

    combine: np.ufunc  # of two partial results
    start: Callable[[np.dtype], object]  # the result of nothing


def _highest(dtype: np.dtype) -> object:
    return np.inf if dtype.kind in "fc" else dtype.kind == "b" or np.iinfo(dtype).max


def _lowest(dtype: np.dtype) -> object:
    return -np.inf if dtype.kind in "fc" else dtype.kind != "b" and np.iinfo(dtype).min


def _nothing(extreme: Callable[[np.dtype], object]) -> Callable[[np.dtype], object]:
    return lambda dtype: np.nan if dtype.kind in "fc" else extreme(dtype)


FOLDS = {
    "add": Fold(np.add, lambda dtype: 0),
    "multiply": Fold(np.multiply, lambda dtype: 1),
    "minimum": Fold(np.minimum, _highest),
    "maximum": Fold(np.maximum, _lowest),
    "fmin": Fold(np.fmin, _nothing(_highest)),
    "fmax": Fold(np.fmax, _nothing(_lowest)),
    "count": Fold(np.add, lambda dtype: 0),
    "squares": Fold(np.add, lambda dtype: 0),
}
"""``fmin`` and ``fmax`` take nan for nothing; ``count`` counts what is not nan; ``squares`` adds squared distances."""


def fold_groups(
    team: Team,
    make: Maker,
    a: np.ndarray,
    codes: np.ndarray,
    axis: int,
    groups: int,
    folds: dict[str, np.dtype],
    skip: bool,
    means: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Folds of the elements of each group, with the groups along the axis; all in one pass.

    Parameters
    ----------
    codes
        For each place along the axis the number of its group, contiguous and of 32 bits; ``groups``: it has none.
    folds
        Names of ``FOLDS``, and in which dtypes they are computed.
    skip
        Whether sums and products leave nan out.
    means
        For squared distances: from what, with the groups along the axis.
    """
    kind = "u1" if a.dtype == bool else a.dtype.str[1:]
    compiled = all(dtype.str[1:] in REGISTER for dtype in folds.values()) and kind in REGISTER and a.dtype.isnative
    if a.size < FEW or not compiled:
        rows = _Rows(a, codes, axis, groups, means)
        return [np.ascontiguousarray(rows.folded(name, dtype, skip)) for name, dtype in folds.items()]
    shape = Lines.of(a, axis, groups)
    rise = bool(np.count_nonzero(codes[1:] != codes[:-1]) * 4 <= len(codes))
    names = tuple((name, dtype.str[1:]) for name, dtype in folds.items())
    made = []
    for name, dtype in folds.items():
        made.append(make(shape.accumulators, dtype))
        made[-1][...] = FOLDS[name].start(dtype)
    skips = skip and a.dtype.kind == "f"
    more = [] if means is None else [shape.spread(means)]
    if shape.columns:
        code = _columns_code(kind, names, skips)
    else:
        code = _lines_code(kind, names, skips, shape.accumulators[-1], rise)
    run(team, code, shape.tiles, a, shape.offsets, codes, *shape.numbers, *made, *more)
    results = [_tree(found, FOLDS[name].combine) for found, name in zip(made, folds, strict=True)]
    return [shape.placed(found) for found in results]


def _tree(parts: np.ndarray, combine: np.ufunc) -> np.ndarray:
    """The parts along the second axis combined, neighbours first; without the accumulators of what has no group."""
    with np.errstate(all="ignore"):
        while parts.shape[1] > 1:
            pairs = combine(parts[:, : parts.shape[1] // 2 * 2 : 2], parts[:, 1::2])
            parts = np.concatenate([pairs, parts[:, pairs.shape[1] * 2 :]], axis=1)
    found: np.ndarray = parts[:, 0, :-1]
    return found


class Lines(NamedTuple):
    """How tiles share the lines of an array: those along the axis, for every place of the other axes."""

    columns: int  # elements side by side that are taken together; 0: every line by itself, some at a time
    accumulators: tuple[int, ...]  # the shape: what is apart, chunks of the axis, groups, what is together
    tiles: int
    offsets: np.ndarray  # in bytes, of what is apart
    numbers: tuple[int, ...]  # for the loops
    order: tuple[int, ...]  # the other axes: those that are apart, then those that lie side by side
    shape: tuple[int, ...]  # of the array
    axis: int

    @classmethod
    def of(cls, a: np.ndarray, axis: int, groups: int) -> Lines:
        """Lines that lie side by side together, if there are enough of them."""
        others = [d for d in range(a.ndim) if d != axis]
        inner, unit = _side_by_side(a, others)
        if unit < NARROW:
            inner, unit = [], 0
        outer = [d for d in others if d not in inner]
        offsets = np.zeros(1, np.int64)
        for d in outer:
            offsets = (offsets[:, None] + np.arange(a.shape[d]) * a.strides[d]).reshape(-1)
        slots, count, step = groups + 1, a.shape[axis], a.strides[axis]
        if unit:
            width = min(max(CACHED // slots // _LANES * _LANES, NARROW), WIDEST)
            apart, across = len(offsets), -(-unit // width)
        else:
            lanes = _LANES if len(offsets) >= _LANES // 2 else 1
            width, apart, across = lanes, -(-len(offsets) // lanes), 1
            offsets = np.pad(offsets, (0, apart * lanes - len(offsets)), "edge")  # the last one several times
        chunks = max(min(-(-TILES // max(apart * across, 1)), count // max(4 * slots, LEAF)), 1)
        numbers = (count, step, -(-count // chunks), chunks, slots, *((unit, width, across) if unit else ()))
        accumulators = apart, chunks, slots, unit or width
        return cls(unit, accumulators, apart * chunks * across, offsets, numbers, (*outer, *inner), a.shape, axis)

    def spread(self, means: np.ndarray) -> np.ndarray:
        """What is given for groups along the axis, beside the accumulators."""
        apart, _, slots, together = self.accumulators
        turned = np.moveaxis(means, [*self.order, self.axis], range(means.ndim)).reshape(-1, slots - 1)
        turned = np.pad(turned, ((0, apart * together - len(turned)), (0, 1)), "edge" if means.size else "constant")
        lines = np.moveaxis(turned.reshape(apart, 1, together, slots), -1, 2)
        return np.ascontiguousarray(np.broadcast_to(lines, self.accumulators), np.float64)

    def placed(self, found: np.ndarray) -> np.ndarray:
        """What was found (what is apart, groups, what is together) with the groups along the axis."""
        groups = found.shape[1]
        lines = np.moveaxis(found, 1, -1).reshape(-1, groups)
        extents = [self.shape[d] for d in self.order]
        turned = lines[: prod(extents)].reshape(*extents, groups)
        places = [*self.order, self.axis]
        return np.ascontiguousarray(np.moveaxis(turned, range(len(places)), places))


def _side_by_side(a: np.ndarray, others: list[int]) -> tuple[list[int], int]:
    """Axes whose elements lie one after the other in memory, the slowest first, and how many elements that are."""
    inner: list[int] = []
    unit = 1
    while True:
        following = [d for d in others if d not in inner and a.strides[d] == unit * a.itemsize and a.shape[d] > 1]
        if not following:
            return inner, unit
        inner.insert(0, following[0])
        unit *= a.shape[following[0]]


class _Rows:
    """Elements that are brought together group by group, for NumPy to fold."""

    def __init__(self, a: np.ndarray, codes: np.ndarray, axis: int, groups: int, means: np.ndarray | None) -> None:
        self.sizes = np.bincount(codes, minlength=groups + 1)[:groups]
        order = np.argsort(codes, kind="stable")[: self.sizes.sum()]
        self.rows = np.moveaxis(a, axis, 0)[order]
        self.means = None if means is None else np.moveaxis(means, axis, 0)[codes[order]]
        self.axis = axis

    def folded(self, name: str, dtype: np.dtype, skip: bool) -> np.ndarray:
        """One of the folds."""
        fold, rows = FOLDS[name], self.rows
        out = np.full((len(self.sizes), *rows.shape[1:]), fold.start(dtype), dtype)
        held = np.flatnonzero(self.sizes)
        if len(held):
            with np.errstate(all="ignore"):
                given = self._values(name, skip).astype(dtype, copy=False)
                starts = np.cumsum(self.sizes) - self.sizes
                out[held] = fold.combine.reduceat(given, starts[held], axis=0, dtype=dtype)
        return np.moveaxis(out, 0, self.axis)

    def _values(self, name: str, skip: bool) -> np.ndarray:
        rows = self.rows
        proper = rows == rows
        if name == "count":
            return proper
        if name == "squares":
            distance = rows - self.means
            rows = distance.real**2 + distance.imag**2
        elif name not in _SUMS:
            return rows
        return np.where(proper, rows, rows.dtype.type(name == "multiply")) if skip else rows


def _step(
    text: Routine, fold: str, kinds: tuple[str, str], skip: bool, values: tuple[str, str, str], width: int
) -> str:
    """The accumulators after some elements: `values` are those before, the elements, and for squares the means."""
    (source, target), (before, x, mean) = kinds, values
    truths, origin = vector_of("i1", width), vector_of(REGISTER[source], width)
    proper = text.fcmp("ord", x, x, origin) if source[0] == "f" else ""
    kind = vector_of(REGISTER[target], width)
    if fold == "count":
        one = text.cast("zext", proper, truths, kind) if proper else text.splat(width, REGISTER[target], "1")
        return text.add(before, one, kind)
    value = text.convert(x, source, target, width)
    skip = skip and fold in _SUMS and bool(proper)
    if fold == "squares":
        distance = text.fsub(value, mean, kind)
        value = text.fmul(distance, distance, kind)
        fold = "add"
    if fold in ("fmin", "fmax") and proper:
        sign = "ole" if fold == "fmin" else "oge"
        wins = text.fcmp(sign, before, value, kind)
        strange = text.fcmp("uno", value, value, kind)
        stays = text.or_(wins, strange, truths)
        return text.select(stays, before, value, kind, truths)
    op = {"fmin": "minimum", "fmax": "maximum"}.get(fold, fold)
    after = combined(text, op, target, (before, value), width)
    return text.select(proper, after, before, kind, truths) if skip else after


@cache
def _lines_code(source: str, folds: tuple[tuple[str, str], ...], skip: bool, width: int, rise: bool) -> Code:
    """The loop along some lines at a time: their accumulators lie side by side.

    With `rise` codes stay the same for some time, and so long the accumulators are kept in registers.
    """
    text = Routine()
    a, offsets, codes = (text.word(place, "ptr") for place in range(3))
    count, step, chunk, chunks, slots = (text.word(place) for place in range(3, 8))
    block = text.udiv("%tile", chunks)
    first = text.mul(text.urem("%tile", chunks), chunk)
    last = text.smaller(text.add(first, chunk), count)
    starts = []
    for lane in range(width):
        number = text.add(text.mul(block, width), lane)
        starts.append(text.at("i8", a, text.load("i64", offsets, number)))
    begin = text.mul(text.mul("%tile", slots), width)
    own = [text.at(REGISTER[dtype], text.word(8 + n, "ptr"), begin) for n, (_, dtype) in enumerate(folds)]
    kinds = [vector_of(REGISTER[dtype], width) for _, dtype in folds]
    nobody = text.sub(slots, 1)
    current = text.variable("i64", nobody)
    held = [text.variable(kind) for kind in kinds]
    squares = any(fold == "squares" for fold, _ in folds)
    means = text.at("double", text.word(8 + len(folds), "ptr"), begin) if squares else ""
    doubles = vector_of("double", width)
    mean = text.variable(doubles)

    def exchange(write: str, read: str) -> None:
        for (_, dtype), kind, memory, register in zip(folds, kinds, own, held, strict=True):
            if write:
                there = text.at(REGISTER[dtype], memory, text.mul(write, width))
                text.put(kind, text.get(register), there, dtype[1:])
            if read:
                there = text.at(REGISTER[dtype], memory, text.mul(read, width))
                text.set(register, text.read(kind, there, dtype[1:]))
        if read and squares:
            there = text.at("double", means, text.mul(read, width))
            text.set(mean, text.read(doubles, there, 8))

    exchange("", nobody)
    with text.loop(first, last) as i:
        group = text.cast("sext", text.load("i32", codes, i), "i32", "i64")
        if rise:
            with text.when(text.icmp("ne", group, text.get(current))):
                exchange(text.get(current), group)
                text.set(current, group)
        else:
            exchange("", group)
        there = text.mul(i, step)
        x = _gathered(text, source, [text.at("i8", start, there) for start in starts])
        for (fold, dtype), register in zip(folds, held, strict=True):
            values = text.get(register), x, text.get(mean) if squares else ""
            text.set(register, _step(text, fold, (source, dtype), skip, values, width))
        if not rise:
            exchange(group, "")
    if rise:
        exchange(text.get(current), "")
    return text.build()


def _gathered(text: Routine, source: str, places: list[str]) -> str:
    """One element of each line, as a vector; a single one is none."""
    kind, whole = REGISTER[source], vector_of(REGISTER[source], len(places))
    found = [text.load(kind, place, "0", int(source[1:])) for place in places]
    value = found[0]
    if len(places) > 1:
        value = "poison"
        for lane, x in enumerate(found):
            value = text.insert(whole, value, kind, x, lane)
    return value


@cache
def _columns_code(source: str, folds: tuple[tuple[str, str], ...], skip: bool) -> Code:
    """The loop along some columns that lie side by side: each row is added to the accumulators of its group."""
    text = Routine()
    a, offsets, codes = (text.word(place, "ptr") for place in range(3))
    count, step, chunk, chunks, slots = (text.word(place) for place in range(3, 8))
    columns, size, across = (text.word(place) for place in range(8, 11))
    part = text.udiv("%tile", across)  # which chunk of what is apart
    left = text.mul(text.urem("%tile", across), size)
    right = text.smaller(text.add(left, size), columns)
    middle = text.whole(left, right, _LANES)
    outer = text.udiv(part, chunks)
    first = text.mul(text.urem(part, chunks), chunk)
    last = text.smaller(text.add(first, chunk), count)
    start = text.at("i8", a, text.load("i64", offsets, outer))
    begin = text.mul(text.mul(part, slots), columns)
    own = [text.at(REGISTER[dtype], text.word(11 + n, "ptr"), begin) for n, (_, dtype) in enumerate(folds)]
    squares = any(fold == "squares" for fold, _ in folds)
    means = text.at("double", text.word(11 + len(folds), "ptr"), begin) if squares else ""
    with text.loop(first, last) as i:
        group = text.cast("sext", text.load("i32", codes, i), "i32", "i64")
        row = text.at("i8", start, text.mul(i, step))
        place = text.mul(group, columns)
        for begin, end, width in ((left, middle, _LANES), (middle, right, 1)):
            with text.loop(begin, end, width) as j:
                x = text.vector(width, REGISTER[source], row, j, int(source[1:]))
                there = text.add(place, j)
                mean = text.vector(width, "double", means, there, 8) if squares else ""
                for (fold, dtype), memory in zip(folds, own, strict=True):
                    before = text.vector(width, REGISTER[dtype], memory, there, int(dtype[1:]))
                    after = _step(text, fold, (source, dtype), skip, (before, x, mean), width)
                    address = text.at(REGISTER[dtype], memory, there)
                    text.put(vector_of(REGISTER[dtype], width), after, address, dtype[1:])
    return text.build()


__all__ = ["FOLDS", "Fold", "Maker", "fold_groups"]
