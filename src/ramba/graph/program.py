"""A graph as numbered plain data: what the planner plans, and the key under which a plan is remembered.

Numbering visits what the roots need, operands first, gives equal values one number (so a DAG never becomes a tree and
common subexpressions are computed once), and looks through assignments: a read of exactly the assigned part reads the
assigned value, a read of an untouched part reads the older value. Values of scalars and the memory behind stored
values stay out of the program, so that every turn of a loop gives an equal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ramba.errors import ArrayLostError
from ramba.graph.node import Const, Empty, Fill, Index, Library, Map, Node, Reduce, Ref, Stored, Update
from ramba.layout import View, covers, identity, overlaps


class Reading(NamedTuple):
    """An operand by number: an entry read through a view, or (view None) a scalar."""

    number: int
    view: View | None


class Entry(NamedTuple):
    """One value of a program."""

    kind: str  # "stored", "fill", "empty", "index", "map", "reduce", "update", "library"
    op: str  # ufunc, fold, or library function
    dtype: str
    shape: tuple[int, ...]
    args: tuple[Reading, ...] = ()
    # map: which result; reduce: axes; update: view; library: params, which result, types of all; stored: may be
    # written over
    detail: Any = None


class Program(NamedTuple):
    """Entries in an order in which operands come first, and the numbers of those that the program still holds."""

    entries: tuple[Entry, ...]
    roots: tuple[int, ...]
    scalars: tuple[str, ...]  # their dtypes


def operations(program: Program) -> list[str]:
    """Digests of the operations that a program names; names of other things may be among them."""
    named = [entry.op for entry in program.entries if entry.kind in ("map", "reduce")]
    calls = [entry.detail[0] for entry in program.entries if entry.kind == "library"]  # their parameters
    return list(dict.fromkeys(named + [each for params in calls for each in params if isinstance(each, str)]))


_tuple = tuple.__new__  # half the time of a named tuple's own constructor


@lru_cache(maxsize=256)
def _name(dtype: np.dtype) -> str:
    """NumPy's type string without byte order."""
    return dtype.str[1:]


class Numbered(NamedTuple):
    """A program with what it was made from."""

    program: Program
    stored: tuple[Stored, ...]  # in the order of the "stored" entries
    scalars: tuple[np.generic, ...]


def number(roots: list[Node], free: Mapping[int, bool] | None = None) -> Numbered:
    """Numbers everything that the roots need; ``free`` are, by identity, storages that may be written over or not."""
    numbering = _Numbering(free)
    for root in roots:
        numbering.visit(root)
    program = Program(
        tuple(numbering.entries), tuple(numbering.numbers[id(r)] for r in roots), tuple(numbering.scalar_types)
    )
    return Numbered(program, tuple(numbering.stored), tuple(numbering.scalars))


def _parts(node: Update) -> list[Node]:
    return [node.value.node, node.base] if isinstance(node.value, Ref) else [node.base]


