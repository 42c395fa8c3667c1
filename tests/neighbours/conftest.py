"""Where the cases of neighbours run: on threads, or on two processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.subject import ramba


@pytest.fixture(scope="module")
def processes() -> Iterator[None]:
    """Two workers from here to the end of a file."""
    ramba.shutdown()
    with ramba.config.set(backend="processes", workers=2, on_fallback="ignore"):
        yield
        ramba.shutdown()
