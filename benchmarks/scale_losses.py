"""1024 workers of which one is lost every 1000 flushes: what is said again after each loss, and what it all costs.

The driver is the real one: it records, prunes, has arrays kept, forms groups and says commands again. The workers are
absent. Their clock is a model's: so many seconds for each command that computes, for copies that are kept, and for a
group to be formed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy

import ramba
from benchmarks.scale_group import DriverMailbox, SimulatedLink, simulated
from benchmarks.scale_model import C_SECONDS, LATENCY, NETWORK, SIDE
from benchmarks.scale_workloads import star
from ramba.engine import ENGINE
from ramba.errors import WorkerLostError, WorkerReplacedWarning
from ramba.runtime import messages, recovery
from ramba.runtime.member import report_tag
from ramba.runtime.messages import Assign, CallKernel, Fence, Keep, Report, RunPlan
from ramba.runtime.recovery import Recovery

WORKERS = 1024
EVERY = 1000  # flushes between two losses
FLUSHES = 10_000
SAMPLED = 50  # flushes between two looks at what would be said again
FORMING = 3.0  # s: a process is started and a group formed; measured with two workers, decision 0033
COPYING = 5e9  # bytes/s of a block that its worker copies
SHARED = (
    C_SECONDS / WORKERS + 9 * LATENCY
)  # s of a step where they share the published arrays: four messages, five hops

Step = Callable[[], None]


class Program(NamedTuple):
    """What runs, and how long the workers take for a flush of it."""

    title: str
    setup: Callable[[Any], Step]
    seconds: float


class Moment(NamedTuple):
    """How it stands after some flushes."""

    flushes: int
    commands: int  # that would be said again if a worker were lost now
    seconds: float  # that these would take
    overhead: float  # of all that was done so far: what recovery cost, as a share of the program's own time


class Story(NamedTuple):
    """Of one program."""

    program: Program
    moments: list[Moment]
    replays: list[tuple[int, float]]  # after each loss: commands that were said again, their seconds
    kept: int  # times that arrays were kept
    keeping: float  # s that this took


def fresh(np: Any) -> Step:
    """Each step makes its arrays from those that the program began with."""
    a, b = np.zeros((SIDE, SIDE), dtype="float32") + 1, np.zeros((SIDE, SIDE), dtype="float32") + 2
    result: list[Any] = [None]

    def iteration() -> None:
        result[0] = a * 0.5 + b[::-1]

    return iteration


PROGRAMS = (
    Program("stencil in place, 960,000 x 960,000", lambda np: star(np, 32 * SIDE), C_SECONDS),
    Program("stencil in place, 30,000 x 30,000", lambda np: star(np, SIDE), SHARED),
    Program("each step from the first arrays, 30,000 x 30,000", fresh, SHARED),
)


class Answers(DriverMailbox):
    """The driver's end: absent workers report at once, or one of them turns out to be lost."""

    def collect(self, source: int, tag: int) -> numpy.ndarray | None:
        """The report that a question asks for."""
        link = self.link
        assert isinstance(link, LosingLink)
        if link.lost:
            raise WorkerLostError(0, 0, "host0", "simulated")
        number, worked = link.asked, link.clock - link.reported
        assert tag == report_tag(number), "only questions about nothing are asked here"
        link.reported = link.clock
        return numpy.frombuffer(messages.encode(Report((), (), worked=worked)), numpy.uint8)  # type: ignore[arg-type]


