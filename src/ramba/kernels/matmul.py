"""Products of matrices: panels go round in a ring, and each is sent on while it is multiplied.

No operand is gathered unless it is small. Of the ways to share out a product, the one is chosen that moves least:
rows of the result with panels of the second operand in the ring, columns with panels of the first, or, for a result
that is smaller than what a worker holds of the operands, partial sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import within
from ramba.kernels.local import products as local
from ramba.kernels.piece import Piece, cut_along
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, needed, reshape, section, to_partition
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, bound, partition, replicated

TEMPORARY = 1 << 18  # elements of a partial product before it is added
FEWEST_ROWS = 128  # of a partial product: fewer would waste BLAS


def _product_type(types: Sequence[Type]) -> list[Type]:
    (first, a), (second, b) = types
    return [Type(np.result_type(first, second), _shape(a or (), b or ()))]


@kernel(_product_type)
def matmul(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``np.matmul``; the shapes are known to fit.

    Types: stacks of matrices, or vectors, of any numbers; the dtype that NumPy combines theirs to, the shape of
        ``np.matmul``.
    Exchanged: panels of one operand, from neighbour to neighbour in a ring, or partial sums of the result: what is
        less.
    Algorithm: rings of panels, as in Cannon's algorithm (1969) in one dimension; blocks by BLAS.
    """
    a, b = pieces
    dtype = np.result_type(a.array, b.array)
    a, b = (Piece(piece.array.astype(dtype, copy=False), piece.partition) for piece in (a, b))
    if group.size == 1:
        whole = local.matmul(group.team, group.memory, a.array, b.array)
        return [Piece(whole, replicated(whole.shape))]
    if a.size <= small:
        a = yield from to_partition(group, a, replicated(a.shape))
    if b.size <= small:
        b = yield from to_partition(group, b, replicated(b.shape))
    if len(a.shape) == len(b.shape) == 1:
        return [(yield from _dot(group, a, b))]
    shape = _shape(a.shape, b.shape)
    if len(a.shape) == 1:
        a = _with_dimension(a, 0)
    if len(b.shape) == 1:
        b = _with_dimension(b, 1)
    if prod(b.shape[:-2]) == 1:  # then a stack is a taller matrix
        a, b = (yield from _flattened(group, a)), (yield from _flattened(group, b))
        result = yield from _plain(group, small, a, b)
    elif prod(a.shape[:-2]) == 1 and not a.replicated and prod(b.shape[:-2]) >= group.size:
        result = yield from _stack_in_ring(group, (yield from _flattened(group, a)), b)
    else:
        result = yield from _stacked(group, small, a, b)
    if result.shape != shape:
        return (yield from reshape(group, small, [result], shape))
    return [result]


def _shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    stack = np.broadcast_shapes(a[:-2], b[:-2])
    return stack + (a[-2:-1] if len(a) > 1 else ()) + (b[-1:] if len(b) > 1 else ())


def _with_dimension(piece: Piece, axis: int) -> Piece:
    """A vector as a matrix of one row (0) or one column (1)."""
    grid = piece.partition.grid and ((1, *piece.partition.grid) if axis == 0 else (*piece.partition.grid, 1))
    shape = (1, *piece.shape) if axis == 0 else (*piece.shape, 1)
    lying = Partition(shape, grid)
    return Piece(np.expand_dims(piece.array, axis), lying)


def _dot(group: Group, a: Piece, b: Piece) -> Waiting[Piece]:
    """The product of two vectors."""
    if a.replicated and b.replicated:
        return Piece(np.asarray(np.matmul(a.array, b.array)), replicated(()))
    lying = b.partition if a.replicated else a.partition
    a, b = (yield from to_partition(group, a, lying)), (yield from to_partition(group, b, lying))
    total = yield from group.reduce(np.asarray(np.matmul(a.array, b.array)), np.add)
    return Piece(np.asarray(total), replicated(()))


