"""Which parts of which blocks are in memory, and which give way when there is no room.

Blocks are cut into segments. A segment is *promised* before anybody touched it, *in memory*, or *mapped* from a file of
its own. Of what is mapped the system has those pages in memory that were looked at; what was written to is ours.
"""

from __future__ import annotations

import bisect
import os
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from ramba import config, events, machine
from ramba.errors import MemoryError
from ramba.runtime import memory
from ramba.runtime.spilling import system
from ramba.runtime.spilling.folder import Folder, is_full

SEGMENT = 16 << 20  # bytes at most,
LEAST = 1 << 20  # and at least
_SEGMENTS = 32  # one part in so many of the limit, if it is between
PROMISED, IN_MEMORY, MAPPED = range(3)
_PARTS = 8  # of the limit that a part of a kernel may need: beside it are what it leaves, and what is read ahead
_LAZY = 4  # times that: memory from which only what is touched counts
_ASKED = 16 << 20  # bytes from which the system is asked what is free
_RESERVE = 20  # one part in so many of the machine's memory is left to others where no limit is set

RELINQUISH: list[Callable[[], None]] = []  # have others let go of arrays over blocks that they can make again


class Lent(Protocol):
    """Memory of a block; see `pool`."""

    address: int
    size: int


class Counts(NamedTuple):
    """What was done, in bytes."""

    written: int = 0
    read: int = 0  # asked for ahead
    dropped: int = 0  # that had not changed since they were written


class Segment:
    """Some pages of a block."""

    __slots__ = ("ahead", "counted", "held", "high", "low", "pins", "seen", "state", "used")

    def __init__(self, held: Held, low: int, high: int, counted: int) -> None:
        self.held = held
        self.low = low
        self.high = high
        self.counted = counted  # bytes of it that are the block's
        self.ahead = False  # whether the system was asked to read it
        self.state = PROMISED
        self.seen = False  # of what is mapped: whether it was used since it gave way
        self.used = 0  # when
        self.pins = 0  # kernels that work on it now

    @property
    def nbytes(self) -> int:
        """Bytes of its pages."""
        return self.high - self.low

    @property
    def here(self) -> bool:
        """Whether it takes memory."""
        return self.state == IN_MEMORY or (self.state == MAPPED and self.seen)


