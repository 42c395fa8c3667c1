"""What pytest loads when it runs a copy: leaves out what is listed, and writes down what came of each test, at once."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tools.numpy_suite.left_out import Reasons

DONE, OUTCOMES = "NUMPY_SUITE_DONE", "NUMPY_SUITE_OUTCOMES"  # variables: files of identifiers, of outcomes


def name_of(nodeid: str) -> str:
    """A test's name as the lists write it: `lib/test_io.py::TestLoad::test_a[b]`."""
    return nodeid.removeprefix("numpy_tests/").replace("/tests/", "/", 1)


class Plugin:
    """Appends one line of JSON for each test: when it begins, and what came of it."""

    def __init__(self) -> None:
        self.reasons = Reasons.read(os.environ["NUMPY_SUITE_MODE"])
        self.done = frozenset(Path(os.environ[DONE]).read_text().splitlines())
        self.outcomes = Path(os.environ[OUTCOMES])

    def write(self, **entry: Any) -> None:
        with self.outcomes.open("a") as file:
            file.write(json.dumps(entry) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps what is neither left out nor done."""
        kept = []
        for item in items:
            name = name_of(item.nodeid)
            if name in self.done:
                continue
            if self.reasons.of(name) is None:
                kept.append(item)
            else:
                self.write(test=name, outcome="left out", seconds=0.0)
        items[:] = kept

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported."""
        if report.failed:
            self.write(test=name_of(report.nodeid), outcome="failed", seconds=0.0, why=str(report.longrepr)[-500:])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Which test crashes or hangs, if nothing follows."""
        self.write(begins=name_of(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What came of a phase of a test: the last entry with a worse outcome counts."""
        if report.when != "call" and report.outcome == "passed":
            return
        why = ""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = f"{_line_of(report) or Path(crash.path).name}: {crash.message}" if crash else str(report.longrepr)
        outcome = "hung" if "Timeout (>" in why or "Timeout >" in why else report.outcome
        self.write(test=name_of(report.nodeid), outcome=outcome, seconds=report.duration, why=why[:600])


def _line_of(report: pytest.TestReport) -> str:
    """The line of the test's file in which it failed last; empty if nothing says so."""
    found = re.findall(rf'{re.escape(Path(report.nodeid.split("::")[0]).name)}", line (\d+)', str(report.longrepr))
    return f"line {found[-1]}" if found else ""


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest."""
    config.pluginmanager.register(Plugin(), "numpy_suite")
