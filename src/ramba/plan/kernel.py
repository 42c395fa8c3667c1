"""One group of statements as one kernel: values numbered, operands found, loops laid."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ramba.graph import EmptyEntry, FillEntry, IndexEntry, MapEntry, Program, Reading, ReduceEntry, Scalar, kind
from ramba.layout import View, compose, identity
from ramba.plan.fuse import Fusion
from ramba.plan.inline import place_within
from ramba.plan.loops import Nest, left_over, nest, tiles
from ramba.plan.spec import CACHE_LINE, Fold, Instruction, KernelSpec, Operand, Store, tile_counts
from ramba.plan.statement import Statement
from ramba.plan.step import Access, Kernel

STREAMED = 32 << 20  # bytes: so large a result leaves every cache before it is read; the stores may go around them
INDEX = -1  # the slot of an operand whose value is its own position


class _Builder:
    """Collects the operands and instructions of one kernel. Values are tagged: ("o", operand) or ("i", instruction)."""

    def __init__(self, program: Program, group: Fusion, slots: dict[int, int], within: dict[int, int]) -> None:
        self.program = program
        self.within = within
        self.group = group
        self.slots = slots
        self.operands: list[tuple[str, str]] = []  # role, dtype
        self.places: list[tuple[int, View] | int] = []  # slot and view, or the number of a scalar
        self.steps: list[tuple[str, str, tuple[tuple[str, int], ...], int]] = []
        self.values: dict[tuple[int, View | None], tuple[str, int]] = {}
        self.loads: dict[tuple[int, View | None], tuple[str, int]] = {}
        self.known: dict[tuple[str, str, tuple[tuple[str, int], ...], int], tuple[str, int]] = {}
        self.stores: list[tuple[int, tuple[str, int]]] = []
        self.folds: list[tuple[str, int, tuple[str, int]]] = []

    def add(self, statement: Statement, target: int) -> None:
        """Computes what a statement needs, operands first, and stores or folds its value."""
        entries = self.program.entries
        for number in sorted(statement.needs):
            for view in statement.needs[number]:
                if (number, view) not in self.values:
                    self.values[number, view] = self.map(number, view)
        assert statement.value is not None
        value = self.value(statement.value)
        own = entries[statement.entry]
        if type(own) is ReduceEntry:
            self.folds.append((own.op, self.operand("fold", own.dtype, (target, identity(own.shape))), value))
        else:
            assert statement.target is not None
            self.stores.append((self.operand("store", own.dtype, (target, statement.target)), value))
            if statement.kind in ("map", "update"):
                self.values[statement.entry, statement.target] = value

    def map(self, number: int, view: View) -> tuple[str, int]:
        entry = self.program.entries[number]
        whole = view == identity(entry.shape)
        assert isinstance(entry, MapEntry)
        args = []
        for arg in entry.args:
            if isinstance(arg, Reading) and not whole:
                inner = compose(view, entry.shape, arg.view)
                assert inner is not None, "what no view shows is a statement of its own"
                arg = Reading(arg.number, inner)
            args.append(self.value(arg))
        key = (entry.op, entry.dtype, tuple(args), entry.result)
        if key not in self.known:
            self.known[key] = ("i", len(self.steps))
            self.steps.append(key)
        return self.known[key]

    def value(self, reading: Reading | Scalar) -> tuple[str, int]:
        if not isinstance(reading, Reading):
            return self.load(reading, None, self.program.scalars[reading], "scalar")
        number, view = reading
        known = self.values.get((number, view))
        if known is not None:
            return known
        entry = self.program.entries[number]
        holder = self.within.get(number)
        if holder is not None:
            place = place_within(self.program.entries, number, holder, view)
            assert place is not None, "what no view shows is a statement of its own"
            return self.value(Reading(holder, place))
        if type(entry) is FillEntry:
            return self.value(entry.value)
        if type(entry) is IndexEntry:
            return self.load(INDEX, view, "i8", "index")
        assert number in self.slots, f"entry {number} ({kind(entry)}) has no memory"
        return self.load(self.slots[number], view, entry.dtype, "load")

    def load(self, slot: int, view: View | None, dtype: str, role: str) -> tuple[str, int]:
        key = (slot, view)
        if key not in self.loads:
            self.loads[key] = ("o", self.operand(role, dtype, slot if view is None else (slot, view)))
        return self.loads[key]

    def operand(self, role: str, dtype: str, place: tuple[int, View] | int) -> int:
        self.operands.append((role, dtype))
        self.places.append(place)
        return len(self.operands) - 1

    def body(self) -> Body:
        """What the kernel does at each point of its domain, wherever its operands live."""
        return Body(
            self.group.domain,
            self.group.axes,
            tuple(self.operands),
            tuple(self.places),
            tuple(self.steps),
            tuple(self.stores),
            tuple(self.folds),
            not self.group.opaque,
        )


class Body(NamedTuple):
    """A kernel before its loops are laid: operands, instructions, and views on a domain."""

    domain: tuple[int, ...]
    axes: tuple[int, ...] | None  # folded
    operands: tuple[tuple[str, str], ...]  # role, dtype
    places: tuple[tuple[int, View] | int, ...]  # slot and view, or the number of a scalar
    steps: tuple[tuple[str, str, tuple[tuple[str, int], ...], int], ...]
    stores: tuple[tuple[int, tuple[str, int]], ...]
    folds: tuple[tuple[str, int, tuple[str, int]], ...]
    compiled: bool

    def strides(self) -> list[tuple[int, ...]]:
        """How each operand moves over the domain."""
        rank = len(self.domain)
        return [
            (0,) * rank if isinstance(place, int) or role == "fold" else place[1].strides
            for place, (role, _) in zip(self.places, self.operands, strict=True)
        ]

    def parts(self) -> tuple[Body, ...]:
        """All of it; or the narrow rows that are folded side by side, and the few that are left over."""
        axis, rest = left_over(self.domain, self.axes or (), self.strides()) if self.folds else (0, 0)
        if not rest:
            return (self,)
        whole = self.domain[axis] - rest
        return self.part(axis, 0, whole), self.part(axis, whole, rest)

    def part(self, axis: int, start: int, extent: int) -> Body:
        """What it does at some of the places along a folded axis."""
        places = list(self.places)
        for number, (place, (role, _)) in enumerate(zip(self.places, self.operands, strict=True)):
            if not isinstance(place, int) and role != "fold":
                slot, (offset, shape, strides) = place
                shape = (*shape[:axis], extent, *shape[axis + 1 :])
                places[number] = (slot, View(offset + start * strides[axis], shape, strides))
        domain = (*self.domain[:axis], extent, *self.domain[axis + 1 :])
        return self._replace(domain=domain, places=tuple(places))

    def loops(self) -> Nest:
        """The loops over the domain, ordered and merged."""
        strides = self.strides()
        stores = [operand for operand, _ in self.stores]
        loads = [n for n, (role, _) in enumerate(self.operands) if role in ("load", "index")]
        widest = max(loads, key=lambda n: sum(s != 0 for s in strides[n]), default=0)
        return nest(self.domain, self.axes or (), strides, stores[0] if stores else widest)

    def kernel(self, fresh: set[int]) -> Kernel:
        """The step that runs it; ``fresh`` are slots that hold nothing yet."""
        loops = self.loops()
        cut = tiles(loops, bool(self.folds))
        base = len(self.operands)
        at = [{"o": 0, "i": base}[kind] + n for kind, n in (s[1] for s in self.stores)]
        spec = KernelSpec(
            loops.kept,
            loops.folded,
            loops.fold_inner,
            tuple(
                Operand(role, dtype, self.movement(n, loops, fresh)) for n, (role, dtype) in enumerate(self.operands)
            ),
            tuple(
                Instruction(op, dtype, tuple(n + base * (kind == "i") for kind, n in args), result)
                for op, dtype, args, result in self.steps
            ),
            tuple(Store(operand, value) for (operand, _), value in zip(self.stores, at, strict=True)),
            tuple(Fold(op, operand, n + base * (kind == "i")) for op, operand, (kind, n) in self.folds),
        )
        accesses = tuple(
            place if isinstance(place, int) else Access(place[0], place[1].offset, strides)
            for place, strides in zip(self.places, loops.strides, strict=True)
        )
        return Kernel(spec, loops.extents, cut, accesses, self.compiled)

    def movement(self, number: int, loops: Nest, fresh: set[int]) -> str:
        """How an operand moves along the inner loop."""
        (role, dtype), place, stride = self.operands[number], self.places[number], loops.strides[number][-1]
        if role == "fold" or (role == "store" and stride in (0, 1)):
            large = loops.extents[-1] * int(dtype[1:]) >= STREAMED and len(loops.extents) == 1
            return "stream" if large and role == "store" and _begins_a_line(place, dtype, fresh) else "unit"
        return {0: "zero", 1: "unit"}.get(stride, "strided")


def _begins_a_line(place: int | tuple[int, View], dtype: str, fresh: set[int]) -> bool:
    """Whether an operand begins at a cache line of memory that holds nothing yet: of part of it, not every one does."""
    return not isinstance(place, int) and place[0] in fresh and place[1].offset * int(dtype[1:]) % CACHE_LINE == 0


def build(
    program: Program, group: Fusion, slots: dict[int, int], targets: dict[int, int], within: dict[int, int]
) -> Body:
    """What the kernel of one group does.

    ``slots`` says where values are, ``targets`` where each entry's result goes, ``within`` which maps lie in the memory
    of an update.
    """
    builder = _Builder(program, group, slots, within)
    for statement in group.statements:
        if type(program.entries[statement.entry]) is not EmptyEntry:
            builder.add(statement, targets[statement.entry])
    return builder.body()


def partials(kernel: Kernel, size: int) -> int:
    """How many partial results of so many elements a folding kernel leaves: one per tile along the folded loops.

    Where narrow rows are folded side by side, it is one for each of those.
    """
    spec = kernel.spec
    _, folded, inner = tile_counts(spec, kernel.extents, kernel.tiles)
    if spec.fold_inner:
        return folded * inner
    return folded * (prod(kernel.extents[: spec.kept]) * kernel.extents[-1] // size)
