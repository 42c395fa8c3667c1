"""``a[i, j, ...]`` and ``a[i, j, ...] = values`` with arrays of indices: the owners of the elements are asked."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import linear, positions
from ramba.kernels.local import gather
from ramba.kernels.local.scatter import add_at
from ramba.kernels.local.scatter import put as scatter_put
from ramba.kernels.piece import Piece, cut_along, uncut
from ramba.kernels.registry import Type, kernel
from ramba.kernels.relayout import everywhere, needed, reshape, to_partition
from ramba.kernels.swap import by_receiver, deal, swap
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, bound, partition, replicated


class Located(NamedTuple):
    """Where the elements are that a worker's index arrays name."""

    order: np.ndarray  # brings those of one owner together
    counts: np.ndarray  # of each owner
    offsets: np.ndarray  # in the owner's block, in this order


# the shapes of results are known, but not whether they exist: an index may be out of bounds


@kernel(lambda types, axis: [Type(types[0].dtype, None)])
def take(group: Group, small: int, pieces: Sequence[Piece], axis: int) -> Waiting[list[Piece]]:
    """``a[..., index, ...]``, the index array (of integers) standing at an axis.

    Types: any array and integers of any shape; the first one's dtype, the indices' shape in the place of the axis.
    Exchanged: an array of up to ``small`` elements; else see `gather_points`, or the indices, where another axis
        can be cut.
    Algorithm: owners answer requests; see `gather_points`.
    """
    a, index = pieces
    if group.size == 1:
        found = np.asarray(gather.take(group.team, group.memory, a.array, index.array, axis), order="C")
        return [Piece(found, replicated(found.shape))]
    if a.replicated or a.size <= small:
        return [(yield from _from_replicated(group, small, a, [index], axis))]
    if axis == 0:
        return (yield from gather_points(group, small, pieces))
    block = index.partition.block(group.rank)
    checked = yield from _checked(group, [index.array], [a.shape[axis]], block, index.shape, axis)
    numbers = Piece(checked[0], index.partition)
    before, after = a.shape[:axis], a.shape[axis + 1 :]
    lying = uncut(a.shape, (axis,), group.size)
    if lying.blocks == group.size:
        places = yield from everywhere(group, numbers)
        a = yield from to_partition(group, a, lying)
        out = Piece(np.take(a.array, places.reshape(-1), axis), lying._replace(shape=(*before, index.size, *after)))
    else:  # the other axes are too short to be shared out
        out = yield from _along(group, a, numbers, axis)
    return (yield from reshape(group, small, [out], before + index.shape + after))


def _picked(types: Sequence[Type], axis: int) -> list[Type]:
    (dtype, shape), (_, wanted) = types
    assert shape is not None
    assert wanted is not None
    return [Type(dtype, (*shape[:axis], *wanted, *shape[axis + 1 :]))]


@kernel(_picked)
def pick(group: Group, small: int, pieces: Sequence[Piece], axis: int) -> Waiting[list[Piece]]:
    """As `take`, of an index array that is known to be inside: so there is a result.

    Types: as of `take`.
    Exchanged: as by `take`.
    Algorithm: see `take`.
    """
    return (yield from take(group, small, pieces, axis))


def _along(group: Group, a: Piece, index: Piece, axis: int) -> Waiting[Piece]:
    """``np.take(a, index.ravel(), axis)``: the axis is turned to the front, where elements can be asked for."""
    others = tuple(d for d in range(len(a.shape)) if d != axis)
    a = yield from to_partition(group, a, cut_along(a.shape, group.size, axis))
    shape = a.shape[axis], *(a.shape[d] for d in others)
    turned = Piece(np.ascontiguousarray(np.moveaxis(a.array, axis, 0)), cut_along(shape, group.size))
    (index,) = yield from reshape(group, 0, [index], (index.size,))
    (rows,) = yield from gather_points(group, 0, [turned, index])
    rows = yield from to_partition(group, rows, cut_along(rows.shape, group.size))
    out = np.ascontiguousarray(np.moveaxis(rows.array, 0, axis))
    return Piece(out, cut_along((*a.shape[:axis], rows.shape[0], *a.shape[axis + 1 :]), group.size, axis))


