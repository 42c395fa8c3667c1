"""A graph as numbered plain data: what the planner plans, and the key under which a plan is remembered.

Numbering visits what the roots need, operands first, gives equal values one number (so a DAG never becomes a tree and
common subexpressions are computed once), and looks through assignments: a read of exactly the assigned part reads the
assigned value, a read of an untouched part reads the older value. Values of scalars and the memory behind stored
values stay out of the program, so that every turn of a loop gives an equal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, assert_never

import numpy as np

from ramba.errors import ArrayLostError
from ramba.graph.entry import (
    EmptyEntry,
    Entry,
    FillEntry,
    IndexEntry,
    LibraryEntry,
    MapEntry,
    Reading,
    ReduceEntry,
    Scalar,
    StoredEntry,
    UpdateEntry,
    needed,
)
from ramba.graph.node import Const, Empty, Fill, Index, Library, Lost, Map, Node, Placed, Reduce, Ref, Stored, Update
from ramba.graph.walk import operands_first
from ramba.layout import View, covers, identity, overlaps


class Program(NamedTuple):
    """Entries in an order in which operands come first, and the numbers of those that the program still holds."""

    entries: tuple[Entry, ...]
    roots: tuple[int, ...]
    scalars: tuple[str, ...]  # their dtypes


def operations(program: Program) -> list[str]:
    """Digests of the operations that a program names; names of other things may be among them."""
    named = [entry.op for entry in program.entries if isinstance(entry, MapEntry | ReduceEntry)]
    calls = [entry.params for entry in program.entries if isinstance(entry, LibraryEntry)]
    return list(dict.fromkeys(named + [each for params in calls for each in params if isinstance(each, str)]))


def needed_by(program: Program, root: int) -> set[int]:
    """The numbers of an entry and of all that it needs."""
    found = {root}
    for number in range(root, -1, -1):  # operands come first
        if number in found:
            found.update(needed(program.entries[number]))
    return found


_tuple = tuple.__new__  # half the time of a named tuple's own constructor


@lru_cache(maxsize=256)
def _name(dtype: np.dtype) -> str:
    """NumPy's type string without byte order."""
    return dtype.str[1:]


class Numbered(NamedTuple):
    """A program with what it was made from."""

    program: Program
    stored: tuple[Stored, ...]  # in the order of the stored entries
    scalars: tuple[np.generic, ...]


def number(roots: list[Node], free: Mapping[int, bool] | None = None) -> Numbered:
    """Numbers everything that the roots need; ``free`` are, by identity, storages that may be written over or not."""
    numbering = _Numbering(free)
    numbers = numbering.numbers
    for node in operands_first(roots):
        numbers[id(node)] = numbering.enter(node)
    program = Program(
        tuple(numbering.entries), tuple([numbers[id(root)] for root in roots]), tuple(numbering.scalar_types)
    )
    return Numbered(program, tuple(numbering.stored), tuple(numbering.scalars))