class Held:
    """The memory of one block, in segments."""

    __slots__ = ("block", "low", "segments", "size")

    def __init__(self, piece: Lent, limit: int) -> None:
        self.block: Callable[[], Any] = lambda: None
        begin, end = piece.address, piece.address + piece.size
        self.low = begin // system.PAGE * system.PAGE
        self.size = size = min(max(limit // _SEGMENTS, LEAST), SEGMENT) // system.PAGE * system.PAGE
        self.segments = []
        for low in range(self.low, end, size):
            high = min(low + size, -(-end // system.PAGE) * system.PAGE)
            self.segments.append(Segment(self, low, high, min(high, end) - max(low, begin)))

    def between(self, low: int, high: int) -> list[Segment]:
        """The segments that hold some addresses."""
        return self.segments[max(low - self.low, 0) // self.size : -(-(high - self.low) // self.size)]

    def exclusive(self) -> bool:
        """Whether nobody can write to it unseen: no NumPy array lies over the block's memory."""
        block = self.block()
        if block is None:
            return False
        found: bool = block.exclusive()
        return found


class Spill:
    """Of one pool."""

    def __init__(self, folder: Folder, taken: Callable[[], int], trim: Callable[[int], None], lock: Any) -> None:
        self.folder = folder
        self.taken = taken  # bytes of all blocks, and of what waits to become one
        self.trim = trim  # gives back what waits, beyond so many bytes
        self.lock = lock
        self.active = True
        self.pressing = False  # whether a run has begun to write over what it reads: it has to end
        self.away = 0  # bytes of blocks that take no memory
        self.counts = Counts()
        self._held: dict[int, Held] = {}  # by address
        self._lows: list[int] = []  # where they begin, in order
        self._tick = 0

    # -- what there is

    def made(self, piece: Lent, block: Any, fresh: bool) -> None:
        """A block was made, whose content is arbitrary, of fresh memory or of what was one before."""
        limit = self.limit(piece.size)
        held = Held(piece, limit)
        held.block = weakref.ref(block)
        self._held[held.low] = held
        bisect.insort(self._lows, held.low)
        if fresh:
            self.away += piece.size
            if piece.size * _PARTS <= limit * _LAZY:
                self._use(held.segments)
        else:
            self._tick += 1
            for segment in held.segments:
                segment.state, segment.used = IN_MEMORY, self._tick

    def adopt(self, block: Any) -> None:
        """This is the block of a value from now on, over memory that was an array's."""
        with self.lock:
            held = self._holding(block.address)
            if held is not None and held.block() is not block:
                held.block = weakref.ref(block)

    def gone(self, piece: Lent) -> bool:
        """A block is gone; whether its memory may be used for another one."""
        held = self._held.pop(piece.address // system.PAGE * system.PAGE, None)
        if held is None:
            return True
        del self._lows[bisect.bisect_left(self._lows, held.low)]
        self.away -= sum(segment.counted for segment in held.segments if not segment.here)
        return all(segment.state == IN_MEMORY for segment in held.segments)

    def resident(self) -> int:
        """Bytes of memory that blocks take."""
        return max(self.taken() - self.away, 0)

    def limit(self, nbytes: int = _ASKED) -> int:
        """Bytes that they may take, when so many are wanted."""
        limit = config.current().memory_limit
        if limit is not None:
            return limit
        if nbytes < _ASKED:
            return 1 << 62
        return self.resident() + max(machine.free_memory() - machine.total_memory() // _RESERVE, 0)

    def room(self) -> int:
        """Bytes that work may take in memory, when all that can gives way."""
        pinned = sum(s.nbytes for held in self._held.values() for s in held.segments if s.pins)
        return max(min(self.limit(), self.resident() + machine.free_memory()) - pinned, 0)

    def capacity(self) -> int:
        """Bytes that new blocks may take, in memory and on disk."""
        return max(self.limit() - self.resident(), 0) + self.folder.room()

    def check(self, nbytes: int) -> None:
        """Raises MemoryError if so much, for which all that can gave way, would be swapped by the system."""
        if nbytes < _ASKED or not self.active or self.pressing:
            return
        free = machine.free_memory() - machine.total_memory() // _RESERVE
        if nbytes > free:
            refused = MemoryError(f"Unable to allocate {memory.show_size(nbytes)}")
            left = memory.show_size(max(free, 0))
            refused.add_note(
                "Functions of whole arrays need their results in memory, and what they work with: spilling does not "
                f"help with that, and {left} are left. With more workers on other hosts, each has a smaller part."
            )
            raise refused

    # -- what is used

    def pieces(self, needed: Iterable[tuple[int, int]]) -> int:
        """In how many pieces work should be done that needs what lies between these addresses."""
        with self.lock:
            total = sum(segment.nbytes for segment in self._between(needed))
        part = max(self.limit(total) // _PARTS, 1)
        return 1 if total <= part * _LAZY else -(-total // part)

    @contextmanager
    def using(self, needed: Iterable[tuple[int, int, bool]], ahead: Iterable[tuple[int, int]] = ()) -> Iterator[None]:
        """While it lasts, what lies between these addresses stays where it is; what is written to is ours."""
        needed = list(needed)
        with self.lock:
            segments = self._between((low, high) for low, high, _ in needed)
            for segment in segments:
                segment.pins += 1
        try:
            with self.lock:
                self._use(segments)
                for segment in self._between((low, high) for low, high, writes in needed if writes):
                    if segment.state == MAPPED:
                        system.into_memory(segment.low, segment.nbytes)
                        segment.state = IN_MEMORY
                for segment in self._between(ahead):
                    self._read(segment)
            yield
        finally:
            with self.lock:
                for segment in segments:
                    segment.pins -= 1

    def _between(self, needed: Iterable[tuple[int, int]]) -> list[Segment]:
        found: dict[int, Segment] = {}
        for low, high in needed:
            held = self._holding(low)
            if held is not None:
                found.update((segment.low, segment) for segment in held.between(low, high))
        return list(found.values())

    def _holding(self, address: int) -> Held | None:
        place = bisect.bisect_right(self._lows, address) - 1
        held = self._held[self._lows[place]] if place >= 0 else None
        return held if held is not None and address < held.segments[-1].high else None

    def _use(self, segments: list[Segment]) -> None:
        """They are wanted now, all of them."""
        self._tick += 1
        for segment in segments:
            segment.used = self._tick
            segment.pins += 1
        try:
            self._make_room(sum(segment.counted for segment in segments if not segment.here))
        finally:
            for segment in segments:
                segment.pins -= 1
        for segment in segments:
            if not segment.here:
                self._read(segment)
                segment.ahead = False
                self.away -= segment.counted
                if segment.state == PROMISED:
                    segment.state = IN_MEMORY
                segment.seen = True

    def _read(self, segment: Segment) -> None:
        if segment.state == MAPPED and not segment.seen and not segment.ahead:
            segment.ahead = True
            system.read_ahead(segment.low, segment.nbytes)
            self.counts = self.counts._replace(read=self.counts.read + segment.nbytes)

    # -- what gives way

    def _make_room(self, nbytes: int) -> None:
        excess = self.resident() + nbytes - self.limit(nbytes)
        if excess <= 0 or not self.active:
            return
        self.trim(excess)
        excess = self.resident() + nbytes - self.limit(nbytes)
        if excess <= 0:
            return
        for relinquish in RELINQUISH:
            relinquish()
        begin, before = time.perf_counter(), self.counts.written
        try:
            self._others_give_way(nbytes, excess)
        finally:
            if events.listeners and self.counts.written > before:
                events.tell(events.Spilled(self.counts.written - before, time.perf_counter() - begin))

    def _others_give_way(self, nbytes: int, excess: int) -> None:
        waiting = [s for held in self._held.values() for s in held.segments if s.here and not s.pins]
        full: OSError | None = None
        for segment in sorted(waiting, key=lambda segment: segment.used):
            if excess <= 0:
                return
            try:
                excess -= self._give_way(segment, full is None)
            except OSError as problem:
                full = problem
        if excess > 0 and full is not None and not self.pressing:
            raise self._refusal(nbytes, full)

    def _give_way(self, segment: Segment, writing: bool) -> int:
        """Bytes of memory that a segment does not need any more."""
        exclusive = segment.held.exclusive()
        if segment.state == MAPPED:
            if not exclusive:
                system.leave_to_system(segment.low, segment.nbytes)
                return 0 if system.changed(segment.low, segment.nbytes) else self._gave_way(segment)
            if system.drop_unchanged(segment.low, segment.nbytes):
                self.counts = self.counts._replace(dropped=self.counts.dropped + segment.nbytes)
                return self._gave_way(segment)
        if not exclusive or not writing:
            return 0
        file = self.folder.write(segment.low, segment.nbytes)
        try:
            if not segment.held.exclusive():  # another thread has looked at it meanwhile, perhaps to write
                return 0
            system.map_file(segment.low, segment.nbytes, file)
            segment.state = MAPPED
        finally:
            os.close(file)
        self.counts = self.counts._replace(written=self.counts.written + segment.nbytes)
        return self._gave_way(segment)

    def _gave_way(self, segment: Segment) -> int:
        segment.seen = False
        self.away += segment.counted
        return segment.counted

    def _refusal(self, nbytes: int, problem: OSError) -> MemoryError:
        said = "is full" if is_full(problem) else "cannot be written to"
        refused = MemoryError(f"Unable to make room for {memory.show_size(nbytes)}: {self.folder.path!r} {said}")
        why = problem.strerror or problem
        refused.add_note(f"What does not fit into memory is spilled there (RAMBA_SPILL): {why}.")
        return refused

    def after_fork(self, lock: Any) -> None:
        """In the child: nobody holds the lock, nobody works."""
        self.lock = lock
        for held in self._held.values():
            for segment in held.segments:
                segment.pins = 0


__all__ = ["RELINQUISH", "Counts", "Spill"]
