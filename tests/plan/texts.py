"""Programs as texts: what `show_draft` writes of them can be read again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ramba.graph import Entry, Program, Reading
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
        entries.append(
            Entry(kind, op or "", dtype, numbers(shape), tuple(_readings(args, entries)), _detail(kind, rest))
        )
    return Program(tuple(entries), roots, scalars)


def _readings(text: str, entries: list[Entry]) -> Iterator[Reading]:
    for kind, number, seen in _READING.findall(text):
        if kind == "c":
            yield Reading(int(number), None)
        else:
            yield Reading(int(number), view(seen) if seen else identity(entries[int(number)].shape))


def _detail(kind: str, text: str) -> object:
    match kind:
        case "stored":
            return "may be written over" in text
        case "reduce":
            return numbers(text)
        case "update":
            return view(text)
        case "map":
            return 0
    return None


__all__ = ["program", "view"]
