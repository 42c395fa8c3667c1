"""A group in one process: messages are handed over, nothing is copied."""

from __future__ import annotations

import numpy as np

from ramba.runtime.transport.protocol import TAG_BITS, Listener, Poison


class Mailboxes:
    """What is on its way between the members of a group."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting: dict[tuple[int, int, int], np.ndarray] = {}  # by source, receiver and tag
        self.failed: dict[tuple[int, int], int] = {}  # by source and receiver: the command that failed
        self.messages = 0  # sent from worker to worker
        self.bytes = 0
        self.moves = 0  # messages that were sent or arrived


class Mailbox:
    """One member's end: see `Transport`."""

    def __init__(self, post: Mailboxes, rank: int) -> None:
        self.rank = rank
        self.size = post.size
        self.listener: Listener | None = None
        self._post = post

    def tell(self, to: int | None, letter: bytes) -> None:
        """Nobody sends letters within one process."""
        raise NotImplementedError

    def attend(self) -> float | None:
        """Nothing comes."""
        return None

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in."""
        return np.empty(nbytes, np.uint8)

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes, or (None) the news that there will be none."""
        key = self.rank, to, tag
        if message is None:
            self._post.failed[self.rank, to] = tag >> TAG_BITS
            return
        assert key not in self._post.waiting, f"two messages {key}"
        self._post.waiting[key] = message
        self._post.moves += 1
        if max(self.rank, to) < self.size:
            self._post.messages += 1
            self._post.bytes += message.nbytes

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """A message that has arrived, or None."""
        key = source, self.rank, tag
        # the driver's parcels stay until they are forgotten: a worker that is interrupted asks for them again
        message = self._post.waiting.get(key) if source == self.size else self._post.waiting.pop(key, None)
        if message is None and self._post.failed.get((source, self.rank)) == tag >> TAG_BITS:
            raise Poison(source)
        self._post.moves += message is not None
        return message

    def wait(self, seconds: float | None = None) -> None:
        """Nothing to wait for: whoever is asked next goes on."""

    def examine(self) -> None:
        """Nothing is ever in the way."""

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected."""
        for key in [k for k in self._post.waiting if k[1] == self.rank and k[2] < below]:
            del self._post.waiting[key]
