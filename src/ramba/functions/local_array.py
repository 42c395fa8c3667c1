"""What a function that runs on every worker gets for an array: its own part, without a copy, and ways to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.layout.overlap import Box, meet, split
from ramba.layout.view import View
from ramba.lazyarray.visiting import Given
from ramba.runtime.python.aside import place

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType


class LocalArray:
    """An array, of which this worker holds a part.

    Attributes
    ----------
    shape, dtype, ndim
        Of the whole array.
    subspace
        Where this worker's part lies in it: a slice for each axis.
    """

    def __init__(self, shape: tuple[int, ...], box: Box, memory: np.ndarray, whole: bool = False) -> None:
        self.shape, self.dtype, self.ndim = shape, memory.dtype, len(shape)
        self._box, self._memory = box, memory
        self._whole = whole  # whether every worker has all of it

    @property
    def subspace(self) -> tuple[slice, ...]:
        """Where this worker's part lies: a slice for each axis."""
        return tuple(slice(s, s + e) for s, e in zip(self._box.start, self._box.extent, strict=True))

    def local(self) -> np.ndarray:
        """This worker's part: a view of its memory. What is written to it is written to the array."""
        return self._memory

    def get_local(self) -> np.ndarray:
        """As `local`."""
        return self._memory

    def getlocal(self, width: int | None = None) -> np.ndarray:
        """As `local`; with a width, as `getborder`."""
        return self._memory if width is None else self.getborder(width)

    def indices(self, axis: int = 0) -> np.ndarray:
        """The indices, in the whole array, of this worker's part along an axis."""
        start, extent = self._box.start[axis], self._box.extent[axis]
        return np.arange(start, start + extent)

    def getglobal(self) -> np.ndarray:
        """The whole array, a copy. All workers have to ask for it."""
        return self._assembled(Box((0,) * self.ndim, self.shape))

    def getborder(self, width: int = 1) -> np.ndarray:
        """This worker's part with so many elements around it, as far as there are any, a copy.

        All workers have to ask for it, with the same width.
        """
        start, extent = self._box
        if 0 in extent:
            return self._assembled(self._box)
        first = tuple(max(s - width, 0) for s in start)
        last = (min(s + e + width, n) for s, e, n in zip(start, extent, self.shape, strict=True))
        return self._assembled(Box(first, tuple(b - a for a, b in zip(first, last, strict=True))))

    def _assembled(self, box: Box) -> np.ndarray:
        here = place()
        if here is None or self._whole:
            return self._memory[_inside(box, self._box)].copy()
        made: np.ndarray = here.ask(_assemble(here.group, self._memory, self._box, box))
        return made

    def _own(self, key: object) -> tuple[Any, ...]:
        """A global key as one of this worker's part. Raises IndexError for single elements of others."""
        keys: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
        if Ellipsis in keys:
            n = keys.index(Ellipsis)
            keys = (*keys[:n], *(slice(None),) * (self.ndim - len(keys) + 1), *keys[n + 1 :])
        if len(keys) > self.ndim:
            raise IndexError(f"too many indices: the array is {self.ndim}-dimensional, but {len(keys)} were indexed")
        found: list[Any] = []
        for axis, each in enumerate(keys):
            start, extent = self._box.start[axis], self._box.extent[axis]
            if isinstance(each, slice):
                found.append(_cut(range(*each.indices(self.shape[axis])), start, extent))
                continue
            index = int(np.lib.array_utils.normalize_axis_index(each, self.shape[axis])) if _is_index(each) else None
            if index is None:
                raise TypeError("global indices are integers and slices; index local() otherwise")
            if not start <= index < start + extent:
                raise IndexError(
                    f"index {each} of axis {axis} lies elsewhere: this worker has {start}:{start + extent}"
                )
            found.append(index - start)
        return tuple(found)

    def __getitem__(self, key: object) -> Any:
        """The elements at global indices, as far as they are in this worker's part."""
        return self._memory[self._own(key)]

    def __setitem__(self, key: object, value: object) -> None:
        self._memory[self._own(key)] = value

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: DType = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._memory, dtype, copy=copy)

    def __reduce__(self) -> Any:  # as a result, it is what this worker holds
        return np.array, (self._memory,)

    def __repr__(self) -> str:
        where = ", ".join(f"{each.start}:{each.stop}" for each in self.subspace)
        return f"<[{where}] of {self.dtype}{list(self.shape)}>"


