"""Where the cases of neighbours run: on threads, or on two processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.subject import ramba


@pytest.fixture(scope="module")
def processes() -> Iterator[None]:
    """Two workers for all tests of a file."""
    ramba.shutdown()
    with ramba.config.set(backend="processes", workers=2, on_fallback="ignore"):
        yield
        ramba.shutdown()
