"""Mathematical functions: differences, gradients, integrals, cross products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import empty
from ramba.api.manipulation.joining import concatenate, stack
from ramba.api.manipulation.views import broadcast_to, moveaxis
from ramba.lazyarray import UFUNC, asarray, call_numpy, implements, ndarray, where
from ramba.lazyarray.options import NO_VALUE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Axis

normalize_axis_index = np.lib.array_utils.normalize_axis_index


def _along(axis: int, part: slice | int) -> tuple[Any, ...]:
    return (slice(None),) * axis + (part,)


@implements(np.diff)
def diff(a: ArrayLike, n: int = 1, axis: int = -1, prepend: ArrayLike = NO_VALUE, append: ArrayLike = NO_VALUE) -> Any:
    """The n-th difference of neighbours along an axis."""
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    array = asarray(a)
    if array.ndim == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = normalize_axis_index(axis, array.ndim)
    edge = array.shape[:axis] + (1,) + array.shape[axis + 1 :]
    ends = [None if end is NO_VALUE else asarray(end) for end in (prepend, append)]
    first, last = (broadcast_to(end, edge) if end is not None and end.ndim == 0 else end for end in ends)
    if first is not None or last is not None:
        array = concatenate([part for part in (first, array, last) if part is not None], axis)
    operation = UFUNC["not_equal" if array.dtype == bool else "subtract"]
    for _ in range(n):
        array = operation(array[_along(axis, slice(1, None))], array[_along(axis, slice(None, -1))])
    return array


@implements(np.ediff1d)
def ediff1d(ary: ArrayLike, to_end: ArrayLike | None = None, to_begin: ArrayLike | None = None) -> Any:
    """The differences of neighbours in the flattened array, with given ends."""
    flat = asarray(ary).ravel()
    parts = [flat[1:] - flat[:-1]]
    for name, end in (("to_begin", to_begin), ("to_end", to_end)):
        if end is None:
            continue
        extra = asarray(end).ravel()
        if not np.can_cast(extra.dtype, flat.dtype, "same_kind"):
            raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
        parts.insert(0 if name == "to_begin" else len(parts), extra)
    return concatenate(parts, dtype=flat.dtype) if len(parts) > 1 else parts[0]


@implements(np.gradient)
def gradient(f: ArrayLike, *varargs: ArrayLike, axis: Axes = None, edge_order: int = 1) -> Any:
    """The gradient by central differences, one-sided at the ends."""
    array = asarray(f)
    axes = tuple(range(array.ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, array.ndim)
    spacings = _spacings(array, axes, varargs)
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if any(array.shape[along] < edge_order + 1 for along in axes):
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, "
            "at least (edge_order + 1) elements are required."
        )
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    results = [_gradient_along(array, along, d, edge_order) for along, d in zip(axes, spacings, strict=True)]
    return results[0] if len(axes) == 1 else tuple(results)


def _spacings(f: ndarray, axes: tuple[int, ...], varargs: tuple[Any, ...]) -> list[Any]:
    """For each axis one distance, or the distances between all neighbours."""
    if not varargs:
        return [1.0] * len(axes)
    if len(varargs) == 1 and np.ndim(varargs[0]) == 0:
        return [varargs[0]] * len(axes)
    if len(varargs) != len(axes):
        raise TypeError("invalid number of arguments")
    spacings: list[Any] = []
    for distances, along in zip(varargs, axes, strict=True):
        if np.ndim(distances) == 0:
            spacings.append(distances)
            continue
        places = np.asarray(distances)
        if places.ndim != 1:
            raise ValueError("distances must be either scalars or 1d")
        if len(places) != f.shape[along]:
            raise ValueError("when 1d, distances must match the length of the corresponding dimension")
        steps = np.diff(places.astype(np.float64) if places.dtype.kind in "iu" else places)
        spacings.append(steps[0] if (steps == steps[0]).all() else steps)
    return spacings


def _gradient_along(f: ndarray, axis: int, d: Any, edge_order: int) -> ndarray:
    def at(part: slice | int) -> Any:
        return f[_along(axis, part)]

    out = empty(f.shape, f.dtype)
    inner, left, right = slice(1, -1), slice(None, -2), slice(2, None)
    uniform = np.ndim(d) == 0
    if uniform:
        out[_along(axis, inner)] = (at(right) - at(left)) / (2.0 * d)
    else:
        shape = [1] * f.ndim
        shape[axis] = -1
        d1, d2 = d[:-1].reshape(shape), d[1:].reshape(shape)
        a, b, c = -d2 / (d1 * (d1 + d2)), (d2 - d1) / (d1 * d2), d1 / (d2 * (d1 + d2))
        out[_along(axis, inner)] = a * at(left) + b * at(inner) + c * at(right)
    if edge_order == 1:
        out[_along(axis, 0)] = (at(1) - at(0)) / (d if uniform else d[0])
        out[_along(axis, -1)] = (at(-1) - at(-2)) / (d if uniform else d[-1])
        return out
    if uniform:
        first, last = (-1.5 / d, 2.0 / d, -0.5 / d), (0.5 / d, -2.0 / d, 1.5 / d)
    else:
        d1, d2 = d[0], d[1]
        first = -(2.0 * d1 + d2) / (d1 * (d1 + d2)), (d1 + d2) / (d1 * d2), -d1 / (d2 * (d1 + d2))
        d1, d2 = d[-2], d[-1]
        last = d2 / (d1 * (d1 + d2)), -(d2 + d1) / (d1 * d2), (2.0 * d2 + d1) / (d2 * (d1 + d2))
    out[_along(axis, 0)] = first[0] * at(0) + first[1] * at(1) + first[2] * at(2)
    out[_along(axis, -1)] = last[0] * at(-3) + last[1] * at(-2) + last[2] * at(-1)
    return out


@implements(np.trapezoid)
def trapezoid(y: ArrayLike, x: ArrayLike | None = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral by the trapezoidal rule."""
    y = asarray(y)
    axis = normalize_axis_index(axis, y.ndim)
    width = dx
    if x is not None:
        x = asarray(x)
        width = diff(x) if x.ndim == 1 else diff(x, axis=axis)
        if x.ndim == 1:
            width = width.reshape((-1,) + (1,) * (y.ndim - 1 - axis))
    area = width * (y[_along(axis, slice(1, None))] + y[_along(axis, slice(None, -1))]) / 2.0
    return UFUNC["add"].reduce(area, axis=axis)


