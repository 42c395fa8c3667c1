"""What a format can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ramba.files.source import Selection, Source
from ramba.files.threads import Threads

Options = Mapping[str, Any]
Encoded = list[tuple[tuple[int, ...], np.ndarray]]  # chunks: place in the grid, bytes


class Written(NamedTuple):
    """An array to be written."""

    shape: tuple[int, ...]
    dtype: np.dtype
    name: str
    chunks: tuple[int, ...] | None  # None: what suits
    compression: Any  # None: none
    fortran: bool = False  # whether it is given transposed, and the format shall say so
    shards: tuple[int, ...] | None = None  # extents of what becomes one file


class Format(NamedTuple):
    """A way to keep arrays in files."""

    name: str
    endings: tuple[str, ...]  # without the dot
    describe: Callable[[str, str, Options], Source]
    """(file, name of the array in it or "", options): what is there, without reading it."""
    read: Callable[[Source, Selection, np.ndarray, Threads], None]
    """Reads what is selected into an array of its shape and of the source's dtype, in any order of bytes."""
    create: Callable[[str, Written, bool], Source] | None = None
    """(path, what, whether it is added to a file that is there): a place for an array, to be written into."""
    write: Callable[[Source, np.ndarray, tuple[int, ...], Threads], None] | None = None
    """(where, a box of the array, its first index): writes it. All workers do that, each with boxes of whole chunks."""
    encode: Callable[[Source, np.ndarray, tuple[int, ...], Threads], Encoded] | None = None
    """For what only one process can write: the chunks of a box; `store` writes them."""
    store: Callable[[Source, Encoded], None] | None = None
    finish: Callable[[Source], None] | None = None
    """All is written: an array that was added gets its name."""
    give_up: Callable[[Source], None] | None = None
    """An array that was added was not written: it goes."""
    options: tuple[str, ...] = ()  # those of `describe`
    sharded: bool = False  # whether chunks can be written together in shards


__all__ = ["Encoded", "Format", "Options", "Written"]