class _Numbering:
    def __init__(self, free: Mapping[int, bool] | None) -> None:
        self.free = free
        self.entries: list[Entry] = []
        self.numbers: dict[int, int] = {}  # by identity of the node; the roots keep every node alive meanwhile
        self.known: dict[Entry, int] = {}
        self.storages: dict[int, int] = {}  # by identity of the storage
        self.origins: dict[int, int] = {}  # of updates
        self.stored: list[Stored] = []
        self.scalars: list[np.generic] = []
        self.scalar_types: list[str] = []
        self.scalar_numbers: dict[object, Scalar] = {}

    def enter(self, node: Node) -> int:
        """Numbers one node whose operands have numbers."""
        match node:
            case Map():
                op, result, args, dtype, shape = node
                return self.remember(
                    MapEntry(op, result, tuple([self.reading(arg) for arg in args]), _name(dtype), shape)
                )
            case Stored():
                return self.stored_entry(node)
            case Update():
                return self.update(node)
            case Reduce(op, arg, axes, dtype, shape):
                return self.remember(ReduceEntry(op, self.whole_reading(arg), axes, _name(dtype), shape))
            case Library(function, operands, params, result, types, dtype, shape):
                read = tuple([self.whole_reading(arg) for arg in operands])
                return self.remember(LibraryEntry(function, read, params, result, types, _name(dtype), shape))
            case Placed(arg, lies, dtype, shape):
                return self.remember(MapEntry("cast", 0, (self.reading(arg),), _name(dtype), shape, lies))
            case Fill(value, dtype, shape):
                return self.remember(FillEntry(self.scalar(value, dtype), _name(dtype), shape))
            case Index(dtype, shape):
                return self.remember(IndexEntry(_name(dtype), shape))
            case Empty(dtype, shape):
                return self.remember(EmptyEntry(_name(dtype), shape))
            case Lost(dtype, shape, reason):
                raise ArrayLostError(reason)
        assert_never(node)

    def stored_entry(self, node: Stored) -> int:
        """Numbers a value in memory: one entry for each storage."""
        known = self.storages.get(id(node.storage))
        if known is None:
            known = self.storages[id(node.storage)] = len(self.entries)
            self.stored.append(node)
            free = node.storage.holders() == 0 if self.free is None else self.free[id(node.storage)]
            self.entries.append(StoredEntry(free, _name(node.dtype), node.shape))
        return known

    def remember(self, entry: Entry) -> int:
        """The number of an entry; equal ones have one number."""
        known = self.known.get(entry)
        if known is None:
            known = self.known[entry] = len(self.entries)
            self.entries.append(entry)
        return known

    def update(self, node: Update) -> int:
        """Numbers an assignment."""
        value = self.reading(node.value)
        base = self.numbers[id(node.base)]
        while isinstance(older := self.entries[base], UpdateEntry) and (
            older.view == node.view or covers(node.view, node.shape)
        ):
            base = older.base  # what was assigned before is assigned over
        if not isinstance(older, EmptyEntry) and covers(node.view, node.shape):
            base = self.remember(EmptyEntry(older.dtype, older.shape))
        known = self.remember(UpdateEntry(base, node.view, value, older.dtype, node.shape))
        self.origins[known] = self.origin(base)
        return known

    def origin(self, number: int) -> int:
        """The value from which assignments to parts made an entry."""
        return self.origins.get(number, number)

    def whole_reading(self, arg: Ref) -> Reading:
        """An operand that must be an array: what turns out to be one scalar stays an entry."""
        found = self.reading(arg)
        if isinstance(found, Reading):
            return found
        shape = arg.view.shape
        return Reading(self.remember(FillEntry(found, self.scalar_types[found], shape)), identity(shape))

    def reading(self, arg: Ref | Const) -> Reading | Scalar:
        """An operand by number, read as far back as assignments allow."""
        if isinstance(arg, Const):
            return self.scalar(arg.value, arg.dtype)
        found, view = self.numbers[id(arg[0])], arg[1]
        kind = type(self.entries[found])
        if kind is MapEntry or kind is StoredEntry:
            return _tuple(Reading, (found, view))
        return self.through_updates(found, view)

    def through_updates(self, index: int, view: View) -> Reading | Scalar:
        """What is read of a value that was assigned to: perhaps just what was assigned, or what was there before."""
        while isinstance(entry := self.entries[index], UpdateEntry):
            if entry.view == view:
                if not isinstance(entry.value, Reading):
                    return entry.value
                if self.origin(entry.value.number) == self.origin(index):
                    break  # moved within one array: where it came from may be written over next
                index, view = entry.value
            elif (inner := _within(view, entry)) is not None:
                index, view = inner
            elif not overlaps(view, entry.view, entry.shape):
                index = entry.base
            else:
                break
        if isinstance(entry, FillEntry):
            return entry.value
        if isinstance(entry, EmptyEntry):  # anything will do, zero included
            return self.zero(entry.dtype)
        return Reading(index, view)

    def zero(self, name: str) -> Scalar:
        """What is read of memory that holds anything."""
        dtype = np.dtype(name)
        return self.scalar(dtype.type(0), dtype)

    def scalar(self, value: np.generic, dtype: np.dtype) -> Scalar:
        """The number of a scalar operand."""
        bits = same_bits(value, dtype)
        known = self.scalar_numbers.get(bits)
        if known is None:
            known = self.scalar_numbers[bits] = Scalar(len(self.scalars))
            self.scalars.append(value)
            self.scalar_types.append(_name(dtype))
        return known


def same_bits(value: np.generic, dtype: np.dtype) -> object:
    """Equal for scalars of one dtype and the same bits, and for no others."""
    # bytes take ten times as long: only zeros, nans and complex numbers may be equal, or not, without them
    return (dtype, value) if value and value == value and dtype.kind != "c" else (dtype, value.tobytes())


def _within(view: View, entry: UpdateEntry) -> Reading | None:
    """The assigned value's part that a view reads which was broadcast from exactly the assigned view."""
    assigned, value = entry.view, entry.value
    if not isinstance(value, Reading) or view.offset != assigned.offset or 0 in view.shape or 0 in assigned.shape:
        return None
    kept = tuple((e, s) for e, s in zip(view.shape, view.strides, strict=True) if e > 1 and s)
    if kept != tuple((e, s) for e, s in zip(assigned.shape, assigned.strides, strict=True) if e > 1 and s):
        return None
    if 0 in assigned.strides:
        return None
    # a view of the value's own shape that repeats it as the read repeats the assigned part
    strides, at = [], 0
    moving = [n for n, e in enumerate(assigned.shape) if e > 1]
    for e, s in zip(view.shape, view.strides, strict=True):
        if e > 1 and s:
            strides.append(value.view.strides[moving[at]])
            at += 1
        else:
            strides.append(0)
    return Reading(value.number, View(value.view.offset, view.shape, tuple(strides)))


__all__ = ["Numbered", "Program", "needed_by", "number", "operations", "same_bits"]
