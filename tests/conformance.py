"""Runs random programs and checks on whatever backend the environment chooses, with the sizes of a cluster.

    RAMBA_BACKEND=processes RAMBA_WORKERS=3 python -m tests.conformance --programs 40
    mpiexec -n 4 python -m tests.conformance --programs 40

Prints one line for each failing program, and the number that ran; the exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy

import ramba
from tests.programs import failure, write_program

SETTINGS = {"eager_size": 0, "on_fallback": "ignore", "num_threads": 1}
STEPS = 3


def programs(start: int, count: int, seconds: float) -> int:
    """Random programs; gives how many failed."""
    failed, begin = 0, time.monotonic()
    for seed in range(start, start + count):
        if time.monotonic() - begin > seconds:
            count = seed - start
            break
        reason = failure(write_program(seed))
        if reason:
            failed += 1
            print(f"program {seed}: {reason}", flush=True)
    print(f"{count} programs, {failed} failed", flush=True)
    return failed


def stencil(n: int) -> int:
    """A star stencil that is computed again and again, partly in place; gives 1 if it differs from NumPy's."""
    sides = []
    for xp in (numpy, ramba):
        a = xp.arange(float(n * n)).reshape(n, n) % 17
        b = xp.zeros((n, n))
        for _ in range(STEPS):
            b[2:-2, 2:-2] += a[2:-2, 4:] + a[4:, 2:-2] - a[2:-2, :-4] - a[:-4, 2:-2]
            a += 1.0
            b = b.T + a
        sides.append(numpy.asarray(b))
    return int(not numpy.array_equal(*sides))


def large_messages(n: int) -> int:
    """A transposition and a product, whose messages are large; gives 1 if they differ from NumPy's."""
    sides = []
    for xp in (numpy, ramba):
        a = xp.arange(float(n * n)).reshape(n, n) % 13
        c = a.T + (a @ a.T)
        sides.append((numpy.asarray(c), float(c.sum()), numpy.asarray(c[c % 3 == 0])))
    return int(not all(numpy.array_equal(x, y) for x, y in zip(*sides, strict=True)))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=int, default=40)
    parser.add_argument("--start", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    bad = stencil(400) + large_messages(600)
    with ramba.config.set(**SETTINGS):
        bad += stencil(11) + large_messages(7)
        bad += programs(chosen.start, chosen.programs, chosen.seconds)
    ramba.shutdown()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
