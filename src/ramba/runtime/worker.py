"""A worker: follows the steps of a plan on blocks of memory. It decides nothing and talks to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ramba.kernels import LIBRARY
from ramba.plan import Allocate, Call, Combine, Free, Kernel, Plan, Step
from ramba.runtime.executor import Executor
from ramba.runtime.launch import Launch, scalar_words
from ramba.runtime.pool import Block, Pool
from ramba.runtime.team import current


class Prepared(NamedTuple):
    """A plan with its kernels made ready to launch."""

    plan: Plan
    steps: tuple[tuple[Step, Launch | None], ...]
    written: frozenset[int]  # slots of inputs that some step writes over


def prepare(plan: Plan) -> Prepared:
    """Works out, once, what every run of a plan needs."""
    steps = tuple((step, Launch(step) if isinstance(step, Kernel) else None) for step in plan.steps)
    written = {slot for _, launch in steps if launch is not None for slot in launch.writes}
    return Prepared(plan, steps, frozenset(slot for slot in written if slot < plan.inputs))


class Worker:
    """Blocks by slot, kernels by spec, and one step after the other."""

    def __init__(self) -> None:
        self.executor = Executor()
        self.pool = Pool()

    def follow(
        self, prepared: Prepared, inputs: Sequence[Block], scalars: Sequence[np.generic], damaged: set[int]
    ) -> tuple[list[Block], list[tuple[Kernel, int]]]:
        """Runs a plan; gives the blocks of its results, and the floating-point flags that kernels raised.

        Parameters
        ----------
        damaged
            Gets the slots of inputs that a step has begun to write over: what is lost if a later step fails.
        """
        run = _Run(self, prepared.plan, inputs, scalars)
        for step, launch in prepared.steps:
            if launch is not None:
                damaged.update(slot for slot in launch.writes if slot < prepared.plan.inputs)
            run.step(step, launch)
        blocks = [run.blocks[slot] for slot in prepared.plan.results]
        return blocks, run.flags  # type: ignore[return-value]


class _Run:
    """The state of one run of a plan."""

    def __init__(self, worker: Worker, plan: Plan, inputs: Sequence[Block], scalars: Sequence[np.generic]) -> None:
        slots = max([plan.inputs, *(s.slot + 1 for s in plan.steps if isinstance(s, Allocate))])
        room = slots - len(inputs)
        self.worker = worker
        self.blocks: list[Block | None] = [*inputs, *([None] * room)]
        self.addresses = [block.address for block in inputs] + [0] * room
        self.scalars = list(scalars)
        self.words = [scalar_words(value) for value in scalars]
        self.flags: list[tuple[Kernel, int]] = []

    def step(self, step: Step, launch: Launch | None) -> None:
        match step:
            case Kernel():
                assert launch is not None
                arrays = _Arrays(self.blocks)
                flags = self.worker.executor.run(launch, self.addresses, self.words, arrays, self.scalars)
                if flags:
                    self.flags.append((step, flags))
            case Allocate(slot, dtype, count):
                block = self.worker.pool.take(max(count, 1) * int(np.dtype(dtype).itemsize))
                self.blocks[slot] = block
                self.addresses[slot] = block.address
            case Free(slot):
                self.blocks[slot] = None
            case Call():
                self.call(step)
            case Combine(op, source, count, target, dtype, width):
                partial = self.block(source).array(np.dtype(dtype), (count, width))
                _combine(getattr(np, op), partial, self.block(target).array(np.dtype(dtype), (width,)))

    def block(self, slot: int) -> Block:
        block = self.blocks[slot]
        assert block is not None
        return block

    def call(self, step: Call) -> None:
        arrays = []
        for whole in step.inputs:
            dtype = np.dtype(whole.dtype)
            offset, shape, strides = whole.view
            size = dtype.itemsize
            if 0 in shape:
                arrays.append(np.empty(shape, dtype))
                continue
            arrays.append(self.block(whole.slot).array(dtype, shape, offset * size, tuple(s * size for s in strides)))
        out = self.block(step.target).array(np.dtype(step.dtype), step.shape)
        LIBRARY[step.function](current(), out, *arrays, *step.params)


class _Arrays:
    """The slots as flat arrays of bytes, made when the interpreter asks for one."""

    def __init__(self, blocks: list[Block | None]) -> None:
        self.blocks = blocks

    def __getitem__(self, slot: int) -> Any:
        block = self.blocks[slot]
        assert block is not None
        return block.array(np.dtype("u1"), (block.nbytes,))


def _combine(op: np.ufunc, partial: np.ndarray, target: np.ndarray) -> None:
    """Folds rows pairwise: neighbours first, an odd last row waiting for the next round."""
    with np.errstate(all="ignore"):
        while len(partial) > 1:
            even = len(partial) // 2 * 2
            folded = op(partial[0:even:2], partial[1:even:2])
            partial = folded if even == len(partial) else np.concatenate([folded, partial[-1:]])
    target[...] = partial[0]
