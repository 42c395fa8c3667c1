"""Memory for arrays, recycled: the first touch of fresh memory costs more than most kernels.

What an array needs is a :class:`Block`. When the block and all NumPy arrays over it are gone, its memory waits in the
pool for the next block of about its size.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import functools
import itertools
import math
import mmap
import os
import threading
import weakref
from sys import getrefcount
from typing import Any

import numpy as np

from ramba import config, machine
from ramba.errors import MemoryError
from ramba.runtime import memory, spilling
from ramba.runtime.spilling import Spill

ALIGNMENT = 64  # bytes: a cache line, and the widest vector
_MAPPED = 1 << 20  # bytes from which memory is mapped, and not taken from the C library
_HUGE = 4 << 20  # bytes from which huge pages are asked for
_HUGE_PAGE = 2 << 20
_CHECKED = 64 << 20  # bytes of a fresh block from which free memory is looked at first: that takes 0.2 ms
# arrays that all begin at a page compete for the same lines of the first-level cache: a kernel that reads twelve of
# them ran twice as fast with their beginnings apart
_SHIFT = 9 * ALIGNMENT
_SHIFTS = 8
_BYTE = np.dtype(np.uint8)
_RETAINED_SHARE = 4  # at most a quarter of the machine's memory waits in the pool


class Block:
    """Memory of one array's elements: `nbytes` bytes at `address`, alive as long as this object or an array over it."""

    __slots__ = ("__weakref__", "_bytes", "address", "nbytes")

    def __init__(self, content: np.ndarray, address: int) -> None:
        self._bytes = content  # one-dimensional, of bytes
        self.address = address
        self.nbytes = len(content)

    @classmethod
    def over(cls, array: np.ndarray) -> Block:
        """A block over the memory of an array that is not ours, from its lowest byte to its highest.

        The array stays alive with the block. Where it is read-only, so are the arrays over the block.
        """
        if array.base is None and array.nbytes and array.flags.c_contiguous and not array.dtype.hasobject:
            content = array.reshape(-1).view(_BYTE)  # a quarter of the time of the general way
            return cls(content, content.__array_interface__["data"][0])
        low, high = np.lib.array_utils.byte_bounds(array)
        return cls(np.asarray(_Foreign(array, low, high - low)), low)

    def array(
        self,
        dtype: np.dtype,
        shape: tuple[int, ...],
        offset: int = 0,
        strides: tuple[int, ...] | None = None,
    ) -> np.ndarray:
        """A NumPy array over this memory; `offset` and `strides` are in bytes, as in ``np.ndarray``."""
        return np.ndarray(shape, dtype, self._bytes, offset, strides)

    def after(self, nbytes: int) -> Block:
        """The rest of the memory, without its first bytes."""
        return Block(self._bytes[nbytes:], self.address + nbytes) if nbytes else self

    def exclusive(self) -> bool:
        """Whether no array lies over this memory, so that nobody but who knows its address can write to it."""
        link: Any = self._bytes
        while getrefcount(link) == _ALONE:
            if type(link) is _Lease:
                return True
            link = link._array if type(link) is _Foreign else getattr(link, "base", None)
        return False

    def __repr__(self) -> str:
        return f"<Block of {self.nbytes} bytes at {self.address:#x}>"


