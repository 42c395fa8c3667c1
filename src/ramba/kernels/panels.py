"""A matrix in panels of columns that are dealt out to the workers in turn, as its factorisations want it.

The panel that is next is factored by the worker that has it, which tells all others; then everybody takes what it
learned from the columns behind. Dealt out in turn, there is work for everybody until the end (block-cyclic: Golub and
Van Loan, *Matrix Computations*, 2013, 1.6). No worker ever holds more than its share of the matrix and one panel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import Panels, extent
from ramba.kernels.piece import Piece
from ramba.kernels.relayout import move
from ramba.layout.partition import Partition, partition

WIDTH = 128  # columns of a panel: BLAS is fast on so many, and few workers wait for a panel


class Matrix(NamedTuple):
    """A worker's columns of a matrix."""

    layout: Panels
    rank: int
    own: np.ndarray  # all rows of them; each column is consecutive

    def place(self, panel: int) -> slice:
        """Where one of the worker's panels is."""
        return slice(self.layout.held(self.rank, panel), self.layout.held(self.rank, panel + 1))

    def behind(self, panel: int) -> np.ndarray:
        """The worker's columns of the panels behind one."""
        return self.own[:, self.layout.held(self.rank, panel + 1) :]

    def from_panel(self, panel: int) -> np.ndarray:
        """The worker's columns of a panel and of those behind it."""
        return self.own[:, self.layout.held(self.rank, panel) :]


def dealt(group: Group, piece: Piece, dtype: np.dtype) -> Waiting[Matrix]:
    """A matrix in panels, in memory of its own, in a dtype."""
    layout = Panels(piece.shape, WIDTH, group.size)
    moved = yield from move(group, piece.array.astype(dtype, copy=False), piece.partition, layout)
    return Matrix(layout, group.rank, moved.T)


def identity(group: Group, shape: tuple[int, ...], dtype: np.dtype) -> Matrix:
    """Ones on the diagonal of zeros."""
    layout = Panels(shape, WIDTH, group.size)
    held = group.memory(extent(layout, group.rank), dtype)
    held[...] = 0
    matrix = Matrix(layout, group.rank, held.T)
    for panel in range(group.rank, layout.panels, group.size):
        part, place = layout.columns(panel), matrix.place(panel)
        stop = max(min(part.stop, shape[0]) - part.start, 0)
        matrix.own[part.start + np.arange(stop), place.start + np.arange(stop)] = 1
    return matrix


def collected(group: Group, matrix: Matrix, rows: int, small: int) -> Waiting[Piece]:
    """The first rows of a matrix where a new array of their shape lies."""
    layout = matrix.layout._replace(shape=(rows, matrix.layout.shape[1]))
    target: Partition = partition(layout.shape, group.size, small)
    own = np.ascontiguousarray(matrix.own[:rows].T)
    return Piece((yield from move(group, own, layout, target)), target)


def from_one(
    group: Group, rank: int, value: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype
) -> Waiting[np.ndarray]:
    """An array that one worker has, for everybody."""
    if value is None:
        return (yield from heard(group, rank, shape, dtype))
    value = np.ascontiguousarray(value, dtype)
    yield from tell(group, value)
    return value


def tell(group: Group, value: np.ndarray) -> Waiting[None]:
    """Sends everybody else an array, which they hear: nobody waits for that."""
    if group.size > 1 and value.size:
        yield from group.exchange({to: value for to in range(group.size) if to != group.rank}, [])


def heard(group: Group, rank: int, shape: tuple[int, ...], dtype: np.dtype) -> Waiting[np.ndarray]:
    """What another worker tells."""
    if group.size == 1 or 0 in shape:
        return np.zeros(shape, dtype)
    arrived = yield from group.exchange({}, [rank])
    return arrived[rank].view(dtype).reshape(shape)


__all__ = ["Matrix", "collected", "dealt", "from_one", "heard", "identity", "tell"]
