"""Backends on which the user's functions are tried: arrays of a few elements lie on their workers, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.subject import ramba

BACKENDS = {
    "threads": {"backend": "threads", "num_threads": 2},
    "local": {"backend": "local", "workers": 3, "num_threads": 1},
    "processes": {"backend": "processes", "workers": 2, "num_threads": 1},
}


@contextmanager
def on(name: str) -> Iterator[str]:
    """A backend of its own."""
    if name == "processes":
        pytest.importorskip("zmq")
    with ramba.config.set(**BACKENDS[name], eager_size=16, on_fallback="raise"):
        ramba.shutdown()
        try:
            yield name
        finally:
            ramba.shutdown()


def workers(name: str) -> int:
    """How many there are."""
    return int(str(BACKENDS[name].get("workers", 1)))
