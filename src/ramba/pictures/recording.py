"""A profile that notes what a page shows besides: lines of kernels, memory, what the doctor says."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from random import random
from threading import get_ident
from typing import NamedTuple

from ramba import events
from ramba.diagnosis import Doctor
from ramba.diagnosis.places import way
from ramba.engine import ENGINE, Profile
from ramba.engine.profile import MOST_EVENTS
from ramba.pictures.some_runs import hear_some
from ramba.pictures.usage import Memory, copy_speed, texts_of_plans

LONG = 1e-3  # seconds of a kernel from which its line is always looked for
FIRST, EACH = 20, 256  # runs of each kernel whose line is looked for, however short they are, and one of how many later
ALL, EACH_COMMAND = 20, 32  # commands to workers whose lines are looked for: the first ones, and one of how many later


class KernelRow(NamedTuple):
    """All runs of one kernel, on all members."""

    title: str
    texts: tuple[str, ...]
    runs: int
    seconds: float
    nbytes: int  # of all runs; 0: not known
    lines: tuple[tuple[str, int], ...]  # of the program, where it ran, the most frequent first


class Recording(Profile):
    """A profile with all that a page shows."""

    def __init__(self) -> None:
        super().__init__()
        self.doctor = Doctor()
        self.texts: defaultdict[str, set[str]] = defaultdict(set)  # by title
        self.places: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)  # by title
        self._counts: dict[str, int] = {}  # runs that were heard of, by text
        self._many: dict[int, int] = {}  # runs that the events heard stand for, by their place, if more than one
        self._seen: list[tuple[str, str, int]] = []  # kernels with their lines
        self._commands: dict[int, tuple[str, int]] = {}  # lines, by the number of a command that came from there
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
        if ENGINE.distributed:  # workers tell the titles
            for title, texts in texts_of_plans().items():
                self.texts[title] |= texts

    def _subscribe(self) -> events.Subscription:
        """Keeps what it hears, and does no more: it is called while the program works."""
        heard, now, thread = self._heard, time.time, get_ident
        add, many_of = heard.append, self._many
        places, commanded = self._places(), self._commanded()

        def listen(event: events.Event, many: int) -> None:
            kind = type(event)
            if kind is events.Commanded:
                commanded(event)  # type: ignore[arg-type]
                return
            if kind is events.Ran or kind is events.Called:
                places(event)  # type: ignore[arg-type]
            elif kind is events.Began:
                return
            if many > 1:
                many_of[len(heard)] = many
            if len(heard) + self._in_blocks < MOST_EVENTS:
                add((now(), thread(), event))
            else:
                self.missed += 1

        return hear_some(listen, self._keep_block)

    def _commanded(self) -> Callable[[events.Commanded], None]:
        """Notes from which lines commands to workers come: of the first ones, and of some others."""
        commands, told = self._commands, 0

        def note(event: events.Commanded) -> None:
            nonlocal told
            told += 1
            if told <= ALL or random() * EACH_COMMAND < 1:
                found = way(sys._getframe(3))
                if found is not None:
                    commands[event.number] = found.place.file, found.place.line

        return note

    def _places(self) -> Callable[[events.Ran | events.Called], None]:
        """Notes on which lines a kernel runs: of its first runs, of long ones, and of some others."""
        counts, seen = self._counts, self._seen

        def note(event: events.Ran | events.Called) -> None:
            kernel = event[0]
            counts[kernel] = count = counts.get(kernel, 0) + 1
            if count <= FIRST or event.seconds >= LONG or not count % EACH:
                found = way(sys._getframe(3))
                if found is not None:
                    seen.append((kernel, found.place.file, found.place.line))

        return note

    def _sort_out(self) -> None:
        for kernel, file, line in self._seen:
            self.places[_title(kernel)][file, line] += 1
        super()._sort_out()

    def _stands_for(self) -> int:
        return self._many.get(self._place, 1)

    def _note(self, now: float, ident: int, event: object) -> None:
        if isinstance(event, events.Ran):
            self.texts[events.title(event.kernel)].add(event.kernel)
        elif isinstance(event, events.OnWorker) and event.command in self._commands:
            told = event.event
            if isinstance(told, events.Ran | events.Called):
                self.places[told[0]][self._commands[event.command]] += event.stands_for
        super()._note(now, ident, event)

    @property
    def sampled(self) -> bool:
        """Whether some runs were not listened to, so that numbers and times of kernels are estimates."""
        return bool(self._many) or any(found.stands_for > 1 for found in self.slices)

    def kernels(self) -> list[KernelRow]:
        """What ran, the longest first."""
        counts: Counter[str] = Counter()
        nbytes: Counter[str] = Counter()
        seconds: defaultdict[str, float] = defaultdict(float)
        for found in self.slices:
            event, many = found.event, found.stands_for
            if isinstance(event, events.Ran | events.Called):
                counts[event[0]] += many
                seconds[event[0]] += many * event.seconds
                nbytes[event[0]] += many * getattr(event, "nbytes", 0)
        rows = []
        for title, count in counts.items():
            texts = tuple(sorted(self.texts[title]))
            lines = tuple(line for line, _ in self.places[title].most_common(3))
            rows.append(KernelRow(title, texts, count, seconds[title], nbytes[title], lines))
        return sorted(rows, key=lambda row: -row.seconds)


def _title(kernel: str) -> str:
    """The title of a kernel's text; the name of a routine is its own."""
    return events.title(kernel) if "\n" in kernel else kernel


__all__ = ["KernelRow", "Recording"]
