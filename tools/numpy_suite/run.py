"""Runs the copies: each file in a process of its own, and in another one for the rest if that crashes or hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.numpy_suite import plugin
from tools.numpy_suite.copies import PACKAGE

ROOT = Path(__file__).parents[2]
ONE_TEST, ONE_FILE = 120, 1800  # seconds
INTERRUPTED = 2  # pytest's exit code
MODES = {
    "numpy": {},
    "user": {"RAMBA_ON_FALLBACK": "ignore"},
    "lazy": {"RAMBA_ON_FALLBACK": "ignore", "RAMBA_EAGER_SIZE": "0"},
    "workers": {
        "RAMBA_ON_FALLBACK": "ignore",
        "RAMBA_EAGER_SIZE": "0",
        "RAMBA_BACKEND": "local",
        "RAMBA_WORKERS": "3",
    },
}
WORSE = ("passed", "left out", "skipped", "failed", "hung", "crashed")


@dataclass
class Outcome:
    """What came of one test."""

    test: str
    outcome: str
    seconds: float
    why: str = ""


def files(copies: Path) -> list[str]:
    """The files of tests, as the lists write them."""
    return sorted(plugin.name_of(str(p.relative_to(copies))) for p in (copies / PACKAGE).glob("*/tests/test_*.py"))


def run_file(copies: Path, file: str, mode: str, only: str = "", before: Iterable[Outcome] = ()) -> list[Outcome]:
    """What came of each test of a file; those that were run before are not run again."""
    found = {outcome.test: outcome for outcome in before}
    end = time.monotonic() + ONE_FILE
    with tempfile.TemporaryDirectory() as folder:
        done, outcomes = Path(folder, "done"), Path(folder, "outcomes")
        while True:
            done.write_text("\n".join(found))
            outcomes.write_text("")
            code = _pytest(copies, file, mode, only, done, outcomes, end - time.monotonic())
            current = _collect(outcomes, found)
            if code == INTERRUPTED:
                found.setdefault(file, Outcome(file, "failed", 0.0, "interrupted: not all of its tests were run"))
            if code in (0, 1, INTERRUPTED, 5):  # pytest ended by itself
                break
            hung = code is None
            if current is None:  # not in a test: it would be so again
                text = "did not end" if hung else f"ended with {code}"
                found[file] = Outcome(file, "hung" if hung else "crashed", 0.0, text)
                break
            found[current] = Outcome(current, "hung" if hung else "crashed", 0.0, f"ended with {code}")
            if time.monotonic() > end:
                found[file] = Outcome(file, "hung", 0.0, f"not all of its tests were run within {ONE_FILE} s")
                break
    return list(found.values())


def _pytest(copies: Path, file: str, mode: str, only: str, done: Path, outcomes: Path, seconds: float) -> int | None:
    """The exit code of pytest on a file; None if it had to be killed."""
    part, name = file.split("/", 1)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAMBA_")}
    environment |= MODES[mode] | {"PYTHONPATH": str(ROOT), "NUMPY_SUITE_MODE": mode}
    environment |= {plugin.DONE: str(done), plugin.OUTCOMES: str(outcomes)}
    command = [sys.executable, "-m", "pytest", "-c", "suite.ini", "--rootdir", ".", "-q", "--no-header"]
    command += ["-m", "not slow"]  # as `numpy.test()` does
    command += [f"--timeout={ONE_TEST}", "-p", "tools.numpy_suite.plugin", f"{PACKAGE}/{part}/tests/{name}"]
    command += ["-k", only, "--tb=short"] if only else ["--tb=native"]  # others parse the file for each failure
    output = None if only else subprocess.DEVNULL
    child = subprocess.Popen(
        command, cwd=copies, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL, process_group=0
    )
    try:
        return child.wait(max(seconds, 1.0))
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _collect(outcomes: Path, found: dict[str, Outcome]) -> str | None:
    """Adds the outcomes that were written down; gives the test that began and has none."""
    current = None
    for line in outcomes.read_text().splitlines():
        entry = json.loads(line)
        if "begins" in entry:
            current = entry["begins"]
            continue
        outcome = Outcome(**entry)
        before = found.get(outcome.test)
        if before is None or WORSE.index(outcome.outcome) > WORSE.index(before.outcome):
            found[outcome.test] = outcome
    return current if current is not None and current not in found else None
