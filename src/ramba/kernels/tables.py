"""Rows of numbers become a text file: each worker writes the text of its own."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.files import rows
from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Boxes, within
from ramba.kernels.piece import Piece
from ramba.kernels.registry import kernel
from ramba.kernels.relayout import move
from ramba.layout.overlap import Box
from ramba.layout.partition import bound

AT_ONCE = 64 << 20  # bytes of a worker's numbers whose text is in memory


@kernel(lambda types, path, at, how: [])
def write_text(
    group: Group, small: int, pieces: Sequence[Piece], path: str, at: int, how: tuple[Any, ...]
) -> Waiting[list[Piece]]:
    """Writes the rows of a table as text, as a `rows.Shown` says, into a file that is there, from a byte on.

    Types: one array of two dimensions; no result.
    Exchanged: how long everybody's text is; rows, if the array is much larger than what becomes text at once.
    Algorithm: each worker writes some rows on all its threads, and puts them behind those of the workers before it.
    """
    (piece,), shown = pieces, rows.Shown(*how)
    count, *rest = piece.shape
    each = max(1, AT_ONCE * group.size // max(prod(rest) * piece.array.itemsize, 1))
    each = count if each >= count else each
    for low in range(0, count, max(each, 1)):
        boxes = tuple(_box(low, min(each, count - low), rest, group.size, rank) for rank in range(group.size))
        if piece.replicated:
            array = piece.array[within(boxes[group.rank], Box((0,) * len(piece.shape), piece.shape))]
        else:
            array = yield from move(group, piece.array, piece.partition, Boxes(piece.shape, boxes))
        parts = rows.texts(array, shown, group.team)
        length = -1 if parts is None else sum(part.nbytes for part in parts)
        lengths = (yield from group.gather(np.array([length]))).reshape(-1)
        if parts is None or lengths.min() < 0:
            raise ValueError("some of these numbers are shown by Python only")
        rows.put(path, at + int(lengths[: group.rank].sum()), parts)
        at += int(lengths.sum())
    yield from group.gather(np.zeros(1))  # all of it is there when anybody says so
    return []


def _box(low: int, count: int, rest: Sequence[int], workers: int, rank: int) -> Box:
    """The rows among some that a worker writes."""
    first, last = (low + bound(count, workers, r) for r in (rank, rank + 1))
    return Box((first, *(0,) * len(rest)), (last - first, *rest))
