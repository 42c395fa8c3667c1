"""The entries of a numbered program: the nodes of a graph, with numbers for what they read and no values in them.

There is one for each kind of node, with the same fields. They are parts of keys: those of different kinds are never
equal. They travel, and what decodes them gives them the types that they had. Passes, which look at every entry many
times, ask `type(entry) is MapEntry`: where the answer is no, that takes a tenth of the time of `isinstance`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, NewType, TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from ramba.layout import Partition, View

Scalar = NewType("Scalar", int)  # an operand: the number of a scalar of the flush


class Reading(NamedTuple):
    """An operand: an entry by number, read through a view."""

    number: int
    view: View


class StoredEntry(Struct, frozen=True, array_like=True, tag=True):
    """A value that exists in memory."""

    free: bool  # may be written over
    dtype: str
    shape: tuple[int, ...]


class FillEntry(Struct, frozen=True, array_like=True, tag=True):
    """One value everywhere."""

    value: Scalar
    dtype: str
    shape: tuple[int, ...]


class EmptyEntry(Struct, frozen=True, array_like=True, tag=True):
    """Whatever memory holds."""

    dtype: str
    shape: tuple[int, ...]


class IndexEntry(Struct, frozen=True, array_like=True, tag=True):
    """Each element is its own position in C order."""

    dtype: str
    shape: tuple[int, ...]


class MapEntry(Struct, frozen=True, array_like=True, tag=True):
    """One elementwise operation."""

    op: str
    result: int
    args: tuple[Reading | Scalar, ...]
    dtype: str
    shape: tuple[int, ...]
    lies: Partition | None = None  # how it is to lie on workers, if somebody cares


class ReduceEntry(Struct, frozen=True, array_like=True, tag=True):
    """A binary operation folded over some axes of its operand."""

    op: str
    arg: Reading
    axes: tuple[int, ...]
    dtype: str
    shape: tuple[int, ...]


class UpdateEntry(Struct, frozen=True, array_like=True, tag=True):
    """The entry of a number, with the elements under a view replaced."""

    base: int
    view: View
    value: Reading | Scalar
    dtype: str
    shape: tuple[int, ...]


class LibraryEntry(Struct, frozen=True, array_like=True, tag=True):
    """A result of a kernel that is called on whole operands in memory."""

    function: str
    args: tuple[Reading, ...]
    params: tuple[Any, ...]
    result: int
    types: tuple[tuple[str, tuple[int, ...]], ...]
    dtype: str
    shape: tuple[int, ...]


Entry: TypeAlias = (
    StoredEntry | FillEntry | EmptyEntry | IndexEntry | MapEntry | ReduceEntry | UpdateEntry | LibraryEntry
)


def arguments(entry: Entry) -> Sequence[Reading | Scalar]:
    """The operands of an entry; the base of an update, which has no view, is none of them."""
    match entry:
        case MapEntry() | LibraryEntry():
            return entry.args
        case UpdateEntry() | FillEntry():
            return (entry.value,)
        case ReduceEntry():
            return (entry.arg,)
        case StoredEntry() | EmptyEntry() | IndexEntry():
            return ()
    assert_never(entry)


def readings(entry: Entry) -> list[Reading]:
    """The operands of an entry that are entries."""
    return [arg for arg in arguments(entry) if type(arg) is Reading]


def needed(entry: Entry) -> list[int]:
    """The numbers of the entries that an entry is made of."""
    numbers = [reading.number for reading in readings(entry)]
    return [entry.base, *numbers] if isinstance(entry, UpdateEntry) else numbers


def renumbered(entry: Entry, numbers: Sequence[int]) -> Entry:
    """The same entry of a program in which the entries that it is made of have other numbers."""

    def moved(arg: Reading) -> Reading:
        return Reading(numbers[arg.number], arg.view)

    match entry:
        case MapEntry():
            return replace(entry, args=tuple([moved(a) if isinstance(a, Reading) else a for a in entry.args]))
        case LibraryEntry():
            return replace(entry, args=tuple(map(moved, entry.args)))
        case UpdateEntry():
            value = moved(entry.value) if isinstance(entry.value, Reading) else entry.value
            return replace(entry, base=numbers[entry.base], value=value)
        case ReduceEntry():
            return replace(entry, arg=moved(entry.arg))
        case StoredEntry() | FillEntry() | EmptyEntry() | IndexEntry():
            return entry
    assert_never(entry)


def kind(entry: Entry) -> str:
    """What people call it: "stored", "map"."""
    return type(entry).__name__.removesuffix("Entry").lower()


def operation(entry: Entry) -> str:
    """The name of what an entry computes, "" if it does not compute."""
    match entry:
        case MapEntry() | ReduceEntry():
            return entry.op
        case LibraryEntry():
            return entry.function
        case StoredEntry() | FillEntry() | EmptyEntry() | IndexEntry() | UpdateEntry():
            return ""
    assert_never(entry)
