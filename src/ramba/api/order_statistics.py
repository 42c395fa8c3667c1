"""Order statistics: medians, quantiles, percentiles."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.joining import stack
from ramba.api.options import NO_VALUE, deliver
from ramba.api.statistics import mean
from ramba.api.views import moveaxis
from ramba.lazyarray import (
    asarray,
    call,
    call_numpy,
    implements,
    is_lazy,
    ndarray,
    unwrap,
    where,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, NumPyFunction, Out


class _Ordered:
    """The elements over some axes, of which those at certain places of their order are wanted."""

    def __init__(self, a: ndarray, axis: Axes) -> None:
        axes = tuple(range(a.ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, a.ndim)
        others = tuple(a.shape[d] for d in range(a.ndim) if d not in axes)
        self.count = prod(a.shape[d] for d in axes)
        turned = moveaxis(a, axes, range(a.ndim - len(axes), a.ndim))
        self.rows = turned.reshape((*others, self.count))
        self.kept = tuple(1 if d in axes else e for d, e in enumerate(a.shape))  # the shape of what keeps the axes

    def at(self, places: Sequence[int]) -> tuple[ndarray, ndarray]:
        """The elements at some places, as the last axis; and the last of all, which is NaN if one is."""
        wanted = sorted({*places, self.count - 1})
        (found,) = call("order_statistics", [self.rows], tuple(wanted))
        return found[..., [wanted.index(place) for place in places]], asarray(found[..., -1])


def _marked(result: ndarray, last: ndarray) -> ndarray:
    """The result with NaN wherever NaN is among the elements."""
    result = asarray(result)
    if last.dtype.kind == "f":
        result = asarray(where(last != last, last.astype(result.dtype, copy=False), result))
    result._scalar = not result.shape
    return result


def _is_native(a: ArrayLike) -> bool:
    return is_lazy(a) and asarray(a).dtype.kind in "iuf" and asarray(a).size > 0


@implements(np.median)
def median(
    a: ArrayLike, axis: Axes = None, out: Out = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """The middle element over axes, or the mean of the two in the middle."""
    if not _is_native(a):
        return call_numpy(np.median, a, axis, out, overwrite_input, keepdims)
    ordered = _Ordered(asarray(a), axis)
    middle, last = ordered.at(range((ordered.count - 1) // 2, ordered.count // 2 + 1))
    result = _marked(mean(middle, axis=-1), last)
    return deliver(result.reshape(ordered.kept) if keepdims else result, out)


# Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996): alpha and beta of the continuous ones
_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
_METHODS = {*_CONTINUOUS, "lower", "higher", "midpoint", "nearest"}


def _places(method: str, count: int, q: np.ndarray) -> np.ndarray:
    """Where in the order of so many elements the quantiles lie."""
    linear = (count - 1) * q
    match method:
        case "linear":
            return linear
        case "lower":
            return np.floor(linear)
        case "higher":
            return np.ceil(linear)
        case "nearest":
            return np.around(linear)
        case "midpoint":
            return np.asarray(0.5 * (np.floor(linear) + np.ceil(linear)))
    alpha, beta = _CONTINUOUS[method]
    return np.clip(count * q + (alpha + q * (1 - alpha - beta)) - 1, 0, count - 1)


def _quantile(
    np_func: NumPyFunction, a: ArrayLike, q: ArrayLike, scale: float, axis: Axes, out: Out, method: str, keepdims: bool
) -> Any:
    """Quantiles out of the one or two elements next to each."""
    a, q = asarray(a), unwrap(q)
    probe = np_func(np.zeros(2, a.dtype), q, method=method)  # NumPy's checks of q, and its dtype
    ordered = _Ordered(a, axis)
    kind = probe.dtype if probe.dtype.kind == "f" else None
    wanted = np.asarray(q, kind if isinstance(q, float | int) else None)
    wanted = wanted / wanted.dtype.type(scale) if wanted.dtype.kind == "f" else wanted / scale
    places = _places(method, ordered.count, wanted.reshape(-1))
    below = np.floor(places).astype(np.intp)
    above = np.minimum(below + 1, ordered.count - 1)
    found, last = ordered.at([*below.tolist(), *above.tolist()])
    low, high = found[..., : len(places)], found[..., len(places) :]
    if method in ("lower", "higher", "nearest"):
        result = low
    else:
        share, step = places - below, high - low
        result = where(share >= 0.5, high - step * (1 - share), low + step * share)
    result = result.astype(probe.dtype, copy=False)
    parts = [_marked(result[..., n], last) for n in range(len(places))]
    if keepdims:
        parts = [part.reshape(ordered.kept) for part in parts]
    if not wanted.ndim:
        return deliver(parts[0], out)
    stacked = stack(parts)
    return deliver(stacked.reshape(wanted.shape + stacked.shape[1:]), out)


def _quantiles(name: str, scale: float) -> Any:
    np_func = getattr(np, name)

    def body(
        a: ArrayLike,
        q: ArrayLike,
        axis: Axes = None,
        out: Out = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        **options: object,
    ) -> Any:
        if not _is_native(a) or method not in _METHODS or options or is_lazy(q):
            return call_numpy(np_func, a, q, axis, out, overwrite_input, method, keepdims, **options)
        return _quantile(np_func, a, q, scale, axis, out, method, keepdims)

    body.__doc__ = np_func.__doc__
    return implements(np_func)(body)


quantile = _quantiles("quantile", 1)
percentile = _quantiles("percentile", 100)


def _of_numbers(np_func: NumPyFunction, plain: Callable[..., Any]) -> None:
    """The form that leaves NaN out, of a function over all elements; over axes, NumPy's."""

    def body(a: ArrayLike, *args: object, keepdims: bool = False, **options: object) -> Any:
        given = inspect.signature(np_func).bind(a, *args, keepdims=keepdims, **options).arguments
        axis, array = given.pop("axis", None), asarray(a)
        if _is_native(a) and array.dtype.kind == "f" and (axis is None or array.ndim == 1):
            numbers = array[array == array]
            if numbers.size:
                del given["a"]
                found = plain(numbers, **{**given, "keepdims": False, "out": None})
                if keepdims and keepdims is not NO_VALUE:
                    found = found.reshape(found.shape + (1,) * array.ndim)
                return deliver(found, given.get("out"))
        return call_numpy(np_func, a, *args, keepdims=keepdims, **options)

    body.__doc__ = np_func.__doc__
    implements(np_func)(body)


_of_numbers(np.nanmedian, median)
_of_numbers(np.nanquantile, quantile)
_of_numbers(np.nanpercentile, percentile)
