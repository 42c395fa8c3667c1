"""What the engine tells, noted by the line of the program on which it happened."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import random
from threading import get_ident
from types import CodeType

from ramba import events
from ramba.diagnosis.places import Place, Way, way
from ramba.diagnosis.sampling import LINE
from ramba.engine import ENGINE
from ramba.lazyarray import watch_elements

EACH = 8191  # elements of which one is looked at: a prime, so that all accesses of a loop have their turn
ENOUGH = 0.01  # seconds of runs, about, of which one is listened to; it stands for all of them
LONG = 0.02  # seconds, after which the next run is listened to in any case
FEW = 100  # elements that may well be gone through, or unpacked
MOST_KEPT = 64  # kernels and programs of a line
_NOTED = (events.Asked, events.Planned, events.Compiled, events.FellBack, events.Gathered, events.Iterated)
_FULL = "Engine._flush_if_full"  # the engine's: enough was recorded; nobody looked


@dataclass
class Line:
    """What happened on a line."""

    looks: int = 0
    waits: int = 0  # looks that workers were waited for
    quickest: float = 0.0  # of these
    look_seconds: float = 0.0  # with the kernels that it waited for
    kernel_seconds: float = 0.0
    by: Counter[str] = field(default_factory=Counter)  # functions of Ramba's that looked
    sent: int = 0
    gathered: int = 0
    gathers: int = 0
    gather_seconds: float = 0.0
    fallbacks: Counter[str] = field(default_factory=Counter)
    fallback_bytes: int = 0
    compiled: int = 0
    compile_seconds: float = 0.0
    kernels: list[str] = field(default_factory=list)  # texts of those that were compiled
    planned: int = 0
    plan_seconds: float = 0.0
    programs: list[object] = field(default_factory=list)
    iterated: Counter[Place] = field(default_factory=Counter)
    elements: int = 0  # that Python went through in one call
    accesses: int = 0  # single elements read or written
    access_seconds: float = 0.0  # of the loops that they are in


class Listener:
    """Hears the events of the thread that made it, and notes them."""

    def __init__(self) -> None:
        self.lines: defaultdict[LINE, Line] = defaultdict(Line)
        self._of = get_ident()
        self._kernels = 0.0  # seconds of the run that is not over
        self._compiling = ""
        self._runs = 0  # since the last one that was listened to
        self._each = 1  # runs of which one is listened to
        self._heard = time.perf_counter()  # when the last one was over
        self._last: tuple[CodeType | None, float] = (None, 0.0)
        self._hear = self.hear  # one object, by which it is known
        self._subscription = events.subscribe(self._hear, before=self._before)
        watch_elements(self._element, EACH)

    def close(self) -> None:
        """Hears no more."""
        watch_elements(None, 0)
        self._subscription.close()

    def _before(self) -> None:
        """A run begins. To hear of it takes a tenth of the shortest: this is done for some of them."""
        if get_ident() != self._of:
            return
        self._runs += 1
        if self._runs >= self._each or time.perf_counter() - self._heard > LONG:
            events.hear_run(self._hear)

    def hear(self, event: events.Event) -> None:
        """Notes an event."""
        kind = type(event)
        if kind is events.Began:
            self._kernels = 0.0
        elif kind is events.Ran or kind is events.Called:
            self._kernels += event.seconds  # type: ignore[union-attr]
        elif kind is events.Compiling:
            self._compiling = event.kernel  # type: ignore[union-attr]
        elif get_ident() == self._of:
            if kind is events.Flushed:
                self._flushed(event.seconds, event.sent)  # type: ignore[union-attr]
            elif kind in _NOTED and (found := way(sys._getframe(2))):
                self._note(self.lines[found.place.file, found.place.line], found, event)

    def _flushed(self, seconds: float, sent: int) -> None:
        """A run is over, which stands for those since the last one: they took no longer than all of the time since."""
        runs, now = self._runs, time.perf_counter()
        most = now - self._heard
        self._runs, self._heard = 0, now
        self._each = int(min(ENOUGH / max(seconds, 1e-6), 1000) * (0.5 + random())) or 1
        found = way(sys._getframe(3))
        if found is None or not runs:
            return
        line = self.lines[found.place.file, found.place.line]
        line.sent += sent * runs
        if not ENGINE.distributed and _FULL not in found.passed:
            share = min(self._kernels / seconds, 1.0) if seconds else 0.0
            taken = min(runs * seconds, most)
            _looked(line, found.entered, runs, taken, share * taken)

    def _note(self, line: Line, found: Way, event: events.Event) -> None:
        match event:
            case events.Asked(seconds=seconds):
                _looked(line, found.entered, 1, seconds, 0.0)
                line.quickest = min(line.quickest, seconds) if line.waits else seconds
                line.waits += 1
            case events.Planned(seconds=seconds, program=program):
                line.planned += 1
                line.plan_seconds += seconds
                line.programs = [*line.programs[-MOST_KEPT:], program]
            case events.Compiled(cached=False, seconds=seconds):
                line.compile_seconds += seconds
                self._kernels += seconds
                if self._compiling:  # else it is a routine of ours, which every program needs
                    line.compiled += 1
                    line.kernels = [*line.kernels[-MOST_KEPT:], self._compiling]
                    self._compiling = ""
            case events.FellBack(function=function, nbytes=nbytes):
                line.fallbacks[function] += 1
                line.fallback_bytes += nbytes
            case events.Gathered(nbytes=nbytes, seconds=seconds):
                line.gathers += 1
                line.gathered += nbytes
                line.gather_seconds += seconds
            case events.Iterated(elements=elements) if elements >= FEW:
                line.iterated[found.place] += 1
                line.elements += elements

    def _element(self) -> None:
        """One of many elements was read or written by itself."""
        if get_ident() != self._of:
            return
        found = way(sys._getframe(1))
        now = time.perf_counter()
        code, since = self._last
        self._last = (None if found is None else found.place.code, now)
        if found is None:
            return
        line = self.lines[found.place.file, found.place.line]
        line.accesses += EACH
        if code is found.place.code:  # the same function since the last look: a loop
            line.access_seconds += now - since


def _looked(line: Line, by: str, count: int, seconds: float, kernels: float) -> None:
    line.looks += count
    line.look_seconds += seconds
    line.kernel_seconds += kernels
    line.by[by] += count


__all__ = ["Line", "Listener"]
