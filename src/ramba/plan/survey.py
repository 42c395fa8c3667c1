"""What all workers together do for a program: every worker's steps, kernel by kernel. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.graph import Program
from ramba.layout import Partition
from ramba.plan.distribute import WorkerLowering
from ramba.plan.planner import drafted
from ramba.plan.sharing import Sharing, partitions
from ramba.plan.step import Access, AllReduce, Call, Kernel, Plan, Send, Step


class Transfer(NamedTuple):
    """What one worker sends another at one moment."""

    source: int
    target: int
    nbytes: int
    content: tuple[tuple[int, tuple[int, ...]], ...]  # entry and shape of each piece; entry -1: partial results


class Stage(NamedTuple):
    """What the workers do for one kernel, or one library call."""

    results: tuple[int, ...]  # entries that it stores
    domain: tuple[int, ...]
    steps: dict[int, tuple[Step, ...]]  # of each worker that was looked at
    transfers: tuple[Transfer, ...]

    @property
    def reductions(self) -> tuple[AllReduce, ...]:
        """Folds over all workers."""
        return tuple(step for step in self._first() if isinstance(step, AllReduce))

    @property
    def calls(self) -> tuple[Call, ...]:
        """Kernels that all workers run together."""
        return tuple(step for step in self._first() if isinstance(step, Call))

    def _first(self) -> tuple[Step, ...]:
        return next(iter(self.steps.values()))


class Survey(NamedTuple):
    """A program as a group of workers would run it."""

    program: Program  # as it is planned
    parts: tuple[Partition, ...]  # of every entry
    stored: frozenset[int]  # entries that have memory; all others are computed where they are needed
    stages: tuple[Stage, ...]
    plans: dict[int, Plan]  # of each worker that was looked at


def survey(program: Program, exact: bool, sharing: Sharing, ranks: Iterable[int]) -> Survey:
    """What some of the workers (or all) do: the same as `worker_plan` gives each of them."""
    draft = drafted(program, exact, sharing)
    program, placed = draft.program, draft.fused
    lowerings = {rank: WorkerLowering(program, draft.chosen, placed, sharing, rank) for rank in ranks}
    stages = []
    for group in placed.groups:
        steps: dict[int, tuple[Step, ...]] = {}
        transfers: list[Transfer] = []
        for rank, lowering in lowerings.items():
            before = len(lowering.steps)
            names = {slot: entry for entry, slot in lowering.slots.items()}
            lowering.lower(group, placed.over)
            steps[rank] = tuple(lowering.steps[before:])
            transfers += _transfers(rank, steps[rank], names)
        results = tuple(dict.fromkeys(statement.entry for statement in group.statements))
        stages.append(Stage(results, group.domain, steps, tuple(transfers)))
    stored = frozenset(next(iter(lowerings.values())).slots)
    plans = {rank: lowering.finish() for rank, lowering in lowerings.items()}
    return Survey(program, partitions(program, sharing), stored, tuple(stages), plans)


def _transfers(rank: int, steps: Iterable[Step], names: dict[int, int]) -> Iterator[Transfer]:
    for step in steps:
        if isinstance(step, Send):
            for message in step.messages:
                content = tuple((names.get(piece.slot, -1), piece.view.shape) for piece in message.pieces)
                yield Transfer(rank, message.peer, message.nbytes, content)


class Traffic(NamedTuple):
    """Bytes between kernels and memory; what a kernel reads twice counts once."""

    read: int
    written: int

    def __add__(self, other: object) -> Traffic:
        assert isinstance(other, Traffic)
        return Traffic(self.read + other.read, self.written + other.written)


def traffic(steps: Iterable[Step]) -> Traffic:
    """What kernels and library calls read and write, estimated."""
    total = Traffic(0, 0)
    for step in steps:
        if isinstance(step, Kernel):
            total += _traffic_of(step)
        elif isinstance(step, Call):
            read = sum(source.size * np.dtype(source.dtype).itemsize for source in step.inputs)
            written = sum(target.size * np.dtype(target.dtype).itemsize for target in step.targets)
            total += Traffic(read, written)
    return total


def _traffic_of(kernel: Kernel) -> Traffic:
    """Of one kernel: for each slot what its operands touch, but no more than lies between the first and the last."""
    touched: dict[tuple[str, int], list[tuple[int, int, int, int]]] = {}
    for operand, access in zip(kernel.spec.operands, kernel.accesses, strict=True):
        if not isinstance(access, Access) or access.slot < 0 or 0 in kernel.extents:
            continue
        moves = [(e, s) for e, s in zip(kernel.extents, access.strides, strict=True) if s]
        low = access.offset + sum(s * (e - 1) for e, s in moves if s < 0)
        high = access.offset + sum(s * (e - 1) for e, s in moves if s > 0) + 1
        size = np.dtype(operand.dtype).itemsize
        key = ("load" if operand.role == "load" else "store", access.slot)
        touched.setdefault(key, []).append((prod(e for e, _ in moves), low, high, size))
    sums = {"load": 0, "store": 0}
    for (role, _), rows in touched.items():
        count = min(sum(row[0] for row in rows), max(row[2] for row in rows) - min(row[1] for row in rows))
        sums[role] += count * rows[0][3]
    return Traffic(sums["load"], sums["store"])


__all__ = ["Transfer", "Stage", "Survey", "Traffic", "survey", "traffic"]
