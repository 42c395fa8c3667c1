"""Messages over a stream socket: four bytes with the length, then the content."""

from __future__ import annotations

import socket

_LONGEST = 64 << 20


def send(channel: socket.socket, message: bytes) -> None:
    """Sends all of it."""
    channel.sendall(len(message).to_bytes(4, "little") + message)


def receive(channel: socket.socket) -> bytes | None:
    """The next message, or None at the end."""
    length = _exactly(channel, 4)
    if length is None or (nbytes := int.from_bytes(length, "little")) > _LONGEST:
        return None
    return _exactly(channel, nbytes)


def _exactly(channel: socket.socket, nbytes: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < nbytes:
        part = channel.recv(nbytes - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
