"""Kills workers at random moments of exchanges: each round gives NumPy's values or says what was lost, and goes on.

    python -m tests.soaks.kills --rounds 60 --backend processes|ray [--workers 3] [--seed SEED]

One line about each round; ends with status 1 at the first thing that is wrong: another value, another exception than
WorkerLostError or (for what lay on workers) ArrayLostError, more losses told than there were, a session that cannot be
used afterwards, a hang, or a process that is left. The seed repeats what is computed, not the moments of the kills.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import psutil

import ramba as np
from ramba.engine import ENGINE
from ramba.errors import ArrayLostError, WorkerLostError

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


def cumsum(x: Any) -> Any:
    """A scan over workers, along both axes."""
    return x.cumsum(axis=0).cumsum(axis=1)


WORKS: dict[str, Callable[[Any], Any]] = {each.__name__: each for each in (transpose, sort, matmul, stencil, cumsum)}


class Wrong(Exception):
    """What must not be."""


def workers() -> list[int]:
    """Their processes."""
    backend: Any = ENGINE.backend
    return [facts.pid for facts in backend.link.members]


@contextlib.contextmanager
def killer(chance: random.Random) -> Iterator[list[int]]:
    """While this is open, one or two workers are killed; gives the list of those that were."""
    pids = workers()
    victims = chance.sample(pids, chance.choice([1, 1, 1, min(2, len(pids))]))
    moments = [chance.random() * chance.choice([0.01, 0.1, 1.0]) for _ in victims]
    killed: list[int] = []

    def kill() -> None:
        for moment, pid in zip(moments, victims, strict=True):
            time.sleep(moment)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
                killed.append(pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        thread.join()


def same(name: str, found: Any, expected: numpy.ndarray) -> None:
    """Raises Wrong if values differ by more than another order of summation explains."""
    if not numpy.allclose(numpy.asarray(found), expected, rtol=1e-9, atol=1e-9):
        raise Wrong(f"{name}: other values than NumPy's")


def one(chance: random.Random) -> str:
    """A round: what happened, in words."""
    name = chance.choice(list(WORKS))
    shape = chance.randrange(150, 900), chance.randrange(150, 900)
    values = numpy.random.default_rng(chance.randrange(2**32)).random(shape)
    expected = WORKS[name](values)
    x = np.array(values) * 1.0
    same("the operand", x, values)
    told: list[WorkerLostError] = []
    turns = 0
    begin = time.monotonic()
    with killer(chance) as killed:
        try:
            while time.monotonic() < begin + WORK:
                same(name, WORKS[name](x), expected)
                turns += 1
        except WorkerLostError as problem:
            told.append(problem)
    # what comes now may hear of the rest of those that were killed, each once
    while True:
        try:
            same("the operand afterwards", x, values)
        except ArrayLostError:
            if not killed:
                raise Wrong("an array was lost, and nobody killed") from None
        except WorkerLostError as problem:
            told.append(problem)
            continue
        try:
            y = np.array(values) * 2.0
            same("a new operand", y, values * 2)
            same(f"a new {name}", WORKS[name](y * 0.5), expected)
        except WorkerLostError as problem:
            told.append(problem)
            if len(told) <= len(killed):
                continue
        if len(told) > len(killed):
            raise Wrong(f"{killed} were killed, and lost were {[str(problem) for problem in told]}")
        if missing := [pid for pid in workers() if not psutil.pid_exists(pid)]:
            raise Wrong(f"workers {missing} were not replaced")
        return f"{name} {shape[0]} x {shape[1]}: {turns} times right, {len(killed)} killed, {len(told)} losses told"


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
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(2**31)
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    np.init(backend=options.backend, workers=options.workers, num_threads=1)
    try:
        for number in range(options.rounds):
            faulthandler.dump_traceback_later(HANG, exit=True)
            begin = time.monotonic()
            print(f"{number}: {one(chance)}, {time.monotonic() - begin:.1f} s", flush=True)
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
