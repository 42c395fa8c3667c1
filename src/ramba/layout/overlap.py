"""What two views of one base share, and how a view of a view reads the first base.

Everything here works on *split* views: the start as one index per base dimension, and one step vector per view
dimension. A view that cannot be split (a reshape that cuts across rows, say) is treated conservatively.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import NamedTuple

from ramba.layout.view import View, c_strides, identity


class Split(NamedTuple):
    """A view in terms of the base's own dimensions."""

    start: tuple[int, ...]  # index in each base dimension
    steps: tuple[tuple[int, ...], ...]  # for each view dimension, how far it moves in each base dimension


class Box(NamedTuple):
    """A rectangle of a base: first index and extent in each dimension."""

    start: tuple[int, ...]
    extent: tuple[int, ...]

    def view(self, shape: tuple[int, ...]) -> View:
        """The box as a view of a base of this shape."""
        strides = c_strides(shape)
        return View(sum(s * t for s, t in zip(self.start, strides, strict=True)), self.extent, strides)


def meet(a: Box, b: Box) -> Box | None:
    """What two boxes share, or None."""
    start = tuple(map(max, a.start, b.start))
    extent = tuple(
        min(s + n, t + m) - f for s, n, t, m, f in zip(a.start, a.extent, b.start, b.extent, start, strict=True)
    )
    return Box(start, extent) if all(n > 0 for n in extent) else None


