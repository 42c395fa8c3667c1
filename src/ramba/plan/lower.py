"""From groups of statements to steps: slots for entries, kernels, and the folding of what tiles leave."""

from __future__ import annotations

from math import prod

from ramba.graph import Program
from ramba.plan.fuse import Group
from ramba.plan.inline import Choice
from ramba.plan.kernel import build, partials
from ramba.plan.memory import with_frees
from ramba.plan.step import Access, Allocate, Call, Combine, Kernel, Plan, Step, Whole


class Lowering:
    """Turns groups into steps, and gives entries their slots."""

    def __init__(self, program: Program, choice: Choice) -> None:
        self.program = program
        self.choice = choice
        stored = [n for n, entry in enumerate(program.entries) if entry.kind == "stored"]
        self.slots = {number: slot for slot, number in enumerate(stored)}  # entry -> slot
        self.inputs = self.next = len(stored)
        self.steps: list[Step] = []
        self.written: set[int] = set()  # slots of inputs

    def lower(self, group: Group, over: dict[int, int]) -> None:
        """Adds the steps of one group."""
        entries = self.program.entries
        readable = dict(self.slots)
        targets: dict[int, int] = {}
        fresh: set[int] = set()
        for statement in group.statements:
            number = statement.entry
            if number in over:
                targets[number] = self.slots[number] = self.slots[over[number]]
                if self.slots[number] < self.inputs:
                    self.written.add(self.slots[number])
            else:
                if number not in self.slots:
                    self.slots[number] = self.take(number)
                    fresh.add(self.slots[number])
                targets[number] = self.slots[number]
        if group.library:
            self.call(group, targets)
        elif 0 not in group.domain and any(entries[s.entry].kind != "empty" for s in group.statements):
            self.kernel(group, readable, targets, fresh)

    def room(self, number: int) -> int:
        """Elements of an entry."""
        return prod(self.program.entries[number].shape)

    def take(self, number: int) -> int:
        """Memory for an entry."""
        return self.allocate(self.program.entries[number].dtype, self.room(number))

    def allocate(self, dtype: str, count: int) -> int:
        """A new slot with memory."""
        slot = self.next
        self.next += 1
        self.steps.append(Allocate(slot, dtype, count))
        return slot

    def call(self, group: Group, targets: dict[int, int]) -> None:
        """A library call."""
        (statement,) = group.statements
        entry = self.program.entries[statement.entry]
        inputs = []
        for arg in entry.args:
            assert arg.view is not None
            inputs.append(Whole(self.slots[arg.number], self.program.entries[arg.number].dtype, arg.view))
        target = targets[statement.entry]
        self.steps.append(Call(entry.op, target, entry.dtype, entry.shape, tuple(inputs), entry.detail))

    def kernel(self, group: Group, readable: dict[int, int], targets: dict[int, int], fresh: set[int]) -> None:
        """A fused kernel."""
        body = build(self.program, group, readable, targets, self.choice.within)
        entry_at = {targets[s.entry]: s.entry for s in reversed(group.statements)}
        counts = {}
        for _, operand, _ in body.folds:
            place = body.places[operand]
            assert not isinstance(place, int)
            counts[operand] = prod(self.program.entries[entry_at[place[0]]].shape)
        self.steps += combined(self, body.kernel(fresh), counts)

    def finish(self) -> Plan:
        """The plan."""
        results = tuple(self.slots[root] for root in self.program.roots)
        return with_frees(self.inputs, self.steps, results, tuple(sorted(self.written)))


def combined(lowering: Lowering, kernel: Kernel, counts: dict[int, int]) -> list[Step]:
    """A kernel, and what folds the partial results of its tiles; ``counts`` are the elements of each folded result."""
    blocks = partials(kernel)
    if not kernel.spec.folds or blocks == 1:
        return [kernel]
    accesses = list(kernel.accesses)
    combines: list[Step] = []
    for fold in kernel.spec.folds:
        place = accesses[fold.operand]
        assert isinstance(place, Access)
        dtype, count = kernel.spec.operands[fold.operand].dtype, counts[fold.operand]
        slot = lowering.allocate(dtype, blocks * count)
        combines.append(Combine(fold.op, slot, blocks, place.slot, dtype, count))
        accesses[fold.operand] = Access(slot, 0, place.strides)
    return [kernel._replace(accesses=tuple(accesses)), *combines]


__all__ = ["Lowering", "combined"]
