"""Starts a script under mpiexec in a session of its own, with a time limit, and looks for what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

MPIEXEC = pathlib.Path(sys.executable).parent / "mpiexec"
needs_mpi = pytest.mark.skipif(not MPIEXEC.exists(), reason="there is no mpiexec beside this Python: pip install mpich")


@dataclass
class Ended:
    """What a job did."""

    stdout: str
    stderr: str
    status: int
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


class Job:
    """A script under mpiexec, at work."""

    def __init__(self, folder: pathlib.Path, ranks: int, script: str, **environment: Any) -> None:
        self.path = folder / "script.py"
        self.path.write_text(textwrap.dedent(script))
        self.memory = shared_memory()
        self.started = time.monotonic()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
        own = {"RAMBA_CACHE": str(folder / "cache"), "PYTHONPATH": os.getcwd()}
        self.process = subprocess.Popen(
            [str(MPIEXEC), "-n", str(ranks), sys.executable, str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            start_new_session=True,
            env={**inherited, **own, **{name: str(value) for name, value in environment.items()}},
        )

    def wait_for(self, word: str) -> str:
        """Reads the output until a line with this word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if word in line:
                return line
        raise AssertionError(f"the job ended without {word!r}: {self.process.communicate()[1]}")

    def ranks(self) -> list[psutil.Process]:
        """The processes that run the script."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                command = process.cmdline()
                if str(self.path) in command and "mpiexec" not in command[0] and "hydra" not in command[0]:
                    found.append(process)
        return found

    def end(self, timeout: float = 30) -> Ended:
        """Waits for the end; fails if a process or shared memory is left."""
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            for rank in self.ranks():
                rank.kill()
            self.process.kill()
            raise AssertionError(f"hangs after {timeout} s\n{self.process.communicate()}") from None
        deadline = time.monotonic() + 3
        while (left := self.ranks()) and time.monotonic() < deadline:
            time.sleep(0.02)
        for rank in left:
            rank.kill()
        assert not left, "ranks are left"
        while (unused := shared_memory() - self.memory - in_use()) and time.monotonic() < deadline:
            time.sleep(0.2)  # of another job, which begins or ends
        assert not unused, f"shared memory is left: {unused}"
        return Ended(stdout, stderr, self.process.returncode, time.monotonic() - self.started)


def run(folder: pathlib.Path, ranks: int, script: str, *, timeout: float = 30, **environment: Any) -> Ended:
    """Runs a job to its good end."""
    ended = Job(folder, ranks, script, **environment).end(timeout)
    assert ended.status == 0, ended.stderr
    return ended


def shared_memory() -> set[str]:
    """Names in shared memory that MPI gave."""
    folder = pathlib.Path("/dev/shm")
    return {path.name for path in folder.glob("*mpi*")} if folder.is_dir() else set()


def in_use() -> set[str]:
    """Names of shared memory that a process has mapped: of other jobs on this machine."""
    names = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            maps = pathlib.Path(f"/proc/{process.pid}/maps").read_text()
            names |= {line.rpartition("/")[2] for line in maps.splitlines() if "/dev/shm/" in line}
    return names
