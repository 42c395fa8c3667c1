"""Where the arrays on workers come from: the commands that made them, to be said again when a worker is lost.

Commands are in single-assignment form: an array has a number, and one command made it; a run that writes over an
array gives what it leaves there a new number. So a log of the commands, with what the driver sent, is all that is
needed to compute the arrays of a program once more, to the bit: plans are pure, random numbers come from keys, files
are read again. What no living array comes from is forgotten.
"""

from __future__ import annotations

import builtins
import tempfile
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from ramba.runtime.messages import Assign, CallFunction, CallKernel, Describe, Kept, Put, RunPlan, Teach

Recorded: TypeAlias = Put | RunPlan | Assign | CallKernel | CallFunction

MOST_RECORDS = 1 << 15  # that are kept, however little there is to do: some 20 MB
LONGEST = 4  # times as many, if arrays cannot be kept
_FEW = 1 << 10  # that nobody looks through in vain
MOST_AHEAD = 4096  # commands without a report: nobody need remember more, nor run further ahead
_LEAST_AHEAD = 16
PATIENCE = 50.0  # what computing again costs is at least so many times what it costs to keep arrays instead


class Source:
    """An array that the driver sent, in its memory or in a file without a name."""

    __slots__ = ("array", "nbytes")

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.nbytes = array.nbytes  # in memory

    def write(self, folder: str) -> None:
        """Moves it into a file that is gone with this object, whatever happens. Raises OSError where it has no room."""
        with tempfile.TemporaryFile(dir=folder) as file:
            self.array.tofile(file)
            file.flush()
            flat = np.memmap(file, self.array.dtype, "r")
            self.array, self.nbytes = flat.reshape(self.array.shape), 0


class Record:
    """A command, and what it needs to be said again."""

    __slots__ = ("command", "lesson", "seconds", "settings", "source")

    def __init__(
        self,
        command: Recorded,
        settings: dict[str, Any],
        lesson: Teach | Describe | None = None,
        source: Source | None = None,
    ) -> None:
        self.command = command
        self.settings = settings  # that held
        self.lesson = lesson
        self.source = source
        self.seconds = 0.0  # that it took, roughly


class Replay(NamedTuple):
    """What has to be said again."""

    records: list[Record]
    recalled: set[int]  # arrays that workers have kept
    missing: set[int]  # arrays that nobody knows how to make


