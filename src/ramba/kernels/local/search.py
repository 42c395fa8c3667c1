"""Where values belong in a sorted array."""

from __future__ import annotations

from functools import cache

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.run import run
from ramba.kernels.team import Team, slabs

FEW = 1 << 12  # values: NumPy finds fewer sooner than a kernel is prepared
TILE = 1 << 12  # values of one tile
KINDS = frozenset({"f4", "f8", "i4", "i8", "u4", "u8"})

_LANES = 8
_TOGETHER = 4  # vectors of values that are searched for at the same time: memory answers all of them at once


def searchsorted(team: Team, ordered: np.ndarray, values: np.ndarray, side: str, out: np.ndarray) -> None:
    """``np.searchsorted(ordered, values, side)`` into an int64 array of the values' shape.

    Notes
    -----
    Binary search without branches, for several values at once: Khuong and Morin, "Array Layouts for Comparison-Based
    Searching" (2017). As in NumPy, nan is larger than all numbers.
    """
    dtype = np.result_type(ordered.dtype, values.dtype)
    name = dtype.str[1:]
    if values.size < FEW or not len(ordered) or name not in KINDS or not out.flags.c_contiguous:
        _by_slabs(team, ordered, values, side, out)
        return
    places = np.ascontiguousarray(ordered, dtype)  # NumPy compares in this dtype as well
    wanted = np.ascontiguousarray(values, dtype)
    numbers = len(places)
    if dtype.kind == "f" and np.isnan(places[-1]):
        numbers = int(np.searchsorted(places, np.array(np.nan, dtype)))
    code = _code(name, side == "left")
    strange = numbers if side == "left" else len(places)  # where nan belongs
    run(team, code, -(-wanted.size // TILE), places, wanted, out, wanted.size, TILE, numbers, strange)


def _by_slabs(team: Team, ordered: np.ndarray, values: np.ndarray, side: str, out: np.ndarray) -> None:
    def part(key: tuple[slice, ...]) -> None:
        out[key] = np.searchsorted(ordered, values[key], side)  # type: ignore[call-overload]

    slabs(team, values.shape, (), part)


@cache
def _code(dtype: str, left: bool) -> Code:
    text = Routine()
    ordered, values, out = (text.word(place, "ptr") for place in range(3))
    count, size, length, strange = (text.word(place) for place in range(3, 7))
    first, last = text.share(count, size)
    step = _LANES * _TOGETHER
    middle = text.whole(first, last, step)
    for start, stop, width, together in ((first, middle, _LANES, _TOGETHER), (middle, last, 1, 1)):
        with text.loop(start, stop, width * together) as i:
            _search(text, dtype, left, (ordered, values, out), (i, length, strange), width, together)
    return text.build()


def _search(
    text: Routine,
    dtype: str,
    left: bool,
    arrays: tuple[str, str, str],
    numbers: tuple[str, str, str],
    width: int,
    together: int,
) -> None:
    """Finds the places of some vectors of values."""
    ordered, values, out = arrays
    i, length, strange = numbers
    kind, size = REGISTER[dtype], int(dtype[1:])
    whole, longs, truths = (vector_of(some, width) for some in (kind, "i64", "i1"))
    starts = [text.add(i, n * width) for n in range(together)]
    wanted = [text.vector(width, kind, values, start, size) for start in starts]
    zero = "0" if width == 1 else "zeroinitializer"
    bases = [text.variable(longs, zero) for _ in range(together)]
    rest = text.variable("i64", length)
    head, body, done = text.label(), text.label(), text.label()
    text.goto(head)
    text.place(head)
    text.branch(text.icmp("sgt", text.get(rest), 0), body, done)
    text.place(body)
    # of `rest` candidates the middle one is looked at; either half has at most `rest / 2` left
    half = text.lshr(text.get(rest), 1)
    left_over = text.sub(text.get(rest), half)  # the rest, halved and rounded up
    probe = text.sub(left_over, 1)
    for value, base in zip(wanted, bases, strict=True):
        here = text.get(base)
        x = _gathered(text, kind, size, width, ordered, text.add(here, text.splat(width, "i64", probe), longs))
        if dtype[0] == "f":
            before = text.fcmp("olt" if left else "ole", x, value, whole)
        else:
            sign = dtype[0].replace("i", "s")
            before = text.icmp(f"{sign}{('lt' if left else 'le')}", x, value, whole)
        ahead = text.add(here, text.splat(width, "i64", left_over), longs)
        text.set(base, text.select(before, ahead, here, longs, truths))
    text.set(rest, half)
    text.goto(head)
    text.place(done)
    for start, value, base in zip(starts, wanted, bases, strict=True):
        found = text.get(base)
        if dtype[0] == "f":
            nan = text.fcmp("uno", value, value, whole)
            other = text.splat(width, "i64", strange)
            found = text.select(nan, other, found, longs, truths)
        text.put(longs, found, text.at("i64", out, start), 8)


def _gathered(text: Routine, kind: str, size: int, width: int, base: str, places: str) -> str:
    """Elements at a vector of places."""
    if width == 1:
        return text.load(kind, base, places)
    suffix = {"float": "f32", "double": "f64"}.get(kind, kind)
    name = f"@llvm.masked.gather.v{width}{suffix}.v{width}p0"
    whole, pointers, truths = f"<{width} x {kind}>", f"<{width} x ptr>", f"<{width} x i1>"
    text.declare(f"{whole} {name}({pointers}, i32 immarg, {truths}, {whole})")
    addresses = text.let(f"getelementptr {kind}, ptr {base}, <{width} x i64> {places}")
    every = f"{truths} splat (i1 true)"
    return text.let(f"call {whole} {name}({pointers} {addresses}, i32 {size}, {every}, {whole} poison)")
