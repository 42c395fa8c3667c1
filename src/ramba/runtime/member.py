"""A worker among others: obeys commands on its own blocks of arrays, and reports when it is asked.

It decides nothing: what it computes, sends and awaits follows from the commands, which are the same for all workers.
A failure here is told to the other workers, so that nobody waits for what will not come, and to the driver when it
asks for a report.
"""

from __future__ import annotations

import builtins
import functools
import os
import platform
import time
import traceback
from collections.abc import Callable, Generator
from math import prod
from typing import Any

import numpy as np

from ramba import config, errors, ops
from ramba.errors import ArrayLostError
from ramba.kernels import run, told
from ramba.kernels.group import Waiting
from ramba.layout import Box
from ramba.plan import verify, worker_plan
from ramba.runtime import messages
from ramba.runtime.assigning import Assigning
from ramba.runtime.collective import Collective
from ramba.runtime.flights import INTERRUPTED
from ramba.runtime.joint import JointRun, piece_of
from ramba.runtime.keeping import Keeping
from ramba.runtime.messages import (
    UNASKED,
    Assign,
    CallFunction,
    CallKernel,
    Carry,
    Command,
    Configure,
    Define,
    Describe,
    Drop,
    Get,
    Keep,
    Learn,
    Made,
    OpenDoor,
    Problem,
    Put,
    Question,
    Recall,
    Relay,
    Report,
    Resume,
    RunPlan,
    Teach,
    Work,
)
from ramba.runtime.moving import Moving
from ramba.runtime.overhearing import Overhearing
from ramba.runtime.pool import Block
from ramba.runtime.python import outcomes
from ramba.runtime.python.obeying import Functions
from ramba.runtime.python.part import Part
from ramba.runtime.strips import Strips
from ramba.runtime.transport import TAG_BITS, Abandoned, Cancelled, Poison, Transport
from ramba.runtime.transport.watched import Watched
from ramba.runtime.worker import Prepared, Worker, prepare, timed, watched

DATA = 0  # the round of a question in which arrays travel
REPORTS = 1 << 28  # added to a command's number for its report: the news that the command failed does not concern it
MOST_REPORTS = 16  # workers up to which each one reports to the driver itself
_NOTHING = Block.over(np.empty(0, np.uint8))  # an input that nothing reads


class Missing(ArrayLostError):
    """A command needs an array that an earlier one failed to make."""


