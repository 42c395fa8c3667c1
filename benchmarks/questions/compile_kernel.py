"""How long does it take to compile a kernel of 20 operations, and to load it from the disk cache?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.ask import Answer, at_most
from benchmarks.measure import median

_PROGRAM = """
import ramba
from ramba import events
x, y = ramba.ones(10**6), ramba.ones(10**6)
ramba.sync()
z = x + y
ramba.sync()  # LLVM, if it is needed, is imported by now
told = []
z = x
for i in range({first}, {first} + 5):
    z = (z + y) * ({kind}) - x / 3.0
with events.subscribe(told.append):
    ramba.sync()
print(sum(e.seconds for e in told if isinstance(e, events.Compiled)))
"""
_KINDS = ("z + i", "z - y", "y * x", "z / y", "abs(z)")  # different kernels of the same length


def answers() -> list[Answer]:
    """Cold and from the disk, each in processes of their own, with a cache of its own."""
    times: dict[str, list[float]] = {"cold": [], "disk": []}
    for number, kind in enumerate(_KINDS):
        with tempfile.TemporaryDirectory() as cache:
            os.chmod(cache, 0o700)
            for column in times.values():
                column.append(_seconds(_PROGRAM.format(first=number, kind=kind), cache))
    cold, disk = (median(column) for column in times.values())
    return [
        at_most("compiling a kernel of 20 operations", None, cold, cold, 0.100),
        at_most("loading it from the disk cache", None, disk, disk, 1e-3),
    ]


def _seconds(program: str, cache: str) -> float:
    environment = os.environ | {"RAMBA_CACHE": cache, "RAMBA_KERNELS": "compiled"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)