class _Numbering:
    def __init__(self, free: Mapping[int, bool] | None) -> None:
        self.free = free
        self.entries: list[Entry] = []
        self.numbers: dict[int, int] = {}  # by identity of the node; the roots keep every node alive meanwhile
        self.known: dict[Any, int] = {}
        self.origins: dict[int, int] = {}  # of updates
        self.stored: list[Stored] = []
        self.scalars: list[np.generic] = []
        self.scalar_types: list[str] = []
        self.scalar_numbers: dict[object, int] = {}

    def visit(self, root: Node) -> None:
        """Numbers a node and what it needs, without recursion: graphs may be a million nodes deep."""
        numbers = self.numbers
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in numbers:
                stack.pop()
                continue
            count = len(stack)
            kind = type(node)
            if kind is Map or kind is Library:
                operands: Any = node.args  # type: ignore[union-attr]
                stack += [arg[0] for arg in operands if type(arg) is Ref and id(arg[0]) not in numbers]
            elif kind is Update:
                stack += [n for n in _parts(node) if id(n) not in numbers]  # type: ignore[arg-type]
            elif kind is Reduce and id(node.arg.node) not in numbers:  # type: ignore[union-attr]
                stack.append(node.arg.node)  # type: ignore[union-attr]
            if len(stack) == count:
                stack.pop()
                numbers[id(node)] = self.enter(node)

    def enter(self, node: Node) -> int:
        """Numbers one node whose operands have numbers."""
        if isinstance(node, Map):
            op, result, operands, dtype, shape = node
            args = tuple([self.reading(arg) for arg in operands])
            return self.remember(_tuple(Entry, ("map", op, _name(dtype), shape, args, result)))
        if isinstance(node, Stored):
            return self.enter_stored(node)
        if isinstance(node, Update):
            return self.update(node)
        kind, op, args = "", "", ()
        detail: Any = None
        if isinstance(node, Reduce):
            kind, op, args, detail = "reduce", node.op, (self.whole_reading(node.arg),), node.axes
        elif isinstance(node, Fill):
            kind, args = "fill", (self.reading(Const(node.value, node.dtype)),)
        elif isinstance(node, Library):
            kind, op, detail = "library", node.function, (node.params, node.result, node.types)
            args = tuple([self.whole_reading(arg) for arg in node.args])
        elif isinstance(node, Index | Empty):
            kind = "index" if isinstance(node, Index) else "empty"
        else:  # it stands for a value that will never be known
            raise ArrayLostError(getattr(node, "reason", "The value of this array is lost."))
        return self.remember(Entry(kind, op, _name(node.dtype), node.shape, args, detail))

    def enter_stored(self, node: Stored) -> int:
        """Numbers a value in memory: one entry for each storage."""
        known = self.known.get(id(node.storage))
        if known is None:
            known = self.known[id(node.storage)] = len(self.entries)
            self.stored.append(node)
            free = node.storage.holders() == 0 if self.free is None else self.free[id(node.storage)]
            self.entries.append(_tuple(Entry, ("stored", "", _name(node.dtype), node.shape, (), free)))
        return known

    def remember(self, entry: Entry) -> int:
        known = self.known.get(entry)
        if known is None:
            known = self.known[entry] = len(self.entries)
            self.entries.append(entry)
        return known

    def update(self, node: Update) -> int:
        value = self.reading(node.value)
        base = self.numbers[id(node.base)]
        while (older := self.entries[base]).kind == "update" and (
            older.detail == node.view or covers(node.view, node.shape)
        ):
            base = older.args[0].number  # what was assigned before is assigned over
        if older.kind != "empty" and covers(node.view, node.shape):
            base = self.remember(Entry("empty", "", older.dtype, older.shape))
        whole = Reading(base, None)
        known = self.remember(Entry("update", "", older.dtype, node.shape, (whole, value), node.view))
        self.origins[known] = self.origin(base)
        return known

    def origin(self, number: int) -> int:
        """The value from which assignments to parts made an entry."""
        return self.origins.get(number, number)

    def whole_reading(self, arg: Ref) -> Reading:
        """An operand that must be an array: what turns out to be one scalar stays an entry."""
        reading = self.reading(arg)
        if reading.view is not None:
            return reading
        shape = arg.view.shape
        fill = Entry("fill", "", self.scalar_types[reading.number], shape, (reading,))
        return Reading(self.remember(fill), identity(shape))

    def reading(self, arg: Ref | Const) -> Reading:
        """An operand by number, read as far back as assignments allow."""
        if isinstance(arg, Const):
            return self.scalar(arg.value, arg.dtype)
        index, view = self.numbers[id(arg[0])], arg[1]
        entry = self.entries[index]
        kind = entry[0]
        if kind == "map" or kind == "stored":
            return _tuple(Reading, (index, view))
        if kind == "update":
            return self.through_updates(index, view)
        if kind == "fill":
            return entry.args[0]
        if kind == "empty":  # anything will do, zero included
            return self.zero(entry.dtype)
        return Reading(index, view)

    def through_updates(self, index: int, view: View) -> Reading:
        """What is read of a value that was assigned to: perhaps just what was assigned, or what was there before."""
        while (entry := self.entries[index]).kind == "update":
            if entry.detail == view:
                value = entry.args[1]
                if value.view is None:
                    return value
                if self.origin(value.number) == self.origin(index):
                    break  # moved within one array: where it came from may be written over next
                index, view = value.number, value.view
            elif (inner := _within(view, entry)) is not None:
                assert inner.view is not None
                index, view = inner.number, inner.view
            elif not overlaps(view, entry.detail, entry.shape):
                index = entry.args[0].number
            else:
                break
        if entry.kind == "fill":
            return entry.args[0]
        if entry.kind == "empty":
            return self.zero(entry.dtype)
        return Reading(index, view)

    def zero(self, name: str) -> Reading:
        """What is read of memory that holds anything."""
        dtype = np.dtype(name)
        return self.scalar(dtype.type(0), dtype)

    def scalar(self, value: np.generic, dtype: np.dtype) -> Reading:
        """The number of a scalar operand."""
        bits = same_bits(value, dtype)
        known = self.scalar_numbers.get(bits)
        if known is None:
            known = self.scalar_numbers[bits] = len(self.scalars)
            self.scalars.append(value)
            self.scalar_types.append(_name(dtype))
        return Reading(known, None)


def same_bits(value: np.generic, dtype: np.dtype) -> object:
    """Equal for scalars of one dtype and the same bits, and for no others."""
    # bytes take ten times as long: only zeros, nans and complex numbers may be equal, or not, without them
    return (dtype, value) if value and value == value and dtype.kind != "c" else (dtype, value.tobytes())


def _within(view: View, entry: Entry) -> Reading | None:
    """The assigned value's part that a view reads which was broadcast from exactly the assigned view."""
    assigned, value = entry.detail, entry.args[1]
    if value.view is None or view.offset != assigned.offset or 0 in view.shape or 0 in assigned.shape:
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


__all__ = ["Entry", "Numbered", "Program", "Reading", "number", "operations", "same_bits"]
