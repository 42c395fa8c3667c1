"""Programs as texts: what `show_draft` writes of them can be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
)
from ramba.layout import View, identity

_LINE = re.compile(r"v(\d+) = (\w+)(?: (\w+))?\((.*)\) -> (\w+)\[(.*?)\](.*)")
_READING = re.compile(r"(c|v)(\d+)(\[-?\d+; \[[^\]]*\]; \[[^\]]*\]\])?")


def numbers(text: str) -> tuple[int, ...]:
    """The numbers in a text."""
    return tuple(int(n) for n in re.findall(r"-?\d+", text))


def view(text: str) -> View:
    """A view: "[offset; [extents]; [strides]]"."""
    offset, shape, strides = text.strip("[] at").split("; ")
    return View(int(offset), numbers(shape), numbers(strides))


def program(text: str, scalars: tuple[str, ...] = ()) -> Program:
    """A program, one entry a line; its last line says which entries are held: "roots: v1, v3"."""
    entries: list[Entry] = []
    roots: tuple[int, ...] = ()
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("roots:"):
            roots = numbers(line)
            break
        found = _LINE.fullmatch(line)
        assert found is not None, line
        number, kind, op, args, dtype, shape, rest = found.groups()
        assert int(number) == len(entries), line
        entries.append(_entry(kind, op, list(_readings(args, entries)), dtype, numbers(shape), rest))
    return Program(tuple(entries), roots, scalars)


def _readings(text: str, entries: list[Entry]) -> Iterator[Reading | Scalar]:
    for kind, number, seen in _READING.findall(text):
        if kind == "c":
            yield Scalar(int(number))
        else:
            yield Reading(int(number), view(seen) if seen else identity(entries[int(number)].shape))


def _entry(kind: str, op: str, args: list[Any], dtype: str, shape: tuple[int, ...], rest: str) -> Entry:
    match kind:
        case "stored":
            return StoredEntry("may be written over" in rest, dtype, shape)
        case "fill":
            return FillEntry(args[0], dtype, shape)
        case "empty":
            return EmptyEntry(dtype, shape)
        case "index":
            return IndexEntry(dtype, shape)
        case "map":
            return MapEntry(op, 0, tuple(args), dtype, shape)
        case "reduce":
            return ReduceEntry(op, args[0], numbers(rest), dtype, shape)
        case "library":
            return LibraryEntry(op, tuple(args), (), 0, ((dtype, shape),), dtype, shape)
        case "update":
            base, value = args
            return UpdateEntry(base.number, view(rest), value, dtype, shape)
    raise AssertionError(kind)


__all__ = ["program", "view"]
