"""Where the cases of neighbours run: on threads, or on two processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.subject import ramba


def pytest_configure(config: pytest.Config) -> None:
    for marker in ("flaky", "network"):
        config.addinivalue_line("markers", f"{marker}: of xarray's tests")


@pytest.fixture(scope="module")
def processes() -> Iterator[None]:
    """Two workers from here to the end of a file."""
    ramba.shutdown()
    with ramba.config.set(backend="processes", workers=2, on_fallback="ignore"):
        yield
        ramba.shutdown()
