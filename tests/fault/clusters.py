"""Scripts that run on workers: what they all begin with, and the settings."""

from __future__ import annotations

import pathlib
import textwrap
from typing import Any

from tests.fault import harness
from tests.fault.harness import Finished, Running

PRELUDE = """
import psutil
from ramba.engine import ENGINE
from ramba.errors import ArrayLostError, WorkerLostError

def pids():
    return [facts.pid for facts in ENGINE.backend.link.members]

def seconds_of(process):
    return sum(process.cpu_times()[:2])

def strike(rank, number=signal.SIGKILL, after=0.4):
    "Sends a signal to a worker when it has worked for some time; gives a list that gets the moment."
    process, struck = psutil.Process(pids()[rank]), []
    begin = seconds_of(process)
    def wait():
        while seconds_of(process) < begin + after:
            time.sleep(0.005)
        struck.append(time.monotonic())
        process.send_signal(number)
    threading.Thread(target=wait, daemon=True).start()
    return struck

def loss(work, limit=5.0, struck=None):
    "The loss that some work meets, within the limit."
    struck = struck or [time.monotonic()]
    try:
        work()
    except WorkerLostError as problem:
        found = problem
    else:
        sys.exit("no worker was lost")
    seconds = time.monotonic() - struck[0]
    assert seconds < limit, seconds
    return found

def raises(kind, work):
    try:
        work()
    except kind as problem:
        return str(problem)
    sys.exit(f"no {kind.__name__}")

def usable(n=200_000):
    "New arrays have NumPy's values."
    a = np.arange(n) * 3.0
    assert (numpy.asarray(a[::-1] + 1) == numpy.arange(n)[::-1] * 3.0 + 1).all()
    assert float(a.sum()) == 3.0 * n * (n - 1) / 2

def heavy(n=100_000_000, scale=1.0):
    "Half a minute of work, in one kernel that stores nothing."
    x = np.arange(n) * scale
    for _ in range(60):
        x = np.arctan(x) + np.tanh(x)
    return x.sum()

def warm():
    "Workers are there, and have compiled that kernel: compilers cannot be interrupted."
    heavy(50_000).item()

def transposes(rounds=1000):
    a = numpy.arange(900.0 * 1100).reshape(900, 1100)
    x = np.array(a)
    for _ in range(rounds):
        x = x.T.copy() + 1
        x = x.reshape(900, 1100).copy()
        x[3, 4].item()
"""

SETTINGS = {
    "RAMBA_BACKEND": "processes",
    "RAMBA_WORKERS": 2,
    "RAMBA_RESILIENCE": "none",
    "RAMBA_NUM_THREADS": 1,
    "XDG_RUNTIME_DIR": "",
}


def start(folder: pathlib.Path, script: str, **environment: Any) -> Running:
    """Starts a script on two workers."""
    return harness.start(folder, PRELUDE + textwrap.dedent(script).lstrip(), **{**SETTINGS, **environment})


def run(folder: pathlib.Path, script: str, *, timeout: float = 60, quiet: bool = True, **environment: Any) -> Finished:
    """Runs a script on two workers to its end: status 0, nothing alarming on stderr, nothing left behind."""
    running = start(folder, script, **environment)
    finished = running.finish(timeout, 5)
    assert finished.status == 0, finished.stderr
    if quiet:
        assert not [word for word in harness.NOISE if word in finished.stderr], finished.stderr
    return finished
