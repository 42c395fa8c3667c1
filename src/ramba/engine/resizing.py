"""Another number of workers, for a session that goes on."""

from __future__ import annotations

from contextlib import nullcontext

from ramba import config
from ramba.engine.engine import Engine
from ramba.engine.keeper import KEEPER
from ramba.engine.sliding import Sliding


def resize(engine: Engine, workers: int | None) -> int:
    """Has another number of workers go on, when all is computed that is pending; gives how many there are."""
    with engine.lock:
        # who has not begun begins with as many
        with config.set(workers=workers) if workers and KEEPER.backend is None else nullcontext():
            backend = engine.backend
        engine.sync()
        engine.plans.clear()  # they are for as many workers as there were
        engine.sliding = Sliding()
        return backend.resize(workers)


__all__ = ["resize"]
