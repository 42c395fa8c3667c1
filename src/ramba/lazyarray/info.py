"""What is known of an array without computing it: its metadata, where its values are, how workers share it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from ramba import config
from ramba.engine import Buffer, lying
from ramba.engine.keeper import KEEPER
from ramba.graph import Library, Lost, Map, Node, Reduce, Stored, Update, number, reachable
from ramba.layout import Box, Partition, View, identity, partition
from ramba.lazyarray.core import define, dtype_of, ndarray, shape_of
from ramba.lazyarray.core import through as shown
from ramba.lazyarray.partition_picture import svg, table
from ramba.plan import Sharing, results_of, show_partition
from ramba.plan.ownership import Owners
from ramba.runtime.backend import chosen
from ramba.runtime.memory import show_size
from ramba.runtime.sharded import Sharded

MOST_OPERATIONS = 10_000  # that are counted
MOST_BLOCKS = 256  # that are looked at one by one


class Info(NamedTuple):
    """Metadata of an array; prints as a small table."""

    shape: tuple[int, ...]
    dtype: np.dtype
    nbytes: int
    state: str  # a phrase: "computed", "3 operations are pending"
    pending: int  # operations that computing it would take
    backend: str
    workers: int  # 0: no other than this process
    partition: Partition | None  # of the whole array that this one is (or is a view of), on workers
    blocks: tuple[tuple[int, Box], ...]  # worker and part, of this array; empty if there are too many

    def rows(self) -> list[tuple[str, str]]:
        """Names and values for people."""
        size = f"{show_size(self.nbytes)} ({self.nbytes:,} bytes)" if self.nbytes > 999 else f"{self.nbytes} bytes"
        rows = [
            ("shape", str(self.shape)),
            ("dtype", str(self.dtype)),
            ("size", size),
            ("state", self.state),
            ("backend", self.backend + (f", {self.workers} workers" if self.workers else "")),
        ]
        if self.partition is not None:
            of = "" if self.partition.shape == self.shape else f" of the array of shape {self.partition.shape}"
            rows.append(("partition", show_partition(self.partition) + of))
        return rows

    def __repr__(self) -> str:
        return "\n".join(f"{name:10}{value}" for name, value in self.rows())

    def _repr_html_(self) -> str:
        """The same for notebooks, with a picture of how workers share the array."""
        replicated = self.partition is not None and self.partition.replicated
        picture = svg(self.shape, self.blocks, replicated) if self.shape and 0 not in self.shape else ""
        return table(self.rows(), picture)


def info(self: ndarray) -> Info:
    """Shape, dtype, bytes, pending operations and partition, without computing anything.

    Returns
    -------
    Info
        A named tuple that prints as a small table.

    Examples
    --------
    >>> import ramba as np
    >>> np.ones((2, 3)).info()
    shape     (2, 3)
    dtype     float64
    size      48 bytes
    state     in NumPy's memory
    backend   threads
    """
    shape, dtype = shape_of(self), dtype_of(self)
    nbytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
    backend, workers = KEEPER.backend, 0
    name = chosen()
    if backend is not None and backend.distributed:
        workers = getattr(backend, "size", 0)
    elif backend is None and name != "threads":
        name += " (not started)"
    if self._np is not None:
        return Info(shape, dtype, nbytes, "in NumPy's memory", 0, name, workers, None, ())
    buffer = self._buffer
    state, pending = _state(buffer)
    part = _partition(buffer, workers)
    blocks = _blocks(part, self._view) if part is not None else ()
    return Info(shape, dtype, nbytes, state, pending, name, workers, part, blocks)


def _state(buffer: Buffer) -> tuple[str, int]:
    node = buffer.node
    if isinstance(node, Stored):
        block = node.storage.block
        if isinstance(block, Sharded):
            return ("lost" if block.lost is not None else "computed, on the workers"), 0
        return ("lost" if block is None else "computed"), 0
    if isinstance(node, Lost):
        return "lost", 0
    count = operations(node)
    are = "operation is" if count == 1 else "operations are"
    return (f"{count} {are} pending" if count else "a constant, not stored yet"), count


def operations(root: Node) -> int:
    """How many operations computing a value would take, as far as they are counted."""
    made = (node for node in reachable(root) if isinstance(node, Map | Library | Reduce | Update))
    return sum(1 for _ in itertools.islice(made, MOST_OPERATIONS))


def _partition(buffer: Buffer, workers: int) -> Partition | None:
    """How a value lies on the workers, or will lie there."""
    node = buffer.node
    if isinstance(node, Stored):
        return node.storage.block.partition if isinstance(node.storage.block, Sharded) else None
    if not workers or isinstance(node, Lost):
        return None
    small = config.current().eager_size
    if operations(node) >= MOST_OPERATIONS:
        return partition(buffer.shape, workers, small)
    found = number([node], defaultdict(bool))
    sharing = Sharing(workers, small, lying(found.stored, workers))
    return results_of(found.program, config.current().exact, sharing)[0][1]


def _blocks(part: Partition, view: View) -> tuple[tuple[int, Box], ...]:
    """Which part of a view each worker holds, where this is a box or a few."""
    if part.replicated or part.blocks > MOST_BLOCKS:
        return ()
    if view == identity(part.shape):
        return tuple((rank, part.block(rank)) for rank in range(part.blocks))
    owners = Owners(part, view)
    if not owners.simple:
        return ()
    return tuple((rank, box) for rank in range(part.blocks) for box in owners.boxes(rank))


def at_hand(a: ndarray) -> np.ndarray | None:
    """The values, if they are in this process already."""
    if a._np is not None:
        return a._np
    buffer = a._buffer
    memory, node = buffer.memory, buffer.node
    if memory is None and isinstance(node, Stored) and not isinstance(node.storage.block, Sharded | None):
        memory = node.storage.block.array(node.dtype, node.shape)
    return None if memory is None else shown(memory, a)


define("info", info)

__all__ = ["Info", "at_hand", "info", "operations"]
