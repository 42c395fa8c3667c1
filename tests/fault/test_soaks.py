"""A short form of each soak."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.subject import repeats

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(150)]


@pytest.mark.parametrize(
    "program",
    [
        *repeats(("kills",), ("kills", "--kept"), ("kills", "--cuts")),
        pytest.param(
            ("full_disks",), marks=[pytest.mark.skipif(bool(os.geteuid()), reason="needs root"), pytest.mark.repeats]
        ),
    ],
    ids=" ".join,
)
def test_what_strikes_at_random_moments(program: tuple[str, ...]) -> None:
    name, *more = program
    command = [sys.executable, "-m", f"tests.soaks.{name}", "--rounds", "3", "--seed", "1", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=140, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing wrong" in done.stdout
