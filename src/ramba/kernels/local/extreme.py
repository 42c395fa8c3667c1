"""Where the largest and the smallest elements are."""

from __future__ import annotations

from functools import cache

import numpy as np

from ramba.codegen.emit_text import Variable
from ramba.codegen.native import Code
from ramba.codegen.routine import REGISTER, Routine, vector_of
from ramba.kernels.local.run import run
from ramba.kernels.team import Team, slabs

ENOUGH = 1 << 22  # bytes: NumPy finds the extremes of fewer sooner than threads wake up,
ENOUGH_COLUMNS = 1 << 17  # but is slow down the columns of a matrix,
ENOUGH_SPAN = 1 << 19  # and needs two passes for both extremes
TILE = 1 << 14  # elements: few enough for the cache, where the winner's tile is looked at again

_LANES = 8
_CHAINS = 4  # vectors of extremes: each comparison waits for the one before it in its own chain only
_COLUMNS = 32  # that one tile compares row by row


def argextreme(team: Team, a: np.ndarray, axis: int | None, largest: bool, out: np.ndarray) -> None:
    """``np.argmax(a, axis)`` or ``np.argmin`` into an int64 array: the first one, and nan before all numbers.

    Notes
    -----
    One long row: each tile's extreme is found, then the place of the extreme within the first of the best tiles.
    Matrices: a loop for rows, and one for columns that reads row after row. Else NumPy's own for slabs.
    """
    function = np.argmax if largest else np.argmin
    if axis is None:
        a, axis = a.reshape(-1), 0
    axis %= max(a.ndim, 1)
    enough = ENOUGH_COLUMNS if axis < a.ndim - 1 else ENOUGH
    if a.nbytes < enough or a.shape[axis] == 0 or out.size == 0:
        out[...] = function(a, axis)
    elif a.ndim == 1:
        out[...] = _place_in_row(team, a, largest)
    elif a.ndim == 2 and has_extremes(a) and out.flags.c_contiguous and a.shape[1] >= _COLUMNS:
        _places_in_matrix(team, a, axis, largest, out)
    else:
        _by_slabs(team, a, axis, largest, out)


