"""More workers than processors, an ordinary program, nobody interrupts: no step hangs, and every value is NumPy's.

python -m tests.soaks.crowded [--minutes 10] [--workers 6] [--backend processes] [--seed SEED]
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy

import ramba

HANG = 60.0  # seconds that a step may take
SHAPE = (240, 200)


def stencil(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    a = a * 0.5
    a[1:-1] += (b[2:] - b[:-2]) * 0.125
    return a, b


def sums(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return a - a.mean(), b / (1.0 + np.abs(b).max(axis=0))


def transposed(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return (a.T.reshape(SHAPE) + b)[::-1] * 0.5, a


def product(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return a @ (b.T @ a) / 1e4, b


def picked(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    b = b + 0.0
    b[b > 0.5] -= 0.25
    return np.where(a > b, a, b) - 0.1, b


def ordered(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return np.sort(a, axis=k % 2), b[:, np.arange(SHAPE[1]) - k % 7]


def scanned(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return np.cumsum(a, axis=0) / SHAPE[0], b * (k % 3) + 0.25


def tamed(np: Any, a: Any, b: Any, k: int) -> tuple[Any, Any]:
    return np.tanh(a), np.tanh(b)


Statement = Callable[[Any, Any, Any, int], tuple[Any, Any]]
STATEMENTS: list[Statement] = [stencil, sums, transposed, product, picked, ordered, scanned, tamed]
LOOKS: list[Callable[[Any], Any]] = [lambda x: x, lambda x: float(x.sum()), lambda x: float(x[3, 5])]


def soak(seconds: float, seed: int, say: Callable[[str], object]) -> int:
    """Steps that ended in time with NumPy's values; anything else is an exception, or the end of the process."""
    chance = random.Random(seed)
    start = numpy.random.default_rng(seed).random((2, *SHAPE))
    theirs: tuple[Any, Any] = (start[0], start[1])
    ours: tuple[Any, Any] = (ramba.array(start[0]), ramba.array(start[1]))
    end, told, steps, slowest = time.monotonic() + seconds, time.monotonic(), 0, 0.0
    while (begin := time.monotonic()) < end:
        faulthandler.dump_traceback_later(HANG, exit=True)
        chosen = chance.sample(STATEMENTS, chance.randint(1, 3))
        for statement in [*chosen, tamed]:
            theirs, ours = statement(numpy, *theirs, steps), statement(ramba, *ours, steps)
        which, look = chance.randrange(2), chance.choice(LOOKS)
        wanted, got = numpy.asarray(look(theirs[which])), numpy.asarray(look(ours[which]))
        where = f"step {steps} of seed {seed}: {[statement.__name__ for statement in chosen]}"
        numpy.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=where)
        if steps % 50 == 49:  # what one rounds differently must not grow
            theirs = tuple(numpy.array(numpy.asarray(x)) for x in ours)  # type: ignore[assignment]
        steps += 1
        slowest = max(slowest, time.monotonic() - begin)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            say(f"{steps} steps, the slowest took {slowest:.2f} s")
    faulthandler.cancel_dump_traceback_later()
    say(f"{steps} steps, the slowest took {slowest:.2f} s")
    return steps


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--backend", default="processes")
    parser.add_argument("--seed", type=int, default=None, help="default: random")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**32)
    ramba.init(backend=options.backend, workers=options.workers)
    print(f"seed {seed}", flush=True)
    return 0 if soak(options.minutes * 60, seed, lambda line: print(line, flush=True)) else 1


if __name__ == "__main__":
    sys.exit(main())
