"""Programs that read of files what they use: what is never looked at is neither read nor computed."""

from __future__ import annotations

from typing import TypeAlias

from msgspec.structs import replace

from ramba.graph import Entry, LibraryEntry, MapEntry, Program, Reading, UpdateEntry, readings
from ramba.layout import Box, Partition, View
from ramba.layout.distribution import taken_over
from ramba.plan.region import Region, cover, merged, through, whole

Shape: TypeAlias = tuple[int, ...]


def is_read(entry: Entry) -> bool:
    """Whether an entry is read from a file."""
    return type(entry) is LibraryEntry and entry.function == "read" and bool(entry.shape)


def lies_as(entry: Entry) -> Partition | None:
    """How what an entry reads from a file is to lie on workers, if somebody cares."""
    if type(entry) is not LibraryEntry or not is_read(entry):
        return None
    lies = entry.params[3]
    return Partition(*lies) if lies else None


def part_read(entry: LibraryEntry, first: Shape, extent: Shape, step: Shape, turn: int) -> LibraryEntry:
    """An entry that reads other elements of the same file: those of another `turn` are read again."""
    source, _, dtype, lies, _ = entry.params
    if lies:
        lies = tuple(taken_over(Partition(*lies), extent) or ())
    params = (source, (first, extent, step), dtype, lies, turn)
    return replace(entry, params=params, types=((entry.types[0][0], extent),), shape=extent)


def narrowed(program: Program) -> Program:
    """The program, in which what is read, and computed of that element by element, are no larger than is used."""
    entries = program.entries
    if not any(map(is_read, entries)):
        return program
    follows: list[bool] = []
    for entry in entries:
        of_those = type(entry) is MapEntry and any(follows[arg.number] for arg in readings(entry))
        follows.append(is_read(entry) or of_those)
    fixed = {n for n, follow in enumerate(follows) if not follow}
    while True:
        regions = _regions(program, fixed)
        found = _rewritten(program, regions)
        if isinstance(found, Program):
            return found
        fixed.add(found)


def _regions(program: Program, fixed: set[int]) -> dict[int, Region]:
    """What is used of the entries that may become smaller, if that is not all."""
    entries, used = program.entries, dict[int, Region]()

    def use(number: int, region: Region) -> None:
        known = used.get(number)
        used[number] = region if known is None else merged(known, region) or _around(known, region)

    for root in program.roots:
        use(root, _all(entries[root]))
    for number in range(len(entries) - 1, -1, -1):
        entry, own = entries[number], used.get(number)
        if number in fixed or own is None:
            own = _all(entry)
        if type(entry) is UpdateEntry:
            use(entry.base, _all(entries[entry.base]))
        for arg in readings(entry):
            view = _seen(arg.view, own) if type(entry) is MapEntry else arg.view
            if 0 not in view.shape:
                use(arg.number, cover(view, entries[arg.number].shape))
    return {n: r for n, r in used.items() if n not in fixed and r.extent != entries[n].shape}


def _all(entry: Entry) -> Region:
    return whole(Box((0,) * len(entry.shape), entry.shape))


def _around(a: Region, b: Region) -> Region:
    """A box around two regions."""
    start = tuple(map(min, a.start, b.start))
    ends = (max(s + n, t + m) for s, n, t, m in zip(a.start, a.box.extent, b.start, b.box.extent, strict=True))
    return Region(start, (1,) * len(start), tuple(e - s for e, s in zip(ends, start, strict=True)))


def _seen(view: View, region: Region) -> View:
    """What a view shows of a region of its own points."""
    offset = view.offset + sum(s * t for s, t in zip(region.start, view.strides, strict=True))
    return View(offset, region.extent, tuple(s * t for s, t in zip(region.step, view.strides, strict=True)))


def _rewritten(program: Program, regions: dict[int, Region]) -> Program | int:
    """The program with smaller entries; or the number of one that somebody reads in a way that forbids it."""
    entries, made = program.entries, list[Entry]()
    for number, entry in enumerate(entries):
        region = regions.get(number)
        moved: dict[Reading, Reading] = {}
        for arg in readings(entry):
            view = _seen(arg.view, region) if region is not None and type(entry) is MapEntry else arg.view
            if arg.number in regions:
                inner = through(view, entries[arg.number].shape, regions[arg.number])
                if inner is None:
                    return arg.number
                view = inner
            moved[arg] = Reading(arg.number, view)
        made.append(_smaller(_reading(entry, moved), region))
    return program._replace(entries=tuple(made))


def _reading(entry: Entry, moved: dict[Reading, Reading]) -> Entry:
    """An entry that reads in another way."""
    match entry:
        case MapEntry():
            return replace(entry, args=tuple(moved[a] if isinstance(a, Reading) else a for a in entry.args))
        case LibraryEntry():
            return replace(entry, args=tuple(moved[arg] for arg in entry.args))
        case UpdateEntry():
            return replace(entry, value=moved[entry.value]) if isinstance(entry.value, Reading) else entry
        case _:
            return replace(entry, arg=moved[entry.arg]) if moved else entry  # type: ignore[union-attr]


def _smaller(entry: Entry, region: Region | None) -> Entry:
    """A map of a region, or a read of it."""
    if region is None:
        return entry
    if isinstance(entry, LibraryEntry):
        _, (start, _, step), *_, turn = entry.params
        first = tuple(s + t * a for s, t, a in zip(start, step, region.start, strict=True))
        steps = tuple(s * t for s, t in zip(step, region.step, strict=True))
        return part_read(entry, first, region.extent, steps, turn)
    return replace(entry, shape=region.extent)


__all__ = ["is_read", "lies_as", "narrowed", "part_read"]
