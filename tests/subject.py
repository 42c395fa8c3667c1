"""The module under test, and the ways to run it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

import ramba

__all__ = ["MODES", "WORKERS", "counts", "mode", "ramba"]

MODES: dict[str, dict[str, Any]] = {
    "default": {"verify": True},
    "mixed": {"eager_size": 12, "verify": True},  # eager and lazy arrays meet
    "settled": {"eager_size": 4, "verify": True},  # NumPy works on parts of lazy arrays
    "compiled": {"eager_size": 0, "kernels": "compiled", "num_threads": 1, "verify": True},
    "interpreted": {"eager_size": 0, "kernels": "interpreted", "num_threads": 1, "verify": True},
    "threads": {"eager_size": 0, "kernels": "compiled", "num_threads": 2, "verify": True},
}
# several workers in this process, uneven blocks and empty ones; whether kernels are compiled differs, to see both
WORKERS = {
    f"{count} workers": {
        "backend": "local",
        "workers": count,
        "eager_size": 0,
        "kernels": ("compiled", "interpreted")[count % 2],
        "num_threads": 1,
        "verify": True,
    }
    for count in (1, 2, 3, 4, 7)
}
MODES |= WORKERS


@contextlib.contextmanager
def mode(name: str) -> Iterator[None]:
    """Run the module under test in one of the MODES."""
    with ramba.config.set(**MODES[name], on_fallback="ignore"):
        if name not in WORKERS:
            yield
            return
        ramba.shutdown()
        try:
            yield
        finally:
            ramba.shutdown()  # the settings of before hold for whoever comes next


def counts(*workers: int) -> list[Any]:
    """Numbers of workers that a test runs with; two are as three, and seven as four: they are repeats."""
    return [count for each in workers for count in (repeats(each) if each in (2, 7) else [each])]


def repeats(*cases: Any, rows: bool = False) -> list[Any]:
    """Cases of a test that show what others show: `make conformance` runs them; rows have a value for each name."""
    return [pytest.param(*(case if rows else (case,)), marks=pytest.mark.repeats) for case in cases]
