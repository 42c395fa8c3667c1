"""Keys of a session, and the doorkeeper: only who proves the key of a member is heard.

Keys are made by each process for one epoch, stay in its memory, and their public halves travel over the channel that
started the workers: a pipe, or Ray. Both ends prove their key (CurveZMQ), so an address alone is worth nothing.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import time

import zmq
import zmq.utils.z85

from ramba.errors import ConfigError, SecurityWarning, warn
from ramba.runtime.sockets.wire import Peer

DOMAIN = b"ramba"
_DOOR = "inproc://zeromq.zap.01"  # where ZeroMQ asks; the name is part of its specification
_QUIET = 10.0  # seconds between two lines in the log about refused connections

log = logging.getLogger("ramba.sockets")


class Keys:
    """The key pair of one member for one epoch."""

    __slots__ = ("_secret", "public")

    def __init__(self) -> None:
        self.public, self._secret = zmq.curve_keypair()

    def guard(self, socket: zmq.Socket) -> None:
        """Those who connect to this socket must prove their key."""
        socket.curve_server = True
        socket.curve_publickey, socket.curve_secretkey = self.public, self._secret
        socket.zap_domain = DOMAIN

    def show(self, socket: zmq.Socket) -> None:
        """This socket proves our key to those it connects to."""
        socket.curve_publickey, socket.curve_secretkey = self.public, self._secret

    def __repr__(self) -> str:
        return "<Keys>"  # never what is in them


class Door:
    """Answers ZeroMQ's question whether a connection may be made (the ZAP protocol)."""

    def __init__(self, context: zmq.Context) -> None:
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind(_DOOR)
        self.refused = 0  # connections, for whatever reason
        self._allowed: dict[bytes, int] = {}  # member by key, as ZeroMQ hands it over
        self._said = 0.0

    def admit(self, peers: list[Peer]) -> None:
        """Those who may connect from now on."""
        self._allowed = {zmq.utils.z85.decode(peer.key): peer.number for peer in peers if peer.key}

    def answer(self) -> None:
        """Answers one question."""
        version, request, domain, address, _identity, mechanism, *credentials = self.socket.recv_multipart()
        number = None
        if version == b"1.0" and domain == DOMAIN and mechanism == b"CURVE" and len(credentials) == 1:
            number = self._allowed.get(credentials[0])
        if number is not None and not _same_user(address):
            number = None
        if number is None:
            self.socket.send_multipart([b"1.0", request, b"400", b"Not a member", b"", b""])
        else:
            self.socket.send_multipart([b"1.0", request, b"200", b"OK", str(number).encode(), b""])

    def count(self) -> None:
        """A connection was refused; says so, but not every time."""
        self.refused += 1
        now = time.monotonic()
        if now - self._said > _QUIET:
            self._said = now
            log.warning("Refused %d connections from peers that are not members of this session.", self.refused)

    def close(self) -> None:
        """Nobody is let in any more."""
        self.socket.close()


def _same_user(address: bytes) -> bool:
    """For Unix sockets ZeroMQ hands over "host:uid:gid:pid"; addresses of other kinds say nothing about users."""
    parts = address.split(b":")
    numbers = parts[1:]
    return len(numbers) != 3 or not all(map(bytes.isdigit, numbers)) or int(numbers[0]) == os.getuid()


def allow_plain(address: str) -> None:
    """Whether traffic of this address may go unprotected, as the setting asks: warns, or refuses on a public one."""
    host = address.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    if not ipaddress.ip_address(host).is_private:
        allowed = f"'curve' where workers have public addresses such as {host}"
        raise ConfigError("transport_security", "none", allowed, "the settings")
    warn("transport_security='none': anyone who reaches the workers' ports can change results.", SecurityWarning)
