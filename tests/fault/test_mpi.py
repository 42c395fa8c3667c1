"""Ranks that die, fail, leave or do not fit (F12 to F18, F51), under a real mpiexec."""

from __future__ import annotations

import os
import pathlib
import platform
import signal
import subprocess
import sys
import time

import pytest

from ramba import machine
from ramba.kernels.local import blas
from tests.fault.mpi_jobs import Job, needs_mpi, run
from tests.subject import repeats

pytestmark = [pytest.mark.fault, needs_mpi]

START = "import os, signal, sys, time\nimport numpy\nimport ramba as np\n"
SLEEP = START + "print('go', os.getpid(), flush=True)\ntime.sleep(30)\n"


@pytest.mark.parametrize("lost", [0, 1, *repeats(2)])
def test_f12_a_killed_rank_ends_the_job_and_is_named(tmp_path: pathlib.Path, lost: int) -> None:
    job = Job(tmp_path, 3, SLEEP)
    driver = int(job.wait_for("go").split()[1])
    processes = sorted(rank.pid for rank in job.ranks())
    # Hydra starts the ranks in order
    assert len(processes) == 3
    assert processes[0] == driver
    begin = time.monotonic()
    os.kill(processes[lost], signal.SIGKILL)
    ended = job.end(10)
    assert time.monotonic() - begin < 5
    assert ended.status != 0
    assert f"rank {lost} (process {processes[lost]}) on host {platform.node()} was lost" in ended.stderr


def test_f13_an_exception_in_the_program(tmp_path: pathlib.Path) -> None:
    ended = Job(tmp_path, 3, START + "raise ValueError('a mistake of the program')").end()
    assert ended.status == 1
    assert ended.stderr.count("Traceback") == ended.stderr.count("a mistake of the program'") == 1
    assert ended.seconds < 10


def test_f13_an_exception_on_a_worker(tmp_path: pathlib.Path) -> None:
    """Outside commands, whose failures are told to the driver: a defect of ours."""
    script = """
    import os, signal, time
    def broken(*_):
        raise OSError("no timer on this rank")
    if os.environ["PMI_RANK"] == "2":
        signal.setitimer = broken
    import ramba
    time.sleep(30)
    """
    ended = Job(tmp_path, 3, script).end(10)
    assert ended.status != 0
    assert ended.stderr.count("Traceback") == ended.stderr.count("OSError: no timer on this rank") == 1
    assert "rank 2 (process " in ended.stderr


@pytest.mark.parametrize(
    ("leave", "status"), [("sys.exit(3)", 3), *repeats(("sys.exit()", 0), ("raise SystemExit('no')", 1), rows=True)]
)
def test_f14_the_exit_status_is_the_drivers(tmp_path: pathlib.Path, leave: str, status: int) -> None:
    ended = Job(tmp_path, 3, START + leave).end()
    assert ended.status == status
    assert "BAD TERMINATION" not in ended.stdout + ended.stderr


def test_f14_without_a_proper_end(tmp_path: pathlib.Path) -> None:
    ended = Job(tmp_path, 3, START + "os._exit(5)").end()
    assert ended.status != 0
    assert "rank 0" in ended.stderr


PLAIN = START + (
    "a = np.arange(300_000) / 7\n"
    "print(float(a.sum()), 'mpi4py' in sys.modules, '/dev/shm/' in open('/proc/self/maps').read())\n"
)


def test_f15_one_rank_is_a_plain_process(tmp_path: pathlib.Path) -> None:
    ended = run(tmp_path, 1, PLAIN)
    plain = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=True)
    assert ended.stdout == plain.stdout
    assert ended.lines[0].split()[1] == "False"


@pytest.mark.parametrize("number", [signal.SIGKILL, *repeats(signal.SIGTERM, signal.SIGHUP)])
def test_f17_f18_the_driver_is_killed(tmp_path: pathlib.Path, number: int) -> None:
    job = Job(tmp_path, 3, SLEEP)
    os.kill(int(job.wait_for("go").split()[1]), number)
    ended = job.end(6)
    assert ended.status != 0


