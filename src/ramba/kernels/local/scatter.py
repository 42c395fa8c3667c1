"""Values that are written or added where an index array says, in NumPy's order for every element."""

from __future__ import annotations

from functools import cache

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.combine import combined
from ramba.kernels.local.extreme import span
from ramba.kernels.local.run import run
from ramba.kernels.team import Team

FEW = 1 << 18  # indices: NumPy is done with fewer sooner than two threads that both look at all of them
_OPS = frozenset({"add", "subtract", "maximum", "minimum"})

_LANES = 8


def put(team: Team, out: np.ndarray, index: np.ndarray, values: np.ndarray) -> None:
    """``out[index] = values`` of one dimension: the last of several values wins. Raises IndexError as NumPy does.

    Notes
    -----
    Each thread looks at all indices and writes to its own range of `out`: so the order of the values does not change.
    """
    if _fits(team, out, index, values):
        numbers = _numbers(index)
        if _inside(team, numbers, len(out)):
            scatter(team, "set", out, numbers, _values(out, index, values), relative=True)
            return
    out[index] = values


def add_at(team: Team, out: np.ndarray, index: np.ndarray, values: np.ndarray, op: str = "add") -> None:
    """``np.add.at(out, index, values)`` of one dimension; also subtract, maximum, minimum. The order is NumPy's.

    Notes
    -----
    As in :func:`put`. Sums of floats are NumPy's own, to the last bit.
    """
    fits = op in _OPS and _fits(team, out, index, values) and np.can_cast(values.dtype, out.dtype, "same_kind")
    if fits:
        numbers = _numbers(index)
        if _inside(team, numbers, len(out)):
            scatter(team, op, out, numbers, _values(out, index, values), relative=True)
            return
    getattr(np, op).at(out, index, values)


def scatter(
    team: Team, op: str, out: np.ndarray, index: np.ndarray, values: np.ndarray, relative: bool = False
) -> bool:
    """Combines elements of `out`, at contiguous integer indices, with as many contiguous values, or with a single one.

    `relative`: indices below zero count from the end. Gives whether all indices lie in `out`; what others name is left
    out.
    """
    tiles = min(team.size, max(len(out), 1))
    strange = np.zeros(tiles, np.int64)
    code = _code(op, out.dtype.str[1:], index.dtype.str[1:], each=values.size > 1)
    share = -(-len(out) // tiles)
    run(team, code, tiles, out, index, values, strange, index.size, len(out), share, len(out) * relative)
    return not strange.any()


def _fits(team: Team, out: np.ndarray, index: np.ndarray, values: np.ndarray) -> bool:
    return (
        index.size >= FEW
        and team.size > 1
        and index.dtype.kind in "iu"
        and out.ndim == 1
        and out.flags.c_contiguous
        and out.dtype.isnative
        and out.dtype.str[1:] in REGISTER
        and values.dtype.kind in "biuf"
        and values.size in (1, index.size)
        and values.ndim <= index.ndim
        and not np.may_share_memory(out, values)
        and not np.may_share_memory(out, index)
    )


def _numbers(index: np.ndarray) -> np.ndarray:
    """Indices as the loops read them: contiguous, of one dimension."""
    return np.ascontiguousarray(index, index.dtype.newbyteorder("=")).reshape(-1)


def _inside(team: Team, index: np.ndarray, length: int) -> bool:
    least, most = span(team, index)
    return int(least) >= -length and int(most) < length


def _values(out: np.ndarray, index: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A single value, or as many as indices; of the array's dtype."""
    if values.size > 1:
        values = np.broadcast_to(values, index.shape)
    with np.errstate(invalid="ignore"):
        return np.ascontiguousarray(values.astype(out.dtype, copy=False)).reshape(-1)


@cache
def _code(op: str, dtype: str, source: str, each: bool) -> Code:
    """The loop of one thread, which owns a range of the elements."""
    text = Routine()
    out, index, values, strange = (text.word(place, "ptr") for place in range(4))
    count, length, size, shift = (text.word(place) for place in range(4, 8))
    kind = REGISTER[dtype]
    single = text.load(kind, values, "0")
    first, last = text.share(length, size)
    own = text.sub(last, first)
    mine = text.at(kind, out, first)
    dummies = text.allocate(f"[{_LANES} x {kind}]", 64)
    for n in range(_LANES):
        text.store(kind, "zeroinitializer", dummies, str(n))
    # where an element of another thread goes, as a distance from this thread's first element
    away = text.sub(text.cast("ptrtoint", dummies, "ptr", "i64"), text.cast("ptrtoint", mine, "ptr", "i64"))
    wrong = text.variable("i1", "false")
    middle = text.whole("0", count, _LANES)
    for begin, end, width in (("0", middle, _LANES), (middle, count, 1)):
        longs, truths = vector_of("i64", width), vector_of("i1", width)
        with text.loop(begin, end, width) as i:
            # vectors, because LLVM makes a branch of a scalar choice, and the processor cannot foresee it
            loaded = text.vector(width, REGISTER[source], index, i, int(source[1:]))
            number = from_end(text, text.convert(loaded, source, "i8", width), shift, width)
            outside = text.icmp("uge", number, text.splat(width, "i64", length), longs)
            text.set(wrong, text.or_(text.get(wrong), text.any(width, outside), "i1"))
            place = text.sub(number, text.splat(width, "i64", first), longs)
            inside = text.icmp("ult", place, text.splat(width, "i64", own), longs)
            place = text.mul(place, text.splat(width, "i64", dtype[1:]), longs)
            other = text.splat(width, "i64", away)
            if width > 1:
                spread = ", ".join(f"i64 {n * int(dtype[1:])}" for n in range(width))
                other = text.add(other, f"<{spread}>", longs)
            place = text.select(inside, place, other, longs, truths)
            for n in range(width):
                target = text.at("i8", mine, text.lane(width, "i64", place, n))
                value = text.load(kind, values, text.add(i, n)) if each else single
                if op != "set":
                    value = combined(text, op, dtype, (text.load(kind, target, "0"), value))
                text.store(kind, value, target, "0")
    text.store("i64", text.cast("zext", text.get(wrong), "i1", "i64"), strange, "%tile")
    return text.build()


def from_end(text: Routine, number: str, shift: str, width: int) -> str:
    """Indices, those below zero moved up."""
    longs, truths = vector_of("i64", width), vector_of("i1", width)
    zero = "0" if width == 1 else "zeroinitializer"
    below = text.icmp("slt", number, zero, longs)
    up = text.select(below, text.splat(width, "i64", shift), zero, longs, truths)
    return text.add(number, up, longs)
