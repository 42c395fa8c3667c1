"""Which values live in memory, and which are only ever computed inside the kernels that read them.

A value that one statement reads at one map is computed there, in registers. A value that is read at several maps (the
neighbours of a stencil) or in several kernels is computed again where that is cheaper than a round trip through
memory, and stored otherwise.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple, TypeAlias

from ramba.graph import (
    EmptyEntry,
    Entry,
    FillEntry,
    IndexEntry,
    LibraryEntry,
    MapEntry,
    Program,
    Reading,
    ReduceEntry,
    StoredEntry,
    UpdateEntry,
    readings,
)
from ramba.layout import View, complement, compose, identity
from ramba.ops import OPS, compiles, is_exact

RECOMPUTE_COST = 48  # operations worth repeating to save a store and a load; see docs/decisions/0003
CHEAP = 4  # operations that cost less than the load they save
REPEATED = 16  # a value that a broadcast repeats so often is stored
RECOMPUTE_LOADS = 2  # a value of more distinct operands is stored instead
MOST_MAPS = 40  # more maps than that are never tracked

GENERATORS = (FillEntry, IndexEntry, EmptyEntry)
BARRIERS = (ReduceEntry, UpdateEntry, LibraryEntry)  # another kernel reads what they make

Reads: TypeAlias = list[list[Reading]]  # the operands of each entry that are entries


class Use(NamedTuple):
    """One way in which a value is read: by which round of kernels, over which domain, through which view."""

    level: int
    view: View


class Choice(NamedTuple):
    """The planner's first decision."""

    stored: frozenset[int]  # entries that get memory (inputs have theirs already)
    cheap: frozenset[int]  # stored because the program holds them, but cheaper to compute again than to read
    opaque: frozenset[int]  # maps and folds for which only NumPy's own loop exists
    within: dict[int, int]  # maps whose value lies in the memory of an update that assigns it


def choose(program: Program, exact: bool = False) -> Choice:
    """Decides for every entry whether it is stored or computed where it is read."""
    entries, roots = program.entries, set(program.roots)
    reads = [readings(entry) for entry in entries]
    opaque = frozenset(n for n, entry in enumerate(entries) if not _compiled(program, entry, exact))
    forced, uses = _uses(program, reads)
    stored = {n for n, entry in enumerate(entries) if n in roots or (uses[n] and type(entry) in BARRIERS)}
    borders = forced | _borders(program, reads, uses, opaque)
    stored |= borders
    cheap, repeated = set(), _repeated(entries, reads, uses)
    cost, loads, consumers = [0.0] * len(entries), [1] * len(entries), _consumers(entries, reads)
    for n, entry in enumerate(entries):
        if type(entry) is not MapEntry or not uses[n]:
            continue
        inner = {reading.number for reading in reads[n]}
        cost[n] = min(weight(entry.op) + sum(cost[i] for i in inner if i not in stored or i in cheap), 1 << 30)
        loads[n] = sum(loads[i] if i not in stored or i in cheap else 1 for i in inner)
        again = len(uses[n]) - max((len(uses[c]) or 1 for c in consumers[n]), default=1)  # 0: of what is held
        dear = cost[n] * again > RECOMPUTE_COST or loads[n] > RECOMPUTE_LOADS
        if n not in stored and ((again > 0 and dear) or (cost[n] > 1 and n in repeated)):
            stored.add(n)
        if n in roots and n not in borders and cost[n] <= CHEAP and loads[n] <= RECOMPUTE_LOADS:
            cheap.add(n)
        elif n in stored:
            cost[n], loads[n] = 0, 1
    within = {n: u for n, u in _assigned(entries, reads, stored).items() if n not in roots}
    return Choice(frozenset(stored - set(within)), frozenset(cheap), opaque, within)


def _repeated(entries: tuple[Entry, ...], reads: Reads, uses: list[set[Use]]) -> set[int]:
    """Values that somebody reads through a broadcast which shows every element many times over."""
    return {
        arg.number
        for n, entry in enumerate(entries)
        if uses[n] or type(entry) is not MapEntry
        for arg in reads[n]
        if arg.view.size >= REPEATED * max(prod(entries[arg.number].shape), 1)
    }


def _assigned(entries: tuple[Entry, ...], reads: Reads, stored: set[int]) -> dict[int, int]:
    """Stored maps that a stored update assigns as they are: who reads them later may read the update's memory."""
    readers: dict[int, list[int]] = {}
    for n, read in enumerate(reads):
        for arg in read:
            readers.setdefault(arg.number, []).append(n)
    found = {}
    for u, entry in enumerate(entries):
        if type(entry) is not UpdateEntry or u not in stored or not reads[u]:
            continue
        ((n, view),) = reads[u]
        plain = type(entries[n]) is MapEntry and n in stored and view == identity(entries[n].shape)
        # who reads it before the update might be what the update itself waits for; a library reads whole values
        if plain and all(reader >= u and type(entries[reader]) is not LibraryEntry for reader in readers[n]):
            found[n] = u
    return found


