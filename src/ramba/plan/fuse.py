"""Where results are written, in which order statements run, and which of them become one kernel.

Greedy, in program order (Kristensen et al., "Fusion of Parallel Array Operations", PACT 2016, found greedy near
optimal): a statement joins the latest kernel over the same domain that its operands allow, and opens a new one else.
Inside a kernel, memory that is written may be accessed only at the identical map or in a disjoint box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from ramba.graph import EmptyEntry, LibraryEntry, MapEntry, Program, Reading, ReduceEntry, StoredEntry, UpdateEntry
from ramba.layout import Partition, View, complement, covers, identity, overlaps
from ramba.plan.inline import BARRIERS, Choice
from ramba.plan.ownership import Owners
from ramba.plan.sharing import Sharing, owners_of_fold, partitions
from ramba.plan.statement import LARGEST, Statement, expand

MOST_STORES = 16  # results of one kernel: more streams than that are more than the hardware follows


@dataclass(slots=True)
class Fusion:
    """Statements that run as one kernel (or one library call)."""

    domain: tuple[int, ...]
    axes: tuple[int, ...] | None  # folded axes, if any statement folds
    opaque: bool
    library: bool
    owners: Owners | None = None  # who computes which part, with several workers
    statements: list[Statement] = field(default_factory=list)
    inside: set[tuple[int, View]] = field(default_factory=set)  # values computed in it: shared ones count once


@dataclass(slots=True)
class Placement:
    """The outcome: groups in order, and which entry's memory each entry takes over."""

    groups: list[Fusion]
    over: dict[int, int]  # entry -> the entry whose memory it overwrites
    parts: tuple[Partition, ...] = ()  # of every entry, with several workers


def fuse(program: Program, choice: Choice, found: list[Statement], sharing: Sharing | None = None) -> Placement:
    """Chooses what is overwritten, orders the statements accordingly, and groups them."""
    layouts = partitions(program, sharing) if sharing is not None else ()
    parts = {
        statement.entry: [expand(part, program, choice, set()) for part in _parts(statement, program)]
        for statement in found
        if statement.kind == "update"
    }
    readers = _readers(found, program, parts)
    found = _order(found, program, readers, parts)
    position = {statement.entry: n for n, statement in enumerate(found)}
    over: dict[int, int] = {}
    everything: list[Statement] = []
    for statement in found:
        target = _overwritten(statement, program, readers, position, over, parts)
        if target is not None and (not layouts or layouts[target] == layouts[statement.entry]):
            over[statement.entry] = target
        elif statement.kind == "update":
            everything += parts[statement.entry]
        everything.append(statement)
    grouping = _Grouping(program, over, layouts, sharing)
    for statement in everything:
        grouping.add(statement)
    return Placement(grouping.groups, over, layouts)


def _base(statement: Statement, program: Program) -> int | None:
    """The entry that an update starts from."""
    entry = program.entries[statement.entry]
    return entry.base if statement.kind == "update" and isinstance(entry, UpdateEntry) else None


def _touched(statement: Statement, program: Program, parts: dict[int, list[Statement]]) -> set[int]:
    """The entries whose memory a statement may need, what an update may copy from its base included."""
    touched = set(statement.reads)
    base = _base(statement, program)
    if base is not None:
        touched.add(base)
        touched.update(entry for part in parts[statement.entry] for entry in part.reads)
    return touched


def _readers(found: list[Statement], program: Program, parts: dict[int, list[Statement]]) -> dict[int, list[Statement]]:
    """The statements that need each entry's memory."""
    readers: dict[int, list[Statement]] = {}
    for statement in found:
        for entry in _touched(statement, program, parts):
            readers.setdefault(entry, []).append(statement)
    return readers


