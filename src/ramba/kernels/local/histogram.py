"""How many elements fall into bins, and how often each number occurs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.extreme import span
from ramba.kernels.local.run import run
from ramba.kernels.local.scatter import scatter
from ramba.kernels.team import SLABS, WORTH, Team

FEW = 1 << 13  # elements: NumPy counts fewer sooner than a kernel is prepared
PARTS = 16  # of weighted histograms; never more for more threads, so that sums do not depend on their number
FEW_NUMBERS = 1 << 16  # integers: NumPy counts fewer sooner,
FEW_WEIGHTS = 1 << 19  # and adds up fewer weights sooner
MOST_SMALL = 1 << 30  # integers that a counter of 32 bits can count
CROWDED = 1 << 10  # numbers: with more of them there are no more tiles than threads, because each has counters
TABLES = ((1 << 8, 8), (1 << 13, 4))  # numbers, counters of one tile for each: a counter need not wait for itself
TOTALLED = 1 << 12  # numbers whose counters one tile adds up
PRIVATE = 1 << 14  # bins up to which every tile has counters of its own
MOST_BINS = 1 << 18  # more are left to NumPy
EXACT = 1 << 53  # integers up to here are exact as doubles

Limits = tuple[Any, Any]
Maker = Callable[[tuple[int, ...], np.dtype], np.ndarray]

_LANES = 8
_MOST_DOUBT = 0.25  # of a bin: with more, an element may lie two bins away from where it seems to
_TABLES = 4  # of counters for each tile: an element need not wait for its neighbour's counter to be written


class _Uniform(NamedTuple):
    """NumPy's arithmetic for bins of one width: dtypes and constants."""

    edges: np.ndarray  # of the bins; elements are compared in their dtype
    ends: np.ndarray  # first and last edge, in the same dtype
    scale: np.ndarray
    """In the dtype of the quotient: how many bins fit into 1, and between which parts of a bin no rounding can have
    moved an element to another bin."""