@kernel(lambda types: [Type(types[0].dtype, None)])
def gather_points(group: Group, small: int, pieces: Sequence[Piece]) -> Waiting[list[Piece]]:
    """``a[i, j, ...]``: arrays of integers, broadcast together, for the first dimensions.

    Types: any array, integers that are broadcast together; the first one's dtype.
    Exchanged: the places asked for, sorted by owner, and the elements in return.
    Algorithm: request and response in two all-to-all exchanges; within a block see `local.gather`.
    """
    a, *indices = pieces
    lead, row = a.shape[: len(indices)], a.shape[len(indices) :]
    broadcast = np.broadcast_shapes(*(index.shape for index in indices))
    shape = broadcast + row
    if a.replicated or a.size <= small:
        return [(yield from _from_replicated(group, small, a, indices, 0))]
    target = partition(shape, group.size, small)
    a = yield from _led(group, a, len(lead))
    asking = _asking(target, broadcast, group.size)
    asked = [asking.block(rank) for rank in range(group.size)]
    spread = yield from _spread(group, indices, asked)
    numbers, problems = _local(spread, lead, asked[group.rank], broadcast)
    located = _located(group, a.partition, numbers)
    dealt = yield from deal(group, [located.offsets], located.counts, problems)
    _complain(dealt.notes, lead)
    rows = a.array.reshape(prod(a.array.shape[: len(lead)]), *row)
    answers = yield from swap(group, _rows(group, rows, dealt.columns[0]), dealt.received, located.counts)
    out = group.memory((len(answers), *row), answers.dtype)
    out[located.order] = answers
    made = Partition(shape, (*asking.grid, *(1,) * len(row)) if asking.grid else ())
    return [(yield from to_partition(group, Piece(out.reshape(made.block(group.rank).extent), made), target))]


def _from_replicated(group: Group, small: int, a: Piece, indices: Sequence[Piece], axis: int) -> Waiting[Piece]:
    """The arrays of integers stand at consecutive axes of an array that is small: each worker picks by itself."""
    elements = yield from everywhere(group, a)
    broadcast = np.broadcast_shapes(*(index.shape for index in indices))
    first, last = axis, axis + len(broadcast)
    beyond = axis + len(indices)
    target = partition(a.shape[:axis] + broadcast + a.shape[beyond:], group.size, small)
    asked = [_section(target.block(rank), first, last) for rank in range(group.size)]
    numbers = yield from _indices(group, indices, a.shape[axis:beyond], broadcast, asked, axis)
    if a.shape[beyond:] == a.shape[:axis] == () and len(indices) == 1:
        return Piece(gather.take(group.team, group.memory, elements, numbers[0]), target)
    starts, extents = target.block(group.rank)
    ranges = [slice(start, start + extent) for start, extent in zip(starts, extents, strict=True)]
    key: tuple[Any, ...] = (*ranges[:first], *numbers, *ranges[last:])
    out = elements[key]
    return Piece(np.ascontiguousarray(out).reshape(extents), target)


