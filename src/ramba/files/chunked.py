"""Arrays that are stored in chunks, each compressed by itself: read, decoded and put in place on all threads."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ramba.files.format import Encoded
from ramba.files.source import Selection, Source
from ramba.files.threads import Threads

Place = tuple[int, ...]
CHUNK = 1 << 20  # bytes of a chunk, if nobody says how many


class Chunks(NamedTuple):
    """How a format gives the chunks of an array."""

    extents: tuple[int, ...]  # of a whole chunk; those at the end of an array may be given whole or cut
    load: Callable[[Place, np.ndarray | None], np.ndarray | None]
    """The chunk at a place of the grid, decoded: perhaps into memory of its shape that is given; None if nobody wrote
    it. Called by several threads at once."""
    fill: Any  # the elements of chunks that nobody wrote


class _Span(NamedTuple):
    """What is wanted of one row of chunks, along one dimension."""

    chunk: int
    inside: slice  # of the chunk
    to: slice  # of the result


def read(chunks: Chunks, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """Reads what is selected into an array of its shape."""
    spans = [
        list(_spans(start, count, step, extent))
        for start, count, step, extent in zip(*selection, chunks.extents, strict=True)
    ]
    counts = [len(rows) for rows in spans]

    def one(n: int) -> None:  # no list of them: a file may say that its chunks are tiny
        place = np.unravel_index(n, counts) if counts else ()
        _one(chunks, [rows[int(p)] for rows, p in zip(spans, place, strict=True)], out)

    team.map(one, prod(counts))


def _spans(start: int, count: int, step: int, extent: int) -> Iterator[_Span]:
    done = 0
    while done < count:
        chunk, inside = divmod(start + done * step, extent)
        here = min(-(-(extent - inside) // step), count - done)
        yield _Span(chunk, slice(inside, inside + (here - 1) * step + 1, step), slice(done, done + here))
        done += here


def _one(chunks: Chunks, spans: Sequence[_Span], out: np.ndarray) -> None:
    here: list[Any] = [*(span.to for span in spans), ...]
    to = out[tuple(here)]
    whole = to.shape == chunks.extents and to.flags.c_contiguous
    found = chunks.load(tuple(span.chunk for span in spans), to if whole else None)
    if found is None:
        to[...] = chunks.fill
    elif found is not to:
        inside: list[Any] = [*(span.inside for span in spans), ...]
        to[...] = found[tuple(inside)]


def grid(shape: Sequence[int], extents: Sequence[int]) -> tuple[int, ...]:
    """How many chunks there are along each dimension."""
    return tuple(-(-n // e) for n, e in zip(shape, extents, strict=True))


def suitable(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Extents of chunks of about a MiB: as many whole rows as that, or a part of one."""
    found, room = [], max(1, CHUNK // itemsize)
    for extent in reversed(shape):
        found.append(max(1, min(extent, room)))
        room = max(1, room // max(extent, 1))
    return tuple(reversed(found))


def cut(array: np.ndarray, start: Sequence[int], extents: Sequence[int]) -> Iterator[tuple[Place, np.ndarray]]:
    """The parts of a box that begins where a chunk does, each with its place in the grid of all chunks."""
    first = tuple(s // e for s, e in zip(start, extents, strict=True))
    for place in itertools.product(*(range(n) for n in grid(array.shape, extents))):
        inside = tuple(slice(p * e, (p + 1) * e) for p, e in zip(place, extents, strict=True))
        yield tuple(f + p for f, p in zip(first, place, strict=True)), array[inside]


def encoded_chunks(
    source: Source,
    array: np.ndarray,
    start: Sequence[int],
    team: Threads,
    encode: Callable[[np.ndarray], np.ndarray],
    put: Callable[[Place, np.ndarray], None] | None = None,
) -> Encoded:
    """The chunks of a box that begins where one does: encoded on all threads, and given, or put where they belong."""
    parts = list(cut(array, start, source.chunks))
    found: list[tuple[Place, np.ndarray] | None] = [None] * len(parts)

    def one(n: int) -> None:
        place, part = parts[n]
        if part.shape != source.chunks:
            part, cut = np.zeros(source.chunks, array.dtype), part
            part[tuple(map(slice, cut.shape))] = cut
        content = encode(np.ascontiguousarray(part).reshape(-1).view(np.uint8))
        if put is None:
            found[n] = place, content
        else:
            put(place, content)

    team.map(one, len(parts))
    return [chunk for chunk in found if chunk is not None]


__all__ = ["Chunks", "Place", "cut", "encoded_chunks", "grid", "read", "suitable"]