class Lineage:
    """The log of one group."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.kept: dict[int, Kept] = {}  # arrays that workers keep a copy of each other's blocks of
        self.held = 0  # bytes of sources in memory
        self.full = False  # whether something was sent that there was no room to keep
        self.ahead = 2 * _LEAST_AHEAD  # commands that may be said without a report: nobody knows yet how long they take
        self._small: dict[int, Source] = {}  # the last one of each size of those that are sent again and again
        self._unheard: list[Record] = []  # of which nobody knows how long they took
        self._seconds = 0.0  # that all records took
        self._many = _FEW  # records that are looked through next
        self._pace = 0.0  # seconds that keeping took the last time

    # -- what is recorded

    def add(self, record: Record) -> None:
        """Something is about to be said."""
        self.records.append(record)
        self._unheard.append(record)

    def source(self, array: np.ndarray, private: bool, room: int, folder: str | None) -> Source | None:
        """Keeps what is sent to the workers, in so much memory at most, beyond that in a folder; None: it cannot be.

        What is not private others may write: it is copied. Bytes that were sent before are kept once.
        """
        known = self._small.get(array.nbytes) if isinstance(array.base, bytes) else None
        if known is not None and known.array.base == array.base:
            return known
        aside = self.held + array.nbytes > room
        try:
            if aside and (folder is None or not array.nbytes):
                raise OSError
            made = Source(array if private or aside else array.copy())
            if aside:
                made.write(cast(str, folder))
        except (OSError, builtins.MemoryError):
            self.full = True
            return None
        self.held += made.nbytes
        if isinstance(made.array.base, bytes):
            self._small[array.nbytes] = made
        return made

    def took(self, seconds: float, most: float) -> None:
        """So long the workers took for what was recorded since the last time; they shall report before it is `most`."""
        if self._unheard:
            each = seconds / len(self._unheard)
            for record in self._unheard:
                record.seconds = each
            self._seconds += seconds
            self.ahead = int(min(max(most / max(each, 1e-9), _LEAST_AHEAD), MOST_AHEAD))
            self._unheard.clear()

    # -- what is needed

    def replay(self, living: Iterable[int]) -> Replay:
        """What living arrays come from, in order."""
        wanted, found, written = set(living), [], set()
        for record in reversed(self.records):
            reads, results = read_and_made(record.command)
            if not wanted.isdisjoint(results):
                found.append(record)
                if isinstance(record.command, CallFunction):
                    written |= wanted.intersection(results)
                wanted.difference_update(results)
                wanted.update(reads)
        found.reverse()
        recalled = wanted & self.kept.keys()
        return Replay(found, recalled, (wanted - recalled) | written)

    def spoiled(self, missing: Collection[int], living: Collection[int]) -> set[int]:
        """Those of the living arrays that come from what is missing at the beginning, or what Python wrote."""
        gone = set(missing)
        for record in self.records:
            reads, results = read_and_made(record.command)
            if isinstance(record.command, CallFunction) or not gone.isdisjoint(reads):
                gone.update(results)
            else:
                gone.difference_update(results)
        return gone.intersection(living)

    def written(self) -> set[int]:
        """Arrays that functions of Python may have written into: under their number, the log makes another value."""
        calls = [record.command for record in self.records if isinstance(record.command, CallFunction)]
        return {number for command in calls for number, *_ in command.inputs}

    # -- how it is bounded

    def is_long(self, seconds: float) -> bool:
        """Whether it may be time to forget, or to keep arrays: cheap, and asked after each question."""
        seconds = max(seconds, PATIENCE * self._pace)
        return len(self.records) >= self._many or self._seconds > seconds or self.full

    def prune(self, living: Iterable[int], seconds: float) -> bool:
        """Forgets what no living array comes from; whether even the rest would take too long to compute again."""
        self._small.clear()
        found = self.replay(living)
        self.records, self.kept = found.records, {number: self.kept[number] for number in found.recalled}
        self._many = min(max(2 * len(self.records), _FEW), MOST_RECORDS)
        self._seconds = sum(record.seconds for record in self.records)
        self.held = sum({id(r.source): r.source.nbytes for r in self.records if r.source is not None}.values())
        too_long = self._seconds > max(seconds, PATIENCE * self._pace) or len(self.records) >= MOST_RECORDS
        full, self.full = self.full, False
        return too_long or full

    def sent(self) -> dict[int, Record]:
        """The arrays that the driver can send again, by number."""
        written = self.written()
        puts = {r.command.array: r for r in self.records if isinstance(r.command, Put)}
        return {number: record for number, record in puts.items() if number not in written}

    def cut(self, kept: dict[int, Kept], records: Sequence[Record], seconds: float) -> None:
        """Begins anew with arrays that workers keep, and with what the driver sent; keeping them took so long."""
        self.kept, self.records, self._pace = kept, list(records), seconds
        self.prune([*kept, *self.sent()], seconds)

    def put_off(self) -> None:
        """They could not be kept: there will be another time, when there is twice as much to compute again."""
        self.full, self._pace = False, 2 * self._seconds / PATIENCE
        self._many = 2 * len(self.records)
        if len(self.records) >= LONGEST * MOST_RECORDS:  # what comes from them is lost with a worker
            self.records, self.kept, self.held = [], {}, 0


def last_uses(records: Sequence[Record], living: Collection[int]) -> list[list[int]]:
    """The arrays that nobody needs after each of the records."""
    ends: list[list[int]] = []
    seen = set(living)
    for record in reversed(records):
        used = dict.fromkeys(sum(read_and_made(record.command), ()))
        ends.append([number for number in used if number not in seen])
        seen.update(used)
    ends.reverse()
    return ends


def read_and_made(command: Recorded) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of what a command reads, and of what it makes."""
    match command:
        case Put():
            return (), (command.array,)
        case RunPlan():
            return tuple(filter(None, command.inputs)), tuple(filter(None, command.results))
        case Assign() | CallKernel():
            return tuple([number for number, *_ in command.inputs]), tuple(command.results)
        case CallFunction():
            return (), tuple([number for number, *_ in command.inputs])


__all__ = ["MOST_AHEAD", "Lineage", "Record", "Recorded", "Replay", "Source", "last_uses"]
