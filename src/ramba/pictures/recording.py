"""A profile that notes what a page shows besides: lines of kernels, memory, what the doctor says."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from typing import Any, NamedTuple

from ramba import events
from ramba.diagnosis import Doctor
from ramba.diagnosis.places import way
from ramba.engine import Profile
from ramba.pictures.usage import Memory, copy_speed, traffic_of_plans

LONG = 2e-4  # seconds of a kernel from which its line is always looked for
FIRST = 20  # runs of each kernel whose line is looked for, however short they are


class KernelRow(NamedTuple):
    """All runs of one kernel on one member."""

    title: str
    texts: tuple[str, ...]
    runs: int
    seconds: float
    nbytes: int | None  # of all runs; None: not known
    lines: tuple[tuple[str, int], ...]  # of the program, where it ran, the most frequent first


class Recording(Profile):
    """A profile with all that a page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.doctor = Doctor()
        self.texts: defaultdict[str, set[str]] = defaultdict(set)  # by title
        self.runs: Counter[tuple[str, str, int]] = Counter()  # by title, text, tiles
        self.places: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)  # by title
        self.speed = 0.0  # of the machine, in bytes per second

    def __enter__(self) -> Recording:
        super().__enter__()
        processes = {"driver": os.getpid()}
        here = os.uname().nodename
        for rank, facts in enumerate(self.workers):
            if getattr(facts, "host", here) == here and getattr(facts, "pid", 0) > 0:
                processes[f"worker {rank}"] = facts.pid
        self.memory = Memory(processes)
        self.doctor.begin()
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        try:
            super().__exit__(kind, *exception)
        finally:
            self.doctor.end()
            self.memory.close()
        self.speed = copy_speed()

    def _listen(self, event: events.Event) -> None:
        if isinstance(event, events.Ran):
            title = events.title(event.kernel)
            self.texts[title].add(event.kernel)
            key = title, event.kernel, event.tiles
            self.runs[key] += 1
            if event.seconds >= LONG or self.runs[key] <= FIRST:
                found = way(sys._getframe(1))
                if found is not None:
                    self.places[title][found.place.file, found.place.line] += 1
        super()._listen(event)

    def kernels(self) -> list[KernelRow]:
        """What ran, the longest first."""
        known = traffic_of_plans()
        nbytes: defaultdict[str, list[int | None]] = defaultdict(list)
        for (title, text, tiles), count in self.runs.items():
            each = known.get((text, tiles))
            nbytes[title].append(None if each is None else each * count)
        counts: Counter[str] = Counter()
        seconds: defaultdict[str, float] = defaultdict(float)
        for found in self.slices:
            if isinstance(found.event, events.Ran | events.Called):
                counts[found.event[0]] += 1
                seconds[found.event[0]] += found.event.seconds
        rows = []
        for title, count in counts.items():
            parts: list[Any] = nbytes.get(title, [None])
            total = None if None in parts else sum(parts)
            lines = tuple(line for line, _ in self.places[title].most_common(3))
            rows.append(KernelRow(title, tuple(sorted(self.texts[title])), count, seconds[title], total, lines))
        return sorted(rows, key=lambda row: -row.seconds)


__all__ = ["KernelRow", "Recording"]
