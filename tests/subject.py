"""The module under test, and the ways to run it."""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterator
from typing import Any

import pytest

STANDIN = os.environ.get("RAMBA_TEST_STANDIN")  # "numpy": tests the tests
ramba: Any = importlib.import_module(STANDIN or "ramba")
needs_ramba = pytest.mark.skipif(bool(STANDIN), reason="a property of Ramba")

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
    if STANDIN:
        yield
        return
    with ramba.config.set(**MODES[name], on_fallback="ignore"):
        yield


def sync() -> None:
    """Compute everything that is pending."""
    if not STANDIN:
        ramba.sync()