@kernel(lambda types, op="": [Type(types[0].dtype, None)], in_place=True, told=lambda op="": op or "cast")
def put(group: Group, small: int, pieces: Sequence[Piece], op: str = "") -> Waiting[list[Piece]]:
    """``a[i, j, ...] = values`` in the array's own memory; the last assignment to an element wins, as in NumPy.

    The pieces are the array, the index arrays, the values. With the name of a ufunc: ``op.at(a, (i, j, ...), values)``.

    Types: any array, integers, values that are broadcast; the array itself.
    Exchanged: places and values, sorted by owner, in one message.
    Algorithm: one all-to-all exchange, in NumPy's order of assignments; within a block see `local.scatter`.
    """
    a, *indices, values = pieces
    lead, row = a.shape[: len(indices)], a.shape[len(indices) :]
    broadcast = np.broadcast_shapes(*(index.shape for index in indices))
    if 0 in broadcast:
        return [a]
    if not broadcast:
        broadcast = (1,)
        indices = [Piece(index.array.reshape(1), replicated((1,))) for index in indices]
    values = _values(a, values, op, len(broadcast + row))
    if a.replicated:
        asked = [Box((0,) * len(broadcast), broadcast)] * group.size
        numbers = yield from _indices(group, indices, lead, broadcast, asked)
        _assign(group, a.array, tuple(numbers), (yield from everywhere(group, values)), op)
        return [a]
    held = yield from _led(group, a, len(lead))
    asking = _asking(replicated(broadcast + row), broadcast, group.size)
    if asking.replicated:
        asking = Partition(broadcast, (1,) * len(broadcast))
    asked = [asking.block(rank) for rank in range(group.size)]
    spread, box = (yield from _spread(group, indices, asked)), asked[group.rank]
    numbers, problems = _local(spread, lead, box, broadcast)
    located = _located(group, held.partition, numbers)
    columns = [located.offsets]
    if is_mixed := any(parts > 1 for parts in asking.grid[1:]):  # what comes is not in NumPy's order
        columns.append(positions(box, broadcast).reshape(-1)[located.order])
    if values.size == 1:
        new = (yield from everywhere(group, values)).reshape(())
    else:
        mine = yield from needed(group, values, [_joined(each, row) for each in asked])
        columns.append(np.broadcast_to(mine, box.extent + row).reshape(prod(box.extent), *row)[located.order])
    dealt = yield from deal(group, columns, located.counts, problems)
    _complain(dealt.notes, lead)
    order = np.argsort(dealt.columns[1]) if is_mixed else slice(None)
    if values.size != 1:
        new = dealt.columns[-1][order]
    rows = held.array.reshape(prod(held.array.shape[: len(lead)]), *row)
    _assign(group, rows, (dealt.columns[0][order],), new, op)
    if held is not a:
        a.array[...] = (yield from to_partition(group, held, a.partition)).array
    return [a]


def _values(a: Piece, values: Piece, op: str, ndim: int) -> Piece:
    """Values of the array's dtype, unless an operation is to combine them, and of at most so many dimensions."""
    array, shape = values.array, values.shape
    if not op:
        array = array.astype(a.array.dtype, copy=False)
    extra = max(len(shape) - ndim, 0)  # dimensions of extent 1
    return Piece(array.reshape(array.shape[extra:]), Partition(shape[extra:], values.partition.grid[extra:]))


def _assign(group: Group, rows: np.ndarray, numbers: tuple[np.ndarray, ...], values: np.ndarray, op: str) -> None:
    if rows.ndim == 1 and len(numbers) == 1 and op:
        add_at(group.team, rows, numbers[0], values, op)
    elif rows.ndim == 1 and len(numbers) == 1:
        scatter_put(group.team, rows, numbers[0], values)
    elif op:
        getattr(np, op).at(rows, numbers, values)
    else:
        rows[numbers] = values


def _section(box: Box, first: int, last: int) -> Box:
    """Some consecutive dimensions of a box."""
    if 0 in box.extent:  # nothing is asked for
        return Box(box.start[first:last], (0,) * (last - first))
    return Box(box.start[first:last], box.extent[first:last])


def _joined(box: Box, row: tuple[int, ...]) -> Box:
    return Box((*box.start, *(0,) * len(row)), (*box.extent, *row))


def _led(group: Group, a: Piece, leading: int) -> Waiting[Piece]:
    """The array with no cut through its rows: through the dimensions that are not indexed."""
    if all(parts == 1 for parts in a.partition.grid[leading:]):
        return a
    rows = tuple(range(leading, len(a.shape)))
    return (yield from to_partition(group, a, uncut(a.shape, rows, group.size)))


def _asking(target: Partition, broadcast: tuple[int, ...], workers: int) -> Partition:
    """Who asks for which elements of the result: who will hold them, if whole rows are held."""
    leading = len(broadcast)
    if target.grid and all(parts == 1 for parts in target.grid[leading:]):
        return Partition(broadcast, target.grid[:leading])
    return partition(broadcast, workers, 0)


def _indices(
    group: Group,
    indices: Sequence[Piece],
    lead: tuple[int, ...],
    broadcast: tuple[int, ...],
    asked: Sequence[Box],
    axis: int = 0,
) -> Waiting[list[np.ndarray]]:
    """The index arrays, broadcast, where each worker asks; checked, and none of them negative."""
    spread = yield from _spread(group, indices, asked)
    return (yield from _checked(group, spread, lead, asked[group.rank], broadcast, axis))


