"""A short form of each soak."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("zmq")

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(150)]


@pytest.mark.parametrize("more", [(), ("--kept",)])
def test_workers_killed_at_random_moments(more: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "tests.soaks.kills", "--rounds", "3", "--seed", "1", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=140, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing wrong" in done.stdout
