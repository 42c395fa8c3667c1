"""Programs give NumPy's answers on every backend that can start here, with several numbers of workers."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.subject import repeats

HERE = pathlib.Path(__file__).parent
CONFORMANCE = ("-m", "tests.conformance", "--seconds", "20", "--programs")


def started(command: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a fresh process with settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    environment |= {f"RAMBA_{name.upper()}": value for name, value in settings.items()} | {"RAMBA_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=HERE.parent, env=environment, capture_output=True, text=True, timeout=200, check=False
    )


def run(command: list[str], **settings: str) -> None:
    """Runs the conformance programs; fails with their output."""
    done = started(command, **settings)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "programs, 0 failed" in done.stdout


def mpiexec() -> str:
    """The launcher that belongs to this Python."""
    found = pathlib.Path(sys.executable).parent / "mpiexec"
    if not found.exists():
        pytest.skip("no mpiexec beside this Python")
    return str(found)


@pytest.mark.parametrize("workers", [*repeats(1, 2), 3])
def test_processes(workers: int) -> None:
    run([sys.executable, *CONFORMANCE, "25"], backend="processes", workers=str(workers))


@pytest.mark.parametrize("ranks", [*repeats(2, 4), 3])
def test_mpi(ranks: int) -> None:
    run([mpiexec(), "-n", str(ranks), sys.executable, *CONFORMANCE, "20"])


@pytest.mark.parametrize("ranks", [*repeats(2), 3])
def test_mpi_where_every_rank_runs_the_program(ranks: int) -> None:
    run([mpiexec(), "-n", str(ranks), sys.executable, *CONFORMANCE, "20"], spmd="1")


def test_ranks_that_do_not_do_the_same_are_told() -> None:
    program = "import os, ramba as np; print(np.full(100_000, float(os.getpid())).sum() if np.ones(1).size else 0)"
    done = started([mpiexec(), "-n", "2", sys.executable, "-c", program], spmd="1")
    assert done.returncode != 0
    assert "computes something else than ranks" in done.stderr


@pytest.mark.parametrize("workers", [2, *(pytest.param(count, marks=pytest.mark.slow) for count in (1, 3))])
def test_ray(workers: int) -> None:
    """The messages are those of `processes`; a cluster of Ray's takes long to start."""
    pytest.importorskip("ray")
    run([sys.executable, *CONFORMANCE, "20"], backend="ray", workers=str(workers))


READ_AGAIN = """
import numpy, ramba as np
x = numpy.arange(100_000.0)
a, sent = np.asarray(x.copy()) * 1, []
np.statistics()
for turn in range(5):
    np.sync()
    before = np.statistics().bytes_exchanged
    b = a[2:] * turn - a[:-2]
    np.sync()
    sent.append(np.statistics().bytes_exchanged - before)
    assert numpy.array_equal(numpy.asarray(b), x[2:] * turn - x[:-2])
    if turn == 2:
        a[1:-1] += 1
        x[1:-1] += 1
print(*[bool(nbytes) for nbytes in sent])
"""


@pytest.mark.parametrize("backend", ["processes", "mpi", "spmd"])
def test_strips_of_what_has_not_changed_are_not_sent_again(backend: str) -> None:
    command = [sys.executable, "-c", READ_AGAIN]
    if backend == "processes":
        done = started(command, backend=backend, workers="3")
    else:
        done = started([mpiexec(), "-n", "3", *command], **({"spmd": "1"} if backend == "spmd" else {}))
    assert done.returncode == 0, done.stderr[-3000:]
    if backend != "spmd":  # nobody tells a rank what the others sent
        assert done.stdout.splitlines() == ["True False False True False"]
