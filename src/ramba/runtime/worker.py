"""A worker: follows the steps of a plan on blocks of memory. It decides nothing and talks to nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from ramba import events
from ramba.kernels import Alone, Piece, alone, run, told
from ramba.kernels.group import Group, Waiting
from ramba.kernels.pairwise import fold
from ramba.layout import View, replicated
from ramba.ops import OPS
from ramba.plan import Allocate, Call, Combine, Copy, Free, Kernel, Merge, Plan, Step, culprits
from ramba.plan.fp_flags import FLAGS
from ramba.plan.lower import EVERYTHING
from ramba.runtime.call import Damage
from ramba.runtime.executor import Executor, Flags
from ramba.runtime.launch import Launch
from ramba.runtime.pool import Block, Pool
from ramba.runtime.team import current

T = TypeVar("T")
Ready: TypeAlias = Launch | int | None  # of a kernel; the bytes of an allocation; of all other steps, nothing


class Prepared(NamedTuple):
    """A plan with its kernels made ready to launch."""

    plan: Plan
    steps: tuple[tuple[Step, Ready], ...]


def prepare(plan: Plan) -> Prepared:
    """Works out, once, what every run of a plan needs."""
    return Prepared(plan, tuple([(step, _ready(step)) for step in plan.steps]))


def _ready(step: Step) -> Ready:
    if isinstance(step, Kernel):
        return Launch(step)
    if isinstance(step, Allocate):
        return max(step.size, 1) * np.dtype(step.dtype).itemsize
    return None


class Worker:
    """Blocks by slot, kernels by spec, and one step after the other."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.executor = Executor(self.pool)

    def group(self) -> Alone:
        """This worker as a group of one."""
        return Alone(current(), self.pool.memory)

    def call(
        self, function: str, arrays: Sequence[np.ndarray], params: tuple[Any, ...]
    ) -> tuple[list[np.ndarray], list[tuple[int, str]]]:
        """What a kernel makes of whole arrays, and the floating-point flags that it raised."""
        pieces = [Piece(array, replicated(array.shape)) for array in arrays]
        flags: list[tuple[int, str]] = []
        with timed(function):
            steps = run(function, self.group(), EVERYTHING, pieces, params)
            made = alone(watched(steps, told(function, params), flags))
        return [np.asarray(piece.array, order="C") for piece in made], flags

    def follow(
        self, prepared: Prepared, inputs: Sequence[Block], scalars: Sequence[np.generic], damaged: Damage
    ) -> tuple[list[Block], list[tuple[int, str]]]:
        """Runs a plan; gives the blocks of its results, and which floating-point flags kernels raised in what.

        Parameters
        ----------
        damaged
            Gets the slots of inputs that a step has begun to write over: what is lost if a later step fails.
        """
        run = StepRun(self, prepared.plan, inputs, scalars)
        if prepared.plan.written:
            run.damaged = set()
        if self.pool.spill is not None:
            self.pool.spill.pressing = False
        done = 0
        try:
            for step, ready in prepared.steps:
                run.step(step, ready)
                done += 1
        except BaseException:
            if run.damaged:
                damaged.update(slot for slot in run.damaged if slot < prepared.plan.inputs)
                damaged.complete = run.complete(prepared.steps[done:])
            raise
        return run.results(), run.flags


def seen(block: Block, dtype: np.dtype, view: View) -> np.ndarray:
    """Memory as an array, through a view."""
    size = dtype.itemsize
    if 0 in view.shape:
        return np.empty(view.shape, dtype)
    return block.array(dtype, view.shape, view.offset * size, tuple(s * size for s in view.strides))


def watched(steps: Waiting[T], name: str, found: list[tuple[int, str]]) -> Waiting[T]:
    """A kernel's steps; the floating-point flags that NumPy reports within them are found in place of warnings."""
    flags = Flags()
    try:
        while True:
            # only from one wait to the next: meanwhile others take their turn in the same context
            with np.errstate(call=flags, all="call"):  # the team's threads get it from here
                try:
                    next(steps)
                except StopIteration as end:
                    made: T = end.value
                    return made
            yield
    finally:
        steps.close()
        found += [(bit, name) for bit, _ in FLAGS if flags.raised & bit]


