"""Limits of memory set on workers at random: python -m tests.soaks.memory_limits --rounds 300 --workers 2

In each round one worker may have little more memory than it has. What fails says MemoryError and names a worker, what
does not fail has NumPy's values; nothing that was there before is lost, and without the limit everything works.

A few megabytes are left: without any, libsodium ends the process when ZeroMQ makes a connection.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys

import numpy
import psutil

import ramba as np
from tests.soaks.watch import alive, pids, watched

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def work(rng: random.Random) -> None:
    """Something that needs memory on every worker, compared with NumPy."""
    n = rng.choice([200_000, 3_000_000, 8_000_000])
    match rng.randrange(5):
        case 0:
            assert float((np.sort(np.arange(n) * -1.0)[::-1] + 1).sum()) == n - n * (n - 1) / 2, "a wrong value"
        case 1:
            side = int(n**0.5)
            turned = numpy.array(np.arange(side * side).reshape(side, side).T.copy())
            assert (turned == numpy.arange(side * side).reshape(side, side).T).all(), "a wrong value"
        case 2:
            values = numpy.arange(n) * 1.0
            assert (numpy.array(np.array(values)[::-1] + 1) == values[::-1] + 1).all(), "a wrong value"
        case 3:
            assert len(np.unique(np.arange(n) % 1000)) == 1000, "a wrong value"
        case _:
            many = [np.arange(n) * 1.0 + k for k in range(5)]
            assert float(sum(float(x[-1]) for x in many)) == 5 * (n - 1) + 10, "a wrong value"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = random.randrange(2**31) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    rng, refused = random.Random(seed), 0
    with watched("processes", options.workers):
        for seed in range(8):
            work(random.Random(seed))  # every worker is connected with the others
        kept = np.arange(300_000) * 2.0
        np.sync()
        before = pids()
        for _ in range(options.rounds):
            rank = rng.randrange(options.workers)
            size = psutil.Process(before[rank]).memory_info().vms
            room = rng.choice([8, 8, 12, 16, 32]) << 20
            resource.prlimit(before[rank], resource.RLIMIT_AS, (size + room, resource.RLIM_INFINITY))
            said = ""
            try:
                work(rng)
            except MemoryError as problem:
                said = str(problem)
            assert not said or f"worker {rank}" in said, said
            refused += bool(said)
            resource.prlimit(before[rank], resource.RLIMIT_AS, UNLIMITED)
            assert float(np.ones(200_000).sum()) == 200_000, "a wrong value"
            assert float(kept.sum()) == 300_000 * 299_999, "a wrong value"
            assert pids() == before, "a worker was lost"
            alive()
    print(f"{options.rounds} rounds, {refused} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
