"""Random interrupts: python -m tests.soaks.interrupts --rounds 1200 --workers 2 --backend threads|processes|ray|local

Each round is interrupted once or twice at a random moment. Afterwards what was there before has its value; what was
being written over has its old value, its new one or none; what was being made from arrays that are there has its value,
if the program got hold of it; and the next statement does not wait for what was given up.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from typing import Any

import numpy

import ramba as np
from ramba.errors import ArrayLostError
from tests.soaks.watch import alive, watched

COUNT = 4  # arrays that are alive
HEAVY = 30_000_000
PROMPT = 4.0  # s within which a statement after an interrupt is done: the machine has other things to do


class Held:
    """An array of the program, with the values that it may have."""

    def __init__(self, ours: Any, *theirs: numpy.ndarray) -> None:
        self.ours = ours
        self.theirs = list(theirs)
        self.may_be_lost = False
        self.source: Held | None = None

    def derived(self, ours: Any, theirs: numpy.ndarray) -> Held:
        """What was made of this one: it is lost with it, or when it is written over."""
        other = Held(ours, theirs)
        other.source, other.may_be_lost = self, self.may_be_lost
        return other

    def check(self) -> bool:
        """Compares; whether it has a value."""
        try:
            seen = numpy.array(self.ours)
        except ArrayLostError:
            assert self.may_be_lost, "an array is lost that needed not be"
            return False
        assert any(numpy.array_equal(seen, known) for known in self.theirs), "a wrong value"
        self.theirs, self.may_be_lost = [seen], False
        return True


class Soak:
    """The rounds."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.held = [self.uploaded() for _ in range(COUNT)]
        self.interrupts = self.losses = 0
        self.slowest = 0.0

    def uploaded(self) -> Held:
        """A new array, whose elements are small whole numbers: all results are exact."""
        values = (numpy.arange(self.rng.choice([60_000, 150_000, 600_000])) % self.rng.randrange(5, 999)) * 1.0
        return Held(np.array(values), values)

    def round(self) -> None:
        """Some statements, interrupted."""
        rng, made = self.rng, []
        before = list(self.held)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            try:
                again = rng.choice([0, 0, 0, 0.0004, 0.003])
                signal.setitimer(signal.ITIMER_REAL, 10 ** rng.uniform(-3.7, -0.7), again)
                for _ in range(rng.randrange(1, 5)):
                    self.statement(before, made)
                time.sleep(0.05)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            self.interrupts += 1
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        begin = time.monotonic()
        assert float((np.arange(40_000) * 2.0).sum()) == 40_000 * 39_999, "a wrong value"
        self.slowest = max(self.slowest, time.monotonic() - begin)
        assert self.slowest < PROMPT, f"the next statement took {self.slowest:.1f} s"
        for held in rng.sample(made + before, len(made + before)):
            if not held.check():
                self.losses += 1
                self.held = [other for other in self.held if other is not held]
        self.held = rng.sample(self.held, min(len(self.held), COUNT - 1))
        while len(self.held) < COUNT:
            self.held.append(self.uploaded())

    def statement(self, before: list[Held], made: list[Held]) -> None:
        """One line of a program."""
        rng, a = self.rng, self.rng.choice(before)
        value = a.theirs[-1]
        match rng.randrange(8):
            case 0:
                a.theirs.append(a.theirs[-1] * 1)
                a.theirs[-1][5::3] += 1
                for held in [a, *(held for held in made if held.source is a)]:
                    held.may_be_lost = True
                a.ours[5::3] += 1
            case 1:
                made.append(a.derived(a.ours * 2 + 1, value * 2 + 1))
            case 2:
                made.append(a.derived(a.ours[::-1] - a.ours, value[::-1] - value))
            case 3:
                made.append(a.derived(a.ours.reshape(200, -1).T.copy(), value.reshape(200, -1).T.copy()))
            case 4:
                assert float(a.ours.max()) in {float(known.max()) for known in a.theirs}, "a wrong value"
            case 5:
                x = np.arange(HEAVY) * 1.0
                for _ in range(20):
                    x = np.arctan(x) + np.tanh(x)
                x.sum().item()
            case 6:
                made.append(self.uploaded())
                made[-1].ours + 1
            case _:
                numpy.array(np.sort(a.ours))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--backend", default="processes", choices=["threads", "processes", "ray", "local"])
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = random.randrange(2**31) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    with watched(options.backend, options.workers):
        x = np.arange(50_000) * 1.0  # compilers cannot be interrupted
        for _ in range(20):
            x = np.arctan(x) + np.tanh(x)
        x.sum().item()
        soak = Soak(seed)
        for _ in range(options.rounds):
            soak.round()
            alive()
    print(
        f"{options.rounds} rounds, {soak.interrupts} interrupts, {soak.losses} arrays lost that were written over, "
        f"the slowest statement afterwards {soak.slowest:.2f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
