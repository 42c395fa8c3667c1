"""Rows from every worker to every worker, where only the sender knows how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting


def by_receiver(receivers: np.ndarray, workers: int) -> tuple[np.ndarray, np.ndarray]:
    """The order that brings rows for one worker together, each worker's in their old order; and how many there are."""
    few = np.uint8 if workers <= 256 else np.uint16  # for which NumPy has a counting sort
    order = np.argsort(receivers.astype(few), kind="stable")
    return order, np.bincount(receivers, minlength=workers)


def swap(group: Group, rows: np.ndarray, sent: np.ndarray, received: np.ndarray) -> Waiting[np.ndarray]:
    """The rows that are for this worker, those of the first worker first.

    ``rows`` are ordered by receiver, ``sent`` to each so many, and so many are ``received`` from each.
    """
    starts = _starts(sent)
    others = [rank for rank in range(group.size) if rank != group.rank]
    parcels = {to: rows[starts[to] : starts[to + 1]] for to in others if sent[to]}
    arrived = yield from group.exchange(parcels, [rank for rank in others if received[rank]])
    parts = {rank: message.view(rows.dtype).reshape(-1, *rows.shape[1:]) for rank, message in arrived.items()}
    return _in_order(group, rows, starts, parts, received)


class Dealt(NamedTuple):
    """What came of `deal`."""

    columns: list[np.ndarray]  # the rows for this worker, those of the first worker first
    received: np.ndarray  # from each worker, so many rows
    notes: np.ndarray  # of everybody, by rank


def deal(group: Group, columns: Sequence[np.ndarray], sent: np.ndarray, note: np.ndarray) -> Waiting[Dealt]:
    """As `swap` of several arrays, in one message to each worker, when nobody else knows how many rows come.

    With them comes a note of each worker, all of one shape and dtype.
    """
    starts, others = _starts(sent), [rank for rank in range(group.size) if rank != group.rank]
    parcels = {to: _packed([note, *(x[starts[to] : starts[to + 1]] for x in columns)], sent[to]) for to in others}
    arrived = yield from group.exchange(parcels, others)
    notes, received = np.stack([note] * group.size), np.array(sent)
    parts: list[dict[int, np.ndarray]] = [{} for _ in columns]
    for rank, message in arrived.items():
        received[rank] = message[:_ALIGNED].view(np.int64)[0]
        shapes = [note.shape, *((int(received[rank]), *x.shape[1:]) for x in columns)]
        notes[rank], *found = _unpacked(message, shapes, [note.dtype, *(x.dtype for x in columns)])
        for part, rows in zip(parts, found, strict=True):
            part[rank] = rows
    made = [_in_order(group, x, starts, part, received) for x, part in zip(columns, parts, strict=True)]
    return Dealt(made, received, notes)


_ALIGNED = 16  # bytes: the parts of a message begin at multiples


def _packed(parts: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Arrays in one message, behind a number."""
    message = np.empty(_ALIGNED + sum(_room(part.nbytes) for part in parts), np.uint8)
    message[:_ALIGNED].view(np.int64)[0] = count
    _fill(_unpacked(message, [part.shape for part in parts], [part.dtype for part in parts]), parts)
    return message


def _fill(views: Sequence[np.ndarray], parts: Sequence[np.ndarray]) -> None:
    for view, part in zip(views, parts, strict=True):
        view[...] = part


def _unpacked(message: np.ndarray, shapes: Sequence[tuple[int, ...]], dtypes: Sequence[np.dtype]) -> list[np.ndarray]:
    """The arrays of a message, in its memory."""
    found, at = [], _ALIGNED
    for shape, dtype in zip(shapes, dtypes, strict=True):
        nbytes = prod(shape) * dtype.itemsize
        found.append(message[at : at + nbytes].view(dtype).reshape(shape))
        at += _room(nbytes)
    return found


def _room(nbytes: int) -> int:
    return -(-nbytes // _ALIGNED) * _ALIGNED


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)])


def _in_order(
    group: Group, own: np.ndarray, starts: np.ndarray, parts: Mapping[int, np.ndarray], received: np.ndarray
) -> np.ndarray:
    """What came from the others, and what was this worker's own, by sender."""
    out = group.memory((int(received.sum()), *own.shape[1:]), own.dtype)
    at = 0
    for rank, count in enumerate(received.tolist()):
        if count:
            out[at : at + count] = own[starts[rank] : starts[rank + 1]] if rank == group.rank else parts[rank]
        at += count
    return out


def bounds_of(group: Group, count: int) -> Waiting[tuple[int, ...]]:
    """Where each worker's elements begin if they are counted over the workers in order, and their number."""
    counts = yield from group.gather(np.array(count, np.int64))
    return (0, *np.cumsum(counts).tolist())
