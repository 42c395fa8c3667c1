"""What travels between members: a typed header in front of every frame, and the messages that form a group.

Nothing here is ever unpickled. A header is decoded into a closed type, and compared with what its connection may
carry, before memory is allocated for what it announces.
"""

from __future__ import annotations

import builtins
import enum
from typing import Annotated, Any

import msgspec
import numpy as np

from ramba import machine
from ramba.errors import MemoryError, ProtocolError
from ramba.runtime.transport import decoder

PROTOCOL = 4  # raised with every change of what is in this file
FRAME = 1 << 20  # bytes of payload in one frame: between hosts, larger ones were slower to encrypt and to allocate
LONGEST = FRAME + 4096  # bytes of a frame that a socket accepts at all
SMALL = 16 << 10  # bytes of payload up to which it travels in the frame of its header
HEADER = 128  # bytes of an encoded header, at most

Natural = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]


class Kind(enum.IntEnum):
    """What a frame is about."""

    DATA = 1  # a message, or a part of it
    SHARED = 2  # a message in shared memory
    POISON = 3  # there will be no messages of this command
    RELEASE = 4  # the receiver of a shared message needs it no more
    RETIRE = 5  # a segment of shared memory is not used any more
    COMMAND = 6  # from the driver, down the tree
    CANCEL = 7  # the same way
    REPORT = 8  # from a worker's I/O thread to the driver: something is wrong
    BEAT = 9  # nothing: after a new connection its number tells whether messages were lost
    ASK = 10  # from the driver: how far is your own thread?
    STATE = 11  # the answer
    LETTER = 12  # between the driver and a worker, of no command


LADEN = (Kind.DATA, Kind.COMMAND, Kind.REPORT, Kind.STATE, Kind.LETTER)  # those with a payload in the frame


