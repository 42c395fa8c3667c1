"""Fixtures and the hypothesis profiles of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "ci",
    deadline=None,
    max_examples=25,
    derandomize=True,  # `make test` gives the same answer twice; the soak runner explores
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("ci"), max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault: the engine under abuse, each test in a process of its own")


@pytest.fixture(params=["default", "compiled", "interpreted"])
def every_mode(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test eagerly, with compiled kernels and with interpreted ones."""
    from tests.subject import mode

    with mode(request.param):
        yield request.param


@pytest.fixture
def lazy() -> Iterator[None]:
    """Even the smallest arrays are lazy in this test."""
    from tests.subject import mode

    with mode("compiled"):
        yield
