"""From groups of statements to steps: slots for entries, kernels, and the folding of what tiles leave."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ramba.graph import EmptyEntry, LibraryEntry, Program, StoredEntry
from ramba.layout.partition import Partition, replicated
from ramba.plan.fuse import Fusion
from ramba.plan.inline import Choice
from ramba.plan.kernel import build, partials
from ramba.plan.memory import with_frees
from ramba.plan.step import Access, Allocate, Call, Combine, Kernel, Plan, Source, Step, Target

EVERYTHING = 1 << 62  # elements: in one process every array is whole


class Lowering:
    """Turns groups into steps, and gives entries their slots."""

    def __init__(self, program: Program, choice: Choice) -> None:
        self.program = program
        self.choice = choice
        stored = [n for n, entry in enumerate(program.entries) if type(entry) is StoredEntry]
        self.slots = {number: slot for slot, number in enumerate(stored)}  # entry -> slot
        self.inputs = self.next = len(stored)
        self.steps: list[Step] = []
        self.written: set[int] = set()  # slots of inputs
        self.called: set[int] = set()  # entries that a call has given a value

    def lower(self, group: Fusion, over: dict[int, int]) -> None:
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
            (statement,) = group.statements
            if statement.entry not in self.called:
                self.call(statement.entry)
        elif 0 not in group.domain and not all(type(entries[s.entry]) is EmptyEntry for s in group.statements):
            self.kernel(group, readable, targets, fresh)

    def room(self, number: int) -> int:
        """Elements of an entry."""
        return prod(self.program.entries[number].shape)

    def lying(self, number: int) -> Partition:
        """How an entry lies: in one process, as a whole."""
        return replicated(self.program.entries[number].shape)

    def take(self, number: int) -> int:
        """A slot for an entry, with memory: but a call brings its own."""
        entry = self.program.entries[number]
        if type(entry) is not LibraryEntry:
            return self.allocate(entry.dtype, self.room(number))
        self.next += 1
        return self.next - 1

    def allocate(self, dtype: str, count: int) -> int:
        """A new slot with memory."""
        slot = self.next
        self.next += 1
        self.steps.append(Allocate(slot, dtype, count))
        return slot

    small = EVERYTHING
    round = 0

    def call(self, number: int) -> None:
        """A call of a kernel, with all its results that somebody wants."""
        entries = self.program.entries
        entry = entries[number]
        assert isinstance(entry, LibraryEntry)
        wanted = {
            other.result: n
            for n, other in enumerate(entries)
            if type(other) is LibraryEntry and _of_one_call(other, entry) and n in self.choice.stored
        }
        self.called |= set(wanted.values())
        targets = []
        for result, (dtype, shape) in enumerate(entry.types):
            known = wanted.get(result)
            if known is None:
                targets.append(Target(-1, dtype, replicated(shape), 0))
                continue
            if known not in self.slots:
                self.slots[known] = self.take(known)
            targets.append(Target(self.slots[known], dtype, self.lying(known), self.room(known)))
        inputs = []
        for arg in entry.args:
            lying, count = self.lying(arg.number), self.room(arg.number)
            if lying.replicated:
                lying, count = replicated(arg.view.shape), arg.view.size
            inputs.append(Source(self.slots[arg.number], entries[arg.number].dtype, arg.view, lying, count))
        self.steps.append(Call(entry.function, tuple(targets), tuple(inputs), entry.params, self.small, self.round))

    def kernel(self, group: Fusion, readable: dict[int, int], targets: dict[int, int], fresh: set[int]) -> None:
        """A fused kernel."""
        body = build(self.program, group, readable, targets, self.choice.within)
        entry_at = {targets[s.entry]: s.entry for s in reversed(group.statements)}
        counts = {}
        for _, operand, _ in body.folds:
            place = body.places[operand]
            assert not isinstance(place, int)
            counts[operand] = prod(self.program.entries[entry_at[place[0]]].shape)
        self.steps += combined(self, [part.kernel(fresh) for part in body.parts()], counts)

    def finish(self) -> Plan:
        """The plan."""
        results = tuple(self.slots[root] for root in self.program.roots)
        return with_frees(self.inputs, self.steps, results, tuple(sorted(self.written)))


def _of_one_call(entry: LibraryEntry, other: LibraryEntry) -> bool:
    """Whether two entries are results of one call."""
    return entry.function == other.function and entry.args == other.args and entry.params == other.params


def combined(lowering: Lowering, kernels: Sequence[Kernel], counts: dict[int, int]) -> list[Step]:
    """Kernels of one body, and what folds the partial results of their tiles.

    ``counts`` are the elements of each folded result.
    """
    spec = kernels[0].spec
    if not spec.folds:
        return list(kernels)
    blocks = [partials(kernel, next(iter(counts.values()))) for kernel in kernels]
    if sum(blocks) == 1:
        return list(kernels)
    accesses = [list(kernel.accesses) for kernel in kernels]
    combines: list[Step] = []
    for fold in spec.folds:
        place = accesses[0][fold.operand]
        assert isinstance(place, Access)
        dtype, count = spec.operands[fold.operand].dtype, counts[fold.operand]
        slot = lowering.allocate(dtype, sum(blocks) * count)
        combines.append(Combine(fold.op, slot, sum(blocks), place.slot, dtype, count))
        for number, own in enumerate(accesses):
            own[fold.operand] = place._replace(slot=slot, offset=sum(blocks[:number]) * count)
    made = [kernel._replace(accesses=tuple(own)) for kernel, own in zip(kernels, accesses, strict=True)]
    return [*made, *combines]


__all__ = ["Lowering", "combined"]