class LosingLink(SimulatedLink):
    """Absent workers with a clock."""

    replaces = True

    def __init__(self, size: int, *, present: bool) -> None:
        super().__init__(size, present=present)
        self.transport = Answers(self)
        self.clock = self.reported = 0.0
        self.step = 0.0  # s of a command that computes
        self.asked = 0  # number of the last question
        self.lost = False
        self.useful = self.keeping = self.replaying = 0.0  # s
        self.again = 0  # commands that were said again since the last loss
        self.mending = False
        self.kept: set[int] = set()
        self.keeps = 0

    def command(self, message: bytes) -> None:
        """The workers' clock goes on by what they are told."""
        self.sent += 1
        if not self.lost:
            for command in messages.commands(message):
                self._hear(command)

    def _hear(self, command: messages.Command) -> None:
        if isinstance(command, Fence):
            self.asked = command.number
        elif isinstance(command, RunPlan | Assign | CallKernel):
            self.clock += self.step
            if self.mending:
                self.again, self.replaying = self.again + 1, self.replaying + self.step
            else:
                self.useful += self.step
        elif isinstance(command, Keep):
            new = [each for each in command.arrays if each.number not in self.kept]
            self.kept = {each.number for each in command.arrays}
            nbytes = sum(_bytes_of_a_block(each) for each in new)
            took = nbytes / COPYING + nbytes / NETWORK
            self.clock, self.keeping, self.keeps = self.clock + took, self.keeping + took, self.keeps + bool(new)

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """Nothing runs."""

    def recover(self) -> None:
        """Another group."""
        self.lost, self.mending = False, True
        self.clock += FORMING
        self.reported = self.clock


class Clock(NamedTuple):
    """What the driver takes for the time."""

    link: LosingLink

    def perf_counter(self) -> float:
        """Seconds."""
        return self.link.clock


def _bytes_of_a_block(kept: messages.Kept) -> int:
    extents = kept.partition.block(0)[1]
    return int(numpy.prod(extents, dtype=object)) * numpy.dtype(kept.dtype).itemsize


@contextmanager
def absent() -> Iterator[LosingLink]:
    """Ramba on 1024 of them."""
    with (
        mock.patch("benchmarks.scale_group.SimulatedLink", LosingLink),
        simulated(WORKERS, present=False) as link,
        ramba.config.set(resilience="recompute"),
    ):
        assert isinstance(link, LosingLink)
        with mock.patch.object(recovery, "time", Clock(link)):
            yield link


def told(program: Program) -> Story:
    """Runs it."""
    with absent() as link, warnings.catch_warnings():
        warnings.simplefilter("ignore", WorkerReplacedWarning)
        cluster = ENGINE.backend
        assert isinstance(cluster, Recovery)
        iteration = program.setup(ramba)
        ENGINE.flush()
        link.step = program.seconds
        moments, replays = [], []
        for flush in range(1, FLUSHES + 1):
            iteration()
            ENGINE.flush()
            if flush % EVERY == 0:
                ramba.sync()  # so that nothing waits to be said
                link.again, before, link.lost = 0, link.replaying, True
                ramba.sync()
                link.mending = False
                replays.append((link.again, link.replaying - before))
            elif flush % SAMPLED == 0:
                found = cluster.lineage.replay(cluster.living()).records
                cost = link.clock / link.useful - 1
                moments.append(Moment(flush, len(found), len(found) * link.step, cost))
        return Story(program, moments, replays, link.keeps, link.keeping)


def stories() -> list[Story]:
    """All programs."""
    return [told(program) for program in PROGRAMS]


COLUMNS = (
    "program",
    "a flush, ms",
    "the program's own time, s",
    "said again after a loss: mean",
    "most",
    "that took, s: mean",
    "most",
    "arrays kept, times",
    "that took, s",
    "new groups, s",
    "all that, of the program's time",
)


def row(story: Story) -> tuple[str, ...]:
    """A line of the table."""
    counts, seconds = zip(*story.replays, strict=True)
    own = FLUSHES * story.program.seconds
    formed = FORMING * len(story.replays)
    return (
        story.program.title,
        f"{story.program.seconds * 1e3:.2f}",
        f"{own:,.0f}",
        f"{sum(counts) / len(counts):,.0f}",
        f"{max(counts):,}",
        f"{sum(seconds) / len(seconds):,.1f}",
        f"{max(seconds):,.1f}",
        f"{story.kept}",
        f"{story.keeping:,.0f}",
        f"{formed:,.0f}",
        f"{100 * (sum(seconds) + story.keeping + formed) / own:,.0f} %",
    )
