"""Dividing one block into parts by value, on all threads: each part's elements come before those of the next one.

Splitters are taken from a sample (Frazer and McKellar, Samplesort, 1970). Every tile counts what it has for each part;
where its elements go follows from the counts of all. Elements keep their order within a part.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from ramba.codegen.compile import emit_target
from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.radix_loop import in_order
from ramba.kernels.local.run import run
from ramba.kernels.team import Team

TILE = 1 << 15  # elements of one tile
SPLIT = 1 << 17  # elements of a line that is divided, at least
PART = 1 << 14  # elements of a part, at least
PARTS = 2  # for each thread: they are not of the same size
MOST = 64  # parts: every element is compared with the ends of all of them
SAMPLE = 1 << 10  # elements: a part of a quarter of all has 0.9 to 1.1 times its share, usually
_FEW = 8  # parts: writing a vector's elements one by one takes as long as writing those of so many parts together
_GOLDEN = 0.6180339887498949  # multiples of it leave no stretch out, and have no period that an array has too


def parts_for(team: Team, count: int) -> int:
    """Into how many parts a line of so many elements is divided."""
    return min(PARTS * team.size, count // PART, MOST) if team.size > 1 and count >= SPLIT else 1


def sort_parts(team: Team, a: np.ndarray, ends: list[int]) -> None:
    """Has NumPy sort parts in place, which end there."""
    starts = [0, *ends]
    team.map(lambda n: a[starts[n] : ends[n]].sort(), len(ends))


def sample_of(a: np.ndarray) -> np.ndarray:
    """Some elements of a one-dimensional array, which depend on its length alone."""
    if len(a) <= SAMPLE:
        return a
    return a[(np.arange(SAMPLE) * _GOLDEN % 1 * len(a)).astype(np.int64)]


def splitters_of(sample: np.ndarray, parts: int) -> np.ndarray:
    """Numbers that divide what a sample is of into parts of about the same size, one fewer than these."""
    ordered = np.sort(sample)
    if sample.dtype.kind == "f":
        ordered = ordered[: np.searchsorted(ordered, sample.dtype.type(np.nan))]
    if not len(ordered):
        return np.zeros(parts - 1, sample.dtype)
    return ordered[np.arange(1, parts) * len(ordered) // parts]


def split(team: Team, a: np.ndarray, out: np.ndarray, splitters: np.ndarray) -> list[int]:
    """Writes the elements of ``a`` to ``out``, other memory without gaps, by parts; tells where these end.

    Both are one-dimensional and of the same dtype; of splitters, none is nan, and they do not fall. What equals one is
    before it.
    """
    return _split(team, a, out, splitters, Words("", 0, 0, 0))


class Words(NamedTuple):
    """What is made of numbers: words of 64 bits, of what is left of a number without its low bits, and its position."""

    form: str  # of the numbers
    base: int  # what is taken from them
    shift: int  # how many low bits are left out
    index_bits: int  # how many bits the position has; it is left out if there are none


def split_words(team: Team, a: np.ndarray, words: Words, out: np.ndarray, splitters: np.ndarray) -> list[int]:
    """As :func:`split`, for words; ``out`` and splitters have the dtype uint64."""
    return _split(team, a, out, splitters, words)


def _split(team: Team, a: np.ndarray, out: np.ndarray, splitters: np.ndarray, made: Words) -> list[int]:
    parts, tiles = len(splitters) + 1, -(-len(a) // TILE)
    table = np.empty((tiles, parts), np.int64)  # of how many elements are beyond each splitter; then of places
    base = made.base - (made.base >> 63 << 64)  # as a signed number
    words = (a, out, splitters, table, a.strides[0], len(a), TILE, base, made.shift, made.index_bits)
    key = (f"{a.dtype.kind}{a.itemsize}", made.form, parts, a.strides[0] == a.itemsize, emit_target().vector_bits // 8)
    if parts > 1:
        run(team, _code("count", *key), tiles, *words)
    sizes = np.minimum(TILE, len(a) - TILE * np.arange(tiles))[:, None]
    counts = -np.diff(table[:, :-1], prepend=sizes, append=np.zeros_like(sizes))
    ends = np.cumsum(counts.T).reshape(parts, tiles)
    table[...] = ends.T - counts
    run(team, _code("scatter", *key), tiles, *words)
    found: list[int] = ends[:, -1].tolist()
    return found


@cache
def _code(action: str, dtype: str, form: str, parts: int, unit: bool, wide: int) -> Code:
    text = Routine()
    lanes = max(wide // (8 if form else int(dtype[1:])), 1)
    loop = _Loop(text, dtype, form, parts, unit)
    first, last = text.share(loop.elements, loop.size)
    middle = text.whole(first, last, lanes)
    loop.begin(action)
    for start, stop, width in ((first, middle, lanes), (middle, last, 1)):
        against = [text.splat(width, loop.kind, splitter) for splitter in loop.splitters]
        with text.loop(start, stop, width) as i:
            getattr(loop, action)(i, width, against)
    loop.end(action)
    return text.build()


class _Loop:
    """The text of one pass over a tile."""

    def __init__(self, text: Routine, dtype: str, form: str, parts: int, unit: bool) -> None:
        self._text, self._dtype, self._form, self._parts, self._unit = text, dtype, form, parts, unit
        self._source, self._target, splitters, self._table = (text.word(place, "ptr") for place in range(4))
        self._step, self.elements, self.size, self._base, self._shift, self._bits = (text.word(4 + n) for n in range(6))
        self.kind = "i64" if form else REGISTER["u1" if dtype == "b1" else dtype]
        self.splitters = [text.load(self.kind, splitters, str(n)) for n in range(parts - 1)]
        self._row = text.at("i64", self._table, text.mul("%tile", parts))

    def begin(self, action: str) -> None:
        """What comes before the loops."""
        if action == "count":
            self._counts = [self._text.variable("i64", "0") for _ in self.splitters]
        else:
            # counters of its own: those of two threads must not share a line of the cache
            self._ends = self._text.allocate(f"[{self._parts} x i64]", 64)
            self._text.copy_bytes(self._ends, self._row, str(8 * self._parts))

    def end(self, action: str) -> None:
        """What comes after them."""
        if action == "count":
            for n, variable in enumerate(self._counts):
                self._text.store("i64", self._text.get(variable), self._row, str(n))

    def count(self, i: str, width: int, against: list[str]) -> None:
        """How many elements are beyond each splitter."""
        value = self._value(i, width)
        for variable, splitter in zip(self._counts, against, strict=True):
            more = self._number_of(width, self._beyond(width, value, splitter))
            self._text.set(variable, self._text.add(self._text.get(variable), more))

    def scatter(self, i: str, width: int, against: list[str]) -> None:
        """Writes elements where those of their part end."""
        text = self._text
        value = self._value(i, width)
        if width * (8 if self._form else int(self._dtype[1:])) == 64 and 4 <= width <= 16 and self._parts <= _FEW:
            self._compress(width, value, against)
            return
        small = "i64" if self._form else f"i{8 * int(self._dtype[1:])}"
        whole = vector_of(small, width)
        part = "zeroinitializer" if width > 1 else "0"
        for splitter in against:
            more = text.cast("zext", self._beyond(width, value, splitter), vector_of("i1", width), whole)
            part = text.add(part, more, whole)
        for lane in range(width):
            own = text.lane(width, small, part, lane)
            own = own if small == "i64" else text.cast("zext", own, small, "i64")
            place = text.at("i64", self._ends, own)
            end = text.read("i64", place)
            text.store(self.kind, text.lane(width, self.kind, value, lane), self._target, end)
            text.put("i64", text.add(end, 1), place)

    def _compress(self, width: int, value: str, against: list[str]) -> None:
        """Writes each part's elements of a whole vector of 512 bits together."""
        text = self._text
        truths, whole = vector_of("i1", width), vector_of(self.kind, width)
        suffix = f"v{width}{ {'float': 'f32', 'double': 'f64'}.get(self.kind, self.kind) }"
        compress, store = f"@llvm.x86.avx512.mask.compress.{suffix}", f"@llvm.masked.store.{suffix}.p0"
        text.declare(f"{whole} {compress}({whole}, {whole}, {truths})")
        text.declare(f"void {store}({whole}, ptr, i32 immarg, {truths})")
        beyond = [self._beyond(width, value, splitter) for splitter in against]
        for part in range(self._parts):
            own = beyond[part - 1] if part else "splat (i1 true)"
            if part < len(beyond):
                own = text.xor(own, beyond[part], truths)
            number = self._number_of(width, own)
            packed = text.let(f"call {whole} {compress}({whole} {value}, {whole} zeroinitializer, {truths} {own})")
            above = text.shl(-1, number)
            some = text.cast("trunc", text.xor(above, -1), "i64", f"i{width}")
            some = text.cast("bitcast", some, f"i{width}", truths)
            place = text.at("i64", self._ends, str(part))
            end = text.read("i64", place)
            address = text.at(self.kind, self._target, end)
            text.do(f"call void {store}({whole} {packed}, ptr {address}, i32 1, {truths} {some})")
            text.put("i64", text.add(end, number), place)

    def _value(self, i: str, width: int) -> str:
        """Elements, or their words."""
        text, size = self._text, int(self._dtype[1:])
        kind = f"i{8 * size}" if self._form else self.kind
        if self._unit:
            value = text.vector(width, kind, self._source, i, 1)
        else:
            lanes = []
            for lane in range(width):
                offset = text.mul(text.add(i, lane), self._step)
                lanes.append(text.read(kind, text.at("i8", self._source, offset), 1))
            value = self._together(kind, lanes)
        if not self._form:
            return value
        longs = vector_of("i64", width)
        value = in_order(text, self._form, value, width)
        if size < 8:
            value = text.cast("zext", value, vector_of(kind, width), longs)
        value = text.sub(value, text.splat(width, "i64", self._base), longs)
        value = text.lshr(value, text.splat(width, "i64", self._shift), longs)
        value = text.shl(value, text.splat(width, "i64", self._bits), longs)
        places = i
        if width > 1:
            counting = ", ".join(f"i64 {lane}" for lane in range(width))
            places = text.add(text.splat(width, "i64", i), f"<{counting}>", longs)
        return text.or_(value, self._positions(places, longs, width), longs)

    def _positions(self, places: str, longs: str, width: int) -> str:
        """The positions as far as a word has room for them: a sample's words have none."""
        above = self._text.shl(-1, self._bits)
        room = self._text.splat(width, "i64", self._text.xor(above, -1))
        return self._text.and_(places, room, longs)

    def _together(self, kind: str, lanes: list[str]) -> str:
        whole, value = vector_of(kind, len(lanes)), lanes[0]
        if len(lanes) > 1:
            value = "poison"
            for n, lane in enumerate(lanes):
                value = self._text.insert(whole, value, kind, lane, n)
        return value

    def _beyond(self, width: int, value: str, splitter: str) -> str:
        """Which elements belong to a part behind a splitter's; what is not a number belongs to the last one."""
        if self._form:
            code = "icmp ugt"
        else:
            code = {"f": "fcmp ugt", "i": "icmp sgt"}.get(self._dtype[0], "icmp ugt")
        return self._text.of_two(code, value, splitter, vector_of(self.kind, width))

    def _number_of(self, width: int, truths: str) -> str:
        text = self._text
        if width == 1:
            return text.cast("zext", truths, "i1", "i64")
        bits = text.bits(width, truths)
        name = f"@llvm.ctpop.i{width}"
        text.declare(f"i{width} {name}(i{width})")
        found = text.let(f"call i{width} {name}(i{width} {bits})")
        return found if width == 64 else text.cast("zext", found, f"i{width}", "i64")