@implements(np.cross)
def cross(a: ArrayLike, b: ArrayLike, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Axis = None) -> Any:
    """The cross product of three-dimensional vectors."""
    if axis is not None:
        axisa, axisb, axisc = (axis,) * 3
    a, b = asarray(a), asarray(b)
    if a.ndim < 1 or b.ndim < 1:
        raise ValueError("At least one array has zero dimension")
    first = moveaxis(a, normalize_axis_index(axisa, a.ndim, msg_prefix="axisa"), -1)
    second = moveaxis(b, normalize_axis_index(axisb, b.ndim, msg_prefix="axisb"), -1)
    if first.shape[-1] != 3 or second.shape[-1] != 3:
        return call_numpy(np.cross, a, b, axisa, axisb, axisc)
    dtype = np.promote_types(a.dtype, b.dtype)
    x, y = first.astype(dtype, copy=False), second.astype(dtype, copy=False)
    parts = []
    for i, j in ((1, 2), (2, 0), (0, 1)):
        parts.append(x[..., i] * y[..., j] - x[..., j] * y[..., i])
    axisc = normalize_axis_index(axisc, parts[0].ndim + 1, msg_prefix="axisc")
    return stack(parts, axis=axisc)


@implements(np.unwrap)
def unwrap(p: ArrayLike, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """The phases with jumps of more than half a period taken out."""
    p = asarray(p)
    axis = normalize_axis_index(axis, p.ndim)
    steps = diff(p, axis=axis)
    discont = period / 2 if discont is None else discont
    dtype = np.result_type(steps.dtype, period)
    if dtype.kind in "iu":
        high, rest = divmod(period, 2)
        ambiguous = rest == 0
    else:
        high, ambiguous = period / 2, True
    wrapped = UFUNC["remainder"](steps - -high, period) + -high
    if ambiguous:
        wrapped = where((wrapped == -high) & (steps > 0), wrapped.dtype.type(high), wrapped)
    correction = wrapped - steps
    correction = where(abs(steps) < discont, correction.dtype.type(0), correction)
    result = p.astype(dtype, copy=True)
    rest_of = _along(axis, slice(1, None))
    result[rest_of] = p[rest_of] + UFUNC["add"].accumulate(correction, axis=axis)
    return result
