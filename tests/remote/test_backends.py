"""Remote functions and actors on every backend; skeletons and groups on those that need processes of their own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ramba
from tests.remote.checks import CHECKS

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(120)]
HERE = Path(__file__).parents[2]


@pytest.fixture(params=["threads", "local", "processes"], scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "processes":
        pytest.importorskip("zmq")
    with ramba.config.set(backend=request.param, workers=2, num_threads=2 if request.param != "processes" else 1):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


@pytest.mark.parametrize("name", CHECKS)
def test_in_this_process(backend: str, name: str) -> None:
    with ramba.config.set(backend=backend, workers=2, num_threads=2 if backend != "processes" else 1):
        CHECKS[name]()


def run(*command: str, **settings: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    environment |= {f"RAMBA_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert "all passed" in done.stdout


def test_mpi() -> None:
    launcher = Path(sys.executable).parent / "mpiexec"
    if not launcher.exists():
        pytest.skip("no mpiexec beside this Python")
    run(str(launcher), "-n", "3", sys.executable, "-m", "tests.own_names")


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray")
def test_ray() -> None:
    run(sys.executable, "-m", "tests.own_names", backend="ray", workers="2")
