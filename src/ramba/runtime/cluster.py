"""The driver of a group of workers: a backend over any link."""

from __future__ import annotations

import contextlib
import itertools
import os
import weakref
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np

from ramba import config
from ramba.graph import Program, Stored
from ramba.kernels import KERNELS
from ramba.layout import Box, Partition, partition, replicated
from ramba.plan import Assignment, Sharing, results_of, worker_plan
from ramba.runtime import messages
from ramba.runtime.call import Damage, Input, Made
from ramba.runtime.flights import Flight, Recipe, lost_ones
from ramba.runtime.member import DATA
from ramba.runtime.messages import UNASKED, Assign, CallFunction, CallKernel, Describe, Get, Put, RunPlan, Teach
from ramba.runtime.pool import Block
from ramba.runtime.python.carriage import carried
from ramba.runtime.python.outcomes import Raised, decode, exception_of, result_of
from ramba.runtime.python.values import Refer, pack
from ramba.runtime.recovery import MOST_TOGETHER, asked_again
from ramba.runtime.resizing import Resizable
from ramba.runtime.sharded import Sharded
from ramba.runtime.taught import Job
from ramba.runtime.transport import TAG_BITS, Link

MOST_POINTS = 1 << 16  # elements that small commands compute: more are worth a message at once


class Cluster(Resizable):
    """Workers behind a link, as the engine's backend."""

    distributed = True

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        _clusters.add(self)

    # -- what the engine asks

    def prepare(self, program: Program, exact: bool, inputs: Sequence[Block | Sharded]) -> Job:
        """Plans a program for arrays that lie like these, and teaches it to the workers."""
        lying = tuple(_sharded(block).partition for block in inputs)
        return self.job(program, exact, Sharing(self.size, config.current().eager_size, lying))

    def job(self, program: Program, exact: bool, sharing: Sharing) -> Job:
        """Plans a program."""
        made = worker_plan(program, exact, sharing, 0)
        return Job(made, Teach(next(self.numbers), program, exact, sharing), results_of(program, exact, sharing))

    def key(self, inputs: Sequence[Block | Sharded]) -> object:
        """What a plan depends on besides the program."""
        self.mend()
        return tuple(_sharded(block).partition for block in inputs), config.current().eager_size

    def hold(self, node: Stored) -> Any:
        """A stored value where the workers can use it: the driver's arrays are sent to them."""
        block = node.storage.block
        if isinstance(block, Sharded):
            self.restore([block])
        if block is None or isinstance(block, Sharded):
            return block
        small = config.current().eager_size
        lying = partition(node.shape, self.size, small)
        moved = not node.storage.foreign and not lying.replicated
        made = self.put(block.array(node.dtype, node.shape), lying, private=moved)
        if moved:
            node.storage.block = made
        return made

    def follow(
        self,
        job: Job | Assignment,
        inputs: Sequence[Block | Sharded],
        scalars: Sequence[np.generic],
        damaged: Damage,
        state: object,
    ) -> list[Block | Sharded]:
        """Has the workers run a plan, or an assignment; gives the names of its results."""
        held = [_sharded(block) for block in inputs]
        self.mend()
        if len(self.flights) >= self.ahead:
            self.sync()
            self.restore(held)
        if isinstance(job, Assignment):
            return [self.assign(job, held, damaged, state)]
        return self.launch(job, held, scalars, damaged, state)

    def launch(
        self,
        job: Job,
        inputs: Sequence[Sharded | None],
        scalars: Sequence[np.generic],
        damaged: Damage,
        state: object,
    ) -> list[Any]:
        """The same; where nothing is read, the input may be None."""
        number = next(self.numbers)
        read = tuple(0 if block is None else block.number for block in inputs)
        known = tuple(None if block is None else weakref.ref(block) for block in inputs)
        made: dict[int, Sharded] = {}
        recipes: list[Recipe] = []
        blocks: list[Any] = []
        results = []
        for root, slot, (dtype, part) in zip(job.teach.program.roots, job.plan.results, job.results, strict=True):
            fresh = slot >= job.plan.inputs or slot in job.plan.written
            first = fresh and slot not in made
            if first:
                made[slot] = self.name(np.dtype(dtype), part)
                recipes.append(Recipe(job.teach, root, known, tuple(scalars), state))
            blocks.append(made[slot] if fresh else inputs[slot])
            results.append(made[slot].number if first else 0)
        damaged.update(job.plan.written)
        for block in [inputs[slot] for slot in job.plan.written]:
            if block is not None:
                block.lose("It was written over.")  # a traceback may still hold it
        self.states[number] = state
        self.taught.teach(job.teach, self.waiting)
        named = tuple(array.number for array in made.values())
        self.flights.add(Flight(number, self.next_message(), read, named, tuple(recipes)))
        plan = job.plan
        strips = self.kept_strips.kept(job.teach.plan, plan, inputs, self.size, self.spare) if plan.exchanges else ()
        run = RunPlan(number, job.teach.plan, read, tuple(results), messages.raw(scalars), strips)
        self.note(run, job.teach)
        self.waiting.append(run)
        self.send()
        return blocks

    def assign(self, work: Assignment, inputs: Sequence[Sharded], damaged: Damage, state: object) -> Sharded:
        """Has the workers compute a template into a part of the first input; gives its new name."""
        number, target = next(self.numbers), inputs[0]
        plan = self.taught.describe(work.template, self.numbers, self.waiting)
        made = self.name(target.dtype, target.partition)
        damaged.add(0)
        target.lose("It was written over.")
        self.states[number] = state
        self.flights.add(Flight(number, self.next_message(), tuple(a.number for a in inputs), (made.number,)))
        read, scalars = tuple((array.number, array.partition) for array in inputs), messages.raw(work.scalars)
        assign = Assign(number, plan, read, (made.number,), work.views, scalars)
        self.note(assign, Describe(plan, work.template))
        self.waiting.append(assign)
        self.named += (made, *inputs)
        self.points += work.views[0].size
        if len(self.waiting) >= MOST_TOGETHER or self.points >= MOST_POINTS:
            self.send()
        return made

    @asked_again
    def sync(self) -> None:
        """Waits until the workers have done everything."""
        self.mend()
        self.ask(self.fence())

    @property
    def hosts(self) -> int:
        """Hosts on which workers hold arrays."""
        return len({facts.host for facts in self.link.members})

    # -- arrays

    def name(self, dtype: np.dtype, part: Partition, number: int = 0) -> Sharded:
        """A name for an array that the next command makes; of one that was made, its number is known."""
        made = Sharded(number or next(self.numbers), dtype, part, self.get, self.dropped.append)
        self.arrays[made.number] = made
        return made

    def put(self, array: np.ndarray, part: Partition, private: bool = False) -> Sharded:
        """Sends an array of the driver's to the workers; of a private one nobody changes the memory any more."""
        self.mend()
        made, number = self.name(array.dtype, part), next(self.numbers)
        content = array.tobytes() if part.replicated else b""
        kept = self.source(np.frombuffer(content, np.uint8) if content else array, private or bool(content))
        command = Put(number, made.number, array.dtype.str[1:], part, b"")
        if kept is not None:
            self.note(command, source=kept)
        if not part.replicated:
            self.post(number, array, part)
        self.waiting.append(msgspec.structs.replace(command, content=content))
        return made

    @asked_again
    def get(self, array: Sharded, box: Box) -> np.ndarray:
        """Fetches a box of an array."""
        return self.fetch(array, box)

    def fetch(self, array: Sharded, box: Box) -> np.ndarray:
        """The same; a loss is not made good."""
        self.mend()
        while True:
            self.restore([array])
            number = next(self.numbers)
            self.flights.add(Flight(number, self.next_message(), (array.number,), ()))
            self.waiting.append(Get(number, array.number, array.dtype.str[1:], array.partition, box, self.heard))
            self.ask(number)
            if array.lost is None:
                break
        out = self.pool.take(max(prod(box.extent) * array.dtype.itemsize, 1)).array(array.dtype, box.extent)
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

    def call(
        self, function: str, operands: Sequence[Input], params: tuple[Any, ...], results: int, state: object
    ) -> list[Made]:
        """Runs a kernel that all workers run together; what it raises is raised here."""
        call = self.call_again if KERNELS[function].pure else self.call_once
        return call(function, operands, params, results, state)

    def call_once(
        self, function: str, operands: Sequence[Input], params: tuple[Any, ...], results: int, state: object
    ) -> list[Made]:
        """The same, and nobody knows how it would be if it were called again."""
        inputs = [operand.block for operand in operands]
        self.mend()
        while True:
            self.restore(inputs)
            number, small = next(self.numbers), config.current().eager_size
            names = tuple(itertools.islice(self.numbers, results))
            taken = tuple((a.number, a.dtype.str[1:], a.partition) for a in inputs)
            self.flights.add(Flight(number, self.next_message(), tuple(a.number for a in inputs), names))
            self.states[number] = state
            command = CallKernel(number, function, taken, names, params, small, self.heard)
            self.waiting.append(command)
            try:
                report = self.ask(number)
            except BaseException:
                self.dropped.extend(names)
                raise
            if all(array.lost is None for array in inputs):
                break
            self.dropped.extend(names)
        if KERNELS[function].pure:
            self.note(msgspec.structs.replace(command, heard=UNASKED))
        made = [self.name(np.dtype(m.dtype), m.partition, name) for m, name in zip(report.made, names, strict=True)]
        return [Made(array, array.dtype, array.partition.shape) for array in made]

    call_again = asked_again(call_once)

    def everywhere(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        named: dict[str, Any],
        refer: Refer,
        inputs: Sequence[Any],
        writes: bool = True,
    ) -> list[Any]:
        """Has all workers call a function of Python, each with its parts of arrays; the result of each, by rank."""
        self.mend()
        travels, arguments = carried(function), pack((args, named), refer)
        self.restore(inputs)
        number, learned = next(self.numbers), self.taught.learn(travels, self.numbers, self.waiting)
        taken = tuple((a.number, a.dtype.str[1:], a.partition) for a in inputs)
        self.flights.add(Flight(number, self.next_message(), tuple(a.number for a in inputs), ()))
        command = CallFunction(number, learned, taken, arguments, self.heard)
        if writes:
            self.note(command)
        self.waiting.append(command)
        tag = (number << TAG_BITS) + DATA
        try:
            self.ask(number)
        except Exception as problem:
            raise self.original(tag, problem) from None
        with self.watching():
            found = [decode(self.receive(rank, tag).tobytes()) for rank in range(self.size)]
        return [result_of(outcome, f"on worker {rank}") for rank, outcome in enumerate(found)]

    def written(self, block: Sharded) -> Sharded:
        """Another name for an array that a function wrote to: nothing is computed any more of what it was."""
        made = self.name(block.dtype, block.partition, block.number)
        block.drop = _keep
        block.lose("It was written over.")
        return made

    def original(self, tag: int, problem: Exception) -> BaseException:
        """What a function raised on a worker, in place of what the worker's report says of it, if it is here."""
        for rank in range(self.size):
            with contextlib.suppress(Exception):
                message = self.link.transport.collect(rank, tag)
                outcome = decode(message.tobytes()) if message is not None else None
                if isinstance(outcome, Raised):
                    return exception_of(outcome, f"on worker {rank}")
        return problem

    def restore(self, arrays: Sequence[Sharded]) -> None:
        """Computes again what an interrupt kept from being computed, as far as all that it reads is there.

        Raises
        ------
        ArrayLostError
            If an array has no value, and cannot have one any more.
        """
        for array in lost_ones(arrays):
            self.compute_again(array)

    def compute_again(self, array: Sharded) -> None:
        """Computes one lost array, whose operands are there."""
        recipe: Recipe = array.recipe
        sharing = recipe.lesson.sharing
        if sharing.workers != self.size:
            lying = tuple(array.partition if array is not None else replicated(()) for array in recipe.operands() or ())
            sharing = Sharing(self.size, sharing.small, lying)
        job = self.job(recipe.program(), recipe.lesson.exact, sharing)
        (made,) = self.launch(job, recipe.operands() or (), recipe.scalars, Damage(), recipe.state)
        # under its old number the array is not known any more: late news of that must not touch it
        self.arrays.pop(array.number, None)
        array.number, made.number, array.lost, array.recipe = made.number, array.number, None, None
        array.partition = made.partition
        self.arrays[array.number] = array


def _keep(number: int) -> None:
    """Nothing is freed: there is another name."""


def _sharded(block: Block | Sharded) -> Sharded:
    assert isinstance(block, Sharded), "the workers hold what they compute with"
    return block


_clusters: weakref.WeakSet[Cluster] = weakref.WeakSet()


def _after_fork() -> None:
    for cluster in list(_clusters):
        cluster.abandon("This array lies on workers of the process that this one was forked from.")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

__all__ = ["Cluster"]
