"""Which values live in memory, and which are only ever computed inside the kernels that read them.

A value that one statement reads at one map is computed there, in registers. A value that is read at several maps (the
neighbours of a stencil) or in several kernels is computed again where that is cheaper than a round trip through
memory, and stored otherwise.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ramba.graph import Entry, Program, Reading
from ramba.layout import View, complement, compose, identity
from ramba.ops import OPS, compiles, is_exact

RECOMPUTE_COST = 48  # operations worth repeating to save a store and a load; see docs/decisions/0003
CHEAP = 4  # operations that cost less than the load they save
REPEATED = 16  # a value that a broadcast repeats so often is stored
RECOMPUTE_LOADS = 2  # a value of more distinct operands is stored instead
MOST_MAPS = 40  # more maps than that are never tracked

GENERATORS = ("fill", "index", "empty")


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
    entries = program.entries
    computed = [(n, e) for n, e in enumerate(entries) if e.kind in ("map", "reduce")]
    opaque = frozenset(n for n, e in computed if not _compiled(program, e, exact))
    forced, uses = _uses(program)
    stored = {
        n
        for n, entry in enumerate(entries)
        if n in program.roots or (uses[n] and entry.kind in ("reduce", "update", "library"))
    }
    borders = forced | _borders(program, uses, opaque)
    stored |= borders
    roots, cheap, repeated = set(program.roots), set(), _repeated(entries, uses)
    cost, loads, consumers = [0.0] * len(entries), [1] * len(entries), _consumers(entries)
    for n, entry in enumerate(entries):
        if entry.kind != "map" or not uses[n]:
            continue
        inner = {a.number for a in entry.args if a.view is not None}
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
    within = {n: u for n, u in _assigned(entries, stored).items() if n not in roots}
    return Choice(frozenset(stored - set(within)), frozenset(cheap), opaque, within)


def _repeated(entries: tuple[Entry, ...], uses: list[set[Use]]) -> set[int]:
    """Values that somebody reads through a broadcast which shows every element many times over."""
    return {
        arg.number
        for n, entry in enumerate(entries)
        if uses[n] or entry.kind != "map"
        for arg in entry.args
        if arg.view is not None and arg.view.size >= REPEATED * max(prod(entries[arg.number].shape), 1)
    }


def _assigned(entries: tuple[Entry, ...], stored: set[int]) -> dict[int, int]:
    """Stored maps that a stored update assigns as they are: who reads them later may read the update's memory."""
    readers: dict[int, list[int]] = {}
    for n, entry in enumerate(entries):
        for arg in entry.args:
            if arg.view is not None:
                readers.setdefault(arg.number, []).append(n)
    found = {}
    for u, entry in enumerate(entries):
        if entry.kind != "update" or u not in stored or entry.args[1].view is None:
            continue
        n, view = entry.args[1]
        plain = entries[n].kind == "map" and n in stored and view == identity(entries[n].shape)
        # who reads it before the update might be what the update itself waits for; a library reads whole values
        if plain and all(reader >= u and entries[reader].kind != "library" for reader in readers[n]):
            found[n] = u
    return found


def weight(op: str) -> float:
    """Rough cost of an operation, in additions."""
    return OPS[op].cost


def _compiled(program: Program, entry: Entry, exact: bool) -> bool:
    loop = tuple(program.scalars[a.number] if a.view is None else program.entries[a.number].dtype for a in entry.args)
    if entry.kind == "reduce":
        loop *= 2
    return compiles(entry.op, loop) and not (exact and not is_exact(entry.op, loop[0]))


def statement_readings(entry: Entry, entries: tuple[Entry, ...]) -> list[Reading]:
    """What the statement that stores an entry reads, through views of its own domain."""
    match entry.kind:
        case "update":
            base, value = entry.args
            origin = entries[base.number]
            if origin.kind in ("stored", "update", "reduce", "library"):
                return [value, Reading(base.number, identity(origin.shape))]
            boxes = complement(entry.detail, entry.shape) if origin.kind != "empty" else ()
            if boxes is None:
                return [value, Reading(base.number, identity(origin.shape))]
            return [value] + [Reading(base.number, box.view(origin.shape)) for box in boxes]
    return list(entry.args)


def _consumers(entries: tuple[Entry, ...]) -> list[list[int]]:
    """The maps that read each entry."""
    consumers: list[list[int]] = [[] for _ in entries]
    for n, entry in enumerate(entries):
        if entry.kind == "map":
            for arg in entry.args:
                if arg.view is not None:
                    consumers[arg.number].append(n)
    return consumers


def _levels(entries: tuple[Entry, ...]) -> list[int]:
    """How many rounds of kernels must come before each entry."""
    levels = [0] * len(entries)
    for n, entry in enumerate(entries):
        for arg in entry.args:
            if entry.kind != "fill" and (arg.view is not None or entry.kind == "update"):
                barrier = entries[arg.number].kind in ("reduce", "update", "library")
                levels[n] = max(levels[n], levels[arg.number] + barrier)
    return levels


def _uses(program: Program) -> tuple[set[int], list[set[Use]]]:
    """All uses of each entry, if every map were computed where it is read; and those that cannot be."""
    entries = program.entries
    levels = _levels(entries)
    uses: list[set[Use]] = [set() for _ in entries]
    forced: set[int] = set()
    for n in range(len(entries) - 1, -1, -1):
        entry = entries[n]
        is_root = n in program.roots
        if not uses[n] and not is_root:
            continue
        if entry.kind == "library":
            for arg in entry.args:
                uses[arg.number].add(Use(levels[n], identity(entries[arg.number].shape)))
                if entries[arg.number].kind != "stored":
                    forced.add(arg.number)
            continue
        if entry.kind != "map" or is_root:
            for arg in statement_readings(entry, entries):
                if arg.view is not None:
                    uses[arg.number].add(Use(levels[n], arg.view))
        if entry.kind == "map":
            _pass_on(n, entry, uses, forced)
    return forced, uses


def _pass_on(n: int, entry: Entry, uses: list[set[Use]], forced: set[int]) -> None:
    """Hands the uses of a map down to its operands."""
    whole = identity(entry.shape)
    composed: list[tuple[int, Use]] = []
    for use in uses[n]:
        for arg in entry.args:
            if arg.view is None:
                continue
            view = arg.view if use.view == whole else compose(use.view, entry.shape, arg.view)
            if view is None:
                break
            composed.append((arg.number, Use(use.level, view)))
        else:
            continue
        forced.add(n)
        break
    if n in forced or len(uses[n]) > MOST_MAPS:
        forced.add(n)
        composed = [(a.number, Use(min(u.level for u in uses[n]), a.view)) for a in entry.args if a.view is not None]
    for number, use in composed:
        uses[number].add(use)


def _borders(program: Program, uses: list[set[Use]], opaque: frozenset[int]) -> set[int]:
    """Maps on either side of the border between compiled and interpreted operations."""
    borders = set()
    for n, entry in enumerate(program.entries):
        if entry.kind not in ("map", "reduce", "update") or not (uses[n] or n in program.roots):
            continue
        for arg in entry.args:
            is_map = arg.view is not None and program.entries[arg.number].kind == "map"
            if is_map and (arg.number in opaque) != (n in opaque):
                borders.add(arg.number)
    return borders
