"""Statements: one store (or fold) each, with everything it computes on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, assert_never

from ramba.graph import (
    EmptyEntry,
    Entry,
    FillEntry,
    IndexEntry,
    LibraryEntry,
    MapEntry,
    Program,
    Reading,
    ReduceEntry,
    Scalar,
    StoredEntry,
    UpdateEntry,
    readings,
)
from ramba.layout import View, compose, identity
from ramba.ops import OPS
from ramba.plan.inline import GENERATORS, Choice, place_within

LARGEST = 320  # instructions in one kernel: compile time is linear in them, and past that registers only spill

Kind: TypeAlias = Literal["map", "reduce", "update", "library", "part"]  # "part": what an update copies from its base


@dataclass(slots=True)
class Statement:
    """Stores the value of one entry, or a part of it."""

    entry: int  # whose memory it writes
    kind: Kind
    domain: tuple[int, ...]  # what its loops run over
    value: Reading | Scalar | None  # None: what a call gives
    target: View | None  # where in the entry's memory; None for folds and calls
    needs: dict[int, set[View]] = field(default_factory=dict)  # maps computed inside, and through which views
    reads: dict[int, set[View]] = field(default_factory=dict)  # entries in memory, and through which views
    opaque: bool = False  # runs in the interpreter
    size: int = 0  # instructions

    def inside(self) -> set[tuple[int, View]]:
        """The values that it computes, each through a view."""
        return {(number, view) for number, views in self.needs.items() for view in views}


def statements(program: Program, choice: Choice) -> tuple[list[Statement], Choice]:
    """One statement for each entry that gets memory, operands first; storing more where a kernel would be too large."""
    while True:
        unsplit: set[int] = set()
        found = [
            expand(_statement(number, entry, number in choice.opaque), program, choice, unsplit)
            for number, entry in enumerate(program.entries)
            if number in choice.stored and type(entry) is not StoredEntry
        ]
        for statement in found:
            if statement.size > LARGEST:
                unsplit |= _cuts(statement, program)
        if unsplit <= choice.stored - choice.cheap:
            return found, choice
        within = {n: u for n, u in choice.within.items() if n not in unsplit}
        choice = Choice(choice.stored | unsplit, choice.cheap - unsplit, choice.opaque, within)


def expand(statement: Statement, program: Program, choice: Choice, unsplit: set[int]) -> Statement:
    """Fills in what a statement computes inside, and what it reads from memory."""
    entries = program.entries
    stack = [statement.value] if isinstance(statement.value, Reading) else []
    while stack:
        number, view = stack.pop()
        entry = entries[number]
        holder = choice.within.get(number)
        if holder is not None and holder != statement.entry:
            place = place_within(entries, number, holder, view)
            if place is None:
                unsplit.add(number)
            else:
                statement.reads.setdefault(holder, set()).add(place)
            continue
        computed = number not in choice.stored or number == statement.entry or number in choice.cheap
        if type(entry) is MapEntry and computed:
            seen = statement.needs.setdefault(number, set())
            if view in seen:
                continue
            seen.add(view)
            statement.size += OPS[entry.op].size
            statement.opaque = statement.opaque or number in choice.opaque
            whole = view == identity(entry.shape)
            for arg in readings(entry):
                inner = arg.view if whole else compose(view, entry.shape, arg.view)
                if inner is None:
                    unsplit.add(number)
                else:
                    stack.append(Reading(arg.number, inner))
        elif type(entry) not in GENERATORS:
            statement.reads.setdefault(number, set()).add(view)
    return statement


def _statement(number: int, entry: Entry, opaque: bool) -> Statement:
    match entry:
        case MapEntry() | FillEntry() | IndexEntry() | EmptyEntry() | StoredEntry():
            whole = identity(entry.shape)
            return Statement(number, "map", entry.shape, Reading(number, whole), whole)
        case ReduceEntry():
            return Statement(number, "reduce", entry.arg.view.shape, entry.arg, None, opaque=opaque)
        case UpdateEntry():
            return Statement(number, "update", entry.view.shape, entry.value, entry.view)
        case LibraryEntry():
            made = Statement(number, "library", entry.shape, None, None)
            for arg in entry.args:
                made.reads.setdefault(arg.number, set()).add(arg.view)
            return made
    assert_never(entry)


def _cuts(statement: Statement, program: Program) -> set[int]:
    """Entries to store so that a statement falls into kernels of a sensible size."""
    inside = sorted(statement.needs)
    pieces = max(2, -(-statement.size // (LARGEST * 2 // 3)))
    cuts: set[int] = set()
    for piece in range(1, pieces):
        cuts |= _crossing(program, statement, inside[len(inside) * piece // pieces])
    return cuts


def _crossing(program: Program, statement: Statement, position: int) -> set[int]:
    """Entries computed before a position and read after it: the narrowest cut near the position."""
    best: set[int] | None = None
    for at in range(position, position + 40):
        crossing = {
            arg.number
            for number in statement.needs
            if number >= at
            for arg in readings(program.entries[number])
            if arg.number < at and arg.number in statement.needs
        }
        if crossing and (best is None or len(crossing) < len(best)):
            best = crossing
    return best or set()
