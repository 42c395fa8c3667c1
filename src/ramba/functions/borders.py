"""What lies beyond the edge of an array: the same words, and the same elements, as in `scipy.ndimage`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ramba.lazyarray import ndarray

MODES = ("constant", "nearest", "reflect", "mirror", "wrap")

Range = tuple[int, int]
"""Positions along an axis: the first one, and the one after the last."""


def _mirrored(place: int, extent: int) -> int:
    period = max(2 * extent - 2, 1)
    place %= period
    return place if place < extent else period - place


def _reflected(place: int, extent: int) -> int:
    place %= 2 * extent
    return place if place < extent else 2 * extent - 1 - place


_SOURCES: dict[str, Callable[[int, int], int]] = {
    "nearest": lambda place, extent: min(max(place, 0), extent - 1),
    "reflect": _reflected,
    "mirror": _mirrored,
    "wrap": lambda place, extent: place % extent,
}
"""Which element stands for one at any position of an axis."""


def modes_of(mode: str | tuple[str, ...], ndim: int) -> tuple[str, ...]:
    """The mode of each axis. Raises ValueError for what is none."""
    found = (mode,) * ndim if isinstance(mode, str) else tuple(mode)
    if len(found) != ndim:
        raise ValueError(f"mode has {len(found)} words, but there are {ndim} axes")
    for each in found:
        if each not in MODES:
            raise ValueError(f"mode {each!r} is not one of {', '.join(MODES)}")
    return found


class Region(NamedTuple):
    """A part of the result that is computed by itself."""

    ranges: tuple[Range, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Its extents."""
        return tuple(stop - first for first, stop in self.ranges)

    @property
    def slices(self) -> tuple[slice, ...]:
        """Where it lies in the result."""
        return tuple(slice(first, stop) for first, stop in self.ranges)


def regions(shape: Sequence[int], reach: Sequence[Range], modes: Sequence[str]) -> list[Region]:
    """The middle, where all neighbours are elements, then the edges; a constant margin belongs to none.

    Parameters
    ----------
    reach
        For each axis the lowest offset, not above 0, and the highest, not below 0.
    """
    middles: list[Range] = []
    wholes: list[Range] = []
    for extent, (low, high), mode in zip(shape, reach, modes, strict=True):
        middle = (-low, max(extent - high, -low))
        wholes.append(middle if mode == "constant" else (0, extent))
        middles.append(middle)
    found = [Region(tuple(middles))]
    for axis, (middle, whole) in enumerate(zip(middles, wholes, strict=True)):
        if middle == whole:
            continue
        edges = [(0, middle[0]), (middle[1], whole[1])] if middle[0] < middle[1] else [whole]
        found += [Region((*middles[:axis], edge, *wholes[axis + 1 :])) for edge in edges]
    return [region for region in found if all(extent > 0 for extent in region.shape)]


def block(array: ndarray, ranges: Sequence[Range], modes: Sequence[str]) -> Any:
    """The elements at these positions, some of which may lie beyond the edges."""
    inside = tuple(
        slice(first, stop) if first >= 0 and stop <= extent else slice(None)
        for (first, stop), extent in zip(ranges, array.shape, strict=True)
    )
    array = array[inside]
    for axis, ((first, stop), mode) in enumerate(zip(ranges, modes, strict=True)):
        if inside[axis] == slice(None) and (first, stop) != (0, array.shape[axis]):
            array = _extended(array, axis, first, stop, mode)
    return array


def _extended(array: ndarray, axis: int, first: int, stop: int, mode: str) -> Any:
    """The array at positions of one axis that go beyond its edges."""
    extent, source = array.shape[axis], _SOURCES[mode]
    before = (slice(None),) * axis
    parts = [array[(*before, run)] for run in _runs([source(place, extent) for place in range(first, stop)])]
    join: Any = np.concatenate
    return parts[0] if len(parts) == 1 else join(parts, axis=axis)


def _runs(places: list[int]) -> Iterator[slice]:
    """Positions as slices."""
    start = 0
    while start < len(places):
        end, step = start + 1, 0
        if end < len(places):
            step = places[end] - places[start]
        if step in (1, -1):
            while end < len(places) and places[end] - places[end - 1] == step:
                end += 1
        low, last = places[start], places[end - 1]
        if step == -1 and end - start > 1:
            yield slice(low, last - 1 if last else None, -1)
        else:
            yield slice(low, last + 1)
        start = end


__all__ = ["MODES", "Range", "Region", "block", "modes_of", "regions"]
