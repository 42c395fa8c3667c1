"""Tables of numbers as text: cut at ends of lines into pieces, which all threads, or workers, count and read.

What is in them besides numbers, delimiters, comments and empty lines is not read here: NumPy knows more.
"""

from __future__ import annotations

import bisect
import itertools
import locale
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ramba.files.digits import code, kind
from ramba.files.format import Format, Options
from ramba.files.source import Selection, Source, named
from ramba.files.storage import Storage, check_unchanged, opened
from ramba.files.threads import Threads

PIECE = 1 << 20  # bytes that one thread reads at once, at least
PIECES = 4096  # of a file, at most
HEAD = 16 << 20  # bytes within which the first row begins
_ENCODINGS = ("utf-8", "utf8", "ascii", "us-ascii", "latin1", "latin-1", "iso-8859-1", "iso8859-1", "cp1252")
_NO_DELIMITERS = frozenset("+-.\r\n\0\"'")


class Table(NamedTuple):
    """Where rows are in a text: the layout of a `Source`."""

    delimiter: int  # a character, or 0 for blanks
    comment: int  # a character, or 0 for none
    fields: int  # of each row in the file
    columns: tuple[int, ...]  # those that are read
    offsets: tuple[int, ...]  # where each piece begins, and where the last one ends
    firsts: tuple[int, ...]  # the first row of each piece, and how many rows there are


class _Alone:
    """One thread."""

    size = 1

    def map(self, function: Callable[[int], None], count: int) -> None:
        for n in range(count):
            function(n)


def describe(file: str, name: str, options: Options) -> Source:
    """As `Format.describe`: the rows are counted."""
    if name:
        raise ValueError(f"{file} holds one array, without a name: {name!r} is not there")
    return described(file, _Alone(), **options)


def described(
    file: str,
    team: Threads,
    *,
    dtype: Any = float,
    delimiter: str | None = None,
    comments: str | None = "#",
    skiprows: int = 0,
    usecols: Sequence[int] | int | None = None,
    max_rows: int | None = None,
    encoding: str | None = None,
    rows_only: bool = False,
) -> Source:
    """A table in a file, whose rows are counted on all threads.

    Raises
    ------
    ValueError
        If it is not as plain as what is read here, or with ``rows_only`` if lines without a row are among the first
        ``max_rows``.
    """
    dtype = np.dtype(dtype)
    if code() is None or kind(dtype) is None:
        raise ValueError(f"{file}: numbers of dtype {dtype} are read from text by loadtxt() only")
    style = _character(delimiter, "delimiter"), _character(comments, "comments")
    if style[0] and style[0] == style[1]:
        raise ValueError("comments begin with the delimiter")
    with opened(file) as held:
        begin, fields, others = _first_row(held, style, skiprows, encoding)
        offsets, counts, blank = _counted(held, style, begin, team, max_rows)
    rows = sum(counts)
    if max_rows is not None:
        rows = min(rows, max_rows)
        if rows_only and others + blank:
            raise ValueError(f"{file} has lines that are no rows")
    columns = _columns(usecols, fields)
    table = Table(*style, fields, columns, tuple(offsets), tuple(itertools.accumulate(counts, initial=0)))
    return Source(file, "text", "", named(dtype), (rows, len(columns)), (), held.stamp, table)


def is_plain(encoding: str | None) -> bool:
    """Whether a text in an encoding, by default the system's, shows ASCII's characters as ASCII does."""
    return (encoding or locale.getpreferredencoding(False)).lower() in _ENCODINGS


def _character(given: str | None, what: str) -> int:
    """A character as C has it."""
    if given is None:
        return 0
    if len(given) != 1 or not given.isascii() or given.isalnum() or given in _NO_DELIMITERS:
        raise ValueError(f"{what}={given!r} is no character that tables are read with")
    return ord(given)


def _columns(wanted: Sequence[int] | int | None, fields: int) -> tuple[int, ...]:
    """The columns that are read."""
    if wanted is None:
        return tuple(range(fields))
    given = (wanted,) if isinstance(wanted, int) else wanted
    found = tuple(n + fields if n < 0 else n for n in given)
    if not found or len(set(found)) != len(found) or not all(0 <= n < fields for n in found):
        raise ValueError(f"columns {wanted} are not all among {fields}, or some are the same")
    return found


