"""One more array in a file that is there: it has its name when all of it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ramba.files.format import Format, Written
from ramba.files.source import Source


@contextmanager
def added(row: Format, path: str, what: Written) -> Iterator[Source]:
    """A place for an array in a file that is there; after an exception it is gone again."""
    if row.create is None or row.give_up is None or row.finish is None:
        raise ValueError(f"A file of format {row.name} holds one array.")
    target = row.create(path, what, True)
    try:
        yield target
        row.finish(target)
    except BaseException:
        row.give_up(target)
        raise


__all__ = ["added"]
