"""A member for tests of links: it obeys small commands of its own, written as JSON."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from ramba.runtime.collective import Collective
from ramba.runtime.pool import Pool
from ramba.runtime.transport import TAG_BITS, Abandoned, Cancelled, Transport


class Member:
    """Obeys: {"do": name, ...}; answers with JSON under the tag of its command."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.group = Collective(transport, Pool())
        self.number = 0
        self.resets = 0
        self.kept: list[np.ndarray] = []

    def obey(self, command: bytes) -> Generator[None, None, None]:
        """One command."""
        self.number += 1
        self.group.tag = self.number << TAG_BITS
        words = json.loads(command)
        try:
            result = yield from getattr(self, words.pop("do"))(**words)
        except Cancelled:
            result = "cancelled"
        answer = np.frombuffer(json.dumps(result).encode(), np.uint8)
        self.transport.post(self.transport.size, self.number << TAG_BITS, answer)

    def reset(self) -> None:
        """The group is formed anew."""
        self.number = 0
        self.resets += 1
        self.kept.clear()

    def who(self, filler: str = "") -> Generator[None, None, list[int]]:
        """Facts, and the length of the command."""
        yield from ()
        return [self.transport.rank, os.getpid(), self.resets, len(filler)]

    def total(self, nbytes: int) -> Generator[None, None, int]:
        """Everybody sends everybody an array of that size, filled with its number."""
        others = [rank for rank in range(self.group.size) if rank != self.group.rank]
        parcel = np.full(nbytes, self.group.rank + 1, np.uint8)
        arrived = yield from self.group.exchange(dict.fromkeys(others, parcel), others)
        return int(sum(int(array[:: max(1, nbytes // 7)].max()) for array in arrived.values()))

    def keep(self, nbytes: int) -> Generator[None, None, int]:
        """Keeps an array from the driver."""
        array = yield from self.group.receive(self.group.size, (self.number << TAG_BITS) + 1)
        self.kept.append(array)
        return int(array[-1]) if nbytes else 0

    def drop(self) -> Generator[None, None, int]:
        """Drops what was kept."""
        yield from ()
        self.kept.clear()
        return 0

    def nap(self, seconds: float) -> Generator[None, None, str]:
        """Keeps the interpreter lock free, and itself busy."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.01)
            self.transport.examine()
            yield from ()
        return "rested"

    def hog(self, seconds: float) -> Generator[None, None, str]:
        """Holds the interpreter lock."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sum(range(3_000_000))
        yield from ()
        return "hogged"

    def hang(self, rank: int, seconds: float) -> Generator[None, None, str]:
        """One worker sleeps where nothing wakes it; the others wait for it."""
        tag = self.group.next_tag()
        if self.transport.rank != rank:
            yield from self.group.receive(rank, tag)
            return "came"
        time.sleep(seconds)
        for other in range(self.transport.size):
            if other != rank:
                self.transport.post(other, tag, np.zeros(1, np.uint8))
        return "slept"

    def clutch(self, rank: int, seconds: float) -> Generator[None, None, str]:
        """One worker keeps the interpreter lock in a call that does not give it back."""
        yield from ()
        if self.transport.rank != rank:
            return "waited"
        ctypes.PyDLL(None).usleep(int(seconds * 1e6))
        return "held"

    def stuck(self, whom: int) -> Generator[None, None, str]:
        """Waits for a message that never comes."""
        while self.transport.collect(whom, (self.number << TAG_BITS) + 5) is None:
            yield
        return "came"

    def die(self, rank: int, how: str) -> Generator[None, None, str]:
        """Ends one worker in some way; the others wait for it."""
        if self.transport.rank == rank:
            if how.startswith("SIG"):
                os.kill(os.getpid(), getattr(signal, how))
                time.sleep(60)
            os._exit(int(how))
        return (yield from self.stuck(rank))

    def break_thread(self, rank: int) -> Generator[None, None, str]:
        """One worker's I/O thread fails; all wait."""
        if self.transport.rank == rank:
            io_thread: Any = self.transport.io_thread  # type: ignore[attr-defined]
            io_thread._patience = lambda share: 1 // 0
            io_thread._ear.ring()
        return (yield from self.stuck(rank))

    def swell(self, rank: int, nbytes: int) -> Generator[None, None, str]:
        """One worker takes memory."""
        yield from ()
        if self.transport.rank == rank:
            self.kept.append(np.ones(nbytes, np.uint8))
        return "swollen"

    def poison(self, rank: int) -> Generator[None, None, str]:
        """One worker tells the others that it failed."""
        from ramba.runtime.transport import Poison

        tag = self.group.next_tag()
        if self.transport.rank == rank:
            for other in range(self.transport.size):
                if other != rank:
                    self.transport.post(other, tag, None)
            return "failed"
        try:
            yield from self.group.receive(rank, tag)
        except Poison as problem:
            return f"poisoned by {problem.args[0]}"
        return "received"


def serve(member: Member, next_command: Callable[[], bytes | None]) -> None:
    """As `ramba.runtime.member.serve`."""
    while True:
        try:
            command = next_command()
            if command is None:
                return
            life = member.obey(command)
            for _ in life:
                try:
                    member.transport.wait()
                except Cancelled as problem:
                    try:
                        life.throw(problem)
                    except StopIteration:
                        break
        except Abandoned:
            member.reset()
