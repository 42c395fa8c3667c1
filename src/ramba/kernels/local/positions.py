"""Where the elements of a sorted row come from: words of 64 bits, part number and part position, are sorted.

If a number does not fit beside its position, its high bits are tried first: few numbers that differ agree in them,
unless there is a reason, and those few are sorted once more. Otherwise digit follows digit, the lowest one first, but
later digits have to be gathered from all over memory. NumPy sorts the words where it does so with vectors.
"""

from __future__ import annotations

import numpy as np

from ramba.kernels.local.radix import Row, Span, passes_for, reorder, tiles
from ramba.kernels.local.radix_loop import Arguments, address
from ramba.kernels.local.split import Words, parts_for, sample_of, sort_parts, split_words, splitters_of
from ramba.kernels.team import Part, Team, slabs

PIECE = 1 << 16  # elements that one call works on
SAMPLE = 1 << 10  # elements: two that agree in their high bits mean that many do
TIED = 16  # as few as one element of so many may be sorted once more


def fits(row: Row, known: Span) -> bool:
    """Whether a word has room for number and position."""
    return len(known.bits) + _index_bits(row) <= 64


def _index_bits(row: Row) -> int:
    return (len(row.array) - 1).bit_length()


def high_positions(team: Team, row: Row, known: Span, out: np.ndarray) -> bool:
    """As :func:`positions`, if the words that NumPy then sorts have room for what tells most numbers apart."""
    index_bits, exact = _index_bits(row), fits(row, known)
    shift = known.bits.start if exact else known.bits.stop - (64 - index_bits)
    numbers = sample_of(row.array)
    sample = np.empty(len(numbers), np.uint64)
    split_words(team, numbers, Words(row.form, known.low, shift, 0), sample, sample[:0])
    if not exact and _has_equal(sample):
        return False
    target = out if out.flags.carray else np.empty(len(out), np.int64)
    words = target.view(np.uint64)
    splitters = splitters_of(sample, parts_for(team, len(words))) << np.uint64(index_bits)
    ends = split_words(team, row.array, Words(row.form, known.low, shift, index_bits), words, splitters)
    sort_parts(team, words, ends)
    if not _resolved(team, row.array, words, index_bits, target, exact=exact):
        return False
    if target is not out:
        out[...] = target
    return True


def positions(team: Team, row: Row, known: Span, out: np.ndarray) -> None:
    """Writes the stable order of a row of numbers with known words; ``out`` is int64."""
    index_bits = _index_bits(row)
    room = 64 - index_bits
    rooms = tuple(Row(np.empty(len(row.array), np.uint64), "w8") for _ in range(2))
    if not fits(row, known) and not _agree(team, row, known, room):
        words = _digit_by_digit(team, row, known.low, known.bits[-room:], index_bits, rooms[0], rooms[1])
        if _resolved(team, row.array, words.array, index_bits, out, exact=False):
            return
    _digit_by_digit(team, row, known.low, known.bits, index_bits, rooms[0], rooms[1], Row(out, "x8"))


def _digit_by_digit(
    team: Team, row: Row, base: int, bits: range, index_bits: int, here: Row, there: Row, out: Row | None = None
) -> Row:
    """Sorts by some bits of the numbers; gives the words, in one of two rooms, or writes their positions."""
    starts = range(bits.start, max(bits.stop, bits.start + 1), 64 - index_bits)
    for start in starts:
        digit = range(start, min(start + 64 - index_bits, bits.stop))
        _pack(team, row, here, digit, base, index_bits, again=start > starts[0])
        odd = passes_for(len(digit)) % 2
        goal = there if odd else here
        if out is not None and start == starts[-1]:
            goal = out
        where = range(index_bits, index_bits + len(digit))
        reorder(team, here, goal, where, 0, index_bits, (here, there) if odd else (there, here))
        here, there = (there, here) if odd else (here, there)
    return here


def _pack(team: Team, row: Row, words: Row, digit: range, base: int, index_bits: int, *, again: bool) -> None:
    """Writes words of a digit and a position: each element's own one, or ``again`` that which the word has."""
    parts, size = tiles(team, len(row.array))
    told = Arguments(
        row.address, row.step, len(row.array), size, base, digit.start, (1 << len(digit)) - 1,
        target=words.address, index_bits=index_bits,
    )  # fmt: skip
    block = told.block()
    team.run(address("pack", row.form, "x8" if again else ""), block.buffer_info()[0], parts)


def _agree(team: Team, row: Row, known: Span, room: int) -> bool:
    """Whether some of a sample agree in the high bits of their words."""
    sample = np.ascontiguousarray(row.array[:: max(len(row.array) // SAMPLE, 1)])
    words = Row(np.empty(len(sample), np.uint64), "w8")
    reorder(team, Row(sample, row.form), words, range(0), known.low)
    return _has_equal(words.array >> np.uint64(known.bits.stop - room))


def _has_equal(words: np.ndarray) -> bool:
    ordered = np.sort(words)
    return bool((ordered[1:] == ordered[:-1]).any())


def _resolved(team: Team, a: np.ndarray, words: np.ndarray, index_bits: int, out: np.ndarray, *, exact: bool) -> bool:
    """Writes the positions that sorted words have, if few enough must change places: none if words are ``exact``."""
    second = np.empty(0, np.int64) if exact else _tied(team, words, index_bits)
    if len(second) > len(words) // TIED:
        return False
    mask = np.uint64((1 << index_bits) - 1)

    def piece(key: Part) -> None:
        np.bitwise_and(words[key], mask, out=out[key], casting="unsafe")

    slabs(team, words.shape, (), piece)
    if len(second):
        where = np.union1d(second - 1, second)
        run = np.cumsum(~np.isin(where, second, assume_unique=True))
        among = out[where]
        out[where] = among[np.lexsort((a[among], run))]
    return True


def _tied(team: Team, words: np.ndarray, index_bits: int) -> np.ndarray:
    """Which of sorted words agree with the one before, but for their positions."""
    tied, shift = np.zeros(len(words), bool), np.uint64(index_bits)

    def piece(n: int) -> None:
        start, stop = max(n * PIECE, 1), min((n + 1) * PIECE, len(words))
        np.equal((words[start - 1 : stop - 1] ^ words[start:stop]) >> shift, 0, out=tied[start:stop])

    team.map(piece, -(-len(words) // PIECE))
    return np.flatnonzero(tied)