class Pool:
    """Blocks of memory, and what is left of those that are gone."""

    def __init__(self) -> None:
        self.in_use = 0  # bytes of blocks that are alive
        self.peak = 0  # the most that they ever were
        self.retained = 0  # bytes that wait
        self.most_retained = machine.total_memory() // _RETAINED_SHARE
        self._waiting: collections.OrderedDict[int, list[_Memory]] = collections.OrderedDict()  # by size
        self._returned: collections.deque[_Memory] = collections.deque()  # filled by finalizers, on any thread
        self._lock = threading.RLock()  # a signal handler may call while this thread holds it
        self.spill: Spill | None = None  # what is kept in files, where that was ever wanted
        _pools.add(self)
        self.settle()

    def settle(self) -> None:
        """Spills what does not fit into memory from now on, or not, as the settings say."""
        folder = spilling.folder()
        if folder is not None:
            self.spill = self.spill or Spill(folder, self._taken, self._release_most, self._lock)
            self.spill.folder = folder
        if self.spill is not None:
            self.spill.active = folder is not None

    def memory(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Fresh C-contiguous memory of arbitrary content, as an array."""
        return self.filled(max(math.prod(shape) * dtype.itemsize, 1)).array(dtype, shape)

    def filled(self, nbytes: int) -> Block:
        """A block as `take` gives it, all of which is about to be written to by others than fused loops.

        Raises MemoryError if the machine has no memory for it, though all gave way that can: only loops run by parts.
        """
        if self.spill is None:
            return self.take(nbytes)
        with self._lock:
            self._collect()
            fresh = not self._waiting.get(_size_class(nbytes))
            block = self.take(nbytes)
        with self.spill.using([(block.address, block.address + nbytes, True)]):
            if fresh:
                self.spill.check(nbytes)
        return block

    def take(self, nbytes: int) -> Block:
        """A block of `nbytes` bytes with arbitrary content, aligned to a cache line."""
        size = _size_class(nbytes)
        with self._lock:
            if self._returned:
                self._collect()
            fresh = False
            try:
                piece = self._waiting[size].pop()
                self.retained -= size
            except (KeyError, IndexError):
                piece, fresh = self._fresh(size), True
            # no base of NumPy's own type beneath it: NumPy would hold on to that one instead
            content = np.ndarray.__new__(_Lease, (nbytes,), _BYTE, piece.owner, piece.offset)
            # in one line without a call: what is counted comes back, wherever an interrupt ends this
            content._loan, self.in_use = (piece, self), self.in_use + size
            if self.in_use > self.peak:
                self.peak = self.in_use
            block = Block(content, piece.address)
            if self.spill is not None and piece.mapped:
                self.spill.made(piece, block, fresh)
        return block

    def copied(self, array: np.ndarray) -> Block:
        """A block with the values of an array."""
        block = self.filled(max(array.nbytes, 1))
        block.array(array.dtype, array.shape)[...] = array
        return block

    def adopt(self, array: np.ndarray) -> Block:
        """The block of a value that somebody has computed in memory of his own, or of ours."""
        block = Block.over(array)
        if self.spill is not None:
            self.spill.adopt(block)
        return block

    def available(self) -> int:
        """Bytes that blocks may still take, those that wait included."""
        with self._lock:
            self._collect()
            if self.spill is not None and self.spill.active:
                return self.spill.room()
            return memory.available(self.in_use, self.retained)

    def capacity(self) -> int:
        """As `available`, but with what is spilled."""
        with self._lock:
            self._collect()
            return self.spill.capacity() if self.spill is not None and self.spill.active else self.available()

    def trim(self, nbytes: int = 0) -> None:
        """Give memory back to the system until at most `nbytes` bytes wait."""
        with self._lock:
            self._collect()
            self._release(nbytes)

    def give_back(self, piece: _Memory) -> None:
        """Let a piece of memory wait; for finalizers: on any thread, at any moment, with any lock held."""
        self._returned.append(piece)
        # what is more than may wait goes to the system at once, if the pool is not at work
        if piece.mapped and not self._lock._is_owned() and self._lock.acquire(blocking=False):  # type: ignore[attr-defined]
            try:
                self._collect()
            finally:
                self._lock.release()

    def after_fork(self) -> None:
        """In the child: a lock that no thread holds."""
        self._lock = threading.RLock()
        if self.spill is not None:
            self.spill.after_fork(self._lock)

    def _taken(self) -> int:
        self._collect()
        return self.in_use + self.retained

    def _release_most(self, nbytes: int) -> None:
        self._release(max(self.retained - nbytes, 0))

    def _collect(self) -> None:
        """Put what finalizers returned where it is found again."""
        while self._returned:
            piece = self._returned.popleft()
            size = piece.size
            self.in_use -= size
            if self.spill is not None and piece.mapped and not self.spill.gone(piece):
                continue
            self.retained += size
            self._waiting.setdefault(size, []).append(piece)
            self._waiting.move_to_end(size)  # what was used last is wanted next
        if self.retained > self.peak or self.retained > self.most_retained:
            self._release(min(self.most_retained, self.peak))

    def _release(self, bound: int) -> None:
        """Drop what waits, the classes first that have waited for longest."""
        while self.retained > bound and self._waiting:
            size = next(iter(self._waiting))
            try:
                self._waiting[size].pop()
                self.retained -= size
            except IndexError:
                del self._waiting[size]

    def _fresh(self, size: int) -> _Memory:
        if size >= _CHECKED and self.retained and size > memory.available(self.in_use + self.retained):
            self._release(0)
        try:
            return _Memory(size)
        except (OSError, ValueError, OverflowError, builtins.MemoryError):
            self._release(0)
        try:
            return _Memory(size)
        except (OSError, ValueError, OverflowError, builtins.MemoryError):
            raise MemoryError(f"Unable to allocate {memory.show_size(size)}") from None


def _alone() -> int:
    link = object()
    return getrefcount(link) + 1  # and whoever holds it


_ALONE = _alone()
_pieces = itertools.count()
_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


class _Memory:
    """Aligned memory from the system, given back when this object is dropped."""

    __slots__ = ("address", "mapped", "offset", "owner", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.mapped = size >= _MAPPED
        self.owner: bytearray | mmap.mmap
        if size < _MAPPED:
            alignment, shift = ALIGNMENT, 0
            self.owner = bytearray(size + alignment)
        else:
            alignment = _HUGE_PAGE if size >= _HUGE else mmap.PAGESIZE
            shift = _SHIFT * (next(_pieces) % _SHIFTS)
            # private: a forked child must not write into its parent's arrays
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
            self.owner = mmap.mmap(-1, size + shift + (alignment if size >= _HUGE else 0), flags=flags)
            if size >= _HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
                with contextlib.suppress(OSError):  # a kernel built without them
                    self.owner.madvise(mmap.MADV_HUGEPAGE)
        start: int = np.frombuffer(self.owner, _BYTE).__array_interface__["data"][0]
        self.offset = -start % alignment + shift  # of the part that is lent
        self.address = start + self.offset


class _Lease(np.ndarray):
    """What other arrays hold on to; hands its memory back when the last of them is gone."""

    __slots__ = ("_loan",)

    _loan: tuple[_Memory, Pool]  # whose memory this is, and where it goes

    def __del__(self) -> None:
        if hasattr(self, "_loan"):  # else its making was interrupted
            piece, pool = self._loan
            pool.give_back(piece)


class _Foreign:
    """What NumPy arrays hold on to when the memory belongs to another array."""

    __slots__ = ("__array_interface__", "_array")

    def __init__(self, array: np.ndarray, address: int, nbytes: int) -> None:
        self._array = array
        self.__array_interface__ = _interface(address, nbytes, read_only=not array.flags.writeable)


def _interface(address: int, nbytes: int, *, read_only: bool) -> dict[str, Any]:
    return {"version": 3, "typestr": "|u1", "shape": (nbytes,), "data": (address, read_only)}


@functools.lru_cache(maxsize=1024)
def _size_class(nbytes: int) -> int:
    """The smallest size class that holds `nbytes`: eight of them per power of two, none below a cache line."""
    size = max(nbytes, ALIGNMENT)
    step = max(ALIGNMENT, 1 << (size.bit_length() - 1) >> 3)
    return -(-size // step) * step


def _after_fork() -> None:
    for pool in list(_pools):
        pool.after_fork()


def _settle(_: object) -> None:
    for pool in list(_pools):
        pool.settle()


config.watch("spill", _settle)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
