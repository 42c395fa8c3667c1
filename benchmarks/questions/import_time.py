"""How long does `import ramba` take over `import numpy`, and what does it drag in?"""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.ask import Answer, at_most
from benchmarks.measure import median

_CLOCK = "import time; t = time.perf_counter(); import {0}; print(time.perf_counter() - t)"
_HEAVY = "import sys, ramba; print(*{'numba', 'llvmlite', 'ray', 'mpi4py', 'zmq', 'matplotlib'} & set(sys.modules))"


def answers() -> list[Answer]:
    """The difference of the medians, and the packages that must not be there."""
    times: dict[str, list[float]] = {"numpy": [], "ramba": []}
    for _ in range(9):
        for module, column in times.items():
            column.append(float(_output(_CLOCK.format(module))))
    theirs, ours = (median(column[1:]) for column in times.values())  # the first reads files from disk
    heavy = _output(_HEAVY).strip()
    return [
        at_most("import, over NumPy's", theirs, ours, ours - theirs, 0.150),
        Answer("heavy packages imported with it", "", heavy or "none", heavy or "none", "none", not heavy),
    ]


def _output(code: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout
