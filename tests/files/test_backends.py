"""Files are read and written by workers that are processes, MPI's ranks, or Ray's actors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.test_backends import mpiexec, started

pytest.importorskip("h5py")
pytest.importorskip("zarr")

PROGRAM = ("-m", "tests.files.program")


def run(command: list[str], **settings: str) -> None:
    """Runs the program; fails with its output."""
    done = started(command, **settings)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "as they should be" in done.stdout


def test_on_processes() -> None:
    pytest.importorskip("zmq")
    run([sys.executable, *PROGRAM], backend="processes", workers="3")


def test_on_ranks() -> None:
    run([mpiexec(), "-n", "4", sys.executable, *PROGRAM])


@pytest.mark.slow
def test_on_ray() -> None:
    pytest.importorskip("ray")
    run([sys.executable, *PROGRAM], backend="ray", workers="2")


@pytest.mark.repeats
def test_where_every_rank_runs_the_program(tmp_path: Path) -> None:
    run([mpiexec(), "-n", "3", sys.executable, "-m", "tests.files.program_of_ranks", str(tmp_path)], spmd="1")