def histogram(
    team: Team,
    a: np.ndarray,
    bins: int,
    limits: Limits | None,
    edges: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """The counts of ``np.histogram``: int64, or of the weights' dtype.

    Parameters
    ----------
    bins, limits
        So many bins of one width between two limits; ignored if there are edges. No limits: the least and the
        largest element.
    edges
        Monotonic, of one dimension.
    weights
        Of the shape of `a`. Their sums are rounded otherwise than NumPy's where elements are many: parts of the
        array are summed by themselves, then their sums in order.

    Notes
    -----
    Bins of one width, after ``numpy/lib/_histograms_impl.py``: a quotient names the bin, and where rounding may have
    moved it, the neighbouring edges are compared. Each tile has counters of its own.
    """
    a = a.reshape(-1)
    weights = None if weights is None else weights.reshape(-1)
    spec: Any = bins if edges is None else edges
    if a.size < FEW or (limits is None and edges is None and (not a.size or a.dtype.kind not in "iuf")):
        return np.histogram(a, spec, limits, weights=weights)[0]
    if limits is None and edges is None:
        limits = _range(team, a)
        if not np.isfinite(limits).all():
            return np.histogram(a, bins)[0]  # raises
    if weights is None and edges is None and limits is not None:
        uniform = _uniform(a, bins, limits)
        if uniform is not None:
            return _count_uniform(team, a, uniform)
    return _by_parts(team, a, spec, limits, weights)


def _range(team: Team, a: np.ndarray) -> Limits:
    """The least and the largest element."""
    return span(team, a)


def _by_parts(team: Team, a: np.ndarray, bins: int, limits: Limits | None, weights: np.ndarray | None) -> np.ndarray:
    """NumPy's own counts of some parts, the same ones for every number of threads."""
    if a.size < WORTH:
        return np.histogram(a, bins, limits, weights=weights)[0]
    found: list[Any] = [None] * PARTS

    def part(n: int) -> None:
        some = slice(a.size * n // PARTS, a.size * (n + 1) // PARTS)
        found[n] = np.histogram(a[some], bins, limits, weights=None if weights is None else weights[some])[0]

    team.map(part, PARTS)
    return np.add.reduce(found, axis=0, dtype=found[0].dtype)


def _uniform(a: np.ndarray, bins: int, limits: Limits) -> _Uniform | None:
    """What the compiled loop needs to know; None if NumPy's arithmetic is another one here."""
    first, last = limits
    if a.dtype.str[1:] not in REGISTER or not a.dtype.isnative or bins > MOST_BINS or type(first) is not type(last):
        return None
    edges = np.histogram_bin_edges(a[:0], bins, limits)  # raises what NumPy raises
    if first == last:
        first, last = first - 0.5, last + 0.5
    if edges.dtype.char not in "fd" or not edges.dtype.isnative:
        return None
    if a.itemsize == 8 and a.dtype.kind in "iu" and max(abs(first), abs(last)) > EXACT:
        return None
    width = _width(first, last)
    if not 0 < width < np.inf or (isinstance(first, np.generic) and first.dtype.itemsize > 8):
        return None
    quotient = np.result_type(edges.dtype, width)
    if quotient.char not in "fd":
        return None
    density = np.divide(bins, width, dtype=quotient)
    # edges, differences and products are each off by a few roundings of the largest edge
    reach = max(abs(float(first)), abs(float(last))) / float(width)
    doubt = bins * float(np.finfo(edges.dtype).eps) * (8 + 16 * reach)
    if not np.isfinite(density) or doubt > _MOST_DOUBT:
        return None
    scale = np.array([density, doubt, 1 - doubt], quotient)
    ends = np.array([first, last], edges.dtype)
    padded = edges.copy()
    padded[-1] = np.inf  # the last bin has its right edge
    return _Uniform(padded, ends, scale)


def _width(first: float, last: float) -> Any:
    """The distance of two limits, of the dtype that NumPy gives it."""
    kind = np.result_type(first, last)
    if kind.kind == "i":
        return np.subtract(np.asarray(last, kind), np.asarray(first, kind), casting="unsafe", dtype=f"u{kind.itemsize}")
    return np.subtract(last, first, dtype=kind)


def _count_uniform(team: Team, a: np.ndarray, uniform: _Uniform) -> np.ndarray:
    a = np.ascontiguousarray(a)
    bins = len(uniform.edges) - 1
    tiles = min(SLABS if bins <= 256 else 2 * team.size if bins <= PRIVATE else team.size, -(-a.size // FEW))
    counts = np.zeros((tiles * _TABLES, bins + 1), np.int64)
    code = _uniform_code(a.dtype.str[1:], uniform.edges.dtype.str[1:], uniform.scale.dtype.str[1:])
    run(team, code, tiles, a, *uniform, counts, a.size, -(-a.size // tiles), bins)
    return np.add.reduce(counts, axis=0)[:-1]


@cache
def _uniform_code(source: str, edge: str, quotient: str) -> Code:
    """The loop that counts in bins of one width; dtypes of elements, of edges, of quotients."""
    text = Routine()
    a, edges, ends, scale, counts = (text.word(place, "ptr") for place in range(5))
    count, size, bins = (text.word(place) for place in range(5, 8))
    stride = text.add(bins, 1)
    table = text.mul(text.mul("%tile", stride), _TABLES)
    tables = [text.at("i64", counts, table)]
    for _ in range(_TABLES - 1):
        tables.append(text.at("i64", tables[-1], stride))
    kind, finer = REGISTER[edge], REGISTER[quotient]
    constants = [text.load(kind, ends, str(n)) for n in range(2)]
    constants += [text.load(finer, scale, str(n)) for n in range(3)]
    first, last = text.share(count, size)
    middle = text.whole(first, last, _LANES)
    for start, stop, width in ((first, middle, _LANES), (middle, last, 1)):
        low, high = (text.splat(width, kind, value) for value in constants[:2])
        density, least, greatest = (text.splat(width, finer, value) for value in constants[2:])
        with text.loop(start, stop, width) as i:
            loaded = text.vector(width, REGISTER[source], a, i, int(source[1:]))
            x = text.convert(loaded, source, edge, width)
            some, more = vector_of(kind, width), vector_of(finer, width)
            truths, longs = vector_of("i1", width), vector_of("i64", width)
            above = text.fcmp("oge", x, low, some)
            below = text.fcmp("ole", x, high, some)
            kept = text.and_(above, below, truths)
            safe = text.select(kept, x, low, some, truths)
            distance = text.convert(text.fsub(safe, low, some), edge, quotient, width)
            exact = text.fmul(distance, density, more)  # NumPy divides, which takes longer
            place = text.cast("fptosi", exact, more, longs)
            most = text.splat(width, "i64", text.sub(bins, 1))
            beyond = text.icmp("sgt", place, most, longs)
            place = text.select(beyond, most, place, longs, truths)
            within = text.fsub(exact, text.cast("sitofp", place, longs, more), more)
            near = text.fcmp("olt", within, least, more)
            doubtful = text.or_(near, text.fcmp("ogt", within, greatest, more), truths)
            doubtful = text.any(width, text.and_(doubtful, kept, truths))
            # integers lie at edges so often that asking costs more than it saves
            looked_at = "true" if source[0] != "f" else doubtful
            with text.when(looked_at):
                for lane in range(width):
                    which = text.lane(width, "i64", place, lane)
                    value = text.lane(width, kind, safe, lane)
                    counted = text.lane(width, "i1", kept, lane)
                    _count_one(text, tables[lane % _TABLES], edges, kind, (which, value, counted), bins)
            with text.when(text.negation(looked_at)):
                place = text.select(kept, place, text.splat(width, "i64", bins), longs, truths)
                for lane in range(width):
                    _count(text, tables[lane % _TABLES], text.lane(width, "i64", place, lane))
    return text.build()


def _count_one(text: Routine, table: str, edges: str, kind: str, lane: tuple[str, str, str], bins: str) -> None:
    """Counts an element, in the bin that the neighbouring edges say."""
    place, value, counted = lane
    here = text.fcmp("olt", value, text.load(kind, edges, place), kind)
    after = text.at(kind, edges, place)
    there = text.fcmp("oge", value, text.load(kind, after, "1"), kind)
    place = text.add(place, text.cast("sext", here, "i1", "i64"))
    place = text.add(place, text.cast("zext", there, "i1", "i64"))
    place = text.select(counted, place, bins)
    _count(text, table, place)


def _count(text: Routine, table: str, place: str) -> None:
    text.store("i64", text.add(text.load("i64", table, place), 1), table, place)


def bincount(team: Team, make: Maker, x: np.ndarray, weights: np.ndarray | None, length: int) -> np.ndarray:
    """``np.bincount(x, weights, length)``: int64 counts, or float64 sums in NumPy's order.

    Parameters
    ----------
    make
        Gives memory.
    x
        Integers of one dimension, none of them below zero.
    length
        Of the result, when no integer is beyond it.

    Notes
    -----
    Every tile has counters of its own. With weights, each thread looks at all of `x` and adds what falls into its own
    range of the result.
    """
    if weights is not None:
        return _sums(team, make, x, weights, length)
    tables = next((n for most, n in TABLES if length <= most), 1)
    tiles = min(SLABS if length <= CROWDED else team.size, -(-x.size // FEW))
    if tables == 1:
        tiles = min(tiles, 2 * x.size // length)  # more counters than that are not counted up in time
    known = x.dtype.str[1:] in REGISTER and x.dtype.isnative and x.flags.c_contiguous
    if x.size < FEW_NUMBERS or not known or (tables == 1 and tiles < 2):
        return np.bincount(numbers(x), None, length)
    kind = "i4" if x.size <= MOST_SMALL else "i8"
    counts = make((tiles * tables, length + 1), np.dtype(kind))
    run(team, _numbers_code(tables, kind, x.dtype.str[1:]), tiles, x, counts, x.size, -(-x.size // tiles), length)
    if counts[:, -1].any():
        return np.bincount(numbers(x), None, length)  # raises, or finds more
    out = make((length,), np.dtype(np.int64))
    run(team, _total_code(kind), -(-length // TOTALLED), counts, out, len(counts), length, TOTALLED)
    return out


def numbers(x: np.ndarray) -> np.ndarray:
    """Integers as NumPy counts them."""
    return x if x.dtype == np.int64 else x.astype(np.int64, casting="same_kind" if x.dtype.kind == "i" else "unsafe")


def _sums(team: Team, make: Maker, x: np.ndarray, weights: np.ndarray, length: int) -> np.ndarray:
    """``np.bincount`` with weights."""
    x = numbers(x)
    if x.size < FEW_WEIGHTS or team.size == 1 or length < PRIVATE or not x.flags.c_contiguous:
        return np.bincount(x, weights, length)
    heavy, sums = np.ascontiguousarray(weights, np.float64), make((length,), np.dtype(np.float64))
    sums[...] = 0
    valid = scatter(team, "add", sums, x, heavy)
    return sums if valid else np.bincount(x, heavy, length)


@cache
def _numbers_code(tables: int, dtype: str, source: str) -> Code:
    """The loop that counts integers; those that have no counter are counted behind the last one."""
    text = Routine()
    x, counts = text.word(0, "ptr"), text.word(1, "ptr")
    count, size, length = text.word(2), text.word(3), text.word(4)
    stride = text.add(length, 1)
    table = text.mul(text.mul("%tile", stride), tables)
    kind = REGISTER[dtype]
    own = [text.at(kind, counts, table)]
    for _ in range(tables - 1):
        own.append(text.at(kind, own[-1], stride))
    text.clear_bytes(own[0], text.mul(stride, tables * int(dtype[1:])))
    first, last = text.share(count, size)
    middle = text.whole(first, last, _LANES)
    for start, stop, width in ((first, middle, _LANES), (middle, last, 1)):
        longs, truths = vector_of("i64", width), vector_of("i1", width)
        with text.loop(start, stop, width) as i:
            loaded = text.vector(width, REGISTER[source], x, i, int(source[1:]))
            # unsigned: what is below zero is very large
            number, end = text.convert(loaded, source, "i8", width), text.splat(width, "i64", length)
            known = text.icmp("ult", number, end, longs)
            place = text.select(known, number, end, longs, truths)
            for n in range(width):
                counters, one = own[n % tables], text.lane(width, "i64", place, n)
                text.store(kind, text.add(text.load(kind, counters, one), 1, kind), counters, one)
    return text.build()


@cache
def _total_code(dtype: str) -> Code:
    """The loop that adds up the counters of all tables."""
    text = Routine()
    counts, out = text.word(0, "ptr"), text.word(1, "ptr")
    tables, length, size = text.word(2), text.word(3), text.word(4)
    stride = text.add(length, 1)
    first, last = text.share(length, size)
    middle = text.whole(first, last, _LANES)
    for start, stop, width in ((first, middle, _LANES), (middle, last, 1)):
        longs = vector_of("i64", width)
        total = text.variable(longs)
        with text.loop(start, stop, width) as i:
            text.set(total, text.splat(width, "i64", "0"))
            with text.loop("0", tables) as table:
                place = text.add(i, text.mul(table, stride))
                some = text.vector(width, REGISTER[dtype], counts, place, int(dtype[1:]))
                more = text.convert(some, dtype, "i8", width)
                text.set(total, text.add(text.get(total), more, longs))
            text.put(longs, text.get(total), text.at("i64", out, i), 8)
    return text.build()
