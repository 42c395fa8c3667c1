"""Memory that a sender fills, a receiver reads where it is, and the sender then uses again.

A segment is a file without a name (memfd): the receiver finds it through /proc, which asks the kernel whether it is
the same user; nothing is left when the processes are gone, however they end. Segments consist of slots of one size.
A slot is free again when the sender's own array and those of all receivers are gone.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import errno
import fcntl
import mmap
import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ramba import machine
from ramba.errors import MemoryError, ProtocolError

SMALLEST = 16 << 10  # bytes: below, a message travels faster through the socket
_SEGMENT = 4 << 20  # bytes of segments with small slots
_RETAINED = 256 << 20  # bytes that may wait for use, or
_RETAINED_SHARE = 16  # this part of the machine's memory
_CHECKED = 64 << 20  # bytes of a segment from which free memory is looked at first
_BYTE = np.dtype(np.uint8)


_Events = collections.deque[tuple[int, int, bool]]  # segment, offset, whether the sender's own array went


class Place(NamedTuple):
    """Where a message lies."""

    segment: int
    descriptor: int
    offset: int


class Segments:
    """The sender's side. Used by one thread, but for `events`, to which any may append."""

    def __init__(self, retire: Callable[[int, int], None]) -> None:
        self._retire = retire  # tells a receiver that a segment goes
        self.events: collections.deque[tuple[int, int, bool]] = (
            collections.deque()
        )  # segment, offset, whether the sender's
        self._segments: dict[int, _Segment] = {}
        self._free: dict[int, list[tuple[_Segment, int]]] = {}  # by size of the slot
        self._uses: dict[tuple[int, int], int] = {}  # of slots, by segment and offset
        self._lent: dict[int, tuple[_Segment, int]] = {}  # slots by address, while the sender's own array lives
        self._count = 0
        self._waiting = 0  # bytes of free slots

    def take(self, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        self._collect()
        size = slot_size(nbytes)
        waiting = self._free.get(size)
        if not waiting:
            self._grow(size)
            waiting = self._free[size]
        segment, offset = waiting.pop()
        self._waiting -= size
        array = np.ndarray.__new__(_Lease, (nbytes,), _BYTE, segment.memory, offset)
        array.lend(self.events, segment.number, offset)
        self._uses[segment.number, offset] = 1
        self._lent[segment.address + offset] = segment, offset
        return np.asarray(array)

    def send(self, message: np.ndarray, to: int) -> Place | None:
        """Notes that somebody reads a message; None if its memory is not from here."""
        found = self._lent.get(message.__array_interface__["data"][0])
        if found is None:
            return None
        segment, offset = found
        self._uses[segment.number, offset] += 1
        segment.readers.add(to)
        return Place(segment.number, segment.descriptor, offset)

    def released(self, place: Place) -> None:
        """A receiver needs a message no more. From any thread."""
        self.events.append((place.segment, place.offset, False))

    def close(self) -> None:
        """Gives all memory back as soon as nobody has an array in it."""
        for segment in self._segments.values():
            segment.close()
        self._segments.clear()
        self._free.clear()
        self._lent.clear()
        self._uses.clear()

    def _collect(self) -> None:
        """Puts slots that nobody uses any more where they are found again."""
        while self.events:
            number, offset, own = self.events.popleft()
            segment = self._segments.get(number)
            uses = self._uses.get((number, offset), 0) - 1
            if segment is None or uses < 0:
                continue
            self._uses[number, offset] = uses
            if own:
                self._lent.pop(segment.address + offset, None)
            if not uses:
                self._free.setdefault(segment.slot, []).append((segment, offset))
                self._waiting += segment.slot
        if self._waiting > max(_RETAINED, machine_share()):
            self._trim()

    def _grow(self, size: int) -> None:
        self._count += 1
        segment = _Segment(self._count, size)
        self._segments[segment.number] = segment
        slots = range(segment.nbytes - size, -1, -size)
        self._free.setdefault(size, []).extend((segment, offset) for offset in slots)
        self._waiting += segment.nbytes

    def _trim(self) -> None:
        """Drops the segments of which all slots are free."""
        for number, segment in list(self._segments.items()):
            free = self._free.get(segment.slot, [])
            mine = [place for place in free if place[0] is segment]
            if len(mine) * segment.slot < segment.nbytes:
                continue
            self._free[segment.slot] = [place for place in free if place[0] is not segment]
            self._waiting -= segment.nbytes
            del self._segments[number]
            for to in segment.readers:
                self._retire(to, number)
            segment.close()


class _Segment:
    """Memory that other processes can map."""

    def __init__(self, number: int, slot: int) -> None:
        self.number = number
        self.slot = slot
        self.nbytes = slot * max(1, _SEGMENT // slot)
        self.readers: set[int] = set()
        if self.nbytes >= _CHECKED and self.nbytes > machine.free_memory():
            raise MemoryError(f"Unable to allocate {self.nbytes} bytes of shared memory")
        self.descriptor = os.memfd_create("ramba", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.fchmod(self.descriptor, 0o600)
            # all pages now: later, the lack of memory would be a signal that ends the process
            os.posix_fallocate(self.descriptor, 0, self.nbytes)
            # a receiver cannot cut off what we have mapped
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
            self.memory = mmap.mmap(self.descriptor, self.nbytes)
        except (OSError, ValueError, builtins.MemoryError):
            os.close(self.descriptor)
            raise MemoryError(f"Unable to allocate {self.nbytes} bytes of shared memory") from None
        self.address: int = np.frombuffer(self.memory, _BYTE).__array_interface__["data"][0]

    def close(self) -> None:
        """The descriptor goes; the memory goes with the last array in it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


class _Lease(np.ndarray):
    """What the sender's array holds on to."""

    __slots__ = ("_events", "_slot")

    def lend(self, events: _Events, segment: int, offset: int) -> None:
        """Say whose memory this is."""
        self._events = events
        self._slot = segment, offset

    def __del__(self) -> None:
        if hasattr(self, "_slot"):  # else its making was interrupted
            self._events.append((*self._slot, True))


Release = Callable[[int, int, int, int], None]  # sender, segment, offset, bytes


class Mappings:
    """The receiver's side: memory of others. Used by one thread."""

    def __init__(self, release: Release) -> None:
        self._release = release  # says that a message is not needed any more; called by finalizers
        self._mapped: dict[tuple[int, int], mmap.mmap] = {}  # by sender and segment

    def open(self, source: int, process: int, place: Place, nbytes: int) -> np.ndarray:
        """The message that a member announced, where it wrote it.

        Raises MemoryError if there is no room, and ConnectionError if the sender has ended before anybody looked.
        """
        key = source, place.segment
        memory = self._mapped.get(key)
        if memory is None:
            memory = self._mapped[key] = _map(source, process, place.descriptor)
        if place.offset + nbytes > len(memory):
            raise ProtocolError(f"A message beyond the end of a segment of {len(memory)} bytes.")
        array = np.ndarray.__new__(_Loan, (nbytes,), _BYTE, memory, place.offset)
        array.borrow(self._release, (source, place.segment, place.offset))
        return np.asarray(array)

    def retire(self, source: int, segment: int) -> None:
        """A sender gives a segment up."""
        self._mapped.pop((source, segment), None)


class _Loan(np.ndarray):
    """What a received array holds on to."""

    __slots__ = ("_place", "_release")

    def borrow(self, release: Release, place: tuple[int, int, int]) -> None:
        """Say whose memory this is."""
        self._release = release
        self._place = place

    def __del__(self) -> None:
        if hasattr(self, "_place"):
            self._release(*self._place, self.nbytes)


def _map(source: int, process: int, descriptor: int) -> mmap.mmap:
    """A segment of another process, for reading."""
    try:
        here = os.open(f"/proc/{process}/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        _complain(problem)
        if _ended(process):
            raise ConnectionError("its process has ended, and its memory with it") from None
        raise ProtocolError(f"Memory of member {source} cannot be opened: {problem.strerror}.") from None
    try:
        seals = fcntl.fcntl(here, fcntl.F_GET_SEALS)
        if not seals & fcntl.F_SEAL_SHRINK:
            raise ProtocolError(f"Memory of member {source} that it could take away.")
        return mmap.mmap(here, os.fstat(here).st_size, prot=mmap.PROT_READ)
    except (OSError, ValueError) as problem:
        _complain(problem)
        raise ProtocolError(f"Memory of member {source} cannot be mapped.") from None
    finally:
        os.close(here)


def _ended(process: int) -> bool:
    """Whether a process of this user is gone, or going: then it has no files any more."""
    try:
        return not os.listdir(f"/proc/{process}/fd")
    except OSError:
        return True


def _complain(problem: OSError | ValueError) -> None:
    """Raises MemoryError if that, or the lack of another thing that the system limits, is the problem."""
    if isinstance(problem, OSError) and problem.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        raise MemoryError(f"Unable to map a message of another worker: {problem.strerror}") from None


def slot_size(nbytes: int) -> int:
    """The size of the slot for a message: whole pages, four sizes for each power of two."""
    pages = -(-nbytes // mmap.PAGESIZE)
    step = max(1, 1 << (pages.bit_length() - 1) >> 2)
    return -(-pages // step) * step * mmap.PAGESIZE


def machine_share() -> int:
    """Bytes that may wait for use, as the machine's memory grows."""
    global _share
    with contextlib.suppress(OSError):
        _share = _share or machine.total_memory() // _RETAINED_SHARE
    return _share


_share = 0
