"""What does a remote call cost: on threads, on worker processes, on Ray beside Ray's own; and is all compiled once?

The first column of times is the other way to do it: Python's executors, or Ray itself.
"""

from __future__ import annotations

import concurrent.futures
import importlib.util
import os
import subprocess
import sys
import tempfile
from typing import Any

import ramba
from benchmarks.ask import Answer, at_least, at_most
from benchmarks.measure import alternate

CALLS, SOME = 100_000, 500
COUNTED = """
import ramba
from ramba import events
found = []
events.subscribe(lambda event: found.append(event.found) if isinstance(event, events.FunctionCompiled) else None)
@ramba.remote
@ramba.jit
def f(x):
    return 2 * x + 1
assert ramba.get(f.remote(3)) == 7
print(found.count("numba"))
"""


def plain(x: int) -> int:
    """What is called."""
    return 2 * x + 1


def answers() -> list[Answer]:
    """Each pair takes turns."""
    found = on_threads()
    if importlib.util.find_spec("zmq") is not None:
        found.append(on_processes())
    if importlib.util.find_spec("ray") is not None:
        found.append(on_ray())
    return [*found, compiled_once()]


def on_threads() -> list[Answer]:
    """A hundred thousand calls, all asked for before the first is looked at."""
    executor = concurrent.futures.ThreadPoolExecutor(ramba.config.current().num_threads)
    called: list[Answer] = []
    for name, function in (("compiled", ramba.jit(plain)), ("in Python", plain)):
        remote = ramba.remote(function)
        function(1)

        def theirs(function: Any = function) -> None:
            for future in [executor.submit(function, k) for k in range(CALLS)]:
                future.result()

        def ours(remote: Any = remote) -> None:
            ramba.get([remote.remote(k) for k in range(CALLS)])

        other, own = (seconds / CALLS for seconds in alternate(theirs, ours, rounds=3))
        called.append(at_most(f"a call on threads, {name}; ThreadPoolExecutor", other, own, own, 10e-6))
    executor.shutdown()
    return called


def on_processes() -> Answer:
    """Calls on two workers, with their round trips."""
    with concurrent.futures.ProcessPoolExecutor(2) as executor, ramba.config.set(backend="processes", workers=2):
        ramba.shutdown()
        remote = ramba.remote(plain)
        other, own = alternate(
            lambda: [future.result() for future in [executor.submit(plain, k) for k in range(SOME)]],
            lambda: ramba.get([remote.remote(k) for k in range(SOME)]),
            rounds=5,
        )
        ramba.shutdown()
    return at_least("a call on processes; ProcessPoolExecutor", other / SOME, own / SOME, 0.5)


def on_ray() -> Answer:
    """Calls as Ray's tasks, and Ray's own."""
    with ramba.config.set(backend="ray"):
        ramba.shutdown()
        remote = ramba.remote(plain)
        ramba.get(remote.remote(1))
        import ray  # here: optional

        theirs = ray.remote(plain)
        other, own = alternate(
            lambda: ray.get([theirs.remote(k) for k in range(SOME)]),
            lambda: ramba.get([remote.remote(k) for k in range(SOME)]),
            rounds=7,
        )
        ramba.shutdown()
    return at_least("a call on Ray; Ray's own", other / SOME, own / SOME, 1 / 1.2)


def compiled_once() -> Answer:
    """How many functions two processes compile, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "program.py")
        with open(script, "w") as file:
            file.write(COUNTED)
        environment = os.environ | {"RAMBA_CACHE": os.path.join(folder, "cache")}
        counts = [
            subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True).stdout
            for _ in range(2)
        ]
    first, second = (count.strip() for count in counts)
    shown = f"{first}, then {second}"
    return Answer("functions that a program compiles", "", shown, shown, "1, then 0", shown == "1, then 0")