def _steps(stride: int, shape: tuple[int, ...], nearest: bool) -> tuple[int, ...]:
    """One stride as a sum of whole steps in each dimension of the base."""
    steps = []
    for extent, unit in zip(shape, c_strides(shape), strict=True):
        if extent == 1:
            steps.append(0)
            continue
        step = round(stride / unit) if nearest else int(abs(stride) // unit) * (1 if stride > 0 else -1)
        steps.append(step)
        stride -= step * unit
    return tuple(steps) if stride == 0 else (0,) * (len(shape) + 1)


def _inside(start: tuple[int, ...], steps: tuple[tuple[int, ...], ...], view: View, shape: tuple[int, ...]) -> bool:
    for dimension, extent in enumerate(shape):
        low = high = start[dimension]
        for count, step in zip(view.shape, steps, strict=True):
            reach = step[dimension] * (count - 1)
            if reach < 0:
                low += reach
            else:
                high += reach
        if low < 0 or high >= extent:
            return False
    return True


@lru_cache(maxsize=8192)
def split(view: View, shape: tuple[int, ...]) -> Split | None:
    """The view in terms of the dimensions of a base of this shape, or None where it cuts across them."""
    if 0 in view.shape:
        return Split((0,) * len(shape), ((0,) * len(shape),) * len(view.shape))
    rest, start = view.offset, []
    for unit in c_strides(shape):
        start.append(rest // unit)
        rest %= unit
    for nearest in (False, True):
        steps = tuple(
            (0,) * len(shape) if extent == 1 or stride == 0 else _steps(stride, shape, nearest)
            for extent, stride in zip(view.shape, view.strides, strict=True)
        )
        if all(len(step) == len(shape) for step in steps) and _inside(tuple(start), steps, view, shape):
            return Split(tuple(start), steps)
    return None


@lru_cache(maxsize=16384)
def compose(outer: View, shape: tuple[int, ...], inner: View) -> View | None:
    """Reads through ``outer`` what an array of this shape reads through ``inner``: one view of inner's base.

    None where ``outer`` cannot be split along the dimensions of the array in between.
    """
    parts = split(outer, shape)
    if parts is None:
        return None
    offset = inner.offset + sum(s * t for s, t in zip(parts.start, inner.strides, strict=True))
    strides = tuple(sum(s * t for s, t in zip(step, inner.strides, strict=True)) for step in parts.steps)
    return View(offset, outer.shape, strides)


class _Progression(NamedTuple):
    first: int
    step: int
    number: int


def _progressions(view: View, shape: tuple[int, ...]) -> list[_Progression] | None:
    """Which indices the view touches in each base dimension, where it is a product of progressions."""
    parts = split(view, shape)
    if parts is None:
        return None
    result = [_Progression(first, 1, 1) for first in parts.start]
    for count, step in zip(view.shape, parts.steps, strict=True):
        moved = [d for d, s in enumerate(step) if s]
        if not moved:
            continue
        if len(moved) > 1 or result[moved[0]].number > 1:
            return None
        (d,) = moved
        first, stride = result[d].first, step[d]
        if stride < 0:
            first, stride = first + stride * (count - 1), -stride
        result[d] = _Progression(first, stride, count)
    return result


def _meet(a: _Progression, b: _Progression) -> bool:
    """Whether two arithmetic progressions have a common element (solved by the extended Euclidean algorithm)."""
    low, high = max(a.first, b.first), min(a.first + a.step * (a.number - 1), b.first + b.step * (b.number - 1))
    if low > high:
        return False
    common = gcd(a.step, b.step)
    if (b.first - a.first) % common:
        return False
    period = a.step // common * b.step
    turns = (b.first - a.first) // common * pow(a.step // common, -1, b.step // common) if b.step > common else 0
    first = a.first + a.step * turns
    return first + -(-(low - first) // period) * period <= high


@lru_cache(maxsize=8192)
def overlaps(a: View, b: View, shape: tuple[int, ...]) -> bool:
    """Whether two views of a base of this shape share an element: exact for boxes with steps, else conservative."""
    if 0 in a.shape or 0 in b.shape:
        return False
    first, second = _progressions(a, shape), _progressions(b, shape)
    if first is not None and second is not None:
        return all(_meet(p, q) for p, q in zip(first, second, strict=True))
    if (a.offset - b.offset) % gcd(*_strides(a), *_strides(b), 0):
        return False  # whole steps never lead from one to the other
    return _interval(a)[0] <= _interval(b)[1] and _interval(b)[0] <= _interval(a)[1]


def _strides(view: View) -> list[int]:
    return [stride for stride, extent in zip(view.strides, view.shape, strict=True) if extent > 1]


def _interval(view: View) -> tuple[int, int]:
    """Lowest and highest element that the view touches."""
    reaches = [stride * (extent - 1) for extent, stride in zip(view.shape, view.strides, strict=True)]
    return view.offset + sum(r for r in reaches if r < 0), view.offset + sum(r for r in reaches if r > 0)


@lru_cache(maxsize=4096)
def covers(view: View, shape: tuple[int, ...]) -> bool:
    """Whether the view touches every element of the base, each exactly once."""
    progressions = _progressions(view, shape)
    if progressions is None or 0 in view.shape:
        return progressions is not None and 0 in view.shape and 0 in shape
    return all(p.number == extent for p, extent in zip(progressions, shape, strict=True)) and view.size == _size(shape)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for extent in shape:
        size *= extent
    return size


@lru_cache(maxsize=4096)
def repeats(view: View, shape: tuple[int, ...]) -> bool:
    """Whether a view may show an element of a base of this shape more than once: exact for boxes with steps."""
    if view == identity(view.shape) or 0 in view.shape:
        return False
    axes = zip(view.strides, view.shape, strict=True)
    reach = 0  # of the axes with smaller steps
    for step, extent in sorted((abs(stride), extent) for stride, extent in axes if extent > 1):
        if step <= reach:
            return step == 0 or _progressions(view, shape) is None
        reach += step * (extent - 1)
    return False


@lru_cache(maxsize=4096)
def complement(view: View, shape: tuple[int, ...]) -> tuple[Box, ...] | None:
    """Disjoint boxes of everything that the view does not touch, or None where it is not a full box."""
    if 0 in view.shape:
        return (Box((0,) * len(shape), shape),)
    progressions = _progressions(view, shape)
    if progressions is None or any(p.step != 1 and p.number > 1 for p in progressions):
        return None
    boxes = []
    start, extent = [0] * len(shape), list(shape)
    for d, p in enumerate(progressions):
        for first, count in ((0, p.first), (p.first + p.number, shape[d] - p.first - p.number)):
            if count > 0:
                boxes.append(Box((*start[:d], first, *start[d + 1 :]), (*extent[:d], count, *extent[d + 1 :])))
        start[d], extent[d] = p.first, p.number
    return tuple(boxes)