@contextmanager
def timed(function: str) -> Iterator[None]:
    """Tells who listens when a kernel is called, and how long it took."""
    heard, begin = bool(events.run_listeners), time.perf_counter()
    if heard:
        events.tell_run(events.Working(function))
    try:
        yield
    finally:
        if heard:
            events.tell_run(events.Called(function, time.perf_counter() - begin))


class StepRun:
    """The state of one run of a plan."""

    def __init__(self, worker: Worker, plan: Plan, inputs: Sequence[Block], scalars: Sequence[np.generic]) -> None:
        room = plan.slots - len(inputs)
        self.plan = plan
        self.worker = worker
        self.blocks: list[Block | None] = [*inputs, *([None] * room)]
        self.addresses = [block.address for block in inputs] + [0] * room
        self.scalars = scalars
        self.flags: list[tuple[int, str]] = []
        self.damaged: set[int] | None = None  # slots that were written, where somebody wants to know

    def results(self) -> list[Block]:
        """The blocks of the plan's results."""
        return [self.block(slot) for slot in self.plan.results]

    def complete(self, left: Sequence[tuple[Step, Ready]]) -> dict[int, Block]:
        """The blocks of results that no step writes that is left."""
        begun: set[int] = set()
        for step, ready in left:
            match step:
                case Kernel():
                    begun |= cast(Launch, ready).writes
                case Call():
                    begun.update(target.slot for target in step.targets)
                case Allocate():
                    begun.add(step.slot)
                case Combine() | Copy() | Merge():
                    begun.add(step.target)
        written = [slot for slot in self.plan.results if slot >= self.plan.inputs or slot in (self.damaged or ())]
        return {slot: block for slot in written if slot not in begun and (block := self.blocks[slot]) is not None}

    def step(self, step: Step, ready: Ready) -> None:
        """Does one step."""
        kind = type(step)  # the frequent ones first, in the quickest way: they are most of what a flush costs
        if kind is Kernel:
            flags = self.worker.executor.run(
                cast(Launch, ready), self.addresses, self.blocks, self.scalars, self.damaged
            )
            if flags:
                self.flags += culprits(cast(Kernel, step), flags)
        elif kind is Free:
            self.blocks[cast(Free, step).slot] = None
        elif kind is Allocate:
            self.put(cast(Allocate, step).slot, self.worker.pool.take(cast(int, ready)))
        else:
            self.rarer(step)

    def rarer(self, step: Step) -> None:
        match step:
            case Call():
                self.call(step)
            case Combine(op, source, count, target, dtype, width):
                partial = self.block(source).array(np.dtype(dtype), (count, width))
                self.block(target).array(np.dtype(dtype), (width,))[...] = fold(OPS[op].numpy, partial)
            case Copy(source, source_view, target, target_view, dtype):
                self.elements(target, target_view, dtype)[...] = self.elements(source, source_view, dtype)
            case Merge(op, source, target, view, dtype, first):
                found, part = self.elements(target, view, dtype), self.block(source).array(np.dtype(dtype), view.shape)
                if first:
                    found[...] = part
                else:
                    with np.errstate(all="ignore"):
                        OPS[op].numpy(found, part, out=found)
            case _:
                raise AssertionError(f"a step for several workers: {step}")

    def put(self, slot: int, block: Block) -> None:
        """Gives a slot memory."""
        self.blocks[slot] = block
        self.addresses[slot] = block.address

    def block(self, slot: int) -> Block:
        block = self.blocks[slot]
        assert block is not None
        return block

    def elements(self, slot: int, view: View, name: str) -> np.ndarray:
        """A slot as an array, through a view."""
        return seen(self.block(slot), np.dtype(name), view)

    def call(self, step: Call) -> None:
        """A kernel, in a group of one."""
        pieces = [Piece(self.elements(s.slot, s.view, s.dtype), s.partition) for s in step.inputs]
        alone(self.called(step, self.worker.group(), pieces))

    def called(self, step: Call, group: Group, pieces: list[Piece]) -> Waiting[None]:
        """A kernel, whose results become the memory of its targets."""
        targets = [target.partition for target in step.targets]
        with timed(step.function):
            steps = run(step.function, group, step.small, pieces, step.params, targets)
            made = yield from watched(steps, told(step.function, step.params), self.flags)
        for target, piece in zip(step.targets, made, strict=True):
            if target.slot >= 0:
                self.put(target.slot, self.worker.pool.adopt(np.ascontiguousarray(piece.array)))
