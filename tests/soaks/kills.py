"""Kills and stops workers, or cuts connections, at random moments: each round gives the bits of a run without losses.

    python -m tests.soaks.kills --rounds 60 --backend BACKEND [--workers 3] [--seed SEED] [--stops] [--cuts] [--kept]

One line about each round; ends with status 1 at the first thing that is wrong: other bits, any exception, more losses
told than there were, a session that cannot be used afterwards, a hang, or a process that is left. The seed repeats what
is computed, not the moments of the kills. With `--kept`, what takes a tenth of a second is kept by workers, and one of
them is lost at a time.
"""

from __future__ import annotations

import argparse
import faulthandler
import functools
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy
import psutil

import ramba as np
from ramba.errors import WorkerReplacedWarning
from ramba.runtime import lineage
from tests.soaks.strikes import cut, signalled, striking, workers

HANG = 90.0  # s that a round may take
WORK = 3.0  # s of work in a round at most, if nobody is lost
LEFT = 8.0  # s after which no process may be left


def transpose(x: Any) -> Any:
    """Everybody sends something to everybody, again and again."""
    for _ in range(4):
        x = x.T.copy() + 1
    return x


def sort(x: Any) -> Any:
    """Samples, then a long exchange."""
    return numpy.sort(x.reshape(-1))  # Ramba's, for its arrays


def matmul(x: Any) -> Any:
    """Operands travel block by block."""
    return x[:, :80] @ x[:80, :]


def stencil(x: Any) -> Any:
    """Neighbours exchange rows, many times."""
    x = x.copy()
    for _ in range(8):
        x[1:-1, 1:-1] += 0.25 * (x[2:, 1:-1] + x[:-2, 1:-1])
    return x


def transcendental(x: Any) -> Any:
    """Functions whose machine code and NumPy's loops differ in the last bits."""
    for _ in range(4):
        x = numpy.sin(x) + numpy.exp(-x * x)  # Ramba's, for its arrays
    return x


def looked_at(x: Any) -> Any:
    """Sums that the program waits for, each of which the next one needs."""
    total = 0.0
    for row in range(20):
        total = float((x[row:] * (1 + total / x.size)).sum())
    return numpy.array(total)


def cumsum(x: Any) -> Any:
    """A scan over workers, along both axes."""
    return x.cumsum(axis=0).cumsum(axis=1)


WORKS: dict[str, Callable[[Any], Any]] = {
    each.__name__: each for each in (transpose, sort, matmul, stencil, cumsum, transcendental, looked_at)
}


class Wrong(Exception):
    """What must not be."""


def close(name: str, found: Any, expected: numpy.ndarray) -> numpy.ndarray:
    """The values of an array; raises Wrong if they differ from NumPy's by more than the order of sums explains."""
    values = numpy.asarray(found)
    if not numpy.allclose(values, expected, rtol=1e-9, atol=1e-9):
        raise Wrong(f"{name}: other values than NumPy's")
    return values


def same(name: str, found: Any, expected: numpy.ndarray) -> None:
    """Raises Wrong if a bit differs."""
    if numpy.asarray(found).tobytes() != expected.tobytes():
        raise Wrong(f"{name}: other bits than without losses")


Strikes = Callable[[random.Random], list[Callable[[], bool]]]


def kills(most: int, signals: list[signal.Signals]) -> Strikes:
    """Of so many workers, at most."""

    def chosen(chance: random.Random) -> list[Callable[[], bool]]:
        pids = workers()
        victims = chance.sample(pids, chance.choice([1, 1, 1, min(most, len(pids))]))
        return [functools.partial(signalled, pid, chance.choice(signals)) for pid in victims]

    return chosen


def cuts() -> Strikes:
    """Of connections of workers or the driver."""

    def chosen(chance: random.Random) -> list[Callable[[], bool]]:
        count = chance.choice([1, 2, 5, 20])
        return [functools.partial(cut, pid, chance) for pid in chance.choices([*workers(), os.getpid()], k=count)]

    return chosen


def one(chance: random.Random, strikes: Strikes, certain: bool) -> str:
    """A round: what happened, in words. If a strike is `certain` to cost a worker, that has to be told."""
    name = chance.choice(list(WORKS))
    shape = chance.randrange(150, 900), chance.randrange(150, 900)
    given = numpy.random.default_rng(chance.randrange(2**32)).random(shape)
    x = np.array(given) * 1.0
    values = close("the operand", x, given)
    expected = close(name, WORKS[name](x), WORKS[name](given))
    turns, begin = 0, time.monotonic()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", WorkerReplacedWarning)
        with striking(chance, strikes(chance)) as struck:
            while time.monotonic() < begin + WORK:
                same(name, WORKS[name](x), expected)
                turns += 1
        same("the operand afterwards", x, values)
        same(f"a new {name}", WORKS[name](np.array(given) * 1.0), expected)
    losses = [str(warning.message) for warning in told if warning.category is WorkerReplacedWarning]
    if len(losses) > len(struck) or (certain and struck and not losses):
        raise Wrong(f"there were {len(struck)} strikes, and told was {losses}")
    if missing := [pid for pid in workers() if not psutil.pid_exists(pid)]:
        raise Wrong(f"workers {missing} were not replaced")
    return f"{name} {shape[0]} x {shape[1]}: {turns} times right, {len(struck)} struck, {len(losses)} losses told"


def ended() -> None:
    """Raises Wrong if something is left after the session."""
    np.shutdown()
    deadline = time.monotonic() + LEFT
    while left := psutil.Process().children(recursive=True):
        if time.monotonic() > deadline:
            raise Wrong(f"processes are left: {[each.cmdline() for each in left]}")
        time.sleep(0.05)


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--backend", choices=["processes", "ray"], default="processes")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seed", type=int, help="default: random")
    parser.add_argument("--stops", action="store_true", help="stop workers, too")
    parser.add_argument("--cuts", action="store_true", help="close connections instead of killing workers")
    parser.add_argument("--kept", action="store_true", help="have arrays kept by workers all the time")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**31)
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    np.init(backend=options.backend, workers=options.workers, num_threads=1)
    signals = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM] + [signal.SIGSTOP] * options.stops
    strikes = cuts() if options.cuts else kills(1 if options.kept else 2, signals)
    if options.kept:
        lineage.PATIENCE = 0
        np.config.set(resilience_seconds=0.1)
    try:
        for number in range(options.rounds):
            faulthandler.dump_traceback_later(HANG, exit=True)
            begin = time.monotonic()
            done = one(chance, strikes, not options.cuts)
            print(f"{number}: {done}, {time.monotonic() - begin:.1f} s", flush=True)
        faulthandler.dump_traceback_later(HANG, exit=True)
        ended()
    except Wrong as problem:
        print(f"seed {seed}: {problem}")
        return 1
    faulthandler.cancel_dump_traceback_later()
    print(f"{options.rounds} rounds, nothing wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
