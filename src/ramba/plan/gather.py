"""What is picked by an index array only to be combined with something in memory is picked while they are combined.

``x - means[codes]``: what ``means[codes]`` makes would be as large as ``x``, written once and read once.
"""

from __future__ import annotations

from math import prod

from ramba.graph import Entry, LibraryEntry, MapEntry, Program, Reading, StoredEntry, arguments
from ramba.layout import View, identity
from ramba.ops import OPS, Defined
from ramba.plan.inline import BARRIERS

OFTEN = 4  # times that an element is picked, on average: it pays


def with_gathers(program: Program) -> Program:
    """The program with a call for each operation that combines what is in memory with what is picked."""
    picks = {n for n, entry in enumerate(program.entries) if type(entry) is LibraryEntry and entry.function == "pick"}
    if not picks:
        return program
    readers = _readers(program, picks)
    entries = list(program.entries)
    for number in picks - set(program.roots):
        if len(readers[number]) == 1:
            (reader,) = readers[number]
            entries[reader] = _combined(program, reader, number)
    return program._replace(entries=tuple(entries))


def _readers(program: Program, picks: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {number: [] for number in picks}
    for n, entry in enumerate(program.entries):
        for arg in arguments(entry):
            if type(arg) is Reading and arg.number in picks:
                found[arg.number].append(n)
    return found


def _combined(program: Program, reader: int, pick: int) -> Entry:
    """The entry that reads what is picked: as a call, if that pays."""
    entry, picked = program.entries[reader], program.entries[pick]
    assert isinstance(picked, LibraryEntry)
    if type(entry) is not MapEntry or len(entry.args) != 2 or isinstance(OPS[entry.op], Defined) or entry.result:
        return entry
    place = next(n for n, arg in enumerate(entry.args) if type(arg) is Reading and arg.number == pick)
    mine, other = entry.args[place], entry.args[1 - place]
    assert isinstance(mine, Reading)
    if type(other) is not Reading or not _in_memory(program, other) or OPS[entry.op].numpy.nin != 2:
        return entry
    source, index = picked.args
    axes = axes_of(mine.view, picked.shape)
    (axis,) = picked.params
    few = prod(source.view.shape) * OFTEN <= prod(entry.shape)
    if axes is None or axis not in axes or len(index.view.shape) != 1 or not few:
        return entry
    values, order = _as_it_lies(program, source)
    params = entry.op, place, axes.index(axis), tuple([d if d < 0 else order[d] for d in axes])
    types = ((entry.dtype, entry.shape),)
    return LibraryEntry("combine_picked", (other, values, index), params, 0, types, entry.dtype, entry.shape)


def _as_it_lies(program: Program, source: Reading) -> tuple[Reading, tuple[int, ...]]:
    """What is read, without a view that only turns it, and which dimension each of the view's is: nothing is moved."""
    whole = identity(program.entries[source.number].shape)
    order = axes_of(source.view, whole.shape)
    if order is None or -1 in order:
        return source, tuple(range(len(source.view.shape)))
    return Reading(source.number, whole), order


def _in_memory(program: Program, reading: Reading) -> bool:
    """Whether what is read is there anyway: all of it, so that workers need no copy."""
    entry = program.entries[reading.number]
    there = type(entry) is StoredEntry or type(entry) in BARRIERS or reading.number in program.roots
    return there and reading.view == identity(entry.shape)


def axes_of(view: View, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Which axis of an array of a shape each axis of a view moves along, -1: none; None if it shows it otherwise."""
    strides, step = {}, 1
    for d in range(len(shape) - 1, -1, -1):
        if shape[d] > 1:
            strides[step, shape[d]] = d
        step *= shape[d]
    axes = []
    for extent, stride in zip(view.shape, view.strides, strict=True):
        if extent == 1 or stride == 0:
            axes.append(-1)
        elif (stride, extent) in strides:
            axes.append(strides.pop((stride, extent)))
        else:
            return None
    return None if strides or view.offset else tuple(axes)


__all__ = ["with_gathers"]
