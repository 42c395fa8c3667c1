"""What a group of workers and its driver ask of whatever carries their messages.

Members are numbered: workers 0, ..., size - 1, and the driver, whose number is ``size``. Every message has a sender, a
receiver and a tag; at most one message with a tag travels from one member to another. Tags count up: the command's
number, then `TAG_BITS` bits that count the rounds of messages within it. Nothing here blocks but ``wait``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

TAG_BITS = 24  # of a tag: the round within a command; the bits above are the command's number


class Abandoned(Exception):
    """What a worker is waiting for will not come: a member was lost, and the group is formed anew."""


class Cancelled(Exception):
    """The driver no longer wants the result."""


class Facts(NamedTuple):
    """Who a worker is."""

    rank: int
    pid: int
    host: str
    threads: int
    versions: dict[str, str]  # "ramba", "protocol", "python", "numpy", "llvmlite"


class Listener(Protocol):
    """Who takes letters: messages between the driver and a worker that belong to no command."""

    def heard(self, source: int, letter: bytes) -> None:
        """A letter has come. On whatever thread reads: to be kept, and looked into elsewhere."""

    def lost(self, problem: Exception) -> None:
        """On the driver: the group has to be formed anew, or is at its end."""

    def leaving(self, workers: int) -> None:
        """On the driver: only so many workers will be left. The others have nothing to do when this returns."""

    def regrouped(self) -> None:
        """On the driver: there are other workers, or after all no others. On the thread that has the engine's lock."""


class Transport(Protocol):
    """One member's end."""

    @property
    def rank(self) -> int:
        """Of this member."""

    @property
    def size(self) -> int:
        """Number of workers."""

    listener: Listener | None  # nobody: letters are refused

    def tell(self, to: int | None, letter: bytes) -> None:
        """Sends a letter: from the driver to a worker, or (None) the other way. From any thread; returns at once.

        Those of one sender may overtake each other, and those may be lost that were sent when a group was formed anew.
        """

    def attend(self) -> float | None:
        """On the driver: takes what has come, if nobody else does; seconds after which to ask again. None: no need."""

    def buffer(self, to: int, nbytes: int) -> np.ndarray:
        """Memory to write a message in: one-dimensional, of bytes, wherever it travels fastest to that member."""

    def post(self, to: int, tag: int, message: np.ndarray | None) -> None:
        """Sends bytes (one-dimensional, contiguous) that nobody changes any more; returns at once.

        None tells the receiver that the sender failed: neither this message nor a later one of the same command
        will come.
        """

    def collect(self, source: int, tag: int) -> np.ndarray | None:
        """The bytes of a message that has arrived, or None if it has not; each is given once.

        The array may be read-only; its memory lives as long as the array or a view of it. Raises `Poison` if the sender
        failed in this command and the message had not been sent.
        """

    def wait(self, seconds: float | None = None) -> None:
        """Returns when something may have arrived since the last call, or after so many seconds; sleeps meanwhile.

        Raises
        ------
        WorkerLostError
            On the driver: a worker is gone or does not answer.
        Abandoned
            On a worker: the group is formed anew.
        Cancelled
            On a worker: the driver cancelled what it obeys; once for each message.
        """

    def examine(self) -> None:
        """Raises what `wait` would raise now; returns at once."""

    def forget(self, below: int) -> None:
        """Drops messages that nobody collected, of tags below this one."""


class Poison(Exception):
    """The sender of an awaited message failed; its own report says why."""


class Link(Protocol):
    """The driver's end of a whole group: its workers, and the way to command them."""

    transport: Transport  # the driver's own end
    members: list[Facts]
    replaces: bool  # whether lost workers can be replaced
    one_driver: bool  # whether one process decides for all; else all decide alike, whatever memory each of them has
    fixed: str  # why there cannot be more workers, or fewer; empty if there can

    @property
    def sent(self) -> int:
        """Messages of this epoch. It is right after an interrupt, too: what counts has been sent."""

    def command(self, message: bytes) -> None:
        """Sends a message to every worker, in order; returns at once. O(log P) messages on the longest path.

        After an interrupt the caller does not know what became of it, but `sent` tells: as long as that has not grown,
        calling again with the same message does no harm, and workers obey once.
        """

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Nobody wants what these messages ask for, by default all so far: kernels end between tiles.

        Workers skip what they have not begun, end what they are computing, and keep what they were sent to keep.
        """

    def recover(self) -> None:
        """After a WorkerLostError: replaces the lost workers and forms the group anew. Everybody's arrays are gone."""

    def enlist(self, workers: int | None) -> list[int]:
        """Starts the workers that a group of so many (None: as many as by default) needs beside those that stay.

        The present group is not touched. Gives the ranks, in the group that `widen` forms, of all that will be left
        after `narrow`, in the order of their ranks then. Those that are there keep their ranks until then.
        """

    def widen(self) -> None:
        """Forms a group of those that were there and those that were enlisted: a new epoch, as after a loss."""

    def narrow(self, stays: Sequence[int]) -> None:
        """Forms a group of some members, in this order: a new epoch. The others wait, and belong to nobody."""

    def settle(self) -> None:
        """The change is over: those that wait leave."""

    def go_back(self) -> None:
        """The change is given up: `recover` will form the group as it was before."""

    def close(self) -> None:
        """Ends the workers. Nothing may be asked afterwards; closing twice does no harm."""
