"""How the values of a program lie on several workers, and who computes them: decided by everybody alike."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ramba.graph import Entry, Program, Reading
from ramba.layout import Partition, identity, partition, replicated
from ramba.plan.ownership import Owners
from ramba.plan.statement import Statement


class Sharing(NamedTuple):
    """What a plan for several workers depends on besides its program."""

    workers: int
    small: int  # elements up to which an array is whole on every worker
    inputs: tuple[Partition, ...]  # of the stored entries, in order


def with_whole_operands(program: Program) -> Program:
    """The program with a copy in C order for each view that a library call reads: such calls work on whole arrays."""
    if all(entry.kind != "library" for entry in program.entries):
        return program
    entries: list[Entry] = []
    numbers: list[int] = []
    for entry in program.entries:
        args = []
        for arg in entry.args:
            if entry.kind == "fill" or (arg.view is None and entry.kind != "update"):
                args.append(arg)
                continue
            number = numbers[arg.number] if arg.view is not None or arg == entry.args[0] else arg.number
            args.append(Reading(number, arg.view))
        if entry.kind == "library":
            args = [_whole(arg, entries) for arg in args]
        numbers.append(len(entries))
        entries.append(entry._replace(args=tuple(args)))
    return Program(tuple(entries), tuple(numbers[root] for root in program.roots), program.scalars)


def _whole(arg: Reading, entries: list[Entry]) -> Reading:
    """An operand as a whole array, in memory."""
    assert arg.view is not None
    entry = entries[arg.number]
    if arg.view == identity(entry.shape) and entry.kind not in ("fill", "index", "empty"):
        return arg
    entries.append(Entry("map", "cast", entry.dtype, arg.view.shape, (arg,), 0))
    return Reading(len(entries) - 1, identity(arg.view.shape))


def partitions(program: Program, sharing: Sharing) -> tuple[Partition, ...]:
    """The partition of every entry: that of its base for an update, the standard one of its shape for all others."""
    inputs = iter(sharing.inputs)
    found: list[Partition] = []
    for entry in program.entries:
        if entry.kind == "stored":
            found.append(next(inputs))
        elif entry.kind == "update" and found[entry.args[0].number].shape == entry.shape:
            found.append(found[entry.args[0].number])
        else:
            found.append(partition(entry.shape, sharing.workers, sharing.small))
    return tuple(found)


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
