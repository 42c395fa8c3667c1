"""Rows from every worker to every worker, where only the sender knows how many."""

from __future__ import annotations

import numpy as np

from ramba.kernels.group import Group, Waiting


def by_receiver(receivers: np.ndarray, workers: int) -> tuple[np.ndarray, np.ndarray]:
    """The order that brings rows for one worker together, each worker's in their old order; and how many there are."""
    few = np.uint8 if workers <= 256 else np.uint16  # for which NumPy has a counting sort
    order = np.argsort(receivers.astype(few), kind="stable")
    return order, np.bincount(receivers, minlength=workers)


def swap(group: Group, rows: np.ndarray, table: np.ndarray) -> Waiting[np.ndarray]:
    """The rows that are for this worker, those of the first worker first.

    ``rows`` are ordered by receiver; ``table[sender, receiver]`` tells how many go where, to everybody.
    """
    starts = np.concatenate([[0], np.cumsum(table[group.rank])])
    counts = table[:, group.rank]
    parcels = {
        to: rows[starts[to] : starts[to + 1]] for to in range(group.size) if table[group.rank, to] and to != group.rank
    }
    senders = [rank for rank in range(group.size) if counts[rank] and rank != group.rank]
    arrived = yield from group.exchange(parcels, senders)
    out = group.memory((int(counts.sum()), *rows.shape[1:]), rows.dtype)
    at = 0
    for rank, count in enumerate(counts.tolist()):
        if rank == group.rank:
            out[at : at + count] = rows[starts[rank] : starts[rank + 1]]
        elif count:
            out[at : at + count] = arrived[rank].view(rows.dtype).reshape(count, *rows.shape[1:])
        at += count
    return out


def bounds_of(group: Group, count: int) -> Waiting[tuple[int, ...]]:
    """Where each worker's elements begin if they are counted over the workers in order, and their number."""
    counts = yield from group.gather(np.array(count, np.int64))
    return (0, *np.cumsum(counts).tolist())
