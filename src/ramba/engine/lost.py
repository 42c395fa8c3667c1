"""Values that will never be known, and why."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.engine.buffer import Buffer
from ramba.graph import Node, Stored, reachable


class Lost:
    """Stands for a value that will never be computed."""

    def __init__(self, dtype: np.dtype, shape: tuple[int, ...], reason: str) -> None:
        self.dtype = dtype
        self.shape = shape
        self.reason = reason


def lose(buffer: Buffer, reason: str) -> None:
    """Marks a buffer whose value will never be known."""
    lost: Any = Lost(buffer.dtype, buffer.shape, reason)
    buffer.move_on(lost)
    buffer.hold = Lost


def is_lost(buffer: Buffer) -> bool:
    return not isinstance(buffer.node, Stored)


def reads_lost(root: Node) -> bool:
    """Whether a value needs memory that a run which failed had begun to write over."""
    return any(isinstance(node, Stored) and node.storage.block is None for node in reachable(root))


__all__ = ["Lost", "is_lost", "lose", "reads_lost"]
