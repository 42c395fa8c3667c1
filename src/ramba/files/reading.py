"""Reads and writes a part of an array in a file, by the format that it has."""

from __future__ import annotations

import numpy as np

from ramba.files.registry import formats
from ramba.files.source import Selection, Source
from ramba.files.threads import Threads


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """Reads what is selected into an array of its shape, in any dtype that the file's can become.

    Raises
    ------
    FileChangedError
        If the file is not what it was when it was described.
    ValueError
        If it is truncated or damaged.
    """
    if out.size == 0:
        return
    formats()[source.format].read(source, selection, out, team)


def write(source: Source, array: np.ndarray, start: tuple[int, ...], team: Threads) -> None:
    """Writes a box of an array into the place that was made for it."""
    writer = formats()[source.format].write
    assert writer is not None
    writer(source, array, start, team)


__all__ = ["read", "write"]
