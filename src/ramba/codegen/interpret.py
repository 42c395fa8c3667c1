"""Runs a kernel spec with NumPy's own ufuncs: what a kernel means, and the path for what has no formula.

Floating-point warnings are NumPy's: `numpy.errstate` of the caller decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ramba.codegen import run_ir  # noqa: F401 - it enters itself
from ramba.ops import OPS
from ramba.plan.spec import Fold, Instruction, KernelSpec, Tiles, tile_counts

_CHUNK = 1 << 15  # points at a time: a few scratch arrays of them stay in the cache, and Python's share is small

View = Any
"""What an operand reads or writes.

A strided array of the shape of the loops (load, store), a pair (start, strides) (index), the array of partial results
(fold), or a NumPy scalar (scalar).
"""


class _Box(NamedTuple):
    """A part of a group of loops that is a block of the grid and a run of points in C order."""

    start: int  # first point, counted in C order
    stop: int
    slices: tuple[slice, ...]


def interpret(spec: KernelSpec, views: Sequence[View], extents: tuple[int, ...], tiles: Tiles, tile: int) -> None:
    """Computes one tile of a kernel.

    Parameters
    ----------
    views
        What each operand of the spec reads or writes.
    extents
        Points along each loop, outermost first.
    tile
        The number of the tile, among as many as `tile_counts` gives.
    """
    _, folded_tiles, inner_tiles = tile_counts(spec, extents, tiles)
    outer, inner_tile = divmod(tile, inner_tiles)
    kept_tile, folded_tile = divmod(outer, folded_tiles)
    part = folded_tile * inner_tiles + inner_tile if spec.fold_inner else folded_tile
    inner = _bounds(extents[-1], tiles.inner, inner_tile)
    kept_extents, folded_extents = extents[: spec.kept], extents[spec.kept : -1]
    kept = _bounds(math.prod(kept_extents), tiles.kept, kept_tile)
    folded = _bounds(math.prod(folded_extents), tiles.folded, folded_tile)
    columns = [_Box(at, min(at + _CHUNK, inner[1]), (slice(at, min(at + _CHUNK, inner[1])),))
               for at in range(inner[0], inner[1], _CHUNK)]  # fmt: skip
    rows = max(1, _CHUNK // (inner[1] - inner[0]))
    folded_boxes = list(_chunks(*folded, folded_extents, rows))
    rows = max(1, rows // max(box.stop - box.start for box in folded_boxes))
    for kept_box in _chunks(*kept, kept_extents, rows):
        started: set[tuple[int, int]] = set()
        for folded_box in folded_boxes:
            for column in columns:
                _run(spec, views, extents, (kept_box, folded_box, column), part, started)


def _bounds(points: int, size: int, number: int) -> tuple[int, int]:
    return number * size, min((number + 1) * size, points)


def _chunks(start: int, stop: int, extents: tuple[int, ...], most: int) -> Iterator[_Box]:
    """The points from ``start`` to ``stop``, in C order, as boxes of at most about ``most`` points."""
    if not extents:
        yield _Box(0, 1, ())
        return
    size = math.prod(extents[1:])  # points per step of the outermost loop
    while start < stop:
        row, offset = divmod(start, size)
        rows = min((stop - start) // size, max(1, most // size))
        if offset == 0 and rows and size <= most:
            end = start + rows * size
            yield _Box(start, end, (slice(row, row + rows), *(slice(0, extent) for extent in extents[1:])))
        else:
            end = min(stop, (row + 1) * size)
            base = row * size
            for box in _chunks(offset, end - base, extents[1:], most):
                yield _Box(base + box.start, base + box.stop, (slice(row, row + 1), *box.slices))
        start = end


def _run(
    spec: KernelSpec, views: Sequence[View], extents: tuple[int, ...], boxes: tuple[_Box, ...], part: int,
    started: set[tuple[int, int]],
) -> None:  # fmt: skip
    """All instructions on one block of points."""
    kept, folded, column = boxes
    block = (*kept.slices, *folded.slices, *column.slices)
    shape = tuple(piece.stop - piece.start for piece in block)
    values = _operand_values(spec, views, block)
    last = _last_uses(spec)
    scratch = _Scratch(shape)
    target = views[spec.stores[0].operand][block] if _ends_in_store(spec) else None
    for number, step in enumerate(spec.program, len(spec.operands)):
        args = [values[argument] for argument in step.args]
        if target is not None and step is spec.program[-1] and not any(_overlap(arg, target) for arg in args):
            OPS[step.op].interpret(args, target.dtype, target)
            return
        values[number] = scratch.step(step, args)
        for argument in {*step.args}:
            if argument >= len(spec.operands) and last[argument] == number and values[argument].shape == shape:
                scratch.recycle(spec.program[argument - len(spec.operands)], values[argument])
    # folds first: what they read may be memory that a store writes
    for fold in spec.folds:
        value = np.broadcast_to(values[fold.value], shape)
        _fold(spec, fold, views[fold.operand], extents, value, boxes, part, started)
    if len(spec.stores) > 1:
        # memory that one store writes may be what another store copies
        for store in spec.stores:
            if isinstance(values[store.value], np.ndarray) and not values[store.value].flags.owndata:
                values[store.value] = values[store.value].copy()
    for store in spec.stores:
        views[store.operand][block] = values[store.value]


def _operand_values(spec: KernelSpec, views: Sequence[View], block: tuple[slice, ...]) -> dict[int, Any]:
    """What the operands that can be read hold in a block."""
    values: dict[int, Any] = {}
    for number, operand in enumerate(spec.operands):
        if operand.role == "load":
            values[number] = views[number][block]
        elif operand.role == "scalar":
            values[number] = views[number]
        elif operand.role == "index":
            values[number] = _index(views[number], block)
    return values


def _index(view: tuple[int, Sequence[int]], block: tuple[slice, ...]) -> np.ndarray:
    start, strides = view
    found = np.array(start, dtype=np.int64)
    for axis, (piece, stride) in enumerate(zip(block, strides, strict=True)):
        along = np.arange(piece.start, piece.stop, dtype=np.int64) * stride
        found = found + along.reshape((-1,) + (1,) * (len(block) - axis - 1))
    return found


@cache
def _last_uses(spec: KernelSpec) -> dict[int, int]:
    """The instruction that reads each value last; "never" for values that stores and folds need."""
    last = {argument: number for number, step in enumerate(spec.program, len(spec.operands)) for argument in step.args}
    never = len(spec.operands) + len(spec.program)
    sinks = [store.value for store in spec.stores] + [fold.value for fold in spec.folds]
    return last | dict.fromkeys(sinks, never)


@cache
def _ends_in_store(spec: KernelSpec) -> bool:
    """Whether all that is left to do after the last instruction is to store its result: it may be computed there."""
    if len(spec.stores) != 1 or spec.folds or not spec.program:
        return False
    (store,), step = spec.stores, spec.program[-1]
    operand, op = spec.operands[store.operand], OPS[step.op]
    made = store.value == len(spec.operands) + len(spec.program) - 1
    return made and operand.dtype == step.dtype and operand.inner != "zero" and op.nout == 1 and not op.views


def _overlap(arg: Any, target: np.ndarray) -> bool:
    return isinstance(arg, np.ndarray) and np.may_share_memory(arg, target)


class _Scratch:
    """Memory for the results of instructions on one block, used again when nobody reads it any more."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._free: dict[np.dtype, list[np.ndarray]] = {}
        self._pairs: dict[tuple[str, tuple[int, ...]], tuple[np.ndarray, ...]] = {}

    def step(self, step: Instruction, args: list[Any]) -> Any:
        """The result of one instruction."""
        op, dtype = OPS[step.op], np.dtype(step.dtype)
        if op.nout > 1:
            key = (step.op, step.args)
            if key not in self._pairs:
                made = op.interpret(args, dtype)
                # an array of its own, so that stores need no copy
                self._pairs[key] = tuple(
                    x if np.shape(x) == self._shape else np.broadcast_to(x, self._shape) for x in made
                )
            return self._pairs[key][step.result]
        return op.interpret(args, dtype, None if op.views else self._array(dtype))[0]

    def recycle(self, step: Instruction, value: np.ndarray) -> None:
        """Gives a result's memory back, unless it may be shared."""
        op = OPS[step.op]
        if not op.views and op.nout == 1:
            self._free.setdefault(value.dtype, []).append(value)

    def _array(self, dtype: np.dtype) -> np.ndarray:
        free = self._free.get(dtype)
        return free.pop() if free else np.empty(self._shape, dtype)


def _fold(
    spec: KernelSpec, fold: Fold, partial: np.ndarray, extents: tuple[int, ...], value: np.ndarray,
    boxes: tuple[_Box, ...], part: int, started: set[tuple[int, int]],
) -> None:  # fmt: skip
    """Combines a block of values into the partial results of a tile."""
    kept, _, column = boxes
    ufunc = OPS[fold.op].numpy
    points = math.prod(extents[: spec.kept])
    axes = tuple(range(spec.kept, spec.kept + spec.folded + spec.fold_inner))
    # a ufunc that is not reorderable would refuse several axes at once
    for axis in reversed(axes):
        value = ufunc.reduce(value, axis=axis, dtype=value.dtype)
    where: tuple[Any, ...]
    whole: np.ndarray
    if spec.fold_inner:
        whole = partial.reshape(-1, points)
        where = (part, slice(kept.start, kept.stop))
        begun = (fold.operand, 0)
    else:
        whole = partial.reshape(-1, points, extents[-1])
        where = (part, slice(kept.start, kept.stop), column.slices[0])
        begun = (fold.operand, column.start)
    target = whole[where]
    value = value.reshape(target.shape)
    if begun in started:
        ufunc(target, value, out=target)
    else:
        target[...] = value
        started.add(begun)
