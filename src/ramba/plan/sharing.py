"""How the values of a program lie on several workers, and who computes them: decided by everybody alike."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from ramba.graph import Entry, LibraryEntry, MapEntry, Program, Reading, StoredEntry, UpdateEntry, renumbered
from ramba.layout import Partition, identity, partition, replicated
from ramba.layout.distribution import fitting
from ramba.plan.inline import GENERATORS
from ramba.plan.narrowing import lies_as
from ramba.plan.ownership import Owners
from ramba.plan.statement import Statement


class Sharing(NamedTuple):
    """What a plan for several workers depends on besides its program."""

    workers: int
    small: int  # elements up to which an array is whole on every worker
    inputs: tuple[Partition, ...]  # of the stored entries, in order


def with_whole_operands(program: Program) -> Program:
    """The program with a copy in C order for each view that a library call reads: such calls work on whole arrays."""
    if not any(type(entry) is LibraryEntry for entry in program.entries):
        return program
    entries: list[Entry] = []
    numbers: list[int] = []
    for entry in program.entries:
        moved = renumbered(entry, numbers)
        if type(moved) is LibraryEntry:
            moved = replace(moved, args=tuple([_whole(arg, entries) for arg in moved.args]))
        numbers.append(len(entries))
        entries.append(moved)
    return Program(tuple(entries), tuple(numbers[root] for root in program.roots), program.scalars)


def _whole(arg: Reading, entries: list[Entry]) -> Reading:
    """An operand as a whole array, in memory."""
    entry = entries[arg.number]
    if arg.view == identity(entry.shape) and type(entry) not in GENERATORS:
        return arg
    entries.append(MapEntry("cast", 0, (arg,), entry.dtype, arg.view.shape))
    return Reading(len(entries) - 1, identity(arg.view.shape))


def partitions(program: Program, sharing: Sharing) -> tuple[Partition, ...]:
    """The partition of every entry.

    That which the user wants (of what is read from a file, too), that of its base for an update, for an elementwise
    result that of most of what it is made of, the usual one of its shape for all others.
    """
    inputs = iter(sharing.inputs)
    found: list[Partition] = []
    for entry in program.entries:
        if type(entry) is StoredEntry:
            found.append(next(inputs))
        elif type(entry) is UpdateEntry and found[entry.base].shape == entry.shape:
            found.append(found[entry.base])
        elif type(entry) is MapEntry and entry.lies is not None:
            found.append(fitting(entry.lies, sharing.workers))  # there may be fewer since somebody wanted that
        elif type(entry) is MapEntry:
            found.append(_followed(entry, program, found, sharing))
        else:
            lies = lies_as(entry)
            usual = partition(entry.shape, sharing.workers, sharing.small)
            found.append(usual if lies is None else fitting(lies, sharing.workers))
    return tuple(found)


def _followed(entry: MapEntry, program: Program, found: list[Partition], sharing: Sharing) -> Partition:
    """How an elementwise result lies: as the operands that would cost most to move."""
    usual, whole = partition(entry.shape, sharing.workers, sharing.small), identity(entry.shape)
    weights: dict[Partition, int] = {}
    for arg in entry.args:
        if isinstance(arg, Reading) and arg.view == whole and found[arg.number].shape == entry.shape:
            weights.setdefault(found[arg.number], 0)
            weights[found[arg.number]] += np.dtype(program.entries[arg.number].dtype).itemsize
    return max(weights, key=lambda lying: (weights[lying], lying != usual), default=usual)


def owners_of_fold(statement: Statement, parts: tuple[Partition, ...], sharing: Sharing) -> Owners:
    """Who computes a fold that joins nobody: the owner of most of what it reads."""
    domain = statement.domain
    if prod(domain) > sharing.small:
        options = [
            Owners(parts[number], view)
            for number, views in statement.reads.items()
            if not parts[number].replicated
            for view in views
        ]
        options = [option for option in options if option.simple and _moves(option)]
        if options:
            return max(options, key=lambda option: (prod(option.partition.shape), -option.view.offset))
    everything = partition(domain, sharing.workers, sharing.small) if prod(domain) else replicated(domain)
    return Owners(everything, identity(domain))


def _moves(option: Owners) -> bool:
    """Whether the domain moves along what is cut: else few workers would do all the work."""
    key = option.key
    return isinstance(key, tuple) and all(loop >= 0 for _, _, loop, _, _ in key)


__all__ = ["Sharing", "owners_of_fold", "partitions", "with_whole_operands"]