def _is_index(key: object) -> bool:
    return isinstance(key, int | np.integer) and not isinstance(key, bool)


def _cut(wanted: range, start: int, extent: int) -> slice:
    """The part of a range that lies in a block, counted from its beginning."""
    ascending = wanted if wanted.step > 0 else wanted[::-1]
    if not ascending or not extent:
        return slice(0, 0)
    step = ascending.step
    low = max(0, -(-(start - ascending.start) // step))
    high = min(len(ascending), -(-(start + extent - ascending.start) // step))
    if low >= high:
        return slice(0, 0)
    first, last = ascending[low] - start, ascending[high - 1] - start
    if wanted.step > 0:
        return slice(first, last + 1, step)
    return slice(last, first - 1 if first else None, -step)


def _inside(box: Box, outer: Box) -> tuple[slice, ...]:
    return tuple(slice(s - o, s - o + e) for s, o, e in zip(box.start, outer.start, box.extent, strict=True))


def _assemble(group: Group, mine: np.ndarray, box: Box, wanted: Box) -> Waiting[np.ndarray]:
    """The elements of a box, from whichever workers hold them."""
    facts = np.array([*box.start, *box.extent, *wanted.start, *wanted.extent], np.int64)
    n = len(box.start)
    everybody = yield from group.gather(facts)
    held = [Box(tuple(map(int, row[:n])), tuple(map(int, row[n : 2 * n]))) for row in everybody]
    asked = [Box(tuple(map(int, row[2 * n : 3 * n])), tuple(map(int, row[3 * n :]))) for row in everybody]
    parcels = {r: mine[_inside(part, box)].copy() for r, other in enumerate(asked) if (part := meet(box, other))}
    sources = {r: part for r, other in enumerate(held) if (part := meet(other, wanted))}
    arrived = yield from group.exchange(parcels, list(sources))
    out = np.empty(wanted.extent, mine.dtype)
    for r, part in sources.items():
        out[_inside(part, wanted)] = arrived[r].view(mine.dtype).reshape(part.extent)
    return out


def part_of(given: Given) -> LocalArray:
    """On a worker: its part of what the driver handed over."""
    memory, view = given.part.local(), given.view
    box = Box(given.part.start, memory.shape)
    found, shown = _seen(memory, box, view, given.part.shape)
    if not given.writable:
        shown.flags.writeable = False
    return LocalArray(view.shape, found, shown, given.whole)


def _seen(memory: np.ndarray, box: Box, view: View, shape: tuple[int, ...]) -> tuple[Box, np.ndarray]:
    """Which elements of a view lie in a block, and the block's memory seen through it."""
    parts = split(view, shape)
    assert parts is not None, "the driver hands over a copy"
    nothing = Box((0,) * len(view.shape), (0,) * len(view.shape))
    lows, extents, at = [], [], list(parts.start)
    for count, step in zip(view.shape, parts.steps, strict=True):
        low, high = 0, count
        for d, by in enumerate(step):
            if by:
                first, last = box.start[d] - parts.start[d], box.start[d] + box.extent[d] - 1 - parts.start[d]
                low = max(low, -(-first // by) if by > 0 else -(last // -by))
                high = min(high, (last // by if by > 0 else first // by) + 1)
        lows.append(low)
        extents.append(max(high - low, 0))
        at = [a + low * by for a, by in zip(at, step, strict=True)]
    inside = all(s <= a < s + e for a, s, e in zip(at, box.start, box.extent, strict=True))
    if 0 in extents or not inside:
        return nothing, np.empty(nothing.extent, memory.dtype)
    offset = sum((a - s) * b for a, s, b in zip(at, box.start, memory.strides, strict=True))
    strides = tuple(sum(by * b for by, b in zip(step, memory.strides, strict=True)) for step in parts.steps)
    return Box(tuple(lows), tuple(extents)), np.ndarray(tuple(extents), memory.dtype, memory, offset, strides)


__all__ = ["LocalArray", "part_of"]