class Header(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """In front of every frame."""

    epoch: Natural
    source: Natural
    to: Natural
    sequence: Natural  # of the frames from this sender to this receiver
    kind: Kind
    tag: Natural = 0
    nbytes: Natural = 0  # of the whole message
    offset: Natural = 0  # of this frame in the message; of the message in its segment
    segment: Natural = 0
    descriptor: Natural = 0  # of the segment, in the sender's process


_decoder = msgspec.msgpack.Decoder(Header)
encode = msgspec.msgpack.Encoder().encode


def frames(header: Header, payload: memoryview | None) -> list[bytes | memoryview]:
    """What is sent: the length of the header, the header, and the payload; a large one in a frame of its own."""
    encoded = encode(header)
    first = len(encoded).to_bytes(1, "little") + encoded
    if payload is None:
        return [first]
    return [first + payload] if payload.nbytes <= SMALL else [first, payload]


@decoder("A header")
def decode(first: memoryview, second: memoryview | None) -> tuple[Header, memoryview | None]:
    """The header and the payload in one or two frames, or a ProtocolError."""
    end = 1 + first[0] if len(first) else 1
    if not 1 < end <= min(HEADER, len(first)) or (second is not None and len(first) > end):
        raise ProtocolError(f"A frame of {len(first)} bytes without a header.")
    header = _decoder.decode(first[1:end])
    payload = second if second is not None else first[end:] if header.kind in LADEN else None
    if payload is None and len(first) > end:
        raise ProtocolError(f"A payload behind {header.kind.name}.")
    check(header, None if payload is None else len(payload))
    return header, payload


def check(header: Header, payload: int | None) -> None:
    """Compares a header with the size of the payload behind it (None: there is none)."""
    if header.kind not in LADEN:
        if payload is not None:
            raise ProtocolError(f"A payload of {payload} bytes behind {header.kind.name}.")
    elif payload is None or header.offset + payload > header.nbytes or (header.nbytes and not payload):
        raise ProtocolError(f"A part of {payload} bytes at {header.offset} of {header.nbytes}.")
    if header.nbytes > machine_memory():
        raise ProtocolError(f"A message of {header.nbytes} bytes: more than this machine's memory.")


def machine_memory() -> int:
    """Bytes that no message can exceed."""
    global _memory
    _memory = _memory or machine.total_memory()
    return _memory


_memory = 0


class Assembly:
    """Puts the parts of a sender's messages together; they come one after the other."""

    def __init__(self) -> None:
        self._header: Header | None = None  # of the first part
        self._content: np.ndarray | MemoryError = np.empty(0, np.uint8)
        self._filled = 0

    @decoder("A part of a message")
    def add(self, header: Header, part: memoryview) -> np.ndarray | MemoryError | None:
        """The whole message, if this was its last part; or that there was no room for it."""
        first = self._header
        if first is None:
            self._begin(header)
        elif (first.kind, first.tag, first.nbytes) != (header.kind, header.tag, header.nbytes):
            raise ProtocolError("A message began before the last one had ended.")
        if header.offset != self._filled:
            raise ProtocolError(f"A part at {header.offset} where {self._filled} was expected.")
        # copied even if it is all there is: memory of the socket has any alignment
        if isinstance(self._content, np.ndarray):
            self._content[header.offset : header.offset + len(part)] = part
        self._filled += len(part)
        if self._filled < header.nbytes:
            return None
        whole, self._content, self._header = self._content, np.empty(0, np.uint8), None
        return whole

    @property
    def busy(self) -> bool:
        """Whether parts are missing."""
        return self._header is not None

    def _begin(self, header: Header) -> None:
        try:
            self._content = np.empty(header.nbytes, np.uint8)
        except builtins.MemoryError:
            self._content = MemoryError(f"Unable to allocate {header.nbytes} bytes for a message of another worker")
        self._header, self._filled = header, 0


class Peer(msgspec.Struct, frozen=True):
    """How a member is reached in one epoch, and by which key it is known."""

    number: Natural
    pid: Natural
    host: str  # see `host.identity`
    local: str  # endpoint for members on the same host
    remote: str | None  # for others
    key: bytes  # public; empty without security
    shares: bool  # whether its memory can be mapped


class Join(msgspec.Struct, tag="join", frozen=True):
    """From the driver: become this member of a group. The first one also says how to live."""

    rank: Natural
    size: Natural
    epoch: Natural
    threads: Natural
    secure: bool
    spread: bool  # whether the group has members on other hosts
    folder: str  # of the driver, for sockets of the same host
    host: str  # of the driver
    service: str  # module with `Member` and `serve`
    settings: dict[str, Any]
    paths: list[str]  # where the driver finds modules
    alias: str = ""  # in tests: the host to pretend to be


class Roster(msgspec.Struct, tag="roster", frozen=True):
    """From the driver: all members, by number."""

    epoch: Natural
    peers: list[Peer]


class Wait(msgspec.Struct, tag="wait", frozen=True):
    """From the driver: be in no group until there is another question; what the member has it keeps."""


class Leave(msgspec.Struct, tag="leave", frozen=True):
    """From the driver: finish."""


class Joined(msgspec.Struct, tag="joined", frozen=True):
    """A worker's answer to Join."""

    peer: Peer
    pid: int
    host: str  # as people call it
    threads: int
    versions: dict[str, str]


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """A worker's answer to Roster, Wait and Leave: it is done."""


class Refused(msgspec.Struct, tag="refused", frozen=True):
    """A worker's answer when it cannot do what it was asked."""

    why: str
    versions: dict[str, str] = {}  # msgspec copies it


class Failure(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """From a worker's I/O thread to the driver: what does not work any more."""

    lost: int  # the member that cannot be reached; -1: something else
    why: str


class State(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """From a worker's I/O thread to the driver: how far the worker's own thread is."""

    received: Natural  # commands
    begun: Natural
    sent: Natural  # messages
    tiles: Natural  # that were begun of the kernel that runs
    waits: bool  # for others
    calls: str  # that the thread is in, innermost first


Request = Join | Roster | Wait | Leave
Answer = Joined | Ready | Refused

_requests = msgspec.msgpack.Decoder(Request)
_answers = msgspec.msgpack.Decoder(Answer)
_reports = msgspec.msgpack.Decoder(Failure)
_states = msgspec.msgpack.Decoder(State)


@decoder("A question")
def decode_request(message: bytes) -> Request:
    """What the driver asks; it comes on a channel that only the driver has."""
    return _requests.decode(message)


@decoder("An answer")
def decode_answer(message: bytes) -> Answer:
    """What a worker answers there."""
    return _answers.decode(message)


@decoder("A report")
def decode_report(message: np.ndarray) -> Failure:
    """What a worker reports."""
    return _reports.decode(message.tobytes())


@decoder("A worker's state")
def decode_state(message: np.ndarray) -> State:
    """How far a worker is."""
    return _states.decode(message.tobytes())
