"""What a link between two hosts does with plain TCP: the round trip of a byte, and bytes per second."""

from __future__ import annotations

import sys
from typing import NamedTuple

from benchmarks.network.hosts import Host

_SERVER = """
import socket, sys
listener = socket.create_server(("", 5000))
print("ready", flush=True)
peer, _ = listener.accept()
listener.close()
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range(50):
    peer.recv(1)
    peer.send(b"x")
left = int(sys.argv[1])
while left:
    left -= len(peer.recv(min(left, 1 << 20)))
peer.send(b"x")
"""
_CLIENT = """
import socket, statistics, sys, time
peer = socket.create_connection((sys.argv[1], 5000), 1)
peer.settimeout(60)
peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
times = []
for _ in range(50):
    begin = time.perf_counter()
    peer.send(b"x")
    peer.recv(1)
    times.append(time.perf_counter() - begin)
begin = time.perf_counter()
peer.sendall(bytes(int(sys.argv[2])))
peer.recv(1)
print(statistics.median(times), int(sys.argv[2]) / (time.perf_counter() - begin))
"""


class Measured(NamedTuple):
    """A link, as TCP sees it."""

    round_trip: float  # seconds
    bandwidth: float  # bytes per second


def measured(a: Host, b: Host, nbytes: int) -> Measured:
    """From one host to another."""
    server = b.start(sys.executable, "-c", _SERVER, str(nbytes), environment={})
    try:
        assert server.stdout is not None
        server.stdout.readline()
        words = a.run(sys.executable, "-c", _CLIENT, b.address, str(nbytes), environment={}).split()
        return Measured(*map(float, words))
    finally:
        server.kill()
        server.communicate()
