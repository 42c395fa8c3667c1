"""A transport that tells what it carries, for traces."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ramba import events
from ramba.runtime.transport.protocol import Listener, Transport


class Watched:
    """Another transport, and events for each message that is sent and received: see `Transport`."""

    def __init__(self, transport: Transport) -> None:
        self.plain = transport
        self._packing: dict[int, float] = {}  # by receiver: since when a message for it is written
        self._waiting: dict[tuple[int, int], float] = {}  # by source and tag: since when it is asked for

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    @property
    def rank(self) -> int:
        """Of this member: another one in another group."""
        return self.plain.rank

    @property
    def size(self) -> int:
        """Number of workers."""
        return self.plain.size

    @property
    def listener(self) -> Listener | None:
        """Who takes letters."""
        return self.plain.listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self.plain.listener = listener

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        self._packing[to] = time.perf_counter()
        return self.plain.buffer(to, nbytes)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes, or the news that there will be none."""
        begin = self._packing.pop(to, None) or time.perf_counter()
        self.plain.post(to, tag, message)
        if message is not None:
            events.tell(events.Sent(to, tag, message.nbytes, time.perf_counter() - begin))

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """The bytes of a message that has arrived, or None."""
        now = time.perf_counter()
        begin = self._waiting.setdefault((source, tag), now)
        message = self.plain.collect(source, tag)
        if message is not None:
            del self._waiting[source, tag]
            events.tell(events.Received(source, tag, message.nbytes, time.perf_counter() - begin))
        return message

    def wait(self, seconds: float | None = None) -> None:
        """Returns when something may have arrived."""
        self.plain.wait(seconds)

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected."""
        self.plain.forget(below)
        for key in [key for key in self._waiting if key[1] < below]:
            del self._waiting[key]


__all__ = ["Watched"]