@pytest.mark.parametrize("number", [signal.SIGKILL, *repeats(signal.SIGTERM, signal.SIGINT)])
def test_the_launcher_is_killed(tmp_path: pathlib.Path, number: int) -> None:
    job = Job(tmp_path, 3, SLEEP)
    job.wait_for("go")
    begin = time.monotonic()
    job.process.send_signal(number)
    assert job.end(8).status != 0
    assert time.monotonic() - begin < 5


def test_an_interrupt_that_the_program_catches(tmp_path: pathlib.Path) -> None:
    script = START + (
        "try:\n    print('go', flush=True); time.sleep(30)\n"
        "except KeyboardInterrupt:\n    print('caught', flush=True)\n"
        "print(int((np.arange(100_000) + 1).sum()))\n"
    )
    job = Job(tmp_path, 3, script)
    job.wait_for("go")
    for rank in sorted(job.ranks(), key=lambda process: -process.pid):  # as the launcher does, but for its own end
        rank.send_signal(signal.SIGINT)
    ended = job.end()
    assert ended.status == 0, ended.stderr
    assert ended.lines == ["caught", "5000050000"]


OTHER = """
import os, time
if os.environ["PMI_RANK"] == "2":
    {change}
import ramba
print("went on")
"""


def test_f51_another_python_is_refused(tmp_path: pathlib.Path) -> None:
    ended = Job(tmp_path, 3, OTHER.format(change="import platform; platform.python_version = lambda: '3.99.1'")).end()
    assert ended.status != 0
    assert "VersionMismatchError" in ended.stderr
    assert "Worker 1" in ended.stderr
    assert "3.99.1" in ended.stderr
    assert platform.python_version() in ended.stderr
    assert platform.node() in ended.stderr
    assert "went on" not in ended.stdout


def test_f51_another_numpy_is_a_warning(tmp_path: pathlib.Path) -> None:
    change = "import numpy; numpy.__version__ = '9.8.7'"
    ended = run(tmp_path, 3, OTHER.format(change=change))
    assert "VersionMismatchWarning" in ended.stderr
    assert "9.8.7" in ended.stderr
    assert ended.lines == ["went on"]


def test_children_of_the_driver_are_no_ranks(tmp_path: pathlib.Path) -> None:
    script = """
    import multiprocessing, os, subprocess, sys
    import ramba as np
    def child(_):
        import ramba
        from ramba.runtime.mpi import launcher
        return launcher.is_rank(), float(ramba.arange(100_000.0).sum())
    if __name__ == "__main__":
        code = "import sys, ramba; print(float(ramba.arange(100_000.0).sum()), 'mpi4py' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        print(done.stdout.strip())
        for method in ("fork", "spawn"):
            with multiprocessing.get_context(method).Pool(1) as pool:
                print(method, pool.map(child, [0])[0][0])
        print(float(np.arange(100_000.0).sum()))
    """
    ended = run(tmp_path, 2, script)
    assert ended.lines == ["4999950000.0 False", "fork False", "spawn False", "4999950000.0"]


THREADS = (
    "import os\nfor name in [name for name in os.environ if name.endswith('_NUM_THREADS') and name[:5] != 'RAMBA']:\n"
    f"    del os.environ[name]\n{START}from ramba.kernels.local import blas\n"
    "def found():\n    return np.config.current().num_threads, blas.threads(), os.environ['OMP_NUM_THREADS']\n"
)


@pytest.mark.skipif(not blas.can_be_limited(), reason="not a library of BLAS that is known")
def test_blas_has_no_more_threads_than_its_worker(tmp_path: pathlib.Path) -> None:
    """Else each worker of a host would have one for every processor: they take them from each other."""
    ended = run(tmp_path, 3, THREADS + "print(np.spmd(found))\n", RAMBA_NUM_THREADS=1)
    assert ended.lines == [str([(1, 1, "1")] * 2)]


@pytest.mark.skipif(not blas.can_be_limited(), reason="not a library of BLAS that is known")
def test_ranks_of_a_host_share_its_processors_without_a_driver_too(tmp_path: pathlib.Path) -> None:
    ended = run(tmp_path, 2, THREADS + "print(*found())\n", RAMBA_SPMD=1)
    each = max(1, machine.processors() // 2)
    assert ended.lines == [f"{each} {min(each, blas.threads() or 1)} {each}"] * 2