def extremes(team: Team, a: np.ndarray, *sides: bool) -> np.ndarray:
    """The extremes of each tile of one contiguous row: for each side the largest (true) or the smallest elements.

    Of the tiles that have a nan in them it is all of these.
    """
    count = -(-a.size // TILE)
    values = np.empty((len(sides), count), a.dtype)
    code = _rows_code(a.dtype.str[1:], sides, places=False)
    run(team, code, count, a, a.size, TILE, values, count, 1)
    return values


def span(team: Team, a: np.ndarray) -> tuple[np.generic, np.generic]:
    """The smallest and the largest element, in one pass; nan if there is one."""
    if not has_extremes(a) or a.nbytes < ENOUGH_SPAN:
        return a.min(), a.max()
    least, greatest = extremes(team, a, False, True)
    return least.min(), greatest.max()


def has_extremes(a: np.ndarray) -> bool:
    """Whether :func:`extremes` knows an array's dtype and layout."""
    return a.flags.c_contiguous and a.dtype.isnative and a.dtype.str[1:] in REGISTER


def _place_in_row(team: Team, a: np.ndarray, largest: bool) -> int:
    function = np.argmax if largest else np.argmin
    if has_extremes(a):
        first = TILE * int(function(extremes(team, a, largest)[0]))
        return first + int(function(a[first : first + TILE]))
    found: list[int] = []

    def part(key: tuple[slice, ...]) -> None:
        found.append((key[0].start or 0) + int(function(a[key])))

    slabs(team, a.shape, (), part)
    places = np.sort(np.array(found, np.int64))
    return int(places[function(a[places])])


def _places_in_matrix(team: Team, a: np.ndarray, axis: int, largest: bool, out: np.ndarray) -> None:
    rows, columns = a.shape
    name = a.dtype.str[1:]
    if axis == 1:
        together = max(TILE // columns, 1)
        code, tiles = _rows_code(name, (largest,), places=True), -(-rows // together)
        run(team, code, tiles, a, a.size, columns, out, rows, together)
    else:
        code, tiles = _columns_code(name, largest), -(-columns // _COLUMNS)
        run(team, code, tiles, a, rows, columns, out)


def _by_slabs(team: Team, a: np.ndarray, axis: int, largest: bool, out: np.ndarray) -> None:
    function = np.argmax if largest else np.argmin

    def part(key: tuple[slice, ...]) -> None:
        out[(*key[:axis], *key[axis + 1 :])] = function(a[key], axis)

    slabs(team, a.shape, {axis}, part)


@cache
def _rows_code(dtype: str, sides: tuple[bool, ...], places: bool) -> Code:
    """The loop that finds extremes of each row, on so many sides, or where one of them is; nan wins."""
    text = Routine()
    a, out = text.word(0, "ptr"), text.word(3, "ptr")
    count, length, rows, together = text.word(1), text.word(2), text.word(4), text.word(5)
    kind = REGISTER[dtype]
    with text.loop(*text.share(rows, together)) as row:
        first = text.mul(row, length)
        last = text.smaller(text.add(first, length), count)
        found = _extremes(text, dtype, sides, a, (first, last))
        if places:
            text.store("i64", _place_of(text, dtype, a, found[0], (first, last)), out, row)
        else:
            for n, best in enumerate(found):
                text.store(kind, best, out, text.add(row, text.mul(rows, n)))
    return text.build()


def _extremes(text: Routine, dtype: str, sides: tuple[bool, ...], a: str, span: tuple[str, str]) -> list[str]:
    """For each side, the value that beats all others from one element to another."""
    first, last = span
    kind, size = REGISTER[dtype], int(dtype[1:])
    lanes = _LANES * (8 // size)
    step = lanes * _CHAINS
    middle = text.whole(first, last, step)
    whole = vector_of(kind, lanes)
    start = text.load(kind, a, first)
    bests = [text.variable(kind, start) for _ in sides]
    with text.when(text.icmp("slt", first, middle)):
        chains = [[text.variable(whole, text.splat(lanes, kind, start)) for _ in range(_CHAINS)] for _ in sides]
        strange = text.variable(vector_of("i1", lanes), "zeroinitializer")
        with text.loop(first, middle, step) as i:
            several = [text.vector(lanes, kind, a, text.add(i, n * lanes), size) for n in range(_CHAINS)]
            for largest, side in zip(sides, chains, strict=True):
                for chain, x in zip(side, several, strict=True):
                    text.set(chain, _beyond(text, dtype, largest, lanes, text.get(chain), x))
            if dtype[0] == "f":
                _look_for_nan(text, whole, several, strange)
        for largest, side, best in zip(sides, chains, bests, strict=True):
            text.set(best, _best_of(text, dtype, largest, [text.get(chain) for chain in side]))
        if dtype[0] == "f":
            with text.when(text.any(lanes, text.get(strange))):
                for best in bests:
                    text.set(best, text.of_two("fdiv", "0.0", "0.0", kind))
    with text.loop(middle, last) as i:
        x = text.load(kind, a, i)
        for largest, best in zip(sides, bests, strict=True):
            text.set(best, _better(text, dtype, largest, 1, text.get(best), x)[0])
    return [text.get(best) for best in bests]


def _beyond(text: Routine, dtype: str, largest: bool, width: int, a: str, b: str) -> str:
    """The better of two values; the first one where one of them is nan, so that this is one instruction."""
    kind, truths = vector_of(REGISTER[dtype], width), vector_of("i1", width)
    if dtype[0] != "f":
        return _better(text, dtype, largest, width, a, b)[0]
    return text.select(text.fcmp("ogt" if largest else "olt", b, a, kind), b, a, kind, truths)


def _look_for_nan(text: Routine, kind: str, several: list[str], strange: Variable) -> None:
    """Notes the lanes in which a vector has nan: one comparison tells that of two vectors."""
    truths = kind.replace(kind.split()[-1], "i1>")
    for one, other in zip(several[::2], several[1::2], strict=True):
        text.set(strange, text.or_(text.get(strange), text.fcmp("uno", one, other, kind), truths))


def _best_of(text: Routine, dtype: str, largest: bool, vectors: list[str]) -> str:
    """The value that beats all others in vectors."""
    width, found = _LANES * (8 // int(dtype[1:])), vectors[0]
    for vector in vectors[1:]:
        found = _better(text, dtype, largest, width, found, vector)[0]
    while width > 1:
        width //= 2
        halves = [_half(text, REGISTER[dtype], width, found, which) for which in (0, 1)]
        found = _better(text, dtype, largest, width, *halves)[0]
    return found


def _half(text: Routine, kind: str, width: int, value: str, which: int) -> str:
    """One half of a vector, of so many lanes."""
    if width == 1:
        return text.lane(2, kind, value, which)
    whole = vector_of(kind, 2 * width)
    mask = ", ".join(f"i32 {lane + which * width}" for lane in range(width))
    return text.let(f"shufflevector {whole} {value}, {whole} poison, <{width} x i32> <{mask}>")


def _place_of(text: Routine, dtype: str, a: str, best: str, span: tuple[str, str]) -> str:
    """Where the first element equal to a value is, counted from the first element; there is one."""
    first, last = span
    kind, size = REGISTER[dtype], int(dtype[1:])
    lanes = _LANES * (8 // size)
    at = text.variable("i64", first)
    search, scan, near, one, more, done = (text.label() for _ in range(6))
    text.goto(search)
    text.place(search)
    beyond = text.add(text.get(at), lanes)
    text.branch(text.icmp("sle", beyond, last), scan, near)
    text.place(scan)
    x = text.vector(lanes, kind, a, text.get(at), size)
    hits = _equals(text, dtype, lanes, x, best)
    bits = text.bits(lanes, hits)
    inside = text.label()
    text.branch(text.icmp("eq", bits, 0, f"i{lanes}"), more, inside)
    text.place(more)
    text.set(at, beyond)
    text.goto(search)
    text.place(inside)
    text.goto(near)
    text.place(near)
    # the element is less than a vector away
    x = text.load(kind, a, text.get(at))
    text.branch(_equals(text, dtype, 1, x, best), done, one)
    text.place(one)
    text.set(at, text.add(text.get(at), 1))
    text.goto(near)
    text.place(done)
    return text.sub(text.get(at), first)


def _equals(text: Routine, dtype: str, width: int, x: str, best: str) -> str:
    """Which elements equal a scalar; nan equals nan."""
    kind, whole, truths = REGISTER[dtype], vector_of(REGISTER[dtype], width), vector_of("i1", width)
    other = text.splat(width, kind, best)
    if dtype[0] != "f":
        return text.icmp("eq", x, other, whole)
    same, strange = text.fcmp("oeq", x, other, whole), text.fcmp("uno", x, x, whole)
    # where the best is a number there is no nan
    return text.or_(same, strange, truths)


@cache
def _columns_code(dtype: str, largest: bool) -> Code:
    """The loop that finds where each column's extreme is: tiles are some columns of all rows."""
    text = Routine()
    a, out = text.word(0, "ptr"), text.word(3, "ptr")
    rows, columns = text.word(1), text.word(2)
    kind, whole, size = REGISTER[dtype], vector_of(REGISTER[dtype], _LANES), int(dtype[1:])
    # the last tile begins earlier, so that it is as wide as the others
    room = text.sub(columns, _COLUMNS)
    first = text.smaller(text.mul("%tile", _COLUMNS), room)
    vectors = range(0, _COLUMNS, _LANES)
    start = [text.vector(_LANES, kind, a, text.add(first, n), size) for n in vectors]
    best = [text.variable(whole, value) for value in start]
    places = [text.variable(f"<{_LANES} x i64>", "zeroinitializer") for _ in vectors]
    with text.loop("1", rows) as row:
        begin = text.add(text.mul(row, columns), first)
        here = text.splat(_LANES, "i64", row)
        for n, value, place in zip(vectors, best, places, strict=True):
            x = text.vector(_LANES, kind, a, text.add(begin, n), size)
            better, wins = _better(text, dtype, largest, _LANES, text.get(value), x)
            text.set(value, better)
            chosen = f"select <{_LANES} x i1> {wins}, <{_LANES} x i64> {here}, <{_LANES} x i64> {text.get(place)}"
            text.set(place, text.let(chosen))
    for n, place in zip(vectors, places, strict=True):
        address = text.at("i64", out, text.add(first, n))
        text.put(f"<{_LANES} x i64>", text.get(place), address, 8)
    return text.build()


def _better(text: Routine, dtype: str, largest: bool, width: int, a: str, b: str) -> tuple[str, str]:
    """The first of two values, unless the second one is better, and whether; nan is better than all, never replaced."""
    kind, truths = vector_of(REGISTER[dtype], width), vector_of("i1", width)
    if dtype[0] == "f":
        # true for a nan in b as well; a nan in a stays, because nothing is ordered with it
        unordered = text.fcmp("ugt" if largest else "ult", b, a, kind)
        proper = text.fcmp("ord", a, a, kind)
        wins = text.and_(unordered, proper, truths)
    else:
        wins = text.icmp(f"{dtype[0].replace('i', 's')}{('gt' if largest else 'lt')}", b, a, kind)
    return text.select(wins, b, a, kind, truths), wins
