"""Runs a kernel: on a group of workers, or on the threads of one process as a group of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ramba.kernels.group import Group, Waiting
from ramba.kernels.piece import Piece
from ramba.kernels.registry import KERNELS
from ramba.kernels.relayout import to_partition
from ramba.layout.partition import Partition, partition

T = TypeVar("T")


def run(
    name: str,
    group: Group,
    small: int,
    pieces: Sequence[Piece],
    params: tuple[Any, ...],
    targets: Sequence[Partition | None] | None = None,
) -> Waiting[list[Piece]]:
    """What a kernel gives, where it is wanted.

    Parameters
    ----------
    small
        Elements up to which a new array is whole on every worker.
    targets
        Where each result is to lie; None, for one of them or for all: where a new array of its shape does, or where
        a kernel that places its results has left it.
    """
    given = []
    for piece in pieces:  # kernels take what is whole on every worker, or lies where a new array of its shape would
        usual = piece.partition if piece.replicated else partition(piece.shape, group.size, small)
        given.append(piece if usual == piece.partition else (yield from to_partition(group, piece, usual)))
    made = yield from KERNELS[name].run(group, small, given, *params)
    if KERNELS[name].in_place:
        back = pieces[0].partition
        return made if made[0].partition == back else [(yield from to_partition(group, made[0], back))]
    placed = []
    for number, piece in enumerate(made):
        target = targets[number] if targets is not None else None
        if target is None:
            target = piece.partition if KERNELS[name].placed else partition(piece.shape, group.size, small)
        placed.append((yield from to_partition(group, piece, target)))
    return placed


def alone(steps: Waiting[T]) -> T:
    """What a kernel gives in a group of one, where nobody waits."""
    try:
        next(steps)
    except StopIteration as end:
        found: T = end.value
        return found
    raise AssertionError("a group of one waits for nobody")


__all__ = ["alone", "run"]
