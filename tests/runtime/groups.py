"""Members of a group for tests: two ends in this process, or a driver with worker processes that obey `echo`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ramba.runtime.sockets.driver_end import DriverEnd
from ramba.runtime.sockets.folder import Folder
from ramba.runtime.sockets.link import SocketLink
from ramba.runtime.sockets.transport import SocketTransport
from ramba.runtime.sockets.wire import Peer
from ramba.runtime.sockets.worker_end import WorkerEnd
from ramba.runtime.transport import TAG_BITS

ECHO = "tests.runtime.echo"
LOOPBACK = "127.0.0.1"


@dataclass
class Pair:
    """A worker, number 0, and its driver, number 1."""

    worker: WorkerEnd
    driver: DriverEnd
    peers: list[Peer]
    suspects: list[tuple[int, str]] = field(default_factory=list)


@contextlib.contextmanager
def pair(
    *, remote: bool = False, secure: bool = True, detour: Callable[[str], str] = lambda address: address
) -> Iterator[Pair]:
    """Two ends in this process; `remote` ones think that they are on different hosts, and meet by a detour."""
    suspects: list[tuple[int, str]] = []
    folder = Folder()
    worker, driver = WorkerEnd(0, 1), DriverEnd(1, lambda rank, why, _: suspects.append((rank, why)))
    try:
        address = LOOPBACK if remote else None
        peers = [
            worker.open(0, 1, 1, folder.path, address, secure, "here"),
            driver.open(1, 1, 1, folder.path, address, secure, "there" if remote else "here"),
        ]
        if remote:
            peers = [changed(peer, detour(str(peer.remote))) for peer in peers]
        for end in (worker, driver):
            end.admit(peers, [])
            end.begin()
        yield Pair(worker, driver, peers, suspects)
    finally:
        worker.close()
        driver.close()
        folder.close()


def changed(peer: Peer, remote: str) -> Peer:
    """The same peer at another address."""
    return Peer(peer.number, peer.pid, peer.host, peer.local, remote, peer.key, peer.shares)


def receive(end: SocketTransport, source: int, tag: int) -> np.ndarray:
    """Waits for a message."""
    while (message := end.collect(source, tag)) is None:
        end.wait()
    return message


class Group:
    """A link, and the questions asked over it."""

    def __init__(self, link: SocketLink) -> None:
        self.link = link
        self.number = 0

    @property
    def pids(self) -> list[int]:
        """Of the workers."""
        return [facts.pid for facts in self.link.members]

    def ask(self, do: str, **words: Any) -> list[Any]:
        """Everybody's answer to a command."""
        self.command(do, **words)
        return self.answers()

    def command(self, do: str, **words: Any) -> None:
        """Sends a command, and does not wait."""
        self.number += 1
        self.link.command(json.dumps({"do": do, **words}).encode())

    def answers(self) -> list[Any]:
        """Everybody's answer to the last command."""
        transport, tag = self.link.transport, self.number << TAG_BITS
        found: dict[int, Any] = {}
        while True:
            for rank in range(transport.size):
                if rank not in found and (message := transport.collect(rank, tag)) is not None:
                    found[rank] = json.loads(message.tobytes())
            if len(found) == transport.size:
                return [found[rank] for rank in range(transport.size)]
            transport.wait()

    def recover(self) -> None:
        """Forms the group anew."""
        self.link.recover()
        self.number = 0
