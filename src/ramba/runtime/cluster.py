"""The driver of a group of workers: a backend over any link.

Commands are collected and sent together, a run's with the next question at the latest; nothing is awaited until
somebody looks at a value. Frees travel in the command stream, in program order.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import itertools
import os
import time
import weakref
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ramba import config, errors, events
from ramba.errors import ArrayLostError, ProtocolError, RambaError, WorkerLostError
from ramba.graph import Program, Stored
from ramba.layout import Box, Partition, partition, replicated
from ramba.plan import Plan, Sharing, partitions, with_whole_operands, worker_plan
from ramba.runtime import messages
from ramba.runtime.member import DATA, MOST_REPORTS, report_tag
from ramba.runtime.messages import Call, Command, Configure, Drop, Fence, Get, Problem, Put, Report, Run, Teach
from ramba.runtime.pool import Block, Pool
from ramba.runtime.sharded import Sharded
from ramba.runtime.transport import TAG_BITS, Link, Poison, Transport
from ramba.runtime.transport.watched import Watched

MOST_LOSSES = 3  # of workers in a row, after which the driver gives up
WORKER_SETTINGS = ("exact", "kernels", "cache", "memory_limit", "show_code")  # what workers are told of changes
MOST_PLANS = 512


class Job(NamedTuple):
    """A plan that the workers know."""

    plan: Plan  # of worker 0: what the engine asks of it is the same for all
    teach: Teach
    results: tuple[tuple[str, Partition], ...]  # dtype and partition of each result


class Cluster:
    """Workers behind a link, as the engine's backend."""

    distributed = True

    def __init__(self, link: Link) -> None:
        self.link = link
        self.size = link.transport.size
        self.pool = Pool()
        self.numbers = itertools.count(1)  # of commands, arrays and plans
        self.waiting: list[Command] = []
        self.dropped: collections.deque[int] = collections.deque()  # filled by finalizers, on any thread
        self.arrays: weakref.WeakValueDictionary[int, Sharded] = weakref.WeakValueDictionary()
        self.states: dict[int, Any] = {}  # the errstate of each run that has not been reported on
        self.raised: list[tuple[Any, int, str]] = []  # errstate, flag, operation
        self.taught: collections.OrderedDict[int, None] = collections.OrderedDict()
        self.settings: dict[str, Any] = {}
        self.tracing = False  # whether the workers report events
        self.losses = 0
        self.broken = ""  # the loss of a worker after which the group has not been formed anew yet
        self.closed = False
        _clusters.add(self)
        self.over = RambaError("The workers were shut down.")  # what is said to who wants them after that

    # -- what the engine asks

    def prepare(self, program: Program, exact: bool, inputs: Sequence[Block | Sharded]) -> Job:
        """Plans a program for arrays that lie like these, and teaches it to the workers."""
        lying = tuple(_sharded(block).partition for block in inputs)
        sharing = Sharing(self.size, config.current().eager_size, lying)
        made = worker_plan(program, exact, sharing, 0)
        whole = with_whole_operands(program)
        parts = partitions(whole, sharing)
        results = tuple((whole.entries[root].dtype, parts[root]) for root in whole.roots)
        return Job(made, Teach(next(self.numbers), program, exact, sharing), results)

    def key(self, inputs: Sequence[Block | Sharded]) -> object:
        """What a plan depends on besides the program."""
        self.mend()
        return tuple(_sharded(block).partition for block in inputs), config.current().eager_size

    def hold(self, node: Stored) -> Any:
        """A stored value where the workers can use it: the driver's arrays are sent to them."""
        block = node.storage.block
        if isinstance(block, Sharded) and block.lost is not None:
            raise ArrayLostError(block.lost)
        if block is None or isinstance(block, Sharded):
            return block
        small = config.current().eager_size
        made = self.put(block.array(node.dtype, node.shape), partition(node.shape, self.size, small))
        if not node.storage.foreign and not made.partition.replicated:
            node.storage.block = made
        return made

    def follow(
        self, job: Job, inputs: Sequence[Block | Sharded], scalars: Sequence[np.generic], damaged: set[int], state: Any
    ) -> list[Block | Sharded]:
        """Has the workers run a plan; gives the names of its results."""
        number = next(self.numbers)
        made: dict[int, Sharded] = {}
        blocks: list[Block | Sharded] = []
        for slot, (dtype, part) in zip(job.plan.results, job.results, strict=True):
            if slot < job.plan.inputs and slot not in job.plan.written:
                blocks.append(inputs[slot])
                continue
            if slot not in made:
                made[slot] = self.name(np.dtype(dtype), part)
            blocks.append(made[slot])
        first: set[int] = set()
        results = []
        for slot in job.plan.results:
            fresh = slot in made and slot not in first
            first.add(slot)
            results.append(made[slot].number if fresh else 0)
        damaged.update(job.plan.written)
        self.states[number] = state
        self.teach(job.teach)
        self.waiting.append(
            Run(
                number,
                job.teach.plan,
                tuple(_sharded(block).number for block in inputs),
                tuple(results),
                tuple((value.dtype.str[1:], value.tobytes()) for value in scalars),
            )
        )
        self.send()
        return blocks

    def teach(self, lesson: Teach) -> None:
        """Tells the workers of a plan, unless they know it; they forget the one that was not used for longest."""
        if lesson.plan in self.taught:
            self.taught.move_to_end(lesson.plan)
            return
        self.waiting.append(lesson)  # first: a signal may come between the two
        self.taught[lesson.plan] = None
        if len(self.taught) > MOST_PLANS:
            self.waiting.append(Drop((), (self.taught.popitem(last=False)[0],)))

    def sync(self) -> None:
        """Waits until the workers have done everything."""
        self.mend()
        number = next(self.numbers)
        self.waiting.append(Fence(number))
        self.ask(number)

    @property
    def hosts(self) -> int:
        """Hosts on which workers hold arrays."""
        return len({facts.host for facts in self.link.members})

    def available(self) -> int:
        """Bytes that each worker may still take, as far as the driver's own machine tells."""
        here = sum(1 for facts in self.link.members if facts.host == self.link.members[0].host)
        return self.pool.available() // max(here, 1)

    def close(self) -> None:
        """Ends the workers."""
        if not self.closed:
            self.abandon("The workers that held this array were shut down.")
            self.link.close()

    def abandon(self, reason: str) -> None:
        """Nobody here can ask the workers for anything any more."""
        self.closed = True
        for array in list(self.arrays.values()):
            array.lost = array.lost or reason

    # -- arrays

    def name(self, dtype: np.dtype, part: Partition) -> Sharded:
        """A name for an array that the next command makes."""
        made = Sharded(next(self.numbers), dtype, part, self.get, self.dropped.append)
        self.arrays[made.number] = made
        return made

    def put(self, array: np.ndarray, part: Partition) -> Sharded:
        """Sends an array of the driver's to the workers."""
        self.mend()
        made = self.name(array.dtype, part)
        number = next(self.numbers)
        content = array.tobytes() if part.replicated else b""
        transport = self.transport()
        for rank in range(0 if part.replicated else self.size):
            start, extent = part.block(rank)
            if 0 in extent:
                continue
            block = array[tuple(slice(s, s + n) for s, n in zip(start, extent, strict=True))]
            message = transport.buffer(rank, block.nbytes)
            message.view(array.dtype).reshape(block.shape)[...] = block
            transport.post(rank, (number << TAG_BITS) + DATA, message)
        self.waiting.append(Put(number, made.number, array.dtype.str[1:], part, content))
        return made

    def get(self, array: Sharded, box: Box) -> np.ndarray:
        """Fetches a box of an array."""
        self.mend()
        if array.lost is not None:
            raise ArrayLostError(array.lost)
        out = self.pool.take(max(prod(box.extent) * array.dtype.itemsize, 1)).array(array.dtype, box.extent)
        number = next(self.numbers)
        self.waiting.append(Get(number, array.number, array.dtype.str[1:], array.partition, box))
        self.ask(number)
        if array.lost is not None:
            raise ArrayLostError(array.lost)
        with self.watching():
            self.collect(array, box, number, out)
        return out

    def collect(self, array: Sharded, box: Box, number: int, out: np.ndarray) -> None:
        """Puts together what each worker holds of a box."""
        for rank in array.partition.owners(box):
            start, extent = array.partition.block(rank)
            slices = [
                slice(max(s, t) - s, min(s + n, t + m) - s)
                for s, n, t, m in zip(box.start, box.extent, start, extent, strict=True)
            ]
            place: Any = (*slices, ...)
            message = self.receive(rank, (number << TAG_BITS) + DATA)
            part = out[place]
            part[...] = message.view(array.dtype).reshape(part.shape)

    def call(self, function: str, inputs: Sequence[Sharded], params: tuple[Any, ...], results: int) -> list[Sharded]:
        """Runs a kernel that all workers run together; what it raises is raised here."""
        self.mend()
        number, small = next(self.numbers), config.current().eager_size
        names = [next(self.numbers) for _ in range(results)]
        taken = tuple((a.number, a.dtype.str[1:], a.partition) for a in inputs)
        self.waiting.append(Call(number, function, taken, tuple(names), params, small))
        report = self.ask(number)
        made = []
        for name, (dtype, part) in zip(names, ((m.dtype, m.partition) for m in report.made), strict=True):
            array = Sharded(name, np.dtype(dtype), part, self.get, self.dropped.append)
            self.arrays[name] = array
            made.append(array)
        return made

    def shared(self, array: np.ndarray) -> Sharded:
        """A small array, whole on every worker."""
        return self.put(np.ascontiguousarray(array), replicated(array.shape))

    # -- talking

    def send(self) -> None:
        """Sends all commands that wait; arrays that nobody needs any more are freed first."""
        if self.closed:
            raise self.over.with_traceback(None)
        gone = [self.dropped.popleft() for _ in range(len(self.dropped))]
        try:
            commands: list[Command] = self.changed_settings()
            if gone:
                commands.append(Drop(tuple(gone)))
            commands += self.waiting
            if commands:
                message = messages.encode(tuple(commands))
                self.waiting = []  # an interrupt before the next line: nothing is sent, but never anything twice
                self.link.command(message)
        except BaseException:
            self.dropped.extend(gone)
            self.taught.clear()
            self.settings = {}
            raise

    def changed_settings(self) -> list[Command]:
        """What the workers must know of the settings."""
        now = {name: getattr(config.current(), name) for name in WORKER_SETTINGS}
        trace = bool(events.tracers)
        if (now, trace) == (self.settings, self.tracing):
            return []
        self.settings, self.tracing = now, trace
        return [Configure(now, trace)]

    def ask(self, number: int) -> Report:
        """Sends what waits, and collects everybody's report; raises what went wrong."""
        begin = time.perf_counter()
        if events.listeners:
            events.tell(events.Asking(self.size))
        try:
            return self.asked(number)
        finally:
            if events.listeners:
                events.tell(events.Asked(self.size, time.perf_counter() - begin))

    def asked(self, number: int) -> Report:
        """What `ask` gives, and nobody is told about it."""
        ranks = range(self.size) if self.size <= MOST_REPORTS else (0,)
        tag = report_tag(number)
        self.link.transport.forget(tag)  # answers to questions that were interrupted
        with self.watching():
            self.send()
            reports = [messages.report(self.receive(rank, tag).tobytes()) for rank in ranks]
        self.losses = 0
        for report in reports:
            for command, bit, name in report.flags:
                self.raised.append((self.states.get(command), bit, name))
            for told in report.events:
                events.tell(messages.event(told))
        self.states.clear()
        problems = [problem for report in reports for problem in report.problems]
        if problems:
            self.fail(problems)
        return reports[0]

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While the workers are waited for: what their loss or an interrupt means."""
        try:
            yield
        except (WorkerLostError, ProtocolError) as problem:
            self.lose(problem)
            raise
        except KeyboardInterrupt:
            try:
                self.link.cancel()
            except KeyboardInterrupt:
                self.link.cancel()
            raise

    def transport(self) -> Transport:
        """The driver's end; one that tells what it carries, if somebody traces."""
        plain = self.link.transport
        return Watched(plain) if events.tracers else plain

    def receive(self, rank: int, tag: int) -> np.ndarray:
        """Waits for one message of a worker's."""
        transport = self.transport()
        while True:
            try:
                message = transport.collect(rank, tag)
            except Poison:
                raise ArrayLostError(f"Worker {rank} has no value for this array.") from None
            if message is not None:
                return message
            transport.wait()

    def fail(self, problems: list[Problem]) -> None:
        """Marks what is lost, and raises the first failure that is no consequence of another."""
        first = next((problem for problem in problems if problem.cause), problems[0])
        for problem in problems:
            for number in problem.lost:
                array = self.arrays.get(number)
                if array is not None:
                    array.lost = f"Its computation failed: {first.kind}: {first.text}"
        raised = _exception(first)
        for note in first.notes:
            raised.add_note(note)
        raise raised

    def lose(self, problem: WorkerLostError | ProtocolError, final: str = "") -> None:
        """After the loss of a worker: arrays are lost. The group is formed anew when it is needed, if ever."""
        self.broken = str(problem)
        self.losses += 1
        self.link.cancel()  # those that are left would work for nobody
        self.forget()
        if self.losses >= MOST_LOSSES:
            final = final or f"Workers were lost {self.losses} times in a row"
        if final:
            final = f"{final}: ramba.init() starts new ones."
            self.over = _ended(problem, final)
            self.close()
            problem.add_note(final)

    def forget(self) -> None:
        """Of arrays, plans and commands nothing is left."""
        for array in list(self.arrays.values()):
            array.lost = array.lost or f"{self.broken} It held a part of this array."
        self.dropped.clear()
        self.waiting.clear()
        self.taught.clear()
        self.settings = {}
        self.states.clear()

    def mend(self) -> None:
        """Forms the group anew if a worker was lost; what was interrupted or failed is tried again the next time."""
        if not self.broken or self.closed:
            return
        self.forget()
        try:
            self.link.recover()
        except WorkerLostError as problem:
            # to try again takes another minute: that is for somebody to decide who knows of it
            self.lose(problem, "The workers could not be replaced")
            raise
        self.broken = ""


def _ended(problem: WorkerLostError | ProtocolError, final: str) -> RambaError:
    """What is said after this loss, which was the last one."""
    if isinstance(problem, WorkerLostError):
        return WorkerLostError(problem.rank, problem.pid, problem.host, f"{problem.reason}. {final.rstrip('.')}")
    return RambaError(f"{problem} {final}")


def _sharded(block: Block | Sharded) -> Sharded:
    assert isinstance(block, Sharded), "the workers hold what they compute with"
    return block


def _exception(problem: Problem) -> BaseException:
    """The exception of a worker's, as one of the driver's."""
    kind: Any = getattr(errors, problem.kind, None) or getattr(builtins, problem.kind, None)
    if kind is None:
        kind = getattr(np.exceptions, problem.kind, None) or getattr(np.linalg, problem.kind, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            return kind(problem.text)
        except TypeError:
            pass
    return RuntimeError(f"{problem.kind}: {problem.text}")


_clusters: weakref.WeakSet[Cluster] = weakref.WeakSet()


def _after_fork() -> None:
    for cluster in list(_clusters):
        cluster.abandon("This array lies on workers of the process that this one was forked from.")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

__all__ = ["Cluster", "Job"]
