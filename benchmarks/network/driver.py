"""What runs on the hosts: iterations of the programs, as standard input asks for them; each answer is a line of JSON.

python -m benchmarks.network.driver
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import ramba as np
from benchmarks.network.programs import PROGRAMS, Program
from ramba.engine import ENGINE

Run = Callable[[int], float]
_COUNTS = re.compile(r"([\d,]+) (?:messages|bytes)")


def prepared(program: Program) -> Run:
    """Seconds of so many iterations, from the first statement until all workers have done the last one."""
    iteration = program.setup(np, program.n)

    def run(count: int) -> float:
        np.sync()
        results: list[Any] = []  # kept: what nobody wants any more is cancelled
        begin = time.perf_counter()
        for _ in range(count):
            results.append(iteration())
            if program.looks:
                float(results[-1])
            ENGINE.flush()
        np.sync()
        return time.perf_counter() - begin

    run(3)
    return run


def traffic(run: Run, count: int) -> dict[str, float]:
    """Messages and bytes that the busiest worker sends to others in one iteration."""
    np.reset_timing()
    run(count)
    with contextlib.redirect_stdout(io.StringIO()) as told:
        np.print_comm_stats()
    np.reset_timing(on=False)
    rows = [[int(number.replace(",", "")) for number in _COUNTS.findall(line)] for line in told.getvalue().splitlines()]
    messages, nbytes = zip(*rows, strict=True) if rows and rows[0] else ((0,), (0,))
    return {"messages": max(messages) / count, "nbytes": max(nbytes) / count}


def main() -> None:
    """Until standard input ends."""
    runs = {program.name: prepared(program) for program in PROGRAMS}
    members = [facts.host for facts in ENGINE.backend.link.members] if hasattr(ENGINE.backend, "link") else []
    print(json.dumps({"members": members}), flush=True)
    for line in sys.stdin:
        verb, count, name = line.split(maxsplit=2)
        run = runs[name.strip()]
        answer = traffic(run, int(count)) if verb == "count" else {"seconds": run(int(count)) / int(count)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
