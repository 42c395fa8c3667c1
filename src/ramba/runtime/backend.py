"""What the engine asks of whoever runs its plans, and how backends are found."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ramba.plan import Kernel
from ramba.runtime.pool import Block, Pool
from ramba.runtime.worker import Prepared


class Backend(Protocol):
    """Runs plans. One file of ``backends/`` each, found by its name."""

    pool: Pool  # memory on the driver's side

    def follow(
        self, prepared: Prepared, inputs: Sequence[Block], scalars: Sequence[np.generic], damaged: set[int]
    ) -> tuple[list[Block], list[tuple[Kernel, int]]]:
        """Runs a plan: the blocks of its results, and the floating-point flags that kernels raised."""

    def close(self) -> None:
        """Ends what was started. Nothing may be asked afterwards."""


def open_backend(name: str) -> Backend:
    """The backend of that name: what ``open`` in ``backends/<name>.py`` returns."""
    made: Backend = importlib.import_module(f"{__package__}.backends.{name}").open()
    return made
