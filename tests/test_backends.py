"""Programs give NumPy's answers on every backend that can start here, with several numbers of workers."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
CONFORMANCE = ("-m", "tests.conformance", "--seconds", "20", "--programs")


def run(command: list[str], **settings: str) -> None:
    """Runs a command in a fresh process with settings; fails with its output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    environment |= {f"RAMBA_{name.upper()}": value for name, value in settings.items()} | {"RAMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=HERE.parent, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "programs, 0 failed" in done.stdout


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_processes(workers: int) -> None:
    run([sys.executable, *CONFORMANCE, "40"], backend="processes", workers=str(workers))


@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_mpi(ranks: int) -> None:
    mpiexec = pathlib.Path(sys.executable).parent / "mpiexec"
    if not mpiexec.exists():
        pytest.skip("no mpiexec beside this Python")
    run([str(mpiexec), "-n", str(ranks), sys.executable, *CONFORMANCE, "30"])


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_ray(workers: int) -> None:
    pytest.importorskip("ray")
    run([sys.executable, *CONFORMANCE, "30"], backend="ray", workers=str(workers))
