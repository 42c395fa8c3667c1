"""Array manipulation: tiling arrays, and rearranging elements."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import empty_like
from ramba.api.manipulation.views import broadcast_to
from ramba.lazyarray import asarray, implements, must_fit, ndarray, raise_like_numpy, unwrap
from ramba.lazyarray.options import by_axis

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Axis

normalize_axis_index = np.lib.array_utils.normalize_axis_index


@implements(np.tile, moves=True)
def tile(A: ArrayLike, reps: Any) -> ndarray:
    """The array repeated along each axis."""
    try:
        counts = tuple(reps)
    except TypeError:
        counts = (reps,)
    a = asarray(A)
    ndim = max(a.ndim, len(counts))
    shape = (1,) * (ndim - a.ndim) + a.shape
    counts = (1,) * (ndim - len(counts)) + tuple([operator.index(count) for count in counts])
    if any(count < 0 for count in counts):
        raise_like_numpy(np.tile, A, reps)
    must_fit(tuple([count * extent for count, extent in zip(counts, shape, strict=True)]), a.dtype)
    pairs = tuple(itertools.chain.from_iterable(zip(counts, shape, strict=True)))
    apart = a.reshape(tuple(itertools.chain.from_iterable((1, extent) for extent in shape)))
    whole = broadcast_to(apart, pairs).copy()
    return whole.reshape(tuple([count * extent for count, extent in zip(counts, shape, strict=True)]))


_ROW = 16  # elements


@implements(np.repeat, method="repeat", moves=True, kind="read 2")
def repeat(a: ArrayLike, repeats: ArrayLike, axis: Axis = None) -> ndarray:
    """Every element, or row, several times."""
    array, axis = by_axis(asarray(a), axis)
    counts = np.asarray(unwrap(repeats))
    extent = array.shape[axis]
    if counts.size != 1 or counts.dtype.kind not in "iu" or counts.min() < 0:
        return array[(slice(None),) * axis + (np.repeat(np.arange(extent), unwrap(repeats)),)]
    count = int(counts.reshape(())[()])
    before, after = array.shape[:axis], array.shape[axis + 1 :]
    must_fit((*before, extent * count, *after), array.dtype)
    if axis and math.prod(after) < _ROW:  # a loop over so few copies is slower than one over an index
        return array.take(np.repeat(np.arange(extent), count), axis)
    apart = array.reshape((*before, extent, 1, *after))
    return broadcast_to(apart, (*before, extent, count, *after)).copy().reshape((*before, extent * count, *after))


@implements(np.roll, kind="read", moves=True)
def roll(a: ArrayLike, shift: int | Sequence[int], axis: Axes = None) -> ndarray:
    """The elements moved along axes; what leaves at one end comes in at the other."""
    a = asarray(a)
    if axis is None:
        return roll(a.ravel(), shift, 0).reshape(a.shape)
    axes = np.lib.array_utils.normalize_axis_tuple(axis, a.ndim, allow_duplicate=True)
    pairs = np.broadcast(unwrap(shift), axes)
    if pairs.ndim > 1:
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    moved = [0] * a.ndim
    for distance, along in pairs:
        moved[along] += int(distance)
    cuts: list[tuple[tuple[slice, slice], ...]] = []
    for distance, extent in zip(moved, a.shape, strict=True):
        offset = distance % (extent or 1)
        if offset:
            cuts.append(((slice(offset, None), slice(None, -offset)), (slice(None, offset), slice(-offset, None))))
        else:
            cuts.append(((slice(None), slice(None)),))
    result = empty_like(a)
    for pieces in itertools.product(*cuts):
        result[tuple([target for target, _ in pieces])] = a[tuple([source for _, source in pieces])]
    return result
