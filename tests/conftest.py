"""Fixtures and the hypothesis profiles of all tests."""

from __future__ import annotations

import collections
import os
import pathlib
import signal
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest

from ramba.engine import ENGINE
from ramba.engine.choice import Alone
from tests.subject import mode, ramba

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


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a shell's background; what tests start would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden texts anew, then read the diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with tests/golden/NAME.txt; writes it with --update-golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / f"{name}.txt"
        text = text.rstrip() + "\n"
        if request.config.getoption("--update-golden"):
            path.write_text(text)
        assert path.exists(), f"no golden text {path.name}: `make golden` writes it"
        assert text == path.read_text()

    return compare


TEST_WORKERS = os.environ.get("TEST_WORKERS")  # a number, or "mixed": another one of these for each test
LAZY: dict[str, Any] = {"eager_size": 0}  # even the smallest arrays are lazy
MIXED = [LAZY, *({"workers": count} | lazy for count in (1, 2, 3, 4, 7) for lazy in ({}, LAZY))]


def settings(test: str) -> dict[str, Any]:
    """What TEST_WORKERS sets for a test; RAMBA_EAGER_SIZE and the other variables hold beside it."""
    if TEST_WORKERS is None:
        return {}
    mixed = MIXED[zlib.crc32(test.encode()) % len(MIXED)]
    chosen = mixed if TEST_WORKERS == "mixed" else {"workers": int(TEST_WORKERS)}
    return chosen | {"backend": "local", "verify": True} if "workers" in chosen else chosen


MANY = 12  # cases of one test, of which TEST_SHARE=third leaves out two of three


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With workers, tests of what one process does inside are left out, and those that choose workers themselves.

    Files come in an order by chance, so that those that compute run beside those that start processes and wait.
    """
    cases = collections.Counter(item.nodeid.split("[")[0] for item in items)
    left_out = []
    for item in items:
        chance = zlib.crc32(item.nodeid.encode())
        many = os.environ.get("TEST_SHARE") == "third" and cases[item.nodeid.split("[")[0]] > MANY
        if (many and chance % 3) or (TEST_WORKERS == "mixed" and chance // len(MIXED) % 4):
            left_out.append(item)  # `make conformance` runs all
        if TEST_WORKERS is not None and item.get_closest_marker("own_modes"):
            item.add_marker(pytest.mark.skip(reason="chooses its modes itself"))
        if item.get_closest_marker("one_process") and "workers" in settings(item.nodeid):
            item.add_marker(pytest.mark.skip(reason="looks at the kernels of one process"))
    config.hook.pytest_deselected(items=left_out)
    gone = set(map(id, left_out))
    items[:] = [item for item in items if id(item) not in gone]
    items.sort(key=lambda item: zlib.crc32(str(item.path.relative_to(HERE)).encode()))


@pytest.fixture(autouse=True)
def _workers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Runs the test on workers that take turns in this process, or all lazily, as TEST_WORKERS says."""
    chosen = settings(request.node.nodeid)
    if "workers" in chosen:
        ramba.shutdown()
    ENGINE.alone = Alone()  # what an earlier test looked at says nothing of this one
    with ramba.config.set(**chosen):
        yield
        if "workers" in chosen:
            ramba.shutdown()


@pytest.fixture(params=["default", "compiled", "interpreted"])
def every_mode(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test eagerly, with compiled kernels and with interpreted ones."""
    with mode(request.param):
        yield request.param


@pytest.fixture(params=["default", "interpreted"])
def uncompiled_mode(request: pytest.FixtureRequest) -> Iterator[str]:
    """Eagerly and lazily, but without waiting for compilers: for tests that would compile a kernel per example."""
    with mode(request.param):
        yield request.param


@pytest.fixture
def lazy() -> Iterator[None]:
    """Even the smallest arrays are lazy in this test."""
    with mode("compiled"):
        yield
