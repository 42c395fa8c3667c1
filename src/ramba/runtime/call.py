"""What a kernel that is called at once reads and makes, wherever it runs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ramba.layout import View


class Input(NamedTuple):
    """An operand."""

    block: Any  # of memory, or a `Sharded`
    dtype: np.dtype
    shape: tuple[int, ...]  # of the whole array
    view: View  # what is read of it; of an array on workers, all


class Made(NamedTuple):
    """A result."""

    block: Any
    dtype: np.dtype
    shape: tuple[int, ...]


class Damage(set[int]):
    """Slots of inputs that a run began to write over before it failed, and results that were complete by then."""

    def __init__(self) -> None:
        super().__init__()
        self.complete: dict[int, Any] = {}  # blocks, by slot


__all__ = ["Damage", "Input", "Made"]
