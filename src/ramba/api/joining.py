"""Array manipulation: joining, splitting, tiling, adding and removing elements."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation import copy as copy_of
from ramba.api.creation import empty, empty_like, zeros
from ramba.api.indexing import take
from ramba.api.options import are_many
from ramba.api.views import broadcast_to, moveaxis
from ramba.lazyarray import (
    any_lazy,
    asarray,
    axes_of_result,
    call,
    call_here,
    call_numpy,
    dtype_for,
    implements,
    inverse,
    is_compiled,
    is_there,
    look,
    must_fit,
    ndarray,
    raise_like_numpy,
    unwrap,
    view_of,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Axis, Casting, DType, Nested, NumPyFunction, Out

normalize_axis_index = np.lib.array_utils.normalize_axis_index


_MOST = np.iinfo(np.intc).max  # arrays that NumPy joins


@implements(np.concatenate, cost=0.2, kind="read", moves=True)
def concatenate(
    arrays: Sequence[ArrayLike],
    /,
    axis: Axis = 0,
    out: Out = None,
    *,
    dtype: DType = None,
    casting: Casting = "same_kind",
) -> Any:
    """Arrays joined along an axis that they have."""
    if isinstance(arrays, list | tuple) and len(arrays) > _MOST:  # said before anybody looks at them
        raise ValueError(f"concatenate() only supports up to {_MOST} arrays but got {len(arrays)}.")
    by_numpy = not any_lazy((arrays, out)) or (dtype is not None and not is_compiled(dtype_for(dtype)))
    parts = [] if by_numpy else [asarray(part) for part in arrays]
    if by_numpy or (out is None and are_many(parts)):
        return look(np.concatenate, arrays, axis=axis, out=out, dtype=dtype, casting=casting)
    if axis is None:
        parts, axis = [part.ravel() for part in parts], 0
    ndim = parts[0].ndim
    if any(part.ndim != ndim for part in parts) or not -ndim <= axis < ndim or (dtype is not None and out is not None):
        raise_like_numpy(np.concatenate, parts, axis=axis, out=out, dtype=dtype, casting=casting)
    axis = axis % ndim
    rest = {part.shape[:axis] + part.shape[axis + 1 :] for part in parts}
    if dtype is None:
        dtype = np.result_type(*[part.dtype for part in parts]) if out is None else out.dtype
    dtype = np.dtype(dtype)
    shape = list(parts[0].shape)
    shape[axis] = sum([part.shape[axis] for part in parts])
    castable = all(np.can_cast(part.dtype, dtype, casting) for part in parts)
    if len(rest) > 1 or not castable or (out is not None and out.shape != tuple(shape)):
        options = {"out": out} if out is not None else {"dtype": dtype}
        raise_like_numpy(np.concatenate, parts, axis=axis, casting=casting, **options)
    result = out
    axes = axes_of_result(ndim, parts) if out is None else None
    if out is None and axes is None and is_compiled(dtype) and all(is_there(part, dtype) for part in parts):
        return call("concatenate", parts, axis)[0]  # nothing to fuse with
    if result is None:
        axes = axes or tuple(range(ndim))
        result = empty([shape[d] for d in axes], dtype).transpose(inverse(axes))
        result._base = None
    start, before = 0, (slice(None),) * axis
    for part in parts:
        stop = start + part.shape[axis]
        result[(*before, slice(start, stop))] = part.astype(dtype, copy=False)
        start = stop
    return result


@implements(np.stack, cost=0.2, kind="read", moves=True)
def stack(
    arrays: Sequence[ArrayLike], axis: int = 0, out: Out = None, *, dtype: DType = None, casting: Casting = "same_kind"
) -> Any:
    """Arrays of one shape joined along a new axis."""
    parts = [asarray(part) for part in arrays]
    if not parts:
        raise ValueError("need at least one array to stack")
    if out is None and are_many(parts):
        return look(np.stack, parts, axis, dtype=dtype, casting=casting)
    if len({part.shape for part in parts}) != 1:
        raise ValueError("all input arrays must have the same shape")
    axis = normalize_axis_index(axis, parts[0].ndim + 1)
    key = (slice(None),) * axis + (None,)
    return concatenate([part[key] for part in parts], axis=axis, out=out, dtype=dtype, casting=casting)


def _at_least(part: ArrayLike, np_func: NumPyFunction) -> ndarray:
    return view_of(np_func, asarray(part))


@implements(np.vstack, cost=0.2, kind="read", moves=True)
def vstack(tup: Sequence[ArrayLike], *, dtype: DType = None, casting: Casting = "same_kind") -> Any:
    """Arrays joined row by row."""
    if are_many(parts := [asarray(part) for part in tup]):
        return look(np.vstack, parts, dtype=dtype, casting=casting)
    return concatenate([_at_least(part, np.atleast_2d) for part in parts], 0, dtype=dtype, casting=casting)


@implements(np.hstack, cost=0.2, kind="read", moves=True)
def hstack(tup: Sequence[ArrayLike], *, dtype: DType = None, casting: Casting = "same_kind") -> Any:
    """Arrays joined column by column."""
    if are_many(parts := [asarray(part) for part in tup]):
        return look(np.hstack, parts, dtype=dtype, casting=casting)
    parts = [_at_least(part, np.atleast_1d) for part in parts]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


@implements(np.dstack, moves=True)
def dstack(tup: Sequence[ArrayLike]) -> Any:
    """Arrays joined along the third axis."""
    if are_many(parts := [asarray(part) for part in tup]):
        return look(np.dstack, parts)
    return concatenate([_at_least(part, np.atleast_3d) for part in parts], 2)


@implements(np.column_stack, moves=True)
def column_stack(tup: Sequence[ArrayLike]) -> Any:
    """Vectors as the columns of a matrix, matrices side by side."""
    if are_many(parts := [asarray(part) for part in tup]):
        return look(np.column_stack, parts)
    return concatenate([part.reshape(-1, 1) if part.ndim < 2 else part for part in parts], 1)


@implements(np.block, moves=True)
def block(arrays: Nested) -> Any:
    """An array put together from nested lists of blocks."""
    depth, leaves = _nesting(arrays)
    if depth is None:
        raise_like_numpy(np.block, arrays)
    if are_many(leaves):
        return look(np.block, arrays)
    ndim = max([depth, *[leaf.ndim for leaf in leaves]])
    return _assembled(arrays, depth, ndim) if depth else copy_of(asarray(arrays))


def _nesting(arrays: Nested) -> tuple[Any, list[ndarray]]:
    """How deep the lists are nested (None: not everywhere equally), and the arrays in them."""
    if not isinstance(arrays, list):
        return (None, []) if isinstance(arrays, tuple) else (0, [asarray(arrays)])
    inner = [_nesting(item) for item in arrays]
    depths = {depth for depth, _ in inner}
    if len(depths) != 1 or None in depths:
        return None, []
    return depths.pop() + 1, [leaf for _, leaves in inner for leaf in leaves]


def _assembled(arrays: Nested, depth: int, ndim: int) -> Any:
    if depth == 0:
        leaf = asarray(arrays)
        return leaf.reshape((1,) * (ndim - leaf.ndim) + leaf.shape)
    assert isinstance(arrays, list)
    return concatenate([_assembled(item, depth - 1, ndim) for item in arrays], axis=-depth)


@implements(np.append, moves=True)
def append(arr: ArrayLike, values: ArrayLike, axis: Axis = None) -> Any:
    """The array with values after its end."""
    arr, values = asarray(arr), asarray(values)
    if axis is None:
        arr, values, axis = arr.ravel(), values.ravel(), 0
    return concatenate((arr, values), axis=axis)


@implements(np.delete, moves=True)
def delete(arr: ArrayLike, obj: int | slice | ArrayLike, axis: Axis = None) -> Any:
    """The array without some of its rows."""
    array: ndarray = asarray(arr)
    chosen = unwrap(obj)
    if axis is None:
        array, axis = array.ravel(), 0
    axis = normalize_axis_index(axis, array.ndim)
    before = (slice(None),) * axis
    extent = array.shape[axis]
    if isinstance(chosen, int | np.integer) and not isinstance(chosen, bool):
        place = operator.index(chosen)
        if not -extent <= place < extent:
            raise IndexError(f"index {chosen} is out of bounds for axis {axis} with size {extent}")
        place %= extent
        result = empty(
            [n - (d == axis) for d, n in enumerate(array.shape)], array.dtype, "F" if array.flags.fnc else "C"
        )
        result[(*before, slice(place))] = array[(*before, slice(place))]
        result[(*before, slice(place, None))] = array[(*before, slice(place + 1, None))]
        return result
    return array[(*before, np.delete(np.arange(extent), chosen))]


@implements(np.insert, moves=True)
def insert(arr: ArrayLike, obj: int | slice | ArrayLike, values: ArrayLike, axis: Axis = None) -> Any:
    """The array with values between its rows."""
    array: ndarray = asarray(arr)
    single = isinstance(obj, int | np.integer) and not isinstance(obj, bool)
    if not single:  # one copy: there is nothing to share out but among workers
        made = call_here(np.insert, arr, obj, values, axis)
        if made is not NotImplemented:
            return made
    if axis is None:
        array, axis = array.ravel(), 0
    axis = normalize_axis_index(axis, array.ndim)
    extent = array.shape[axis]
    if not single:
        chosen: Any = unwrap(obj)
        marked = np.insert(np.arange(extent), chosen, -1)  # NumPy's checks
        if len(marked) != extent + 1 and array.size:
            origin = np.insert(np.arange(extent), chosen, -1 - np.arange(len(marked) - extent))
            return _inserted(array, origin, values, axis)
        if len(marked) != extent + 1:
            return call_numpy(np.insert, arr, obj, values, axis)
        obj = int(marked.argmin())
    assert isinstance(obj, int | np.integer)
    if not -extent <= obj <= extent:
        raise IndexError(f"index {obj} is out of bounds for axis {axis} with size {extent}")
    place = obj + extent if obj < 0 else operator.index(obj)
    given = asarray(values)
    given = given.reshape((1,) * (array.ndim - given.ndim) + given.shape)
    rows = moveaxis(given, 0, axis) if single else given
    shape = list(array.shape)
    shape[axis] += rows.shape[axis]
    result = empty(shape, array.dtype, "F" if array.flags.fnc else "C")
    before = (slice(None),) * axis
    behind = place + rows.shape[axis]
    result[(*before, slice(place))] = array[(*before, slice(place))]
    result[(*before, slice(place, behind))] = rows
    result[(*before, slice(behind, None))] = array[(*before, slice(place, None))]
    return result


def _inserted(arr: ndarray, origin: np.ndarray, values: ArrayLike, axis: int) -> Any:
    """An array with values between its rows; ``origin`` tells where each row comes from, of new ones -1, -2, ..."""
    before, new = (slice(None),) * axis, np.flatnonzero(origin < 0)
    places = np.empty(len(new), np.intp)
    places[-1 - origin[new]] = new
    result = arr[(*before, np.maximum(origin, 0))]
    result[(*before, places)] = values
    return result


# --- tiling and rearranging


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
    array: ndarray = asarray(a)
    counts = np.asarray(unwrap(repeats))
    if axis is None:
        array, axis = array.ravel(), 0
    axis = normalize_axis_index(axis, array.ndim)
    extent = array.shape[axis]
    if counts.size != 1 or counts.dtype.kind not in "iu" or counts.min() < 0:
        return array[(slice(None),) * axis + (np.repeat(np.arange(extent), unwrap(repeats)),)]
    count = int(counts.reshape(())[()])
    before, after = array.shape[:axis], array.shape[axis + 1 :]
    must_fit((*before, extent * count, *after), array.dtype)
    if axis and math.prod(after) < _ROW:  # a loop over so few copies is slower than one over an index
        return take(array, np.repeat(np.arange(extent), count), axis)
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


@implements(np.resize, moves=True)
def resize(a: ArrayLike, new_shape: Any) -> ndarray:
    """The elements, again and again, in a new shape."""
    flat = asarray(a).ravel()
    shape = tuple(map(operator.index, (new_shape,) if isinstance(new_shape, int | np.integer) else new_shape))
    size = math.prod(shape)
    if any(extent < 0 for extent in shape):
        raise ValueError("all elements of `new_shape` must be non-negative")
    if flat.size == 0 or size == 0:
        return zeros(shape, flat.dtype)
    must_fit(shape, flat.dtype)
    return tile(flat, -(-size // flat.size))[:size].reshape(shape)


@implements(np.trim_zeros)
def trim_zeros(filt: ArrayLike, trim: str = "fb", axis: Axes = None) -> Any:
    """The array without the zeros around it."""
    return call_numpy(np.trim_zeros, filt, trim, axis)


@implements(np.unstack)
def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of an array along an axis, as views."""
    if asarray(x).ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(moveaxis(x, axis, 0))
