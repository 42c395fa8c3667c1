"""The MPI launcher's signs, and the transport under a real mpiexec."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import psutil
import pytest

from ramba.runtime.mpi import launcher
from tests.fault.mpi_jobs import MPIEXEC, needs_mpi, run
from tests.subject import repeats

HYDRA = {"PMI_RANK": "2", "PMI_SIZE": "4", "PMI_FD": "9"}
SIGNS = {
    "MPICH": (HYDRA, 2),
    "Open MPI": ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2", "PMIX_RANK": "0"}, 0),
    "MVAPICH": ({"MV2_COMM_WORLD_RANK": "1", "MV2_COMM_WORLD_SIZE": "2"}, 1),
    "srun with PMIx": ({"PMIX_RANK": "3", "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "3"}, 3),
    "one rank": ({"PMI_RANK": "0", "PMI_SIZE": "1"}, None),
    "a batch script of Slurm's": ({"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "8"}, None),
    "half a sign": ({"PMI_RANK": "1"}, None),
    "nonsense": ({"PMI_RANK": "x", "PMI_SIZE": "-4"}, None),
    "no sign": ({}, None),
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without signs of a launcher."""
    for name in list(os.environ):
        if name.startswith(("PMI", "OMPI", "MV2", "SLURM", "RAMBA_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(launcher, "_place", None)
    monkeypatch.setattr("multiprocessing.process.parent_process", lambda: None)  # of pytest-xdist's own making
    return monkeypatch


@pytest.mark.parametrize("name", SIGNS)
def test_launchers_are_recognised(environment: pytest.MonkeyPatch, name: str) -> None:
    variables, rank = SIGNS[name]
    for variable, value in variables.items():
        environment.setenv(variable, value)
    here = launcher.place()
    assert (here and here.rank) == rank
    assert launcher.is_rank() == (rank is not None)
    assert launcher.is_driver_rank() == (rank == 0)
    assert launcher.is_worker_rank() == bool(rank)


@pytest.mark.parametrize(("variable", "value"), [("RAMBA_BACKEND", "threads"), ("RAMBA_SPMD", "1")])
def test_ranks_that_are_wanted_for_something_else(environment: pytest.MonkeyPatch, variable: str, value: str) -> None:
    for name, text in HYDRA.items():
        environment.setenv(name, text)
    environment.setenv(variable, value)
    assert launcher.place() is not None
    assert not launcher.is_rank()


def test_children_are_no_ranks(environment: pytest.MonkeyPatch) -> None:
    for name, text in HYDRA.items():
        environment.setenv(name, text)
    assert launcher.is_worker_rank()
    environment.setattr(os, "getpid", lambda: 1)
    assert not launcher.is_rank(), "a forked child"
    environment.undo()
    environment.setattr(launcher, "_place", None)
    for name, text in HYDRA.items():
        environment.setenv(name, text)
    launcher.forget()
    assert not set(HYDRA) & set(os.environ)


def test_a_plain_import_starts_no_mpi() -> None:
    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    code = "import os, sys, ramba; ramba.arange(10**5).sum().item(); print('mpi4py' in sys.modules, os.getpid())"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PMI", "RAMBA_"))}
    for backend in ("auto", "mpi"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**environment, "RAMBA_BACKEND": backend},
        )
        word, process = done.stdout.split()
        assert word == "False"
        if before:
            new = set(os.listdir("/dev/shm")) - before
            assert not [name for name in new if process in name]


@needs_mpi
@pytest.mark.parametrize(
    ("ranks", "way"),
    [(3, "shared"), (7, "pieces"), *repeats((2, "pieces"), (3, "pieces"), (4, "shared"), (7, "shared"), rows=True)],
)
def test_transport(ranks: int, way: str) -> None:
    """Messages of all sizes, collectives, order, cancellation, failure, a second session.

    In pieces of 100 kB, as between hosts, and in shared memory.
    """
    done = members(ranks, "100000", way)
    assert done.returncode == 0, done.stderr
    word, *shares = done.stdout.split()
    assert word == "idle"
    assert len(shares) == ranks - 1
    assert max(map(float, shares)) < 0.03


@needs_mpi
@pytest.mark.slow
@pytest.mark.skipif(psutil.virtual_memory().available < 12 << 30, reason="takes 10 GB of memory")
@pytest.mark.parametrize("way", ["pieces", "shared"])
def test_more_than_two_gibibytes(way: str) -> None:
    nbytes = (1 << 31) + 5
    done = members(3, str(1 << 30), way, str(nbytes))
    assert done.stdout.split() == ["large", str(nbytes), "7", "7"], done.stderr


def members(ranks: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program of `mpi_members`."""
    program = pathlib.Path(__file__).parent / "mpi_members.py"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    return subprocess.run(
        [MPIEXEC, "-n", str(ranks), sys.executable, program, *arguments],
        env={**environment, "RAMBA_BACKEND": "threads", "RAMBA_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PROGRAM = """
print("before the import\\n", end="", flush=True)
import os, sys
import numpy
import ramba as np
print("after it")
a, b = np.arange(600_000).reshape(600, 1000) / 7, numpy.arange(600_000).reshape(600, 1000) / 7
assert (numpy.asarray(np.sin(a) + a[::-1]) == numpy.asarray(numpy.sin(b) + b[::-1])).all()
assert abs(float(a.sum()) / b.sum() - 1) < 1e-12
a[1:-1] += a[2:] - a[:-2]
b[1:-1] += b[2:] - b[:-2]
assert (numpy.asarray(a) == b).all()
print(np.config.current().backend, 'mpi4py' in sys.modules)
"""


@needs_mpi
@pytest.mark.parametrize("ranks", [3, *repeats(2, 4)])
def test_the_program_runs_once(tmp_path: pathlib.Path, ranks: int) -> None:
    """F16: what stands before the import runs on every rank, the rest on the first."""
    ended = run(tmp_path, ranks, PROGRAM, RAMBA_KERNELS="interpreted")
    assert ended.stdout.count("before the import") == ranks
    assert ended.lines.count("after it") == ended.lines.count("auto True") == 1


@needs_mpi
def test_every_rank_by_itself_where_that_was_asked_for(tmp_path: pathlib.Path) -> None:
    ended = run(tmp_path, 2, PROGRAM, RAMBA_KERNELS="interpreted", RAMBA_BACKEND="threads")
    written = ended.stdout  # two ranks may write into one line
    assert written.count("after it") == written.count("threads False") == 2
