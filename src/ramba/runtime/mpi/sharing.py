"""Long messages between ranks of one host: the sender writes into shared memory, the receiver reads it where it is.

MPI would copy them from one process to the other, most of it in the kernel. What memory there is, and when it is free
again, see `sockets.shared`; MPI carries where a message lies, and the notes that it is not needed any more.
"""

from __future__ import annotations

import collections
import struct
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ramba.errors import ProtocolError
from ramba.runtime.sockets.shared import Mappings, Place, Segments
from ramba.runtime.transport import decoder

SMALLEST = 64 << 10  # bytes: below, a message travels as fast through MPI
_PLACE = struct.Struct("<qqq")  # segment, descriptor, offset


class Note(NamedTuple):
    """To a rank, about memory."""

    to: int
    released: bool  # what it sent is not needed any more; else: a segment is not used any more
    content: np.ndarray


class Sharing:
    """One rank's part.

    Parameters
    ----------
    processes : dict
        Of the other ranks that can read memory of this one, and whose memory this one can read.
    """

    def __init__(self, processes: Mapping[int, int]) -> None:
        self.notes: collections.deque[Note] = collections.deque()  # to be sent; any thread may append
        self._processes = processes
        self._segments = Segments(lambda to, segment: self.notes.append(Note(to, False, _packed(Place(segment, 0, 0)))))
        self._mappings = Mappings(
            lambda source, segment, offset, nbytes: self.notes.append(
                Note(source, True, _packed(Place(segment, 0, offset)))
            )
        )

    def takes(self, rank: int, nbytes: int) -> bool:
        """Whether so long a message to a rank goes this way."""
        return nbytes >= SMALLEST and rank in self._processes

    def buffer(self, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        return self._segments.take(nbytes)

    def lend(self, message: np.ndarray, to: int) -> np.ndarray:
        """Says in a few bytes where a message lies; it is copied if that is not in memory of `buffer`."""
        place = self._segments.send(message, to)
        if place is None:
            copy = self._segments.take(message.nbytes)
            copy[:] = message
            place = self._segments.send(copy, to)
        assert place is not None
        return _packed(place)

    def read(self, source: int, content: np.ndarray, nbytes: int) -> np.ndarray:
        """The message of which a rank said where it lies."""
        process = self._processes.get(source)
        if process is None:
            raise ProtocolError(f"Rank {source} shares no memory with this one.")
        return self._mappings.open(source, process, _unpacked(content), nbytes)

    def noted(self, source: int, released: bool, content: np.ndarray) -> None:
        """Takes a note."""
        place = _unpacked(content)
        if released:
            self._segments.released(place)
        else:
            self._mappings.retire(source, place.segment)


def _packed(place: Place) -> np.ndarray:
    return np.frombuffer(_PLACE.pack(*place), np.uint8)


@decoder("A place in shared memory")
def _unpacked(content: np.ndarray) -> Place:
    place = Place(*_PLACE.unpack(content.tobytes()))
    if min(place) < 0:
        raise ProtocolError(f"A message at {place}.")
    return place
