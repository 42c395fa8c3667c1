"""Functions of numpy.linalg on a stack of matrices: its members are shared out over the threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ramba.kernels.local import blas
from ramba.kernels.team import Team

Options = tuple[tuple[str, Any], ...]

PER_THREAD = 4  # parts: the members of one may take longer than those of another
SMALL = 16  # rows: for fewer LAPACK takes no threads of its own, wherever it comes from
# rows from which threads gain: below, OpenBLAS spends most of its time in the lock of its buffers (cholesky of 3 x 3
# takes 3.4 times as long on two threads). NumPy's determinants keep the interpreter lock
FEWEST = {"inv": 8, "solve": 8, "cholesky": 32, "det": 1 << 62, "slogdet": 1 << 62}


def results(name: str, arrays: Sequence[np.ndarray], options: Options) -> list[np.ndarray]:
    """What a function of numpy.linalg gives; eigenvalues are complex, whatever their values."""
    found: Any = getattr(np.linalg, name)(*arrays, **dict(options))
    several = [np.asarray(item) for item in found] if isinstance(found, tuple) else [np.asarray(found)]
    if name in ("eig", "eigvals"):
        return [item.astype(np.result_type(item, np.complex64), copy=False) for item in several]
    return several


def stacked(team: Team, name: str, arrays: Sequence[np.ndarray], outs: Sequence[np.ndarray], options: Options) -> None:
    """Writes what a function of numpy.linalg gives to ``outs``.

    Parameters
    ----------
    arrays
        Matrices in stacks of the same shape, in which there is at least one.
    """
    stack, rows = arrays[0].shape[:-2], max(arrays[0].shape[-2:])
    cut = max(range(len(stack)), key=lambda d: stack[d])
    alone = team.size == 1 or rows < FEWEST.get(name, 0) or (rows >= SMALL and not blas.can_be_limited())
    count = 1 if alone else min(stack[cut], PER_THREAD * team.size)

    def part(n: int) -> None:
        key = (*(slice(None),) * cut, slice(stack[cut] * n // count, stack[cut] * (n + 1) // count))
        for out, found in zip(outs, results(name, [a[key] for a in arrays], options), strict=True):
            out[key] = found

    if count == 1:
        part(0)
        return
    with blas.one_thread_each():
        team.map(part, count)


__all__ = ["Options", "results", "stacked"]
