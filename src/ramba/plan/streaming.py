"""Programs that read more of files than fits into memory, cut into pieces that fit.

What is read is cut along its first axis. Piece after piece is read, what is computed of it element by element follows,
and what is folded over that axis is folded into what the pieces before gave. A fold whose result the elements need
(the mean, before what differs from it is squared) ends a round: in the next one the file is read once more.

::

    v0 = read -> f8[9000, 100]                 v0 = read of rows 0 to 4500
    v1 = fold add(v0) over axes 0, 1           v1 = fold add(v0)
                                               v2 = read of rows 4500 to 9000
                                               v3 = fold add(v2)
                                               v4 = add(v1, v3)
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from msgspec.structs import replace

from ramba.graph import (
    EmptyEntry,
    Entry,
    LibraryEntry,
    MapEntry,
    Program,
    Reading,
    ReduceEntry,
    UpdateEntry,
    needed,
    readings,
    renumbered,
)
from ramba.layout import View, c_strides, identity
from ramba.plan.narrowing import is_read, narrowed, part_read

MOST_PIECES = 1024
FEW = 4096  # elements of a result that are no matter, however many pieces there are
_CHUNKS = 5  # of the fields of a `files.Source`, the extents of a chunk


class _Cut(NamedTuple):
    """What is known of the entries of a program that is cut."""

    rows: int  # of what is read
    cut: tuple[bool, ...]  # whether an entry is only ever there in pieces
    round: tuple[int, ...]  # the round of pieces in which an entry can be computed; for a whole one, before which
    folded: frozenset[int]  # whole entries that are folded out of pieces
    joined: frozenset[int]  # entries in pieces of which somebody needs the whole


def streamed(program: Program, pieces: int) -> Program | None:
    """The program, reading in so many pieces; None if there is nothing that could be cut so often."""
    program = narrowed(program)
    found = _cut(program)
    if found is None or not 1 < pieces <= min(found.rows, MOST_PIECES):
        return None
    return _Writing(program, found, pieces).written()


def _cut(program: Program) -> _Cut | None:
    """Which entries follow the rows of what is read; of several extents the one of which most is read."""
    entries = program.entries
    sizes: dict[int, int] = {}
    for entry in entries:
        if is_read(entry):
            sizes[entry.shape[0]] = sizes.get(entry.shape[0], 0) + prod(entry.shape)
    if not sizes:
        return None
    rows = max(sizes, key=lambda extent: sizes[extent])
    cut: list[bool] = []
    rounds: list[int] = []
    folded: set[int] = set()
    joined: set[int] = set()
    for number, entry in enumerate(entries):
        parts = [arg for arg in readings(entry) if cut[arg.number]]
        follows = is_read(entry) and entry.shape[0] == rows
        folds = False
        if parts and all(_along(arg.view, entries[arg.number].shape) for arg in parts):
            follows = type(entry) is MapEntry or (type(entry) is ReduceEntry and 0 not in entry.axes)
            folds = type(entry) is ReduceEntry and 0 in entry.axes
        if folds:
            folded.add(number)
        elif not follows:
            joined |= {n for n in needed(entry) if cut[n]}
        cut.append(follows)
        before = max((rounds[n] + (n in joined and not follows and not folds) for n in needed(entry)), default=0)
        rounds.append(before + folds)
    joined |= {root for root in program.roots if cut[root]}
    return _Cut(rows, tuple(cut), tuple(rounds), frozenset(folded), frozenset(joined))


def _along(view: View, shape: tuple[int, ...]) -> bool:
    """Whether a view shows the rows of an array one after the other, and each of its rows some elements of one."""
    row = prod(shape[1:])
    if not view.shape or view.shape[0] != shape[0] or view.strides[0] != row:
        return False
    moves = [(n - 1) * s for n, s in zip(view.shape[1:], view.strides[1:], strict=True)]
    low = view.offset + sum(move for move in moves if move < 0)
    high = view.offset + sum(move for move in moves if move > 0)
    return 0 not in view.shape and low >= 0 and high < row


def _bounds(program: Program, found: _Cut, pieces: int) -> list[int]:
    """The rows at which pieces begin and end: where chunks do, if pieces have room for them; each is decoded whole."""
    reads = [entry for entry, cut in zip(program.entries, found.cut, strict=True) if cut and is_read(entry)]
    largest = max(reads, key=lambda entry: prod(entry.shape))
    assert isinstance(largest, LibraryEntry)
    source, ((start, *_), _, (step, *_)), *_ = largest.params
    chunk = source[_CHUNKS][0] if source[_CHUNKS] else 1
    first, last = start // chunk, (start + (found.rows - 1) * step) // chunk + 1
    if chunk < step or pieces > last - first:
        return [found.rows * n // pieces for n in range(pieces + 1)]
    edges = [first + (last - first) * n // pieces for n in range(1, pieces)]
    return [0, *(-(-(edge * chunk - start) // step) for edge in edges), found.rows]


class _Writing:
    """Writes the cut program down."""

    def __init__(self, program: Program, found: _Cut, pieces: int) -> None:
        self.program = program
        self.found = found
        self.bounds = _bounds(program, found, pieces)
        self.entries: list[Entry] = []
        self.numbers = [-1] * len(program.entries)  # of the whole entries that are there

    def written(self) -> Program:
        """The program."""
        cut, rounds = self.found.cut, self.found.round
        ends = self.found.folded | self.found.joined
        for turn in range(max(rounds) + 1):
            for number, entry in enumerate(self.program.entries):
                if not cut[number] and number not in self.found.folded and rounds[number] == turn:
                    self.numbers[number] = self.add(renumbered(entry, self.numbers))
            wanted = [n for n in sorted(ends) if rounds[n] - (n in self.found.folded) == turn]
            if wanted:
                self.pieces(turn, wanted)
        roots = tuple(self.numbers[root] for root in self.program.roots)
        return Program(tuple(self.entries), roots, self.program.scalars)

    def add(self, entry: Entry) -> int:
        """The number of a new entry."""
        self.entries.append(entry)
        return len(self.entries) - 1

    def pieces(self, turn: int, wanted: list[int]) -> None:
        """One round: all pieces of what is wanted of it, and of what that needs."""
        inside = set(wanted)
        for number in range(max(wanted), -1, -1):
            if number in inside:
                inside.update(n for n in needed(self.program.entries[number]) if self.found.cut[n])
        for low, high in zip(self.bounds, self.bounds[1:], strict=False):
            here: dict[int, int] = {}
            for number in sorted(inside):
                made = self.add(self.piece(number, here, low, high, turn))
                if self.found.cut[number]:
                    here[number] = made
                else:
                    self.fold(number, made, low)
                if number in self.found.joined and number in wanted:
                    self.join(number, made, low, high)

    def piece(self, number: int, here: dict[int, int], low: int, high: int, turn: int) -> Entry:
        """An entry, of some rows only."""
        entry = self.program.entries[number]
        shape = (high - low, *entry.shape[1:])
        match entry:
            case LibraryEntry():
                _, (start, _, step), *_ = entry.params
                return part_read(entry, (start[0] + low * step[0], *start[1:]), shape, step, turn)
            case MapEntry():
                args = tuple(
                    self.reading(arg, here, low, high) if isinstance(arg, Reading) else arg for arg in entry.args
                )
                return replace(entry, args=args, shape=shape)
            case ReduceEntry():
                arg = self.reading(entry.arg, here, low, high)
                return replace(entry, arg=arg, shape=shape if self.found.cut[number] else entry.shape)
        raise AssertionError(f"{entry} does not come in pieces")

    def reading(self, arg: Reading, here: dict[int, int], low: int, high: int) -> Reading:
        """What an operand shows of some rows."""
        number, (offset, shape, strides) = arg
        part = (high - low, *shape[1:])
        if self.found.cut[number]:
            return Reading(here[number], View(offset, part, strides))
        return Reading(self.numbers[number], View(offset + low * strides[0], part, strides))

    def fold(self, number: int, made: int, low: int) -> None:
        """Folds what a piece gave into what those before it gave."""
        entry = self.program.entries[number]
        assert isinstance(entry, ReduceEntry)
        if low:
            whole = identity(entry.shape)
            args = Reading(self.numbers[number], whole), Reading(made, whole)
            made = self.add(MapEntry(entry.op, 0, args, entry.dtype, entry.shape))
            if prod(entry.shape) > FEW:  # at once and in place, not by one kernel at the end out of the results of all
                base = self.numbers[number]
                made = self.add(UpdateEntry(base, whole, Reading(made, whole), entry.dtype, entry.shape))
        self.numbers[number] = made

    def join(self, number: int, made: int, low: int, high: int) -> None:
        """Puts a piece in its place in the whole."""
        entry = self.program.entries[number]
        base = self.numbers[number] if low else self.add(EmptyEntry(entry.dtype, entry.shape))
        shape, strides = (high - low, *entry.shape[1:]), c_strides(entry.shape)
        value = Reading(made, identity(shape))
        place = View(low * strides[0], shape, strides)
        self.numbers[number] = self.add(UpdateEntry(base, place, value, entry.dtype, entry.shape))


def counts(least: int) -> Iterator[int]:
    """Numbers of pieces to try, from the least that could do on."""
    pieces = max(least, 2)
    while pieces <= MOST_PIECES:
        yield pieces
        pieces *= 2


__all__ = ["counts", "streamed"]
