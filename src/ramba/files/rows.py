"""Rows of numbers as text: how `savetxt` shows them, a part at a time, on all threads."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

import numpy as np

from ramba.files.digits import code
from ramba.files.threads import Threads

BLOCK = 8192  # elements that one thread writes at once
_LONGEST = 512  # characters that C keeps free for a number
_CONVERSION = re.compile(r"([^%]*)%([-+ 0]*)(\d{0,2})((?:\.\d{0,2})?)([diueEfFgG])")


class Shown(NamedTuple):
    """How rows are shown: plain data, which messages carry."""

    columns: tuple[tuple[bytes, bytes, str], ...]  # text before a number, its conversion in C, "f" or "d"
    newline: bytes
    elements: str  # what a number is before it is shown: "f8" or "i8"


def shown(formats: str, columns: int, newline: str, dtype: np.dtype) -> Shown | None:
    """Python's format of a row for C; None if C has no such format, or shows something else."""
    if dtype.kind not in "iufb" or dtype.itemsize > 8 or dtype.str[1:] == "u8":
        return None
    found, at = list[tuple[bytes, bytes, str]](), 0
    while match := _CONVERSION.match(formats, at):
        before, flags, width, precision, letter = match.groups()
        whole = letter in "diu"
        if whole and precision:
            return None
        how = f"%{flags}{width}{precision}{'lld' if whole else letter}"
        found.append((before.encode(), how.encode(), "d" if whole else "f"))
        at = match.end()
    if len(found) != columns or "%" in formats[at:] or not (formats + newline).isascii() or "\0" in formats:
        return None
    return Shown(tuple(found), (formats[at:] + newline).encode(), "f8" if dtype.kind == "f" else "i8")


def texts(rows: np.ndarray, how: Shown, team: Threads) -> list[np.ndarray] | None:
    """The text of rows in parts; None if C does not show one of them as Python does."""
    each = max(1, BLOCK // len(how.columns))
    found: list[Any] = [None] * -(-len(rows) // each)
    room = sum(len(before) + _LONGEST for before, *_ in how.columns) + len(how.newline) + _LONGEST

    def one(n: int) -> None:
        part = np.ascontiguousarray(rows[n * each : (n + 1) * each], how.elements)
        to = np.empty(len(part) * (room + len(how.newline) * len(how.columns)), np.uint8)
        length = code().text(part, how.elements[0].replace("i", "d"), how.columns, how.newline, to)
        found[n] = to[:length].copy() if length >= 0 else None

    team.map(one, len(found))
    return None if any(part is None for part in found) else found


def put(path: str, at: int, parts: list[np.ndarray]) -> None:
    """Writes parts of a text one behind the other into a file that is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        for part in parts:
            done = 0
            while done < part.nbytes:
                done += os.pwrite(descriptor, part[done:].data, at + done)
            at += part.nbytes
    finally:
        os.close(descriptor)


__all__ = ["BLOCK", "Shown", "put", "shown", "texts"]
