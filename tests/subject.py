"""The module under test, and the ways to run it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import ramba

__all__ = ["MODES", "mode", "ramba"]

MODES: dict[str, dict[str, Any]] = {
    "default": {},
    "mixed": {"eager_size": 12, "verify": True},  # eager and lazy arrays meet
    "compiled": {"eager_size": 0, "kernels": "compiled", "num_threads": 1, "verify": True},
    "interpreted": {"eager_size": 0, "kernels": "interpreted", "num_threads": 1, "verify": True},
    "threads": {"eager_size": 0, "kernels": "compiled", "num_threads": 2, "verify": True},
}


@contextlib.contextmanager
def mode(name: str) -> Iterator[None]:
    """Run the module under test in one of the MODES."""
    with ramba.config.set(**MODES[name], on_fallback="ignore"):
        yield