class Member:
    """One worker of a group."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.rank = transport.rank
        self.worker = Worker()
        self.group = Collective(transport, self.worker.pool)
        self.tracing: Overhearing | None = None
        self.keeping = Keeping()
        self.moving = Moving()
        self.worked = 0.0  # seconds that were not reported
        self.begun = time.perf_counter()  # when the present work began
        self.reset()

    def reset(self) -> None:
        """Forgets all arrays and plans: the group is formed anew."""
        self.arrays: dict[int, Block | str] = {}  # by number; a text: why there is no value
        self.plans: dict[int, Teach | Describe | Prepared] = {}  # prepared when they are run first
        self.flags: dict[tuple[int, int, str], None] = {}
        self.problems: list[Problem] = []
        self.reported = 0  # the last question
        self.unheard: list[tuple[int, Report]] = []  # by question: the driver may have been interrupted before it read
        self.cancelled = False  # whether what the present message asks for is not wanted any more
        self.made: tuple[Made, ...] = ()
        self.rank = self.transport.rank
        if self.tracing is not None:
            self.tracing.clear(self.rank)
        self.group = Collective(self.transport, self.worker.pool)
        self.assigning = Assigning(self.group.size, self.rank)
        self.functions = Functions()
        self.strips = Strips()

    def obey(self, message: bytes) -> Waiting[None]:
        """Does what a message says; yields while it waits for other workers."""
        self.cancelled, self.begun = False, time.perf_counter()
        for command in messages.commands(message):
            yield from self.work_for(command)
        self.worked += time.perf_counter() - self.begun

    def work_for(self, command: Command) -> Waiting[None]:
        """Obeys one command, and keeps what it does for a trace if there is one."""
        tracing = self.tracing
        return self.one(command) if tracing is None else tracing.overheard(self.one(command), command, self.group)

    def one(self, command: Command) -> Waiting[None]:
        """Obeys one command. What goes wrong is kept for the next report."""
        number = getattr(command, "number", 0)
        try:
            match command:
                case Define(definitions):
                    for definition in definitions:
                        ops.define(definition)
                case Teach() | Describe():
                    self.plans[command.plan] = command
                case RunPlan() | Assign() | CallKernel() | CallFunction() if self.cancelled:
                    raise Cancelled
                case RunPlan():
                    yield from self.run(command)
                case Assign():
                    yield from self.assign(command)
                case Put():
                    yield from self.shielded(self.put(command))
                case Get():
                    self.give(command)
                case CallKernel():
                    yield from self.call(command)
                case OpenDoor():
                    self.functions.door.open()
                case Learn(function, content):
                    self.functions.learn(function, content)
                case CallFunction():
                    yield from self.call_function(command)
                case Drop(arrays, plans, strips):
                    self.strips.drop(strips, arrays, self.transport)
                    for array in arrays:
                        self.arrays.pop(array, None)
                    for plan in plans:
                        self.plans.pop(plan, None)
                        self.functions.forget(plan)
                case Keep():
                    yield from self.shielded(self.keeping.keep(command, self.array, self.group))
                case Recall():
                    self.moving.carried.clear()
                    yield from self.shielded(self.keeping.recall(command, self.arrays, self.group))
                case Carry():
                    self.moving.carry(command, self.array)
                case Resume():
                    yield from self.shielded(self.moving.resume(command, self.arrays, self.group))
                case Relay():
                    yield from self.shielded(self.moving.relay(command, self.arrays, self.array, self.group))
                case Configure(settings, trace, steady):
                    config.set(**settings)
                    self.worker.executor.steady = steady
                    self.trace(trace)
        except (Abandoned, GeneratorExit):
            raise
        except KeyboardInterrupt:  # where workers live in the driver's process
            if isinstance(command, Work):
                self.failed(command, number, Cancelled())
            raise
        except BaseException as problem:
            self.failed(command, number, problem)
        if isinstance(command, Question) and command.heard != UNASKED:
            yield from self.shielded(self.report(command))

    def shielded(self, work: Waiting[None]) -> Waiting[None]:
        """Does to its end what is not computing: the program gave an array away, or somebody waits for a report."""
        for _ in work:
            try:
                yield
            except Cancelled:
                self.cancelled = True

    def spoiled(self, command: Command) -> Waiting[None]:
        """What is left to do for a command in whose middle an interrupt ended the work."""
        if isinstance(command, Work):
            self.failed(command, command.number, Cancelled())
        if isinstance(command, Question) and self.reported < command.number:
            yield from self.shielded(self.report(command))

    def failed(self, command: Command, number: int, problem: BaseException) -> None:
        """Remembers a failure, and spares the others waiting for this worker."""
        lost = tuple(command.results) if isinstance(command, RunPlan | Assign | CallKernel) else ()
        if isinstance(command, Put):
            lost = (command.array,)
        if isinstance(command, Recall):
            lost = tuple([array.number for array in command.arrays])
        self.cancelled = self.cancelled or isinstance(problem, Cancelled)
        self.strips.missed = True
        if isinstance(command, RunPlan):
            self.strips.belong(command)
        reason = _reason(problem)
        for array in lost:
            self.arrays[array] = reason
        where = f"on worker {self.rank} (process {os.getpid()} on {platform.node()})"
        cause = not isinstance(problem, Poison | Missing)
        notes = (f"{where}:\n{_trace(problem)}",) if cause and not isinstance(problem, Cancelled) else ()
        text = str(problem) if cause else reason
        if isinstance(problem, builtins.MemoryError):
            text = f"{text or 'Out of memory'} {where}"
        code = (problem.errno or 0) if isinstance(problem, OSError) else 0
        self.fail(number, Problem(_kind(problem), text, notes, lost, number, cause, code))

    def fail(self, number: int, problem: Problem) -> None:
        """Keeps a problem for the next report, and tells the others."""
        self.problems.append(problem)
        for peer in range(self.group.size):
            if peer != self.rank:
                self.transport.post(peer, number << TAG_BITS, None)

    def array(self, number: int) -> Block:
        """An array of this worker's."""
        found = self.arrays.get(number, INTERRUPTED)
        if isinstance(found, str):
            raise Missing(found)
        return found

    def run(self, command: RunPlan) -> Waiting[None]:
        """Runs a plan."""
        self.transport.forget(command.number << TAG_BITS)
        prepared = self.plans[command.plan]
        assert not isinstance(prepared, Describe)
        if isinstance(prepared, Teach):
            made = worker_plan(prepared.program, prepared.exact, prepared.sharing, self.rank)
            if config.current().verify:
                blocks = [part.block(self.rank) for part in prepared.sharing.inputs]
                verify(made, None, [prod(block.extent) for block in blocks])
            prepared = self.plans[command.plan] = prepare(made)
        self.strips.belong(command)
        inputs = [self.array(number) if number else _NOTHING for number in command.inputs]
        results = yield from self.follow(prepared, command, inputs)
        for number, block in zip(command.results, results, strict=True):
            if number:
                self.arrays[number] = block

    def assign(self, command: Assign) -> Waiting[None]:
        """Computes this worker's part of an assignment."""
        self.transport.forget(command.number << TAG_BITS)
        lesson = self.plans[command.plan]
        assert isinstance(lesson, Describe)
        blocks = [self.array(number) for number, _ in command.inputs]
        ready, memory = self.assigning.prepared(command, lesson.template, blocks)
        yield from self.follow(ready, command, memory)
        self.arrays[command.results[0]] = blocks[0]

    def follow(self, prepared: Prepared, command: RunPlan | Assign, inputs: list[Block]) -> Waiting[list[Block]]:
        """Follows a plan; gives its results."""
        scalars = [np.frombuffer(raw, messages.dtype_named(name))[0] for name, raw in command.scalars]
        run = JointRun(self.worker, prepared, inputs, scalars, self.group, command.number)
        if isinstance(command, RunPlan) and command.strips:
            run.keep(self.strips, command.strips)
        yield from run.follow()
        self.flags |= dict.fromkeys((command.number, *flag) for flag in run.flags)
        return run.results()

    def put(self, command: Put) -> Waiting[None]:
        """Takes an array of the driver's, or this worker's block of one."""
        dtype = messages.dtype_named(command.dtype)
        extent = command.partition.block(self.rank).extent
        held = self.group.memory(extent, dtype)
        if command.partition.replicated:
            held[...] = np.frombuffer(command.content, dtype).reshape(extent)
        elif held.size:
            message = yield from self.group.receive(self.group.size, command.number << TAG_BITS)
            held[...] = message.view(dtype).reshape(extent)
        self.arrays[command.array] = self.worker.pool.adopt(held)

    def give(self, command: Get) -> None:
        """Sends the driver what this worker holds of a box."""
        owners = list(command.partition.owners(command.box))
        if self.rank not in owners:
            return
        dtype = messages.dtype_named(command.dtype)
        block = command.partition.block(self.rank)
        memory = self.array(command.array).array(dtype, block.extent)
        part = memory[_inside(command.box, block)]
        driver = self.group.size
        self.transport.post(driver, (command.number << TAG_BITS) + DATA, self.group.packed(driver, part))

    def call(self, command: CallKernel) -> Waiting[None]:
        """Runs a kernel that all workers run together."""
        pieces = [piece_of(self.array(n), dtype, part, self.rank) for n, dtype, part in command.inputs]
        self.group.tag = (command.number << TAG_BITS) + DATA
        steps = run(command.function, self.group, command.small, pieces, command.params)
        flags: list[tuple[int, str]] = []
        with timed(command.function):
            made = yield from watched(steps, told(command.function, command.params), flags)
        self.flags |= dict.fromkeys((command.number, *flag) for flag in flags)
        for number, piece in zip(command.results, made, strict=True):
            self.arrays[number] = self.worker.pool.adopt(np.ascontiguousarray(piece.array))
        self.made = tuple(Made(piece.array.dtype.str[1:], piece.partition) for piece in made)

    def call_function(self, command: CallFunction) -> Waiting[None]:
        """Calls a function of Python that all workers call together; the driver gets the outcome."""
        parts = [Part(self.array(n), messages.dtype_named(d), part, self.rank) for n, d, part in command.inputs]
        self.group.tag = (command.number << TAG_BITS) + DATA
        driver, tag = self.group.size, self.group.tag
        called = self.functions.called(command.function, command.arguments, parts, self.group, self.transport)
        outcome = yield from called
        self.transport.post(driver, tag, np.frombuffer(outcomes.encode(outcome), np.uint8))
        if isinstance(outcome, outcomes.Raised):
            self.fail(command.number, Problem(outcome.kind, outcome.text, (outcome.trace,), (), command.number))

    def report(self, question: Question) -> Waiting[None]:
        """Tells the driver what happened, together with what happened further down the tree."""
        told = () if self.tracing is None else (self.tracing.taken(),)
        now = time.perf_counter()
        worked, self.worked, self.begun = self.worked + now - self.begun, 0.0, now
        own = Report(tuple(self.flags), tuple(self.problems), (), told, worked)
        self.unheard = [told for told in self.unheard if told[0] > question.heard] + [(question.number, own)]
        self.flags.clear()
        self.problems = []
        report = functools.reduce(joined, [told for _, told in self.unheard], Report((), (), self.made))
        self.made = ()
        size, tag, step = self.group.size, report_tag(question.number), 1
        parent = size
        while size > MOST_REPORTS and step < size:
            if self.rank & step:
                parent = self.rank - step
                break
            if self.rank + step < size:
                message = yield from self.group.receive(self.rank + step, tag)
                report = joined(report, messages.report(message.tobytes()))
            step *= 2
        self.reported = question.number
        self.transport.post(parent, tag, np.frombuffer(messages.encode(report), np.uint8))

    def trace(self, which: str) -> None:
        """Begins or ends to keep what this worker does, for a trace on the driver: of "no", "some" or "all" runs."""
        if which == ("no" if self.tracing is None else self.tracing.trace):
            return
        if self.tracing is not None:
            self.tracing.close()
            self.tracing = None
            self.transport = getattr(self.transport, "plain", self.transport)
        if which != "no":
            self.tracing = Overhearing(self.rank, which)
            self.transport = Watched(self.transport)
        self.group.transport = self.transport


