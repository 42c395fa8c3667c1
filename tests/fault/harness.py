"""Runs a script in a process and a session of its own, with a time limit, and looks for what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from dataclasses import dataclass
from typing import Any

import psutil

PRELUDE = """
import gc, os, signal, sys, threading, time
import numpy
import ramba as np

def own_state():
    me = __import__("psutil").Process()
    listening = [c for c in me.net_connections(kind="inet") if c.status == "LISTEN"]
    return listening, me.children(recursive=True)

def interrupt_after(seconds):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.daemon = True
    timer.start()
    return timer

def long_sum(scale=1.0):
    "A minute of work on two cores, in one kernel that stores nothing."
    x = np.arange(100_000_000) * scale
    for _ in range(60):
        x = np.arctan(x) + np.tanh(x)
    return x.sum()
"""

MARK = "FAULT_HARNESS"  # an environment variable that all processes of one script share, workers included

NOISE = ("Exception ignored", "Traceback", "Fatal Python error", "terminate called", "Segmentation")


@dataclass
class Finished:
    """What a script did."""

    stdout: str
    stderr: str
    status: int
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


@dataclass
class Running:
    """A script at work, in a session of its own."""

    process: subprocess.Popen[str]
    folder: pathlib.Path
    started: float
    shared_memory: set[str]
    mark: str

    def wait_for(self, word: str) -> None:
        """Read the output until a line with this word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if word in line:
                return
        raise AssertionError(f"the script ended without {word!r}: {self.process.communicate()[1]}")

    def finish(self, timeout: float, patience: float = 2) -> Finished:
        """Wait for the end, then fail if anything of the session is left a moment after that."""
        try:
            stdout, stderr = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            for process in self._session():
                process.send_signal(signal.SIGABRT)  # faulthandler prints where every thread is
            _, stderr = self.process.communicate()
            raise AssertionError(f"hangs after {timeout} s\n{stderr}") from None
        finally:
            leftovers = self._end_session(patience)
        finished = Finished(stdout, stderr, self.process.returncode, time.monotonic() - self.started)
        assert not leftovers, f"processes are left: {leftovers}"
        new = {name for name in _shared_memory() - self.shared_memory if "ramba" in name}
        assert not new, f"shared memory is left: {new}"
        left = list((self.folder / "tmp").iterdir())
        assert not left, f"temporary files are left: {left}"
        return finished

    def _end_session(self, patience: float) -> list[str]:
        """Kill what is left of the session a moment after its end (multiprocessing's own helpers need that moment)."""
        deadline = time.monotonic() + patience
        while (self._session() or any((self.folder / "tmp").iterdir())) and time.monotonic() < deadline:
            time.sleep(0.02)
        left = []
        for process in self._session():
            with contextlib.suppress(psutil.Error):
                left.append(" ".join(process.cmdline()))
                process.kill()
        return left

    def _session(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if self._ours(process) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _ours(self, process: psutil.Process) -> bool:
        return os.getsid(process.pid) == self.process.pid or process.environ().get(MARK) == self.mark


def _shared_memory() -> set[str]:
    folder = pathlib.Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def start(folder: pathlib.Path, script: str, **environment: Any) -> Running:
    """Start a script; the cache, temporary files and settings are its own."""
    (folder / "tmp").mkdir(exist_ok=True)
    path = folder / "script.py"
    path.write_text(PRELUDE + textwrap.dedent(script).lstrip())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    mark = uuid.uuid4().hex
    own = {"RAMBA_CACHE": str(folder / "cache"), "TMPDIR": str(folder / "tmp"), "PYTHONFAULTHANDLER": "1", MARK: mark}
    process = subprocess.Popen(
        [sys.executable, "-W", "error::RuntimeWarning:ramba", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=True,
        env={**inherited, **own, **{name: str(value) for name, value in environment.items()}},
    )
    return Running(process, folder, time.monotonic(), _shared_memory(), mark)


def run(folder: pathlib.Path, script: str, *, timeout: float = 60, quiet: bool = True, **environment: Any) -> Finished:
    """Run a script to its end: status 0, nothing alarming on stderr, nothing left behind."""
    finished = start(folder, script, **environment).finish(timeout)
    assert finished.status == 0, finished.stderr
    if quiet:
        assert not [word for word in NOISE if word in finished.stderr], finished.stderr
    return finished
