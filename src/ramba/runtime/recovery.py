"""What the driver does about lost workers: a new group, in which the arrays of the program are computed again.

`lineage` says what is to be said again. Between two losses, arrays that took long to compute are kept: each worker
copies its blocks, and its neighbour has another copy, which survive the group (`keeping`).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from ramba import config, events
from ramba.errors import ProtocolError, WorkerLostError, WorkerReplacedWarning, warn
from ramba.layout import Partition
from ramba.runtime.correspondence import Correspondence
from ramba.runtime.flights import exception_of, last_loss
from ramba.runtime.lineage import MOST_AHEAD, Lineage, Record, Recorded, Source, last_uses
from ramba.runtime.messages import Configure, Describe, Drop, Fence, Keep, Kept, Problem, Put, Recall, Teach
from ramba.runtime.pool import Pool
from ramba.runtime.sharded import Sharded
from ramba.runtime.transport import TAG_BITS, Facts, Link

MOST_LOSSES = 3  # of workers without an answer in between, after which the driver gives up
MOST_TOGETHER = 32  # small commands that are sent in one message
_ENDLESS = 1 << 62
_SHARE = 4  # of what is free, this part may be taken: the rest is for what the program computes
_CHECKED = 64 << 20  # bytes that are kept in any case: free memory takes a while to look at
_NO_LINEAGE = "What it came from was not kept."

F = TypeVar("F", bound=Callable[..., Any])


def asked_again(question: F) -> F:
    """A question that is asked again if a worker was lost, once what it held is there again."""

    @functools.wraps(question)
    def answered(self: Recovery, *args: Any) -> Any:
        while True:
            try:
                found = question(self, *args)
            except (WorkerLostError, ProtocolError) as problem:
                if not self.broken and not self.closed:
                    self.lose(problem)
                if self.closed or not self.resilient:
                    raise
            else:
                self.bound()
                return found

    return cast(F, answered)


class Recovery(Correspondence):
    """The driver of a group that is formed anew."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.lineage = Lineage()
        self.pool = Pool()
        self.broken = ""  # the loss of a worker after which the group has not been formed anew yet
        self.keepers: list[Facts] = []  # the workers when they kept arrays last
        self.shift = 1  # from a worker to the neighbour that has its copies
        self.regard(link.members)
        self.bounding = False  # whether arrays are being kept, or moved to other workers

    # -- recording

    def note(self, command: Recorded, lesson: Teach | Describe | None = None, source: Source | None = None) -> None:
        """Remembers a command that is about to be said; without some of them, all others would tell lies."""
        _, settings, resilient = self.known()
        if resilient:
            self.lineage.add(Record(command, settings, lesson, source))
        elif self.lineage.records or self.lineage.kept:
            self.lineage = Lineage()
            self.say_keep()

    def source(self, array: np.ndarray, private: bool) -> Source | None:
        """Keeps an array that is about to be sent; one that others may write is copied."""
        if not self.resilient:
            return None
        spill = config.current().spill
        return self.lineage.source(array, private, self.room(array.nbytes), None if spill == "off" else spill)

    def room(self, nbytes: int) -> int:
        """Bytes of memory that what the driver sent may take, so many more than now included."""
        room = config.current().resilience_memory
        if room is None:
            return _ENDLESS
        return room if self.lineage.held + nbytes <= _CHECKED else min(room, self.pool.available() // _SHARE)

    def worked(self, seconds: float) -> None:
        self.lineage.took(seconds, config.current().resilience_seconds / 2)

    def living(self) -> dict[int, Sharded]:
        """The arrays of the program that have a value."""
        return {number: array for number, array in list(self.arrays.items()) if array.lost is None}

    @property
    def ahead(self) -> int:
        """Commands that may be said without a report."""
        return self.lineage.ahead if self.resilient else MOST_AHEAD

    # -- losing

    def lose(self, problem: WorkerLostError | ProtocolError, final: str = "") -> None:
        """After the loss of a worker: the group is formed anew when it is needed, if ever."""
        self.broken = str(problem)
        self.losses += 1
        self.link.cancel()  # those that are left would work for nobody
        self.unsay()
        if self.losses >= MOST_LOSSES:
            final = final or f"Workers were lost {self.losses} times in a row"
        if final or not self.resilient:
            self.forget()
        if final:
            final = f"{final}: ramba.init() starts new ones."
            self.over = last_loss(problem, final)
            self.close()
            problem.add_note(final)

    def forget(self) -> None:
        """Of arrays, plans and commands nothing is left."""
        for array in list(self.arrays.values()):
            array.lose(f"{self.broken} It held a part of this array.")
        self.unsay()
        self.flights.clear()
        self.states.clear()
        self.lineage = Lineage()

    def close(self) -> None:
        """Ends the workers."""
        if not self.closed:
            self.abandon("The workers that held this array were shut down.")
            self.link.close()

    def abandon(self, reason: str) -> None:
        """Nobody here can ask the workers for anything any more."""
        self.closed = True
        for array in list(self.arrays.values()):
            array.lose(reason)
        self.lineage = Lineage()

    # -- mending

    def mend(self) -> None:
        """Forms the group anew if a worker was lost, and computes again what it held; an interrupt begins that anew.

        Raises
        ------
        WorkerLostError
            If lost workers could not be replaced, or others are lost again and again.
        Exception
            What went wrong in a computation that nobody had been told of yet.
        """
        begin, losses, told, count = time.perf_counter(), [], None, 0
        while self.broken and not self.closed:
            losses.append(self.broken)
            if self.resilient:
                self.unsay()
            else:
                self.forget()
            try:
                self.link.recover()
            except WorkerLostError as problem:
                # to try again takes another minute: that is for somebody to decide who knows of it
                self.lose(problem, "The workers could not be replaced")
                raise
            try:
                told, count = self.replay() if self.resilient else (None, 0)
            except (WorkerLostError, ProtocolError):  # another one, since then
                if self.closed:
                    raise
            else:
                self.broken = ""
        if losses and self.resilient and not self.closed:
            seconds = time.perf_counter() - begin
            said = f"In a new group, {count} commands were obeyed again" if count else "There is a new group"
            try:
                warn(f"{' '.join(losses)} {said}: that took {seconds:.1f} s.", WorkerReplacedWarning)
            finally:  # it may be an exception, too
                if told is not None:
                    raise exception_of(told)

    def replay(self) -> tuple[Problem | None, int]:
        """Says again what the arrays of the program come from; gives what it must be told, and how much was said.

        Its arrays keep their numbers, and commands theirs: so flags and exceptions of what nobody has been told of are
        told as if it had been computed for the first time, and those of all else are not.
        """
        everything = list(self.arrays.values())  # nothing is dropped in the middle of this
        lineage, held = self.lineage, self.living()
        found = lineage.replay(held)
        unkept = self.unkept(found.recalled)
        if found.missing or unkept:
            for number in lineage.spoiled((found.missing - lineage.kept.keys()) | unkept, held):
                held.pop(number).lose(f"{self.broken} It held a part of this array. {_NO_LINEAGE}")
            found = lineage.replay(held)
        lineage.kept = {number: lineage.kept[number] for number in found.recalled}
        self.flights.retain([record.command.number for record in found.records])
        recall = Recall(next(self.numbers), tuple(lineage.kept.values()), self.shift, self.replaced())
        self.waiting.append(recall)
        now: dict[str, Any] = {}
        for record, gone in zip(found.records, last_uses(found.records, held), strict=True):
            if record.settings is not now:
                now = record.settings
                self.waiting.append(Configure(now | {"show_code": False, "show_plan": "off"}, self.told[1], True))
            self.say(record)
            if gone:
                self.waiting.append(Drop(tuple(gone)))
            if len(self.waiting) >= MOST_TOGETHER:
                with self.watching():
                    self.send()
        self.waiting.append(Configure(self.settings(), events.traced, True))
        told = self.answers(self.fence())[1]
        self.keepers, lineage.records = self.link.members, found.records
        if told is not None and told.command == recall.number:
            lineage.kept = {}
            self.say_keep()
        del everything
        return told, len(found.records)

    def say(self, record: Record) -> None:
        """Says a command, as it was or will be said again."""
        command = record.command
        if record.lesson is not None:
            self.taught.teach(record.lesson, self.waiting)
        if isinstance(command, Put) and record.source is not None:
            if command.partition.replicated:
                command = msgspec.structs.replace(command, content=record.source.array.tobytes())
            else:
                self.post(command.number, record.source.array, command.partition)
        self.flights.resent(command.number, self.next_message())
        self.waiting.append(command)

    def post(self, number: int, array: np.ndarray, part: Partition) -> None:
        """Sends each worker its block of an array of the driver's."""
        transport = self.transport()
        for rank in range(self.size):
            start, extent = part.block(rank)
            if 0 in extent:
                continue
            block = array[tuple(slice(s, s + n) for s, n in zip(start, extent, strict=True))]
            message = transport.buffer(rank, block.nbytes)
            message.view(array.dtype).reshape(block.shape)[...] = block
            transport.post(rank, number << TAG_BITS, message)

    def fence(self) -> int:
        """A question about nothing."""
        number = next(self.numbers)
        self.waiting.append(Fence(number, self.heard))
        return number

    def regrouped(self) -> None:
        """The group has other members, who know nothing."""
        self.unsay()
        self.size = self.link.transport.size

    # -- keeping

    def regard(self, members: list[Facts]) -> None:
        """These workers keep arrays for each other from now on."""
        self.keepers = members
        self.shift = _apart([facts.host for facts in members])

    def replaced(self) -> tuple[int, ...]:
        """The workers that are others now than those that kept arrays."""
        pairs = enumerate(zip(self.keepers, self.link.members, strict=True))
        return tuple([rank for rank, (old, new) in pairs if (old.pid, old.host) != (new.pid, new.host)])

    def unkept(self, recalled: set[int]) -> set[int]:
        """What is to be recalled, if two workers are gone that had each other's blocks."""
        replaced = self.replaced()
        apart = all((rank + self.shift) % self.size not in replaced for rank in replaced)
        return set() if apart else recalled

    def bound(self) -> None:
        """Forgets what no array comes from; has arrays kept if it would take too long to compute them again."""
        seconds = config.current().resilience_seconds
        if self.bounding or self.broken or not self.lineage.is_long(seconds):
            return
        self.bounding = True
        try:
            living, before = self.living(), len(self.lineage.kept)
            long = self.lineage.prune(living, seconds)
            if len(self.lineage.kept) < before:
                self.say_keep()
            if long:
                self.keep(living)
        except (WorkerLostError, ProtocolError):
            if self.closed:
                raise
        finally:
            self.bounding = False

    def keep(self, living: dict[int, Sharded]) -> None:
        """Has workers copy the living arrays, each also its neighbour's blocks; what the driver sent it has itself."""
        lineage = self.lineage
        records = {number: record for number, record in lineage.sent().items() if number in living}
        arrays = {number: array for number, array in living.items() if number not in records}
        if stale := lineage.written() & lineage.kept.keys():
            lineage.kept = {number: each for number, each in lineage.kept.items() if number not in stale}
            self.say_keep()
        if self.secure(lineage, arrays, records):
            self.keepers = self.link.members
        else:
            lineage.put_off()
        self.say_keep()

    def secure(
        self, lineage: Lineage, arrays: dict[int, Sharded], records: dict[int, Record], besides: bool = False
    ) -> bool:
        """Has workers copy arrays, or gives those of a single one to the driver: a log can begin anew; if not, False.

        What was kept `besides` for another log stays as well.
        """
        begin = time.perf_counter()
        kept = {n: Kept(n, array.dtype.str[1:], array.partition) for n, array in arrays.items()}
        fresh = sum(arrays[number].nbytes for number in kept.keys() - lineage.kept.keys())
        if self.size == 1:
            done = lineage.held + fresh <= self.room(fresh) or config.current().spill != "off"
            fetched = self.fetched(arrays) if done else {}
            kept, records, done = {}, records | fetched, len(fetched) >= len(arrays)
        else:
            enough = 2 * fresh <= self.available() * self.size // _SHARE
            done = enough and self.keeping(lineage.kept | kept, besides)
        if done:
            lineage.cut(kept, [records[number] for number in sorted(records)], time.perf_counter() - begin)
        return done

    def say_keep(self) -> None:
        """Tells the workers what they keep; of what they keep already, nothing is copied."""
        self.waiting.append(Keep(next(self.numbers), tuple(self.lineage.kept.values()), self.shift))

    def keeping(self, wanted: dict[int, Kept], besides: bool = False) -> bool:
        """Asks the workers to keep arrays; if that cannot be, they keep what they kept before."""
        done = False
        try:
            self.waiting.append(Keep(next(self.numbers), tuple(wanted.values()), self.shift, besides))
            done = self.answers(self.fence())[1] is None
        finally:
            if not done and not besides:
                self.say_keep()
        return done

    def fetched(self, arrays: dict[int, Sharded]) -> dict[int, Record]:
        """The arrays of a single worker, which has no neighbour, as what the driver has sent."""
        records = {}
        for number, array in arrays.items():
            source = self.source(array.array(array.dtype, array.partition.shape), private=True)
            if source is not None:
                put = Put(next(self.numbers), number, array.dtype.str[1:], array.partition, b"")
                records[number] = Record(put, self.settings(), source=source)
        return records

    def available(self) -> int:
        """Bytes that each worker may still take, as far as the driver's own machine tells."""
        return self.pool.available() // self.here()

    def spare(self) -> int:
        """As `available`; none where each rank would find another answer."""
        return self.available() if self.link.one_driver else 0

    def capacity(self) -> int:
        """As `available`, but with what they may spill."""
        return self.pool.capacity() // self.here()

    def here(self) -> int:
        """Workers on one host."""
        return max(sum(1 for facts in self.link.members if facts.host == self.link.members[0].host), 1)


def _apart(hosts: list[str]) -> int:
    """How many ranks further on a neighbour is: on another host for everybody, if that can be."""
    size = len(hosts)
    shifts = (s for s in range(1, size) if all(hosts[r] != hosts[(r + s) % size] for r in range(size)))
    return next(shifts, 1)


__all__ = ["MOST_TOGETHER", "Recovery", "asked_again"]