def _order(
    found: list[Statement], program: Program, readers: dict[int, list[Statement]], parts: dict[int, list[Statement]]
) -> list[Statement]:
    """Puts a statement that could overwrite a value behind that value's other readers, where nothing forbids it."""
    number = {statement.entry: n for n, statement in enumerate(found)}
    before = [0] * len(found)  # bit sets of statements that must come first
    for n, statement in enumerate(found):
        for entry in _touched(statement, program, parts):
            if entry in number:
                before[n] |= before[number[entry]] | 1 << number[entry]
    extra = [0] * len(found)
    for n, statement in enumerate(found):
        for entry in _candidates(statement, program):
            for reader in readers.get(entry, ()):
                m = number[reader.entry]
                if m > n and not before[m] >> n & 1:
                    extra[n] |= 1 << m
    if not any(extra):
        return found
    return _topological(found, [b | e for b, e in zip(before, extra, strict=True)], before)


def _topological(found: list[Statement], wanted: list[int], needed: list[int]) -> list[Statement]:
    """The statements, each after those it wants first; where wishes make a circle, after those it needs."""
    done, order, left = 0, [], list(range(len(found)))
    while left:
        pick = next((n for n in left if not wanted[n] & ~done), None)
        if pick is None:
            pick = next(n for n in left if not needed[n] & ~done)
        left.remove(pick)
        done |= 1 << pick
        order.append(found[pick])
    return order


def _candidates(statement: Statement, program: Program) -> list[int]:
    """Entries whose memory a statement might take over, best first."""
    entries = program.entries
    own = entries[statement.entry]
    if type(own) is UpdateEntry:
        # an older update of the same part of the same base differs from this one in that part only
        older = [
            n
            for n in range(own.base + 1, statement.entry)
            if type(other := entries[n]) is UpdateEntry and (other.base, other.view) == (own.base, own.view)
        ]
        options = [own.base, *older]  # the oldest first: nobody of this round reads it any more
    elif statement.kind == "map":
        whole = statement.target
        options = [
            n
            for n, views in statement.reads.items()
            if views == {whole} and entries[n].dtype == own.dtype and prod(entries[n].shape) == prod(own.shape)
        ]
    else:
        options = []
    return [n for n in options if _may_be_overwritten(n, program)]


def _may_be_overwritten(number: int, program: Program) -> bool:
    entry = program.entries[number]
    if number in program.roots:
        return False
    return entry.free if type(entry) is StoredEntry else type(entry) in (MapEntry, *BARRIERS)


def _overwritten(
    statement: Statement,
    program: Program,
    readers: dict[int, list[Statement]],
    position: dict[int, int],
    over: dict[int, int],
    parts: dict[int, list[Statement]],
) -> int | None:
    """The entry whose memory a statement writes in place: what others read there later is not what it writes."""
    target, taken = statement.target, set(over.values())
    for number in _candidates(statement, program):
        if number in taken or (number not in position and type(program.entries[number]) is not StoredEntry):
            continue
        assert target is not None
        shape = program.entries[number].shape
        if all(
            (view == target and reader is statement) or not overlaps(view, target, shape)
            for older in _one_memory(number, over)
            for reader in readers.get(older, ())
            if reader is statement or position[reader.entry] > position[statement.entry]
            for view in _views_read(reader, older, parts)
        ):
            return number
    return None


def _one_memory(number: int, over: dict[int, int]) -> Iterator[int]:
    """An entry, and all that were in its memory before it."""
    older: int | None = number
    while older is not None:
        yield older
        older = over.get(older)


def _views_read(statement: Statement, number: int, parts: dict[int, list[Statement]]) -> Iterator[View]:
    """Through which views a statement reads an entry, what an update copies of its base included."""
    yield from statement.reads.get(number, ())
    for part in parts.get(statement.entry, ()):
        yield from part.reads.get(number, ())


def _parts(statement: Statement, program: Program) -> list[Statement]:
    """What an update that gets new memory must copy from its base: all that it does not assign."""
    entry = program.entries[statement.entry]
    assert isinstance(entry, UpdateEntry)
    if type(program.entries[entry.base]) is EmptyEntry or covers(entry.view, entry.shape):
        return []
    boxes = complement(entry.view, entry.shape)
    views = [identity(entry.shape)] if boxes is None else [box.view(entry.shape) for box in boxes]
    return [Statement(statement.entry, "part", view.shape, Reading(entry.base, view), view) for view in views]