def _first_row(held: Storage, style: tuple[int, int], skiprows: int, encoding: str | None) -> tuple[int, int, int]:
    """Where the first row begins, its fields, and how many lines without a row are between it and those skipped."""
    if not is_plain(encoding) or skiprows < 0:
        raise ValueError(f"tables are not read in {encoding}")
    length, size = held.stamp[0], 1 << 16
    while True:
        head = np.empty(min(size, length), np.uint8)
        held.read(0, head)
        content = head.tobytes()
        begin = _behind(content, skiprows)
        at, fields = code().first(content[begin:], *style) if begin >= 0 else (-1, 0)
        complete = at >= 0 and (b"\n" in content[begin + at :] or len(content) == length)
        if complete:
            break
        if size >= min(length, HEAD):
            raise ValueError(f"{held.file} has no rows")
        size *= 8
    before = content[: begin + at]
    words = before.decode(encoding or locale.getpreferredencoding(False))
    if before.count(b"\r") != before.count(b"\r\n") or words.startswith("\ufeff"):
        raise ValueError(f"{held.file} is no table as they are read here")
    return begin + at, fields, content[begin : begin + at].count(b"\n")


def _behind(content: bytes, lines: int) -> int:
    """Where a text goes on behind some lines; -1 if it has not so many."""
    at = 0
    for _ in range(lines):
        at = content.find(b"\n", at) + 1
        if not at:
            return -1
    return at


def _counted(
    held: Storage, style: tuple[int, int], begin: int, team: Threads, most: int | None
) -> tuple[list[int], list[int], int]:
    """Where pieces begin and how many rows they have, until there are enough; and the lines that have none."""
    end = held.stamp[0]
    each = max(PIECE, -(-(end - begin) // PIECES))
    offsets, counts, others = [begin], list[int](), 0
    while offsets[-1] < end and (most is None or sum(counts) < most):
        first = len(counts)
        for _ in range(4 * team.size):
            if offsets[-1] < end:
                offsets.append(_line_from(held, offsets[-1] + each, end))
        found = _lines(held, style, offsets[first:], team)
        counts += [rows for rows, _ in found]
        others += sum(blank for _, blank in found)
        if min(counts) < 0:
            raise ValueError(f"{held.file} has bytes that no table has")
    return offsets, counts, others


def _lines(held: Storage, style: tuple[int, int], offsets: list[int], team: Threads) -> list[tuple[int, int]]:
    """Rows and other lines of some pieces."""
    found = [(0, 0)] * (len(offsets) - 1)

    def one(n: int) -> None:
        content = np.empty(offsets[n + 1] - offsets[n], np.uint8)
        held.read(offsets[n], content)
        found[n] = code().count(content, *style)

    team.map(one, len(found))
    return found


def _line_from(held: Storage, at: int, end: int) -> int:
    """Where the first line begins that begins at a place or behind it."""
    size = 1 << 12
    at -= 1
    while at < end:
        content = np.empty(min(size, end - at), np.uint8)
        held.read(at, content)
        found = content.tobytes().find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(content)
        size *= 4
    return end


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`: the pieces that have some of the rows."""
    table = Table(*source.layout)
    (first, column), (count, columns), (step, over) = selection
    low = bisect.bisect_right(table.firsts, first) - 1
    high = bisect.bisect_left(table.firsts, first + (count - 1) * step + 1)
    wanted = np.full(table.fields, -1, np.int32)
    for n, field in enumerate(table.columns[column : column + (columns - 1) * over + 1 : over]):
        wanted[field] = n
    with opened(source.file) as held:
        check_unchanged(source.file, source.stamp, held.stamp)

        def one(n: int) -> None:
            _read_piece(held, source, table, low + n, selection, wanted, out)

        team.map(one, high - low)


def _read_piece(
    held: Storage, source: Source, table: Table, n: int, selection: Selection, wanted: np.ndarray, out: np.ndarray
) -> None:
    """The rows of a piece that are selected."""
    (first, _), (count, columns), (step, _) = selection
    begin, end = table.firsts[n : n + 2]
    content = np.empty(table.offsets[n + 1] - table.offsets[n], np.uint8)
    held.read(table.offsets[n], content)
    dtype = np.dtype(source.dtype)
    low, high = max(0, -(-(begin - first) // step)), min(count, -(-(end - first) // step))  # in the result
    to = out[low:high]
    whole = len(to) == end - begin and to.flags.c_contiguous and to.dtype == dtype
    rows = to if whole else np.empty((end - begin, columns), dtype)
    number = kind(dtype)
    read = code().parse(content, table.delimiter, table.comment, table.fields, wanted, number, columns, rows)
    if read != end - begin:
        raise ValueError(f"{source.file}: not all rows {begin} to {end} are {table.fields} numbers")
    if not whole:
        to[...] = rows[first + low * step - begin :: step][: len(to)]


FORMAT = Format(
    "text",
    (),
    describe,
    read,
    options=("dtype", "delimiter", "comments", "skiprows", "usecols", "max_rows", "encoding"),
)
