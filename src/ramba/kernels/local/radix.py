"""Sorting by digits, the least significant one first, shared out to threads.

Each thread counts the digits of its own tile; where its elements go follows from the counts of all (Zagha and
Blelloch, Radix sort for vector multiprocessors, 1991). Equal digits keep their order, so nothing depends on the number
of threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ramba.kernels.local.radix_loop import Arguments, address, form_of, word_size
from ramba.kernels.team import Team

TILE = 1 << 12  # elements: a second thread is not worth waking for fewer
WIDTH = 10  # bits of a digit, at most: more streams of writes than this are slow


class Row(NamedTuple):
    """A one-dimensional array as the loops see it."""

    array: np.ndarray
    form: str

    @property
    def address(self) -> int:
        """Of the first element."""
        return self.array.ctypes.data

    @property
    def step(self) -> int:
        """Bytes from one element to the next."""
        return self.array.strides[0]


class Span(NamedTuple):
    """What words there are in a row."""

    low: int  # the smallest one
    bits: range  # in which they differ when the smallest one is taken from them


def numbers(a: np.ndarray, *, equal: bool = False) -> Row | None:
    """A row of numbers, or None if there are no loops for them; ``equal`` makes one word of what counts as equal."""
    form = form_of(a.dtype)
    return None if form is None else Row(a, "=" + form if equal and form[0] == "f" else form)


def tiles(team: Team, count: int) -> tuple[int, int]:
    """Into how many tiles so many elements are cut, and how many elements a tile has."""
    parts = max(1, min(team.size, count // TILE))
    return parts, -(-count // parts)


def span(team: Team, row: Row) -> Span:
    """The words of a row that is not empty."""
    count = len(row.array)
    parts, size = tiles(team, count)
    found = np.empty((parts, 4), np.uint64)
    told = Arguments(row.address, row.step, count, size, table=found.ctypes.data).block()
    team.run(address("span", row.form), told.buffer_info()[0], parts)
    low, both, either = int(found[:, 0].min()), np.bitwise_and.reduce(found[:, 2]), np.bitwise_or.reduce(found[:, 3])
    differing, width = int(both ^ either), (int(found[:, 1].max()) - low).bit_length()
    # floating-point numbers that are whole end in many equal bits
    return Span(low, range((differing & -differing).bit_length() - 1 if differing else 0, width))


def passes_for(width: int) -> int:
    """How many digits so many bits make."""
    return max(1, -(-width // WIDTH))


def reorder(
    team: Team,
    source: Row,
    target: Row,
    bits: range,
    base: int = 0,
    index_bits: int = 0,
    rooms: tuple[Row, Row] | None = None,
) -> np.ndarray:
    """Sorts by some bits of the words; what is equal there keeps its order.

    Parameters
    ----------
    source, target
        Rows of the same length. They may be the same memory.
    bits
        Which bits, from the lowest one.
    base
        What is taken from the words of numbers.
    index_bits
        For a target that wants the low bits of the words.
    rooms
        Where words go between the passes: the last pass reads from the first one, and they take turns.

    Returns
    -------
    numpy.ndarray
        Where the elements end that have the digit 0, 1, ... in the highest of these bits.
    """
    passes = passes_for(len(bits))
    if rooms is None:
        shared = np.may_share_memory(source.array, target.array)
        passes = 2 if passes == 1 and shared else passes
        rooms = _rooms(source, target, passes, shared)
    for n in range(passes):
        low, high = bits.start + len(bits) * n // passes, bits.start + len(bits) * (n + 1) // passes
        goal = target if n == passes - 1 else rooms[(passes - n) % 2]
        ends = _one_digit(team, source, goal, range(low, high), base, index_bits)
        source = goal
    return ends


def _rooms(source: Row, target: Row, passes: int, shared: bool) -> tuple[Row, Row]:
    size, count = word_size(source.form), len(source.array)
    form = f"w{size}"
    first = Row(np.empty(count if passes > 1 else 0, f"u{size}"), form)
    # less memory to go through is faster: the target does for the other one
    fits = target.step == size and int(target.form[-1]) == size and target.array.flags.aligned
    if passes > 2 and fits and not shared:
        return first, Row(target.array, form)
    return first, Row(np.empty(count if passes > 2 else 0, f"u{size}"), form)


def counted(team: Team, row: Row, bits: range, base: int = 0) -> np.ndarray:
    """How often each value of some bits of the words occurs, for each tile."""
    parts, size = tiles(team, len(row.array))
    table = np.zeros((parts, 1 << len(bits)), np.int64)
    told = Arguments(
        row.address, row.step, len(row.array), size, base, bits.start, (1 << len(bits)) - 1, table.ctypes.data
    )
    block = told.block()
    team.run(address("count", row.form), block.buffer_info()[0], parts)
    return table


def _one_digit(team: Team, source: Row, target: Row, bits: range, base: int, index_bits: int) -> np.ndarray:
    table = counted(team, source, bits, base)
    parts, values = table.shape
    ends = np.cumsum(table.T).reshape(values, parts)
    table[...] = ends.T - table
    told = Arguments(
        source.address, source.step, len(source.array), tiles(team, len(source.array))[1], base, bits.start, values - 1,
        table.ctypes.data, target.address, target.step, index_bits,
    )  # fmt: skip
    block = told.block()
    team.run(address("scatter", source.form, target.form), block.buffer_info()[0], parts)
    return np.ascontiguousarray(ends[:, -1])


def extracted(team: Team, row: Row, counts: np.ndarray, low: int, bits: int, base: int) -> Row:
    """The words from ``low`` to ``low + 2**bits - 1``, less ``low``; ``counts`` says how many each tile has."""
    size = word_size(row.form)
    words = Row(np.empty(int(counts.sum()), f"u{size}"), f"w{size}")
    starts = np.cumsum(counts) - counts
    parts, length = tiles(team, len(row.array))
    told = Arguments(
        row.address, row.step, len(row.array), length, base, low, (1 << bits) - 1, starts.ctypes.data, words.address
    )
    block = told.block()
    team.run(address("extract", row.form, words.form), block.buffer_info()[0], parts)
    return words
