"""How much memory does a program take besides the arrays that it holds?"""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks import measure
from benchmarks.ask import Answer

_PROGRAM = """
from benchmarks.measure import peak_memory
from benchmarks.run import system
np = system("{system}")
def run(n):
    {body}
    np.sync()
    return {held}
held = run(50_000)  # everything is imported and compiled
before = peak_memory()
held = run({n})
print(peak_memory() - before, sum(x.nbytes for x in held))
"""
_BODIES = {  # what runs, and what is still alive at its end
    "sin / cos": ("a = np.arange(n) / 1000.0; b = np.sin(a); c = np.cos(a); d = b * b + c**2", "a, b, c, d"),
    "a chain of temporaries": ("a = np.arange(n) / 7.0; a = np.sqrt(a * a + 1.0) - np.abs(a - 3.0) * 0.5 + a**2", "a,"),
    "an update through a view": ("a = np.zeros(n); b = np.arange(n) * 1.0; a[1:-1] += 0.5 * (b[:-2] + b[2:])", "a, b"),
    "a sum of products": ("a = np.arange(n) * 1.0; s = (a * a + 1.0).sum(); s = float(s)", "a,"),
}
_N = 20_000_000
_SLACK = 16e6  # what the allocator, the pool and the interpreter round up to


def answers() -> list[Answer]:
    """The growth of the process over the bytes of the arrays that are held."""
    table = []
    environment = os.environ | {"RAMBA_KERNELS": "compiled"}  # the first, small run does compile
    for name, (body, held) in _BODIES.items():
        grown = {}
        for system in ("numpy", "ramba"):
            program = _PROGRAM.format(system=system, body=body, held=held, n=_N)
            done = subprocess.run(
                [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
            )
            grown[system], live = (int(word) for word in done.stdout.split())
        over = max(0.0, (grown["ramba"] - _SLACK) / live - 1)
        shown = measure.size(grown["numpy"]), measure.size(grown["ramba"])
        table.append(Answer(f"peak memory of {name}", *shown, f"{over:+.0%}", "live arrays + 10%", over <= 0.10))
    return table
