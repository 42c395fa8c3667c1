"""Shards of Zarr 3: one file for many chunks, and an index of where in it each of them lies.

Whoever writes a shard writes all of it: two who each wrote some of its chunks would lose those of the other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from math import prod
from typing import BinaryIO

import numpy as np

from ramba.files import storage
from ramba.files.chunked import Place, encoded_chunks
from ramba.files.codecs import Named, decoded, encoded
from ramba.files.source import Source
from ramba.files.threads import Threads

ABSENT = (1 << 64) - 1  # place and length of a chunk that nobody wrote
_CRC = 4  # bytes of a checksum
_CHECKSUM: tuple[Named, ...] = (("crc32c",),)


class Indexes:
    """What shards say of where their chunks lie, each read once."""

    def __init__(self, counts: tuple[int, ...], first: bool, checked: bool, path: Callable[[Place], str]) -> None:
        self.counts = counts  # of chunks along each dimension of a shard
        self.first = first  # whether an index lies before the chunks
        self.checked = checked  # whether it has a checksum
        self.path = path  # of the shard that has the chunk at a place
        self._known: dict[str, np.ndarray | None] = {}
        self._lock = threading.Lock()

    def content(self, place: Place, reads: list[int]) -> np.ndarray | None:
        """The bytes of a chunk; None if nobody wrote it."""
        path = self.path(place)
        with self._lock:
            if path not in self._known:
                self._known[path] = self._index(path, reads)
            index = self._known[path]
        if index is None:
            return None
        at, nbytes = map(int, index[tuple(p % n for p, n in zip(place, self.counts, strict=True))])
        if at == nbytes == ABSENT:
            return None
        with storage.opened(path, reads) as held:
            if at + nbytes > held.stamp[0]:
                raise storage.truncated(path, at + nbytes)
            content = np.empty(nbytes, np.uint8)
            held.read(at, content)
        return content

    def _index(self, path: str, reads: list[int]) -> np.ndarray | None:
        size = 16 * prod(self.counts)
        whole = size + (_CRC if self.checked else 0)
        try:
            with storage.opened(path, reads) as held:
                if held.stamp[0] < whole:
                    raise storage.truncated(path, whole)
                content = np.empty(whole, np.uint8)
                held.read(0 if self.first else held.stamp[0] - whole, content)
        except FileNotFoundError:
            return None
        return decoded(content, _CHECKSUM if self.checked else (), size).view("<u8").reshape(*self.counts, 2)


def write(
    path: str,
    chunks: Source,
    counts: tuple[int, ...],
    array: np.ndarray,
    team: Threads,
    encode: Callable[[np.ndarray], np.ndarray],
) -> None:
    """Writes a shard: the chunks of an array as large as it, or cut at the end of its own; the index with a checksum.

    They are encoded on all threads.
    """
    found = encoded_chunks(chunks, array, (0,) * array.ndim, team, encode)
    index = np.full((*counts, 2), ABSENT, "<u8")
    at = 0
    with opened(path) as stream:
        for place, content in found:
            stream.write(content.data)
            index[place] = at, content.nbytes
            at += content.nbytes
        stream.write(encoded(index.reshape(-1).view(np.uint8), _CHECKSUM).data)


def opened(path: str) -> BinaryIO:
    """A new file, to be written; the directory that it lies in is made with its first one."""
    try:
        return open(path, "wb")
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return open(path, "wb")


__all__ = ["ABSENT", "Indexes", "opened", "write"]
