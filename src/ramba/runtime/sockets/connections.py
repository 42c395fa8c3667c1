"""The sockets of one member in one epoch: what comes in, what goes out, and whose connection is broken.

Everybody has one socket that others connect to, and one that connects to others, each when something is first sent
there. Frames of a sender to a receiver are numbered. A connection that breaks is made again by ZeroMQ, without what
was on its way; so the sender's next frame goes out at once, and its number tells the receiver whether any was lost.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zmq

from ramba.errors import ProtocolError
from ramba.runtime.sockets import host, security, wire
from ramba.runtime.sockets.wire import Header, Kind, Peer

HEARTBEAT = 1000  # ms between two signs of life on an idle connection; ZeroMQ's own thread sends them
SILENCE = 5000  # ms without any after which a connection counts as broken
PATIENCE = 4.0  # s that a broken connection may take to come back
_FIRST = 20.0  # s that a new connection may take
_HANDSHAKE = 5000  # ms after which ZeroMQ drops a connection that has not proved its key
_WAITING_FRAMES = 256  # of each sender, before ZeroMQ stops reading from it
_BATCH = 200  # frames that are read before other work gets its turn

_OUTWARD = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
_INWARD = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL

_MORE, _IN = int(zmq.NOBLOCK | zmq.SNDMORE), int(zmq.POLLIN)

Received = tuple[Header, memoryview | None]


class Connections:
    """Sockets; used by one thread."""

    def __init__(self, context: zmq.Context, number: int, epoch: int, folder: Path, address: str | None) -> None:
        self.number = number
        self.epoch = epoch
        self._context = context
        self._folder = folder
        self._address = address  # of this node, if members on other hosts connect
        self.inward = _socket(context)
        self.outward = _socket(context)
        self.outward.router_mandatory = True
        self._poller: zmq.Poller | None = None
        self._secure = False
        self._peers: list[Peer] = []
        self._sent: dict[int, int] = {}  # frames by receiver
        self._received: dict[int, int] = {}  # frames by sender
        self._banned: set[int] = set()
        self._endpoints: dict[str, int] = {}  # of members we connected to
        self._broken: dict[int, float] = {}  # connections that are not there, since when
        self._established: set[int] = set()  # connections that were there
        self.inward_monitor = self.inward.get_monitor_socket(_INWARD)
        self.outward_monitor = self.outward.get_monitor_socket(_OUTWARD)

    def poller(self, bell: int) -> zmq.Poller:
        """Waits for what comes in, or for the bell."""
        if self._poller is None:
            self._poller = zmq.Poller()
            self._poller.register(self.inward, zmq.POLLIN)
            self._poller.register(bell, zmq.POLLIN)
        return self._poller

    def bind(self, keys: security.Keys | None, identity: str) -> Peer:
        """Lets others connect; how they do that."""
        if keys is not None:
            keys.guard(self.inward)
            keys.show(self.outward)
            self._secure = True
        local = f"ipc://{self._folder}/{self.number}.{self.epoch}"
        self.inward.bind(local)
        remote = None
        if self._address is not None:
            self.inward.bind(f"tcp://{self._address}:*")
            remote = str(self.inward.get_string(zmq.LAST_ENDPOINT))
            if keys is None:
                security.allow_plain(remote)
        public = keys.public if keys is not None else b""
        return Peer(self.number, os.getpid(), identity, local, remote, public, host.shares_memory())

    def admit(self, peers: list[Peer]) -> None:
        """All members of the group, by number."""
        self._peers = peers

    def connect(self, to: int) -> None:
        """Makes the connection to a member, unless there is one."""
        if to in self._sent:
            return
        me, peer = self._peers[self.number], self._peers[to]
        endpoint = peer.local if peer.host == me.host else peer.remote
        if endpoint is None:
            raise ProtocolError(f"Member {to} has no address for other hosts.")
        if self._secure:
            self.outward.curve_serverkey = peer.key
        self.outward.setsockopt(zmq.CONNECT_ROUTING_ID, _route(to))
        self.outward.connect(endpoint)
        self._endpoints[endpoint] = to
        self._broken[to] = time.monotonic()
        self._sent[to] = 0

    def send(self, to: int, kind: Kind, payload: memoryview | None = None, **fields: int) -> None:
        """One frame to a member; never waits."""
        self.connect(to)
        self._sent[to] = sequence = self._sent[to] + 1
        frames = wire.frames(Header(self.epoch, self.number, to, sequence, kind, **fields), payload)
        self.outward.send(_route(to), _MORE)
        if len(frames) > 1:
            self.outward.send(frames[0], _MORE)
        self.outward.send(frames[-1], zmq.NOBLOCK, copy=len(frames) == 1)

    def receive(self) -> Iterator[Received]:
        """What has come; not more than a batch of it. ProtocolError: a frame that must not be."""
        for _ in range(_BATCH):
            if not _waiting(self.inward):
                return
            frames = self.inward.recv_multipart(zmq.NOBLOCK, copy=False)
            received = self._checked(frames)
            if received is not None:
                yield received

    def ban(self, source: int) -> None:
        """Hears nothing of this member any more."""
        self._banned.add(source)

    def watch(self) -> Iterator[int]:
        """Reads what became of our connections: gives members whose connection came back."""
        for event in _events(self.outward_monitor):
            to = self._endpoints.get(event.endpoint)
            if to is None:
                continue
            if event.kind == zmq.EVENT_DISCONNECTED:
                self._broken.setdefault(to, time.monotonic())
            elif self._broken.pop(to, None) is not None and to in self._established:
                yield to
            else:
                self._established.add(to)

    def refusals(self) -> int:
        """How many connections were refused since the last call."""
        return sum(1 for _ in _events(self.inward_monitor))

    def overdue(self) -> list[tuple[int, str]]:
        """Members whose connection did not come, or did not come back, and what is to say about that."""
        now = time.monotonic()
        found = []
        for to, since in self._broken.items():
            if to not in self._established:
                if now - since > _FIRST:
                    found.append((to, f"no connection within {_FIRST:.0f} s"))
            elif now - since > PATIENCE:
                found.append((to, f"no heartbeat for {SILENCE / 1000 + PATIENCE:.0f} s"))
        return found

    def watching(self) -> bool:
        """Whether a connection is missing."""
        return bool(self._broken)

    def missing(self) -> set[int]:
        """Members that we want to reach and have not reached yet."""
        return set(self._broken)

    def close(self, linger: int = 0) -> None:
        """Ends all connections; what was not sent is dropped, after so many milliseconds."""
        for socket in (self.inward, self.outward):
            socket.disable_monitor()
        for socket in (self.inward_monitor, self.outward_monitor, self.inward, self.outward):
            socket.close(linger)

    def _checked(self, frames: list[zmq.Frame]) -> Received | None:
        """The header and the payload of what came; None if it is to be ignored."""
        source = int(frames[-1].get("User-Id")) if self._secure else None
        if source in self._banned or (source is None and self._banned):
            return None  # without keys nobody knows who it was
        try:
            if len(frames) not in (2, 3):
                raise ProtocolError(f"A message of {len(frames)} frames.")
            header, payload = wire.decode(frames[1].buffer, frames[2].buffer if len(frames) == 3 else None)
            if source is not None and header.source != source:
                raise ProtocolError(f"A message in the name of member {header.source}.")
            if header.epoch < self.epoch:
                return None
            self._expect(header)
        except ProtocolError as problem:
            self._banned.add(-1 if source is None else source)
            whom = "somebody" if source is None else f"member {source}"
            raise ProtocolError(f"Member {self.number} heard no more of {whom} after this: {problem}") from None
        return header, payload

    def _expect(self, header: Header) -> None:
        if header.epoch != self.epoch or header.to != self.number or not header.source < len(self._peers):
            text = f"epoch {header.epoch} to member {header.to}, in epoch {self.epoch} of member {self.number}"
            raise ProtocolError(f"A message from member {header.source} of {text}.")
        sequence = self._received.get(header.source, 0) + 1
        if header.sequence != sequence:
            raise ProtocolError(f"Message {header.sequence} where {sequence} was expected: lost, repeated or replaced.")
        self._received[header.source] = sequence


def _socket(context: zmq.Context) -> zmq.Socket:
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.maxmsgsize = wire.LONGEST
    socket.handshake_ivl = _HANDSHAKE
    socket.heartbeat_ivl = HEARTBEAT
    socket.heartbeat_timeout = SILENCE - HEARTBEAT
    socket.sndhwm = 0  # what is sent lies in the sender's memory anyway
    socket.rcvhwm = _WAITING_FRAMES
    socket.backlog = 4096
    socket.reconnect_ivl = 50
    socket.reconnect_ivl_max = 500
    return socket


def _waiting(socket: zmq.Socket) -> bool:
    """Whether there is something to read."""
    return bool(int(socket.getsockopt(zmq.EVENTS)) & _IN)


class _Event(NamedTuple):
    """What a monitor tells of a connection."""

    kind: int
    endpoint: str


def _events(monitor: zmq.Socket) -> Iterator[_Event]:
    while _waiting(monitor):
        event, endpoint = monitor.recv_multipart()
        (kind,) = struct.unpack_from("=H", event)
        yield _Event(kind, endpoint.decode())


def _route(to: int) -> bytes:
    return b"m%d" % to
