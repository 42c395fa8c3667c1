"""From a program to a plan: the passes, in order."""

from __future__ import annotations

from math import prod

from ramba.graph import Program
from ramba.plan.fuse import Group, fuse
from ramba.plan.inline import Choice, choose
from ramba.plan.kernel import build, partials
from ramba.plan.memory import with_frees
from ramba.plan.statement import statements
from ramba.plan.step import Access, Allocate, Call, Combine, Kernel, Plan, Step, Whole


def plan(program: Program, exact: bool = False) -> Plan:
    """Chooses what is stored, fuses the rest around it, lays it out in memory, and says when memory is free again."""
    choice = choose(program, exact)
    found, choice = statements(program, choice)
    placement = fuse(program, choice, found)
    lowering = _Lowering(program, choice)
    for group in placement.groups:
        lowering.lower(group, placement.over)
    return lowering.finish()


class _Lowering:
    """Turns groups into steps, and gives entries their slots."""

    def __init__(self, program: Program, choice: Choice) -> None:
        self.program = program
        self.choice = choice
        stored = [n for n, entry in enumerate(program.entries) if entry.kind == "stored"]
        self.slots = {number: slot for slot, number in enumerate(stored)}  # entry -> slot
        self.inputs = self.next = len(stored)
        self.steps: list[Step] = []

    def lower(self, group: Group, over: dict[int, int]) -> None:
        entries = self.program.entries
        readable = dict(self.slots)
        targets: dict[int, int] = {}
        fresh: set[int] = set()
        for statement in group.statements:
            number = statement.entry
            if number in over:
                targets[number] = self.slots[number] = self.slots[over[number]]
            else:
                if number not in self.slots:
                    self.slots[number] = self.allocate(entries[number].dtype, prod(entries[number].shape))
                    fresh.add(self.slots[number])
                targets[number] = self.slots[number]
        if group.library:
            self.call(group, targets)
        elif 0 not in group.domain and any(entries[s.entry].kind != "empty" for s in group.statements):
            self.kernel(group, readable, targets, fresh)

    def allocate(self, dtype: str, count: int) -> int:
        slot = self.next
        self.next += 1
        self.steps.append(Allocate(slot, dtype, count))
        return slot

    def call(self, group: Group, targets: dict[int, int]) -> None:
        (statement,) = group.statements
        entry = self.program.entries[statement.entry]
        inputs = []
        for arg in entry.args:
            assert arg.view is not None
            inputs.append(Whole(self.slots[arg.number], self.program.entries[arg.number].dtype, arg.view))
        target = targets[statement.entry]
        self.steps.append(Call(entry.op, target, entry.dtype, entry.shape, tuple(inputs), entry.detail))

    def kernel(self, group: Group, readable: dict[int, int], targets: dict[int, int], fresh: set[int]) -> None:
        kernel = build(self.program, group, readable, targets, fresh, self.choice.within)
        blocks = partials(kernel)
        combines = []
        if kernel.spec.folds and blocks > 1:
            accesses = list(kernel.accesses)
            for fold in kernel.spec.folds:
                place = accesses[fold.operand]
                assert isinstance(place, Access)
                dtype = kernel.spec.operands[fold.operand].dtype
                count = prod(self.program.entries[self.entry_at(group, targets, place.slot)].shape)
                slot = self.allocate(dtype, blocks * count)
                combines.append(Combine(fold.op, slot, blocks, place.slot, dtype, count))
                accesses[fold.operand] = Access(slot, 0, place.strides)
            kernel = Kernel(kernel.spec, kernel.extents, kernel.tiles, tuple(accesses), kernel.compiled)
        self.steps.append(kernel)
        self.steps += combines

    def entry_at(self, group: Group, targets: dict[int, int], slot: int) -> int:
        return next(s.entry for s in group.statements if targets[s.entry] == slot)

    def finish(self) -> Plan:
        results = tuple(self.slots[root] for root in self.program.roots)
        return with_frees(self.inputs, self.steps, results)
