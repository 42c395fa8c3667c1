"""Entries of programs: one class for each kind, unlike all others, wherever they have been."""

from __future__ import annotations

import pickle
from typing import Any, get_args

import pytest

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
    needed,
    needed_by,
    readings,
    renumbered,
)
from ramba.layout import View, identity
from ramba.plan import Sharing
from ramba.plan.sharing import with_whole_operands
from ramba.runtime import messages

WHOLE, PART = identity((4,)), View(1, (2,), (1,))
ENTRIES: tuple[Entry, ...] = (
    StoredEntry(False, "f8", (4,)),
    FillEntry(Scalar(0), "f8", (4,)),
    EmptyEntry("f8", (4,)),
    IndexEntry("f8", (4,)),
    MapEntry("add", 0, (Reading(0, WHOLE), Scalar(1)), "f8", (4,)),
    ReduceEntry("add", Reading(4, WHOLE), (0,), "f8", ()),
    UpdateEntry(1, PART, Scalar(1), "f8", (4,)),
    UpdateEntry(2, PART, Reading(4, PART), "f8", (4,)),
    LibraryEntry("sort", (Reading(6, WHOLE),), (0, ("x", (None, 1.5))), 0, (("f8", (4,)),), "f8", (4,)),
)
PROGRAM = Program(ENTRIES, (5, 7, 8), ("f8", "f8"))


def test_every_kind_is_here() -> None:
    assert set(map(type, ENTRIES)) == set(get_args(Entry))


def test_entries_of_different_kinds_are_different_keys() -> None:
    assert len(set(ENTRIES)) == len(ENTRIES)
    assert EmptyEntry("f8", (4,)) != IndexEntry("f8", (4,))  # type: ignore[comparison-overlap]
    assert StoredEntry(False, "f8", (4,)) != FillEntry(Scalar(0), "f8", (4,))  # type: ignore[comparison-overlap]
    assert hash(MapEntry("add", 0, (), "f8", ())) == hash(MapEntry("add", 0, (), "f8", ()))


@pytest.mark.parametrize("carried", ["message", "pickle"])
def test_programs_that_travelled_are_equal_in_type_and_value(carried: str) -> None:
    if carried == "message":
        lesson = messages.Teach(1, PROGRAM, False, Sharing(3, 100, ()))
        (came,) = messages.commands(messages.encode((lesson,)))
        assert isinstance(came, messages.Teach)
        found = came.program
    else:
        found = pickle.loads(pickle.dumps(PROGRAM))
    assert found == PROGRAM
    assert hash(found) == hash(PROGRAM)
    assert list(map(type, found.entries)) == list(map(type, ENTRIES))
    assert [type(arg) for entry in found.entries for arg in readings(entry)] == [Reading] * 4


def test_what_an_entry_is_made_of() -> None:
    assert [needed(entry) for entry in ENTRIES] == [[], [], [], [], [0], [4], [1], [2, 4], [6]]
    assert needed_by(PROGRAM, 8) == {8, 6, 1}
    assert needed_by(PROGRAM, 7) == {7, 2, 4, 0}


def test_renumbering_leaves_scalars_alone() -> None:
    numbers = [10, 11, 12, 13, 14, 15, 16, 17]
    assert [needed(renumbered(entry, numbers)) for entry in ENTRIES[4:]] == [[10], [14], [11], [12, 14], [16]]
    assert renumbered(ENTRIES[6], numbers) == UpdateEntry(11, PART, Scalar(1), "f8", (4,))


def test_a_scalar_that_is_assigned_keeps_its_number_when_copies_for_a_call_come_before_it() -> None:
    every_other = Reading(0, View(0, (4,), (2,)))
    entries: tuple[Any, ...] = (
        StoredEntry(False, "f8", (8,)),
        LibraryEntry("sort", (every_other,), (0,), 0, (("f8", (4,)),), "f8", (4,)),
        UpdateEntry(1, PART, Scalar(1), "f8", (4,)),
    )
    whole = with_whole_operands(Program(entries, (2,), ("f8", "f8")))
    assert whole.entries[-1] == UpdateEntry(2, PART, Scalar(1), "f8", (4,))
    assert whole.entries[1] == MapEntry("cast", 0, (every_other,), "f8", (4,))