def report_tag(number: int) -> int:
    """The tag of the reports that answer a question."""
    return (number + REPORTS) << TAG_BITS


def joined(a: Report, b: Report) -> Report:
    """Two reports as one."""
    flags = tuple(dict.fromkeys((*a.flags, *b.flags)))
    worked = max(a.worked, b.worked)
    return Report(flags, (*a.problems, *b.problems), a.made or b.made, (*a.events, *b.events), worked)


def _inside(box: Box, block: Box) -> Any:
    """The key of the part of a block that lies in a box; it gives an array, not a scalar."""
    slices = [
        slice(max(s - t, 0), min(s + n, t + m) - t)
        for s, n, t, m in zip(box.start, box.extent, block.start, block.extent, strict=True)
    ]
    return (*slices, ...)


def _reason(problem: BaseException) -> str:
    """Why an array has no value, after this."""
    if isinstance(problem, Poison):
        return "Its computation failed on another worker."
    if isinstance(problem, Missing):
        return str(problem)
    return INTERRUPTED if isinstance(problem, Cancelled) else f"{type(problem).__name__}: {problem}"


def _kind(problem: BaseException) -> str:
    """The name of an exception's class; of one that the driver does not know, of the class that it is made from."""
    for kind in type(problem).__mro__:
        if any(getattr(place, kind.__name__, None) is kind for place in (errors, builtins, np.exceptions, np.linalg)):
            return type(problem).__name__ if kind is Exception else kind.__name__
    return type(problem).__name__


def _trace(problem: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(problem)).rstrip()
    except builtins.MemoryError:
        return repr(problem)


def serve(member: Member, next_command: Callable[[], bytes | None]) -> None:
    """A worker's life: one command after the other, until there are no more."""
    while True:
        try:
            command = next_command()
            if command is None:
                return
            work_off(member.obey(command), member.transport)
        except Abandoned:
            member.reset()


def work_off(work: Generator[None, None, Any], transport: Transport) -> None:
    """Follows a generator to its end, and waits wherever it waits."""
    try:
        next(work)
        while True:
            try:
                transport.wait()
            except Cancelled as wish:
                work.throw(wish)
            else:
                next(work)
    except StopIteration:
        return


__all__ = ["DATA", "Member", "joined", "report_tag", "serve", "work_off"]
