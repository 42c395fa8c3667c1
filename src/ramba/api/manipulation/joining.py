"""Array manipulation: joining arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_data import copy as copy_of
from ramba.api.creation.from_shape import empty
from ramba.lazyarray import (
    any_lazy,
    asarray,
    axes_of_result,
    call,
    dtype_for,
    implements,
    inverse,
    is_compiled,
    is_there,
    look,
    ndarray,
    raise_like_numpy,
    view_of,
)
from ramba.lazyarray.options import are_many

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axis, Casting, DType, Nested, NumPyFunction, Out

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
