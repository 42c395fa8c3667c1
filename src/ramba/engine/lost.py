"""Values that will never be known, and why."""

from __future__ import annotations

from ramba.engine.buffer import Buffer
from ramba.errors import ArrayLostError
from ramba.graph import Lost, Node, Stored, reachable


def lose(buffer: Buffer, reason: str) -> None:
    """Marks a buffer whose value will never be known."""
    buffer.move_on(Lost(buffer.dtype, buffer.shape, reason))
    buffer.hold = Lost


def loss(node: Node) -> ArrayLostError:
    """What somebody is told who wants a value that is not there."""
    return ArrayLostError(node.reason if isinstance(node, Lost) else "The value of this array is lost.")


def is_lost(buffer: Buffer) -> bool:
    return not isinstance(buffer.node, Stored)


def reads_lost(root: Node) -> bool:
    """Whether a value needs memory that a run which failed had begun to write over."""
    return any(isinstance(node, Stored) and node.storage.block is None for node in reachable(root))


__all__ = ["is_lost", "lose", "loss", "reads_lost"]
