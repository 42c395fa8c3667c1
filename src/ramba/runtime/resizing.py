"""What the driver does to have more workers, or fewer, while the program goes on.

Who is missing is started first: if that fails, nothing has been touched. Then a group is formed of everybody, new ones
included; blocks move from worker to worker; and a group is formed of those that stay. All that while the log of the old
group counts, and those that leave wait. So whatever goes wrong, the old group is formed once more, and has its arrays
as after a loss. When all is done the new group begins a log of its own: its workers keep a copy of each other's blocks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from math import prod

import msgspec
import numpy as np

from ramba import config
from ramba.errors import MemoryError, ProtocolError, WorkerLostError
from ramba.layout import Box
from ramba.layout.distribution import laid_anew
from ramba.runtime.flights import exception_of
from ramba.runtime.lineage import Lineage, Record
from ramba.runtime.messages import Carry, Command, Kept, Moved, Put, Relay, Resume
from ramba.runtime.recovery import Recovery
from ramba.runtime.sharded import Sharded

_TOGETHER = 64 << 20  # bytes that move between two answers
_MOST = 64  # arrays
_ATTEMPTS = 3  # if workers are lost meanwhile

log = logging.getLogger("ramba.resize")


class Resizable(Recovery):
    """What this needs of a cluster."""

    def sync(self) -> None:
        """Waits until the workers have done everything."""
        raise NotImplementedError

    def fetch(self, array: Sharded, box: Box) -> np.ndarray:
        """Fetches a box of an array; a loss is not made good."""
        raise NotImplementedError

    def resize(self, workers: int | None) -> int:
        """Has another number of workers compute, and hold all arrays. Gives their number."""
        resize(self, workers)
        return self.size


def resize(cluster: Resizable, workers: int | None) -> None:
    """Has another number of workers compute, and hold all arrays.

    Raises
    ------
    RuntimeError
        If there cannot be another number of workers.
    MemoryError
        If fewer workers have no room for the arrays. Nothing is changed then, as always if this raises.
    """
    if cluster.link.fixed:
        raise RuntimeError(cluster.link.fixed)
    for attempt in range(1, _ATTEMPTS + 1):
        cluster.sync()
        try:
            Change(cluster).make(workers)
            return
        except (WorkerLostError, ProtocolError) as problem:
            if attempt == _ATTEMPTS or cluster.closed or not cluster.resilient:
                raise
            log.warning("%s The number of workers is changed once more.", problem)


class Change:
    """One of them."""

    def __init__(self, cluster: Resizable) -> None:
        self.cluster = cluster
        self.listener = cluster.link.transport.listener
        self.touched = False  # whether the group is another one, and may have to become the old one again
        self.before = cluster.size
        self.keepers, self.shift = cluster.keepers, cluster.shift
        self.arrays = cluster.living()  # by number; held here: none is freed in the middle
        self.moves: dict[int, Moved] = {}

    def make(self, workers: int | None) -> None:
        """Does it, or leaves everything as it was."""
        cluster, link = self.cluster, self.cluster.link
        seats = link.enlist(workers)
        size = max(*seats, self.before - 1) + 1
        if seats == list(range(self.before)):
            link.settle()
            config.set(workers=len(seats))
            return
        cluster.bounding = True
        try:
            self.check(len(seats))
            if self.listener is not None:
                self.listener.leaving(len(seats))
            self.plan(len(seats))
            old = [Kept(n, a.dtype.str[1:], a.partition) for n, a in self.arrays.items()]
            if size > self.before:
                self.over(link.widen, old)
            for some in _portions(list(self.moves.values())):
                self.told([Relay(next(cluster.numbers), tuple(some), tuple(seats))])
            if len(seats) < size:
                self.over(lambda: link.narrow(seats), self.made())
            lineage = self.secured() if cluster.resilient else Lineage()
        except BaseException as problem:
            self.go_back(problem)
            raise
        finally:
            cluster.bounding = False
        try:
            self.commit(lineage)
        except KeyboardInterrupt:
            self.commit(lineage)
            raise
        if self.listener is not None:
            self.listener.regrouped()

    def plan(self, workers: int) -> None:
        """Where everything goes; what is on all workers already stays so."""
        numbers = self.cluster.numbers
        for number, array in self.arrays.items():
            lies = array.partition
            moved = Moved(number, array.dtype.str[1:], lies, next(numbers), laid_anew(lies, self.before, workers))
            self.moves[number] = moved

    def check(self, workers: int) -> None:
        """Refuses to crowd all arrays together where there is no room for them."""
        sizes = [array.nbytes for array in self.arrays.values() if not array.partition.replicated]
        if workers < self.before and sizes:
            more = sum(sizes) // workers - sum(sizes) // self.before + max(sizes) // workers
            if more > (room := self.cluster.available()):
                text = f"Each of {workers} workers would hold {more} bytes more, and there is room for {room}."
                raise MemoryError(f"{text} Nothing has been moved.")

    def over(self, form: Callable[[], None], arrays: Sequence[Kept]) -> None:
        """Carries arrays over to another group."""
        cluster, before = self.cluster, self.cluster.size
        self.told([Carry(next(cluster.numbers), tuple([kept.number for kept in arrays]))])
        self.touched = True
        form()
        cluster.regrouped()
        self.told([Resume(next(cluster.numbers), tuple(arrays), min(before, cluster.size))])

    def told(self, commands: Sequence[Command]) -> None:
        """Has commands obeyed; raises what goes wrong."""
        cluster = self.cluster
        cluster.waiting += commands
        told = cluster.answers(cluster.fence())[1]
        if told is not None:
            raise exception_of(told)

    def made(self) -> list[Kept]:
        """The arrays as they are in the new group."""
        return [Kept(moved.result, moved.dtype, moved.target) for moved in self.moves.values()]

    def secured(self) -> Lineage:
        """The log of the new group: what the driver sent it has itself, of all else workers have a copy."""
        cluster, lineage = self.cluster, Lineage()
        cluster.regard(cluster.link.members)
        sent, records = cluster.lineage.sent(), {}
        for number in self.moves.keys() & sent.keys():
            put, moved = sent[number].command, self.moves[number]
            assert isinstance(put, Put)
            if put.partition.replicated == moved.target.replicated:
                again = msgspec.structs.replace(put, array=moved.result, partition=moved.target)
                records[moved.result] = Record(again, sent[number].settings, source=sent[number].source)
        others = [moved for moved in self.moves.values() if moved.result not in records]
        arrays = {m.result: Sharded(m.result, np.dtype(m.dtype), m.target, cluster.fetch, _keep) for m in others}
        lineage.held = cluster.lineage.held
        if not cluster.secure(lineage, arrays, records, besides=True):
            log.warning("There is no room to keep arrays twice: what is lost with a worker cannot be computed again.")
            return Lineage()
        return lineage

    def commit(self, lineage: Lineage) -> None:
        """From here on the new group counts."""
        cluster = self.cluster
        for number, moved in self.moves.items():
            array = self.arrays[number]
            cluster.arrays.pop(number, None)
            array.number, array.partition = moved.result, moved.target
            cluster.arrays[moved.result] = array
        cluster.lineage = lineage
        cluster.regard(cluster.link.members)
        cluster.say_keep()
        cluster.link.settle()
        config.set(workers=cluster.size)

    def go_back(self, problem: BaseException) -> None:
        """The old group is formed once more when it is needed, and has its arrays again."""
        cluster = self.cluster
        if cluster.closed:
            return
        cluster.keepers, cluster.shift, cluster.size = self.keepers, self.shift, self.before
        cluster.link.go_back()
        if self.touched and not cluster.broken:
            cluster.broken = f"The number of workers was not changed: {problem or type(problem).__name__}."
            cluster.unsay()
            if not cluster.resilient:
                cluster.forget()
        if self.listener is not None and self.touched:
            self.listener.lost(problem if isinstance(problem, Exception) else RuntimeError(cluster.broken))
        elif self.listener is not None:
            self.listener.regrouped()


def _keep(number: int) -> None:
    """Nothing is freed: the array will have another name."""


def _portions(moves: list[Moved]) -> Iterator[list[Moved]]:
    """As many at a time as may be on their way."""
    some: list[Moved] = []
    nbytes = 0
    for moved in moves:
        some.append(moved)
        nbytes += prod(moved.partition.shape) * np.dtype(moved.dtype).itemsize
        if nbytes > _TOGETHER or len(some) == _MOST:
            yield some
            some, nbytes = [], 0
    if some:
        yield some
