"""Arrays in files: each worker reads what it will hold, and writes whole chunks of what the others hold, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from ramba import files
from ramba.files.format import Encoded
from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes, within
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import move
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, bound, partition

GATHERED = 64 << 20  # bytes of chunks that go to the worker that writes, at a time


@kernel(lambda types, source, selection, dtype, lies, turn: [Type(np.dtype(dtype), tuple(selection[1]))], placed=True)
def read(
    group: Group,
    small: int,
    pieces: Sequence[Piece],
    source: tuple[Any, ...],
    selection: tuple[Any, ...],
    dtype: str,
    lies: tuple[Any, ...],
    turn: int,
) -> Waiting[list[Piece]]:
    """What is selected of an array in a file, a `files.Source`; it ``lies`` as that partition says, if there is one.

    One of another `turn` is another call: a program that reads twice need not keep what it has read.

    Types: no operand; an array of the selection's extents and of ``dtype``.
    Exchanged: nothing; each worker reads its own block.
    Algorithm: byte ranges and chunks, read and decoded on all threads; see ``files/``.
    """
    chosen = files.Selection(*selection)
    lying = Partition(*lies) if lies else partition(chosen.extent, group.size, small)
    box = lying.block(group.rank)
    out = group.memory(box.extent, np.dtype(dtype))
    files.read(files.Source(*source), chosen.part(box.start, box.extent), out, group.team)
    return [Piece(out, lying)]
    yield


@kernel(lambda types: [])
def meet(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """Nobody goes on before everybody is here.

    Types: no operand, no result.
    Exchanged: a number of each worker.
    Algorithm: a gather.
    """
    yield from group.gather(np.zeros(1))
    return []


@kernel(lambda types, target: [])
def write(group: Group, small: int, pieces: Sequence[Piece], target: tuple[Any, ...]) -> Waiting[list[Piece]]:
    """Writes an array into the place that was made for it, a `files.Source`.

    Types: one array of the source's shape; no result.
    Exchanged: what makes whole rows of chunks; encoded chunks, where only one process can write.
    Algorithm: each worker writes its part by byte ranges, or its chunks, on all threads; see ``files/``.
    """
    (piece,), source = pieces, files.Source(*target)
    boxes = tuple(_boxes(source, group.size))
    own, row = boxes[group.rank], files.formats()[source.format]
    if piece.replicated:
        array = piece.array[within(own, Box((0,) * len(piece.shape), piece.shape))]
    else:
        array = yield from move(group, piece.array, piece.partition, Boxes(piece.shape, boxes))
    if row.encode is None or not source.chunks:
        files.write(source, array, own.start, group.team)
    else:
        yield from _gathered(group, source, array, boxes)
    yield from group.gather(np.zeros(1))  # all of it is there when anybody says so
    return []


def _boxes(source: files.Source, workers: int) -> Iterator[Box]:
    """What each worker writes: rows of chunks, where there are chunks."""
    shape = source.shape
    if not shape:
        yield from (Box((), ()) for _ in range(workers))
        return
    each = source.chunks[0] if source.chunks else 1
    rows = -(-shape[0] // each)
    for rank in range(workers):
        first, last = (min(bound(rows, workers, r) * each, shape[0]) for r in (rank, rank + 1))
        yield Box((first, *(0,) * (len(shape) - 1)), (last - first, *shape[1:]))


def _gathered(group: Group, source: files.Source, array: np.ndarray, boxes: tuple[Box, ...]) -> Waiting[None]:
    """Chunks that every worker encodes and one of them writes, some rows of chunks at a time."""
    row = files.formats()[source.format]
    assert row.encode is not None
    assert row.store is not None
    each = source.chunks[0]
    step = max(1, GATHERED // max(prod(source.shape[1:]) * each * array.itemsize, 1)) * each
    for low in range(0, max(box.extent[0] for box in boxes), step):
        part = array[low : low + step]
        start = (boxes[group.rank].start[0] + low, *(0,) * (part.ndim - 1))
        chunks = row.encode(source, part, start, group.team) if part.size else []
        messages = yield from group.exchange(
            {0: _packed(chunks, part.ndim)}, range(group.size) if not group.rank else ()
        )
        for rank in sorted(messages):
            row.store(source, _unpacked(messages[rank], part.ndim))


def _packed(chunks: Encoded, ndim: int) -> np.ndarray:
    """Chunks as one message: how many, then place and length of each, then their bytes."""
    head = np.array([len(chunks), *[n for place, content in chunks for n in (*place, content.nbytes)]], np.int64)
    return np.concatenate([head.view(np.uint8), *[content for _, content in chunks]])


def _unpacked(message: np.ndarray, ndim: int) -> Encoded:
    count = int(message[:8].view(np.int64)[0])
    at = 8 + count * (ndim + 1) * 8
    found: Encoded = []
    for entry in message[8:at].view(np.int64).reshape(count, ndim + 1).tolist():
        found.append((tuple(entry[:-1]), message[at : at + entry[-1]]))
        at += entry[-1]
    return found
