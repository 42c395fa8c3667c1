"""What travels in front of every message between ranks: a header, and the content if that is short."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

import msgspec
import numpy as np

from ramba.errors import ProtocolError
from ramba.runtime.sockets.wire import machine_memory
from ramba.runtime.transport import Facts, decoder

INLINE = 16 << 10  # bytes up to which copying content into a frame is cheaper than a message of its own
PIECE_TAGS = 1 << 14  # pieces of different messages differ in it, so that one that is lost disturbs no other
_facts = msgspec.json.Decoder(Facts)
SHARED = -1  # in place of the tag of pieces: the frame says where in shared memory the content is
_HEADER = struct.Struct("<qqqq")  # kind, tag, bytes of the content, MPI tag of its pieces (0: it is in the frame)


class Kind(IntEnum):
    """What a message is for."""

    HELLO = 1
    DATA = 2
    FAILED = 3
    COMMAND = 4
    CANCEL = 5
    WHERE = 6
    LETTER = 7
    RELEASE = 8  # what was sent in shared memory is not needed any more
    RETIRE = 9  # shared memory is not used any more


class Frame(NamedTuple):
    """What a frame says."""

    kind: Kind
    tag: int
    nbytes: int
    pieces: int
    content: np.ndarray | None  # None: it follows in pieces; where it is, if it is in shared memory


def encode(kind: Kind, tag: int, nbytes: int, pieces: int, inside: np.ndarray | None) -> bytearray:
    """A frame; `pieces` is the MPI tag of what follows, `SHARED`, or 0 if the content is what is to be inside."""
    frame = bytearray(_HEADER.size + (0 if inside is None else inside.nbytes))
    _HEADER.pack_into(frame, 0, kind, tag, nbytes, pieces)
    if inside is not None:
        frame[_HEADER.size :] = inside.data
    return frame


@decoder("A frame")
def decode(frame: np.ndarray) -> Frame:
    """What a frame says. Nothing is allocated for what it announces."""
    kind, tag, nbytes, pieces = _HEADER.unpack_from(frame.data)
    content = frame[_HEADER.size :]
    if tag < 0 or not SHARED <= pieces < PIECE_TAGS:
        raise ProtocolError(f"A message with tag {tag}, its pieces with {pieces}.")
    if pieces == SHARED:
        if not 0 < nbytes <= machine_memory():
            raise ProtocolError(f"A message of {nbytes} bytes in shared memory.")
        return Frame(Kind(kind), tag, nbytes, pieces, content)
    if not pieces and nbytes != len(content):
        raise ProtocolError(f"A message of {len(content)} bytes that says it has {nbytes}.")
    if pieces and (len(content) or not INLINE < nbytes <= machine_memory()):
        raise ProtocolError(f"A message of {nbytes} bytes in pieces, {len(content)} of them in the frame.")
    return Frame(Kind(kind), tag, nbytes, pieces, None if pieces else content)


def packed(facts: Facts) -> np.ndarray:
    """The greeting of a rank: who it is."""
    return np.frombuffer(msgspec.json.encode(facts), np.uint8)


@decoder("A greeting")
def unpacked(message: np.ndarray) -> Facts:
    """Who greets."""
    return _facts.decode(message.tobytes())
