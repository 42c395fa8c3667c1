"""Functions of numpy.linalg on stacks of matrices: the members are shared out, none of them is divided.

They run in the call: whether there is a result at all depends on values, and programs catch ``LinAlgError`` where they
call.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.local import linalg as local
from ramba.kernels.local.linalg import Options
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Infer, Procedure, Type, kernel
from ramba.kernels.relayout import to_partition
from ramba.layout.partition import Partition, partition, replicated

STACKS = (
    *("inv", "pinv", "solve", "det", "slogdet", "matrix_rank", "cond", "cholesky", "qr"),
    *("eig", "eigvals", "eigh", "eigvalsh", "svd", "svdvals"),
)
TEXT = 128  # bytes of an error's message
_DOCSTRING = """``np.linalg.{}`` of each matrix of a stack.

Types: stacks of matrices of floats or complex numbers; what ``np.linalg`` makes of their dtypes and shapes.
Exchanged: whole members, where the stack is to be cut in another way, and `TEXT` bytes of each worker's error.
Algorithm: LAPACK's, a member on each thread; see `local.linalg`.
"""


@lru_cache(maxsize=1024)
def _members(name: str, types: tuple[Type, ...], options: Options) -> list[Type]:
    """Dtypes and shapes of the members of results: NumPy says what it makes of stacks that have none."""
    found = local.results(name, [np.zeros((0, *(shape or ())), dtype) for dtype, shape in types], options)
    return [Type(item.dtype, item.shape[1:]) for item in found]


def _of(types: Sequence[Type]) -> tuple[Type, ...]:
    return tuple(Type(dtype, (shape or ())[-2:]) for dtype, shape in types)


def _types(name: str) -> Infer:
    def infer(types: Sequence[Type], options: Options) -> list[Type]:
        return [Type(dtype, None) for dtype, _ in _members(name, _of(types), options)]

    return infer


def _stacked(name: str) -> Procedure:
    def run(group: Group, small: int, pieces: Sequence[Piece], options: Options) -> Waiting[list[Piece]]:
        stack = pieces[0].shape[:-2]
        grid = () if all(a.replicated for a in pieces) else _grid(group, stack)
        arrays = []
        for piece in pieces:
            moved = yield from to_partition(group, piece, _lying(grid, piece.shape))
            arrays.append(moved.array)
        members = _members(name, _of([Type(a.array.dtype, a.shape) for a in pieces]), options)
        targets = [_lying(grid, (*stack, *(shape or ()))) for _, shape in members]
        outs = [
            group.memory(target.block(group.rank).extent, dtype)
            for target, (dtype, _) in zip(targets, members, strict=True)
        ]
        problem = ""
        if 0 not in arrays[0].shape[: len(stack)]:
            try:
                local.stacked(group.team, name, arrays, outs, options)
            except np.linalg.LinAlgError as error:
                problem = str(error)
        yield from _refuse(group, problem)
        return [Piece(out, target) for out, target in zip(outs, targets, strict=True)]

    run.__name__ = name
    run.__doc__ = _DOCSTRING.format(name)
    return run


def _grid(group: Group, stack: tuple[int, ...]) -> tuple[int, ...]:
    return partition(stack, group.size, 0).grid or (1,) * len(stack)


def _lying(grid: tuple[int, ...], shape: tuple[int, ...]) -> Partition:
    """A partition that cuts the stack only."""
    return Partition(shape, (*grid, *(1,) * (len(shape) - len(grid)))) if grid else replicated(shape)


def _refuse(group: Group, problem: str) -> Waiting[None]:
    """Raises on every worker what one of them met."""
    told = yield from group.gather(np.frombuffer(problem.encode()[:TEXT].ljust(TEXT, b"\0"), np.uint8))
    texts = [row.tobytes().rstrip(b"\0").decode(errors="replace") for row in told]
    found = next(filter(None, texts), None)
    if found is not None:
        raise np.linalg.LinAlgError(found)


for _name in STACKS:
    kernel(_types(_name))(_stacked(_name))

__all__ = ["STACKS"]
