"""The table of kernels: what no fused loop expresses, by the names under which plans and commands know it.

A kernel is written once, for a group of workers that run it together; threads of one process are a group of one. The
rooms beside this one hold what the workers do around it, ``local`` what one of them does with all its threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ramba.kernels.group import Waiting
from ramba.kernels.piece import Piece


class Type(NamedTuple):
    """What is known of an operand or a result before it exists."""

    dtype: np.dtype
    shape: tuple[int, ...] | None  # None: it depends on values


Infer = Callable[..., Sequence[Type]]
Procedure = Callable[..., Waiting[list[Piece]]]


class Kernel(NamedTuple):
    """A function that all workers of a group run together."""

    name: str
    infer: Infer  # (types of the operands, *params): types of the results, before anything runs
    run: Procedure  # (group, small, pieces, *params): the results' pieces, wherever they lie
    in_place: bool  # the result is the first operand, changed: it stays where it lies
    told: Callable[..., str] | None  # (*params): what floating-point errors are said to be encountered in; None: name
    pure: bool  # whether it can be called again, on other workers, for the same result
    placed: bool  # results stay where the kernel leaves them, unless they are wanted elsewhere


KERNELS: dict[str, Kernel] = {}

_Procedure = TypeVar("_Procedure", bound=Procedure)


def kernel(
    infer: Infer,
    *,
    in_place: bool = False,
    told: Callable[..., str] | None = None,
    pure: bool = True,
    placed: bool = False,
) -> Callable[[_Procedure], _Procedure]:
    """Enters a kernel into the table, under the function's name."""

    def register(run: _Procedure) -> _Procedure:
        name = getattr(run, "__name__", "")
        KERNELS[name] = Kernel(name, infer, run, in_place, told, pure, placed)
        return run

    return register


def told(name: str, params: Sequence[Any]) -> str:
    """What floating-point errors of a kernel are said to be encountered in."""
    kernel = KERNELS[name]
    return kernel.told(*params) if kernel.told is not None else name


def same(types: Sequence[Type], *params: object) -> list[Type]:
    """The result is as the first operand is."""
    return [types[0]]


__all__ = ["KERNELS", "Kernel", "Type", "kernel", "same", "told"]