def weight(op: str) -> float:
    """Rough cost of an operation, in additions."""
    return OPS[op].cost


def place_within(entries: tuple[Entry, ...], number: int, holder: int, view: View) -> View | None:
    """Where in an update that assigns a map, and whose memory holds it, a view of the map lies."""
    update = entries[holder]
    assert isinstance(update, UpdateEntry)
    return compose(view, entries[number].shape, update.view)


def _compiled(program: Program, entry: Entry, exact: bool) -> bool:
    """Whether there is machine code for what an entry computes of elements, if it computes."""
    if type(entry) is MapEntry:
        entries, scalars = program.entries, program.scalars
        loop = tuple([entries[a.number].dtype if isinstance(a, Reading) else scalars[a] for a in entry.args])
    elif type(entry) is ReduceEntry:
        loop = (program.entries[entry.arg.number].dtype,) * 2
    else:
        return True
    return compiles(entry.op, loop) and not (exact and not is_exact(entry.op, loop[0]))


def _kept(entry: Entry, entries: tuple[Entry, ...]) -> list[Reading]:
    """What an update reads of its base, where that has no memory of its own that it could be written into."""
    if type(entry) is not UpdateEntry:
        return []
    origin = entries[entry.base]
    if type(origin) is EmptyEntry:
        return []
    boxes = None if type(origin) in (StoredEntry, *BARRIERS) else complement(entry.view, entry.shape)
    views = [identity(origin.shape)] if boxes is None else [box.view(origin.shape) for box in boxes]
    return [Reading(entry.base, view) for view in views]


def _consumers(entries: tuple[Entry, ...], reads: Reads) -> list[list[int]]:
    """The maps that read each entry."""
    consumers: list[list[int]] = [[] for _ in entries]
    for n, entry in enumerate(entries):
        if type(entry) is MapEntry:
            for arg in reads[n]:
                consumers[arg.number].append(n)
    return consumers


def _levels(entries: tuple[Entry, ...], reads: Reads) -> list[int]:
    """How many rounds of kernels must come before each entry."""
    levels = [0] * len(entries)
    for n, entry in enumerate(entries):
        operands = [arg.number for arg in reads[n]]
        if type(entry) is UpdateEntry:
            operands.append(entry.base)
        levels[n] = max([levels[m] + (type(entries[m]) in BARRIERS) for m in operands], default=0)
    return levels


def _uses(program: Program, reads: Reads) -> tuple[set[int], list[set[Use]]]:
    """All uses of each entry, if every map were computed where it is read; and those that cannot be."""
    entries = program.entries
    levels = _levels(entries, reads)
    uses: list[set[Use]] = [set() for _ in entries]
    forced: set[int] = set()
    for n in range(len(entries) - 1, -1, -1):
        entry = entries[n]
        is_root = n in program.roots
        if not uses[n] and not is_root:
            continue
        if type(entry) is LibraryEntry:
            for number, _ in reads[n]:
                uses[number].add(Use(levels[n], identity(entries[number].shape)))
                if type(entries[number]) is not StoredEntry:
                    forced.add(number)
            continue
        if type(entry) is not MapEntry or is_root:
            for number, view in [*reads[n], *_kept(entry, entries)]:
                uses[number].add(Use(levels[n], view))
        if type(entry) is MapEntry:
            _pass_on(n, entry.shape, reads[n], uses, forced)
    return forced, uses


def _pass_on(n: int, shape: tuple[int, ...], read: list[Reading], uses: list[set[Use]], forced: set[int]) -> None:
    """Hands the uses of a map down to its operands."""
    whole = identity(shape)
    composed: list[tuple[int, Use]] = []
    for use in uses[n]:
        for arg in read:
            view = arg.view if use.view == whole else compose(use.view, shape, arg.view)
            if view is None:
                break
            composed.append((arg.number, Use(use.level, view)))
        else:
            continue
        forced.add(n)
        break
    if n in forced or len(uses[n]) > MOST_MAPS:
        forced.add(n)
        level = min(use.level for use in uses[n])
        composed = [(arg.number, Use(level, arg.view)) for arg in read]
    for number, use in composed:
        uses[number].add(use)


def _borders(program: Program, reads: Reads, uses: list[set[Use]], opaque: frozenset[int]) -> set[int]:
    """Maps on either side of the border between compiled and interpreted operations."""
    borders = set()
    for n, entry in enumerate(program.entries):
        if type(entry) is LibraryEntry or not (uses[n] or n in program.roots):
            continue
        for number, _ in reads[n]:
            if (number in opaque) != (n in opaque) and type(program.entries[number]) is MapEntry:
                borders.add(number)
    return borders
