"""NumPy arrays over the memory of buffers that were looked at: while there is one, the memory cannot be spilled."""

from __future__ import annotations

import weakref
from typing import Any, Protocol

from ramba.engine.buffer import Buffer
from ramba.runtime.spilling import RELINQUISH


class _Engine(Protocol):
    lock: Any


class Looked:
    """The buffers that have such an array."""

    def __init__(self, engine: _Engine) -> None:
        self.engine = engine
        self.buffers: weakref.WeakSet[Buffer] = weakref.WeakSet()
        RELINQUISH.append(self.let_go)

    def let_go(self) -> None:
        """Drops the arrays that nobody else has, if it is the engine that needs room."""
        if self.engine.lock._is_owned():
            for buffer in list(self.buffers):
                buffer.look_away()


__all__ = ["Looked"]
