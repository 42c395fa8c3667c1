"""Arrays that functions on workers may write to: where their elements lie, and what the driver does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ramba import config
from ramba.engine import ENGINE, Buffer
from ramba.engine.lost import loss
from ramba.graph import Map, Ref, Stored
from ramba.layout import Partition, View, identity, partition
from ramba.layout.overlap import split
from ramba.lazyarray.core import is_compiled, memory_if_local, ndarray, own_memory, values
from ramba.runtime.sharded import Sharded


class Handle:
    """An array on workers, in the place of which each worker gets its part."""

    def __init__(self, block: Sharded) -> None:
        self.block = block


class Given(NamedTuple):
    """What travels for an array."""

    part: Any  # a `Handle`; on workers a `Part`
    view: View  # of it
    writable: bool
    whole: bool  # whether every worker has all of it


class _Copy(NamedTuple):
    """An array of the driver's, of which the workers have a copy meanwhile."""

    array: ndarray
    before: np.ndarray
    block: Sharded


class Visit:
    """The arrays that one call hands over."""

    def __init__(self) -> None:
        self.blocks: list[Sharded] = []  # in the order in which they are named
        self._owned: dict[int, tuple[Buffer, Handle]] = {}
        self._copies: list[_Copy] = []

    def refer(self, value: object) -> int | None:
        """The number of a handle among the arguments."""
        if not isinstance(value, Handle):
            return None
        if value.block not in self.blocks:
            self.blocks.append(value.block)
        return self.blocks.index(value.block)

    def give(self, array: ndarray) -> Given:
        """What stands for an array."""
        if not is_compiled(array.dtype):
            raise TypeError(f"elements of dtype {array.dtype} do not travel to workers")
        writable = array.flags.writeable
        if memory_if_local(array) is None and not array._part:
            buffer, view = array._buffer, array._view
            if buffer.hold is None:
                ENGINE.flush([buffer])
            if not isinstance(buffer.node, Stored):
                raise loss(buffer.node)
            if not buffer.node.storage.foreign:
                ENGINE.backend.hold(buffer.node)
            block = buffer.node.storage.block
            few = buffer.size <= config.current().eager_size
            if isinstance(block, Sharded) and not (block.partition.replicated and few):
                if not _is_cut_like(view, buffer.node.shape):
                    return self._copied(array, False)
                whole = _is_everywhere(block.partition)
                return Given(self._handle(buffer), view, writable and not whole, whole)
        return self._copied(array, writable and not getattr(array, "_part", ""))

    def _handle(self, buffer: Buffer) -> Handle:
        """A buffer that no other array shares any more."""
        known = self._owned.get(id(buffer))
        if known is None:
            node = buffer.node
            assert isinstance(node, Stored)
            if node.storage.holders() > 1:
                whole = identity(node.shape)
                other = ENGINE.record(Map("cast", 0, (Ref(node, whole),), node.dtype, node.shape), "copy")
                ENGINE.flush([other])
                assert isinstance(other.node, Stored)
                buffer.settle(other.node)
                node = other.node
            known = self._owned[id(buffer)] = buffer, Handle(node.storage.block)
        return known[1]

    def _copied(self, array: ndarray, writable: bool) -> Given:
        """A copy on workers, cut however few elements it has."""
        before = np.ascontiguousarray(values(array)).reshape(array.shape)
        backend: Any = ENGINE.backend
        lies = partition(before.shape, backend.size, 0)
        if lies.replicated and before.ndim:  # of one element
            lies = Partition(before.shape, (1,) * before.ndim)
        block, whole = backend.put(before, lies), _is_everywhere(lies)
        if writable and not whole:
            self._copies.append(_Copy(array, before.copy(), block))
        return Given(Handle(block), identity(before.shape), writable and not whole, whole)

    def end(self) -> None:
        """What was written is the arrays' value now."""
        backend: Any = ENGINE.backend
        for buffer, handle in self._owned.values():
            node = buffer.node
            if isinstance(node, Stored) and handle.block.lost is None and not _is_everywhere(handle.block.partition):
                node.storage.block = backend.written(handle.block)
            buffer.memory = buffer.kept = None
        for array, before, block in self._copies:
            if block.lost is None:
                after = block.array(before.dtype, before.shape)
                changed = after.view(np.uint8) != before.view(np.uint8) if before.ndim else None
                _write_back(array, before, after, changed)


def _is_everywhere(lies: Partition) -> bool:
    """Whether several workers have all of an array: what one of them wrote, the others would not see."""
    backend: Any = ENGINE.backend
    return lies.replicated and backend.size > 1


def _is_cut_like(view: View, shape: tuple[int, ...]) -> bool:
    """Whether blocks of a base, seen through a view, are blocks of the view."""
    parts = split(view, shape)
    return parts is not None and all(sum(step[d] != 0 for step in parts.steps) <= 1 for d in range(len(shape)))


def _write_back(array: ndarray, before: np.ndarray, after: np.ndarray, changed: np.ndarray | None) -> None:
    """Writes the elements that have other bits than before: views of one array may have been handed over, too."""
    if changed is None:
        own_memory(array)[...] = after
        return
    rows = changed.reshape(*before.shape, before.itemsize).any(axis=-1)
    if rows.any():
        own_memory(array)[rows] = after[rows]


@contextmanager
def visiting() -> Iterator[Visit]:
    """Hands arrays over to the workers, for one call."""
    with ENGINE.lock:
        ENGINE.flush()  # what was recorded before reads what elements are now
        visit = Visit()
        try:
            yield visit
        finally:
            visit.end()


def mapped(value: object, change: Callable[[Any], Any]) -> Any:
    """A value, with something else in place of what it holds: items of lists, tuples and dicts."""
    found = change(value)
    if found is not value:
        return found
    if type(value) in (list, tuple):
        return type(value)([mapped(item, change) for item in value])
    if type(value) is dict:
        return {key: mapped(item, change) for key, item in value.items()}
    return value


def own_view(array: ndarray) -> np.ndarray:
    """In one process: the array's own memory, to be written where the array may be."""
    memory = own_memory(array)
    if memory.flags.writeable and not array.flags.writeable:
        memory = memory.view()
        memory.flags.writeable = False
    return memory


__all__ = ["Given", "Handle", "mapped", "own_view", "visiting"]