def _spread(group: Group, indices: Sequence[Piece], asked: Sequence[Box]) -> Waiting[list[np.ndarray]]:
    """The index arrays, broadcast, where each worker asks."""
    spread = []
    for index in indices:
        mine = yield from needed(group, index, asked)
        spread.append(np.broadcast_to(mine, asked[group.rank].extent))
    return spread


def _checked(
    group: Group,
    indices: Sequence[np.ndarray],
    extents: Sequence[int],
    box: Box,
    shape: tuple[int, ...],
    first: int,
) -> Waiting[list[np.ndarray]]:
    """Indices that are not negative; raises NumPy's IndexError on every worker if one, anywhere, is out of bounds.

    The arrays are a box of index arrays of a shape, in which NumPy names the first; ``first`` is the first one's axis.
    """
    found, problems = _local(indices, extents, box, shape)
    _complain((yield from group.gather(problems)), extents, first)
    return found


def _local(
    indices: Sequence[np.ndarray], extents: Sequence[int], box: Box, shape: tuple[int, ...]
) -> tuple[list[np.ndarray], np.ndarray]:
    """Indices that are not negative, none at all if one is out of bounds; for each array the first that is, and where.

    The arrays are a box of index arrays of a shape.
    """
    problems = np.full((len(indices), 2), -1, np.int64)  # for each array: where, and the index
    found = []
    for n, (index, extent) in enumerate(zip(indices, extents, strict=True)):
        index = index.astype(np.int64, copy=False)
        least, most = index.min(initial=0), index.max(initial=-1)
        if least < -extent or most >= extent:
            bad = np.unravel_index(np.flatnonzero((index < -extent) | (index >= extent))[0], index.shape)
            place = tuple(int(p) + start for p, start in zip(bad, box.start, strict=True))
            problems[n] = linear(place, shape), index[bad]
        found.append(np.where(index < 0, index + extent, index) if least < 0 else index)
    return (found if (problems < 0).all() else [x.reshape(-1)[:0] for x in found]), problems


def _complain(everybody: np.ndarray, extents: Sequence[int], first: int = 0) -> None:
    """Raises NumPy's IndexError, the same on every worker, if anybody has an index that is out of bounds."""
    for n, extent in enumerate(extents):
        bad = everybody[everybody[:, n, 0] >= 0, n]
        if len(bad):
            index = bad[np.argmin(bad[:, 0]), 1]
            raise IndexError(f"index {index} is out of bounds for axis {first + n} with size {extent}")


def _located(group: Group, lying: Partition, indices: Sequence[np.ndarray]) -> Located:
    """Who holds the elements, and where in the block."""
    owner = offset = np.zeros(1, np.int64)
    longest = 1  # elements of the largest block
    for index, extent, count in zip(indices, lying.shape, lying.grid, strict=False):
        flat = index.reshape(-1)
        longest *= -(-extent // count)
        if count == 1:
            offset = offset * extent + flat if offset.any() else flat
            continue
        starts = np.array([bound(extent, count, part) for part in range(count + 1)])
        part = ((flat + 1) * count - 1) // extent
        owner = owner * count + part if owner.any() else part
        offset = (offset * np.diff(starts)[part] if offset.any() else 0) + (flat - starts[part])
    owner = np.broadcast_to(owner, indices[0].size)
    offset = offset.astype(np.int32 if longest < 1 << 31 else np.int64, copy=False)  # half as many bytes to send
    order, counts = by_receiver(owner, group.size)
    return Located(order, counts, offset[order])


def _rows(group: Group, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """``rows[wanted]``, where nothing is out of bounds."""
    if rows.ndim == 1:
        return gather.take(group.team, group.memory, rows, wanted)
    out = group.memory((len(wanted), *rows.shape[1:]), rows.dtype)
    count = -(-out.size // gather.PIECE)

    def piece(n: int) -> None:
        part = slice(len(wanted) * n // count, len(wanted) * (n + 1) // count)
        np.take(rows, wanted[part], 0, out=out[part], mode="clip")  # to raise, it would need a copy

    group.team.map(piece, count)
    return out