def _lowest(
    statement: Statement,
    program: Program,
    over: dict[int, int],
    written: dict[int, list[tuple[int, Statement]]],
    read: dict[int, list[tuple[int, Statement]]],
) -> int:
    """The first group that a statement may join."""
    lowest = 0
    for number, views in statement.reads.items():
        for group, writer in written.get(number, ()):
            same = writer.kind in ("map", "update") and views == {writer.target}  # handed over in a register
            lowest = max(lowest, group if same else group + 1)
    for group, writer in written.get(statement.entry, ()):  # the parts of an update lie beside what it assigns
        beside = writer.target is not None and statement.target is not None
        apart = beside and not overlaps(writer.target, statement.target, program.entries[statement.entry].shape)
        lowest = max(lowest, group if apart else group + 1)
    older = over.get(statement.entry)
    while older is not None:
        shape = program.entries[older].shape
        for group, reader in read.get(older, ()):
            views = reader.reads[older]
            apart = all(v == statement.target or not overlaps(v, statement.target, shape) for v in views)
            lowest = max(lowest, group if apart else group + 1)
        for group, _ in written.get(older, ()):
            lowest = max(lowest, group + 1)
        older = over.get(older)
    return lowest


class _Grouping:
    """Puts one statement after the other into groups."""

    def __init__(
        self, program: Program, over: dict[int, int], layouts: tuple[Partition, ...], sharing: Sharing | None
    ) -> None:
        self.program = program
        self.over = over
        self.layouts = layouts
        self.sharing = sharing
        self.groups: list[Fusion] = []
        self.written: dict[int, list[tuple[int, Statement]]] = {}  # entry -> (group, statement) that write its memory
        self.read: dict[int, list[tuple[int, Statement]]] = {}

    def add(self, statement: Statement) -> None:
        """Puts a statement where its operands allow it."""
        number = self.place(statement, _lowest(statement, self.program, self.over, self.written, self.read))
        group = self.groups[number]
        group.statements.append(statement)
        group.inside |= statement.inside()
        self.written.setdefault(statement.entry, []).append((number, statement))
        for entry in statement.reads:
            self.read.setdefault(entry, []).append((number, statement))

    def place(self, statement: Statement, lowest: int) -> int:
        """The latest group that takes the statement in, or a new one."""
        own = self.program.entries[statement.entry]
        library = type(own) is LibraryEntry
        axes = own.axes if type(own) is ReduceEntry else None
        inside = statement.inside()
        for n in range(len(self.groups) - 1, lowest - 1, -1):
            group = self.groups[n]
            if library or group.library or group.domain != statement.domain or group.opaque != statement.opaque:
                continue
            if axes is not None and group.axes not in (None, axes):
                continue
            if len(group.statements) >= MOST_STORES or len(group.inside | inside) > LARGEST:
                continue
            if not self.shared_alike(statement, group):
                continue
            group.axes = axes if axes is not None else group.axes
            return n
        self.groups.append(Fusion(statement.domain, axes, statement.opaque, library, self.owners(statement)))
        return len(self.groups) - 1

    def shared_alike(self, statement: Statement, group: Fusion) -> bool:
        """Whether the same workers compute the same points of a statement and of a group."""
        if group.owners is None:
            return True
        if statement.target is None:
            return group.owners.simple
        own = Owners(self.layouts[statement.entry], statement.target)
        return own.key == group.owners.key and (group.axes is None or own.simple)

    def owners(self, statement: Statement) -> Owners | None:
        """Who computes a statement that opens a group: the owner of what it stores, or of what it folds."""
        if self.sharing is None or statement.kind == "library":
            return None
        if statement.target is not None:
            return Owners(self.layouts[statement.entry], statement.target)
        return owners_of_fold(statement, self.layouts, self.sharing)