def _plain(group: Group, small: int, a: Piece, b: Piece) -> Waiting[Piece]:
    """The product of two matrices, in some partition."""
    (rows, inner), columns = a.shape, b.shape[1]
    if a.replicated and b.replicated:
        target = partition((rows, columns), group.size, small)
        block = target.block(group.rank)
        part = within(block, Box((0, 0), target.shape))
        return Piece(_product(group, a.array[part[0]], b.array[:, part[1]]), target)
    if columns == 1 and not b.replicated and rows >= group.size:
        # a vector is smaller than one worker's rows of the matrix
        b = Piece((yield from everywhere(group, b)), replicated(b.shape))
    if rows == 1 and not a.replicated and columns >= group.size and inner < group.size:
        a = Piece((yield from everywhere(group, a)), replicated(a.shape))
    flat, tall = rows * inner, inner * columns
    ways = {
        _by_rows: _moved(group, a, 0) + (0 if b.replicated else tall),
        _by_columns: _moved(group, b, 1) + (0 if a.replicated else flat),
        _by_sums: _moved(group, a, 1) + _moved(group, b, 0) + rows * columns,
    }
    if rows < group.size:
        del ways[_by_rows]
    if columns < group.size:
        del ways[_by_columns]
    if inner < group.size or rows * columns > max((flat + tall) // group.size, small):
        del ways[_by_sums]
    way = min(ways, key=lambda name: ways[name]) if ways else _by_rows
    return (yield from way(group, a, b))


def _moved(group: Group, piece: Piece, axis: int) -> int:
    """Elements that a worker gets if the matrix is to be cut along one axis."""
    here = piece.replicated or piece.partition == cut_along(piece.shape, group.size, axis)
    return 0 if here else piece.size // group.size


def _by_rows(group: Group, a: Piece, b: Piece) -> Waiting[Piece]:
    """Rows of ``a`` meet the whole of ``b``, whose panels of rows come by."""
    lying = cut_along((a.shape[0], b.shape[1]), group.size)
    mine = (yield from to_partition(group, a, cut_along(a.shape, group.size))).array
    if b.replicated:
        return Piece(_product(group, mine, b.array), lying)
    out = group.memory((len(mine), b.shape[1]), mine.dtype)
    begun = False

    def multiply(rows: slice, panel: np.ndarray) -> None:
        nonlocal begun
        if begun:
            _add_product(group, mine[:, rows], panel, out)
        else:
            _product(group, mine[:, rows], panel, out)
        begun = True

    yield from _ring(group, b, multiply)
    return Piece(out, lying)


def _by_columns(group: Group, a: Piece, b: Piece) -> Waiting[Piece]:
    """The whole of ``a``, whose panels of rows come by, meets columns of ``b``."""
    lying = cut_along((a.shape[0], b.shape[1]), group.size, 1)
    mine = (yield from to_partition(group, b, cut_along(b.shape, group.size, 1))).array
    if a.replicated:
        return Piece(_product(group, a.array, mine), lying)
    out = group.memory((a.shape[0], mine.shape[1]), mine.dtype)

    def multiply(rows: slice, panel: np.ndarray) -> None:
        _product(group, panel, mine, out[rows])

    yield from _ring(group, a, multiply)
    return Piece(out, lying)


def _by_sums(group: Group, a: Piece, b: Piece) -> Waiting[Piece]:
    """Each worker multiplies some columns of ``a`` with the rows of ``b`` that they meet; the products are added."""
    first = yield from to_partition(group, a, cut_along(a.shape, group.size, 1))
    second = yield from to_partition(group, b, cut_along(b.shape, group.size))
    partial = _product(group, first.array, second.array)
    lying = partition(partial.shape, group.size, 0)
    if lying.replicated:
        return Piece((yield from group.reduce(partial, np.add)), lying)
    everybody = range(group.size)
    whole = Box((0, 0), partial.shape)
    block = lying.block(group.rank)
    parcels = {to: partial[within(lying.block(to), whole)] for to in everybody if 0 not in lying.block(to).extent}
    own = parcels.pop(group.rank, partial[:0, :0])
    senders = [rank for rank in everybody if rank != group.rank and 0 not in block.extent]
    arrived = yield from group.exchange(parcels, senders)
    out = group.memory(block.extent, partial.dtype)
    for n, rank in enumerate([] if 0 in block.extent else everybody):  # in this order whoever adds
        part = own if rank == group.rank else arrived[rank].view(out.dtype).reshape(out.shape)
        np.add(out, part, out=out) if n else np.copyto(out, part)
    return Piece(out, lying)


def _ring(group: Group, piece: Piece, multiply: Callable[[slice, np.ndarray], None]) -> Waiting[None]:
    """Every worker's panel of rows to every worker: the next is under way while one is multiplied."""
    panel = (yield from to_partition(group, piece, cut_along(piece.shape, group.size))).array
    extent = piece.shape[0]
    before, after = (group.rank - 1) % group.size, (group.rank + 1) % group.size
    for step in range(group.size):
        owner = (group.rank + step) % group.size
        rows = slice(bound(extent, group.size, owner), bound(extent, group.size, owner + 1))
        if step == group.size - 1:
            multiply(rows, panel)
            return
        waiting = group.exchange({before: panel}, [after])
        arrived: dict[int, np.ndarray] | None = None
        try:
            next(waiting)  # sends
        except StopIteration as done:
            arrived = done.value
        multiply(rows, panel)
        if arrived is None:
            arrived = yield from waiting
        panel = arrived[after].view(panel.dtype).reshape(-1, piece.shape[1])


def _product(group: Group, a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """``a @ b``; what BLAS cannot do is shared out by rows."""
    if out is None:
        stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = group.memory((*stack, a.shape[-2], b.shape[-1]), a.dtype)
    if a.dtype.char in "fdFD" or a.ndim > 2 or b.ndim > 2 or len(a) < 2:
        return np.matmul(a, b, out=out)
    pieces = min(len(a), 32)

    def piece(n: int) -> None:
        part = slice(len(a) * n // pieces, len(a) * (n + 1) // pieces)
        np.matmul(a[part], b, out=out[part])

    group.team.map(piece, pieces)
    return out


def _add_product(group: Group, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """``out += a @ b``, some rows at a time."""
    rows = max(TEMPORARY // max(out.shape[1], 1), FEWEST_ROWS)
    for first in range(0, len(a), rows):
        part = slice(first, first + rows)
        out[part] += _product(group, a[part], b)


def _flattened(group: Group, piece: Piece) -> Waiting[Piece]:
    """A stack as one matrix of all its rows."""
    if len(piece.shape) == 2:
        return piece
    small = piece.size if piece.replicated else 0
    return (yield from reshape(group, small, [piece], (prod(piece.shape[:-1]), piece.shape[-1])))[0]


def _stack_in_ring(group: Group, a: Piece, b: Piece) -> Waiting[Piece]:
    """One large matrix and a stack: panels of the matrix come by where the members of the stack are."""
    stack, (inner, columns) = b.shape[:-2], b.shape[-2:]
    grid = partition(stack, group.size, 0).grid or (1,) * len(stack)
    b = yield from to_partition(group, b, Partition(b.shape, (*grid, 1, 1)))
    lying = Partition((*stack, a.shape[0], columns), (*grid, 1, 1))
    extent = lying.block(group.rank).extent
    members = b.array.reshape(*extent[:-2], inner if extent[-1] or prod(extent[:-2]) else 0, extent[-1])
    out = group.memory(extent, b.array.dtype)

    def multiply(rows: slice, panel: np.ndarray) -> None:
        if out.size:
            _product(group, panel, members, out[..., rows, :])

    yield from _ring(group, a, multiply)
    return Piece(out, lying)


def _stacked(group: Group, small: int, a: Piece, b: Piece) -> Waiting[Piece]:
    """Stacks are cut along their members, unless these are too few."""
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*stack, a.shape[-2], b.shape[-1])
    if a.replicated and b.replicated:
        lying = partition(shape, group.size, small)
    elif prod(stack) >= group.size:
        grid = partition(stack, group.size, 0).grid or (1,) * len(stack)
        lying = Partition(shape, (*grid, 1, 1))
    else:
        return (yield from _one_by_one(group, small, a, b, stack))
    inner = a.shape[-1]
    blocks = [lying.block(rank) for rank in range(group.size)]
    left = [Box((*s[:-1], 0), (*e[:-1], inner)) for s, e in blocks]
    right = [Box((*s[:-2], 0, s[-1]), (*e[:-2], inner, e[-1])) for s, e in blocks]
    first = yield from needed(group, a, left)
    second = yield from needed(group, b, right)
    out = _product(group, first, second, group.memory(blocks[group.rank].extent, first.dtype))
    return Piece(out, lying)


def _one_by_one(group: Group, small: int, a: Piece, b: Piece, stack: tuple[int, ...]) -> Waiting[Piece]:
    """The members of a short stack, one after the other, each shared by all workers."""
    shape = (*stack, a.shape[-2], b.shape[-1])
    lying = cut_along(shape, group.size, len(stack))
    out = group.memory(lying.block(group.rank).extent, a.array.dtype)
    for place in np.ndindex(*stack):
        first = yield from _member(group, small, a, place)
        second = yield from _member(group, small, b, place)
        product = yield from _plain(group, small, first, second)
        out[place] = (yield from to_partition(group, product, cut_along(shape[-2:], group.size))).array
    return Piece(out, lying)


def _member(group: Group, small: int, piece: Piece, place: tuple[int, ...]) -> Waiting[Piece]:
    """One matrix of a stack."""
    count = len(piece.shape) - 2
    place = tuple(min(p, e - 1) for p, e in zip(place[len(place) - count :], piece.shape, strict=False))
    shape = piece.shape[-2:]
    target = replicated(shape) if piece.replicated or prod(shape) <= small else cut_along(shape, group.size)
    box = Box((*place, 0, 0), (*(1,) * count, *shape))
    return (yield from section(group, piece, box, tuple(range(count)), target))
