"""Messages of any size between the ranks of a communicator, without blocking.

A message is a *frame*: a header, and its content if that is short. Long content lies in shared memory, if both ranks
are on one host. Else it follows in pieces, which the receiver asks for when it has seen the frame; so it arrives where
it shall stay. MPI's own tags may be as small as 15 bits: they only tell frames from pieces, and the tag of a message
travels in its header.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
from mpi4py import MPI

from ramba.runtime.mpi.frame import INLINE, PIECE_TAGS, SHARED, Kind, decode, encode
from ramba.runtime.mpi.sharing import Sharing

_PIECE = 1 << 30  # bytes: MPI counts with 32 bits in many places
_FRAME = 0  # MPI tag


class Arrival(NamedTuple):
    """A message that is here as a whole."""

    source: int
    kind: Kind
    tag: int
    content: np.ndarray


class Channel:
    """One rank's end of a communicator.

    Parameters
    ----------
    comm : MPI.Comm
        Used for nothing else.
    memory : callable
        Gives an array of so many bytes for long content.
    guard : context manager
        Entered wherever an exception out of a signal handler would lose a message.
    ring : callable
        Wakes a rank that something was sent to.
    sharing : Sharing
        Memory that it shares with other ranks.
    """

    def __init__(
        self,
        comm: Any,
        memory: Callable[[int], np.ndarray],
        guard: AbstractContextManager[object],
        ring: Callable[[int], None],
        sharing: Sharing,
    ) -> None:
        self.comm = comm
        self.messages = 0  # sent
        self.bytes = 0
        self._memory = memory
        self.guard = guard
        self._ring = ring
        self._sharing = sharing
        self._sending: list[tuple[Any, int, object]] = []  # requests, to whom, and what must live until they are done
        self._coming: dict[tuple[int, int], _Coming] = {}  # by source and MPI tag of the pieces
        self._status = MPI.Status()
        self._piece_tags = itertools.cycle(range(1, PIECE_TAGS))

    def send(self, to: int, kind: Kind, tag: int, content: np.ndarray | None = None) -> None:
        """Sends bytes that nobody changes any more; returns at once."""
        nbytes = 0 if content is None else content.nbytes
        inside, pieces = content, 0
        if content is not None and self._sharing.takes(to, nbytes):
            with self.guard:
                inside, pieces = self._sharing.lend(content, to), SHARED
        elif nbytes > INLINE:
            inside, pieces = None, next(self._piece_tags)
        frame = encode(kind, tag, nbytes, pieces, inside)
        with self.guard:
            self._begin(frame, to, _FRAME)
            if content is not None and pieces > 0:
                for start in range(0, nbytes, _PIECE):
                    self._begin(content[start : start + _PIECE], to, pieces)
            self._ring(to)
            self.messages += 1
            self.bytes += nbytes

    def poll(self, deliver: Callable[[Arrival], None]) -> None:
        """Delivers what has arrived: of each sender in the order of its frames, but for long content.

        Nothing is lost if a signal handler raises: what MPI has handed over is delivered first.
        """
        # a message that has just come is only taken in by MPICH's first look; the second one tells of it
        while self._look() or self._look():
            with self.guard:
                self._accept(deliver)
        if self._coming:
            with self.guard:
                for key in [key for key, coming in self._coming.items() if coming.complete()]:
                    deliver(self._coming.pop(key).arrival)
        if self._sharing.notes:
            self._pass_notes()
        if self._sending:
            self.settled()

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        if not self._sharing.takes(to, nbytes):
            return self._memory(nbytes)
        with self.guard:  # on a worker, a signal handler hands commands on, which may need memory, too
            return self._sharing.buffer(nbytes)

    def announced(self, source: int, tag: int) -> bool:
        """Whether this message is on its way, but not here as a whole."""
        return any((each.arrival.source, each.arrival.tag) == (source, tag) for each in self._coming.values())

    def coming(self) -> bool:
        """Whether any message is."""
        return bool(self._coming)

    def going(self) -> bool:
        """Whether anything that was sent has not left."""
        return bool(self._sending)

    def settled(self) -> bool:
        """Whether all that was sent is out of our hands."""
        with self.guard:
            before, self._sending = self._sending, []
            for request, to, content in before:
                if request.Test():
                    self._ring(to)  # it may have left just now
                else:
                    self._sending.append((request, to, content))
        return not self._sending

    def _look(self) -> bool:
        return bool(self.comm.Iprobe(MPI.ANY_SOURCE, _FRAME, self._status))

    def _accept(self, deliver: Callable[[Arrival], None]) -> None:
        message = self.comm.Improbe(MPI.ANY_SOURCE, _FRAME, self._status)
        if message is None:  # a signal handler polled in between
            return
        source = self._status.Get_source()
        frame = np.empty(self._status.Get_count(MPI.BYTE), np.uint8)
        message.Recv([frame, MPI.BYTE])
        kind, tag, nbytes, pieces, inside = decode(frame)
        if kind in (Kind.RELEASE, Kind.RETIRE) and inside is not None:
            self._sharing.noted(source, kind is Kind.RELEASE, inside)
            return
        if inside is not None:
            content = self._sharing.read(source, inside, nbytes) if pieces == SHARED else inside
            deliver(Arrival(source, kind, tag, content))
            return
        content = self._memory(nbytes)
        requests = [
            self.comm.Irecv([content[start : start + _PIECE], MPI.BYTE], source, pieces)
            for start in range(0, nbytes, _PIECE)
        ]
        self._coming[source, pieces] = _Coming(Arrival(source, kind, tag, content), requests)

    def _pass_notes(self) -> None:
        """Nobody is woken for them."""
        notes = self._sharing.notes
        with self.guard:
            while notes:
                to, released, content = notes.popleft()
                kind = Kind.RELEASE if released else Kind.RETIRE
                self._begin(encode(kind, 0, content.nbytes, 0, content), to, _FRAME)

    def _begin(self, content: Any, to: int, tag: int) -> None:
        request = self.comm.Isend([content, MPI.BYTE], to, tag)
        if not request.Test():
            self._sending.append((request, to, content))


class _Coming:
    """Content on its way in pieces."""

    def __init__(self, arrival: Arrival, requests: list[Any]) -> None:
        self.arrival = arrival
        self._requests = requests

    def complete(self) -> bool:
        """Whether all pieces are here."""
        self._requests = [request for request in self._requests if not request.Test()]
        return not self._requests
