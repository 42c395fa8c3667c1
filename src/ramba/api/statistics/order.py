"""Statistics: order statistics: ranges, medians, quantiles, percentiles, and their forms that leave NaN out."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ramba.api.indexing.taking import take_along_axis
from ramba.api.manipulation.joining import stack
from ramba.api.manipulation.views import broadcast_to, moveaxis
from ramba.api.math.nan import warn_if_any
from ramba.api.sorting.searching import searchsorted
from ramba.api.sorting.sorting import argsort
from ramba.api.statistics.averages import mean
from ramba.lazyarray import (
    UFUNC,
    asarray,
    call,
    call_numpy,
    implements,
    is_lazy,
    ndarray,
    raise_like_numpy,
    unwrap,
    where,
)
from ramba.lazyarray import deliver as deliver_spread
from ramba.lazyarray.options import NO_VALUE, deliver, given

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Out


@implements(np.ptp)
def ptp(a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = NO_VALUE) -> Any:
    """The range, largest minus smallest, over axes."""
    a, options = asarray(a), given(keepdims=keepdims)
    largest = UFUNC["maximum"].reduce(a, axis=axis, **options)
    smallest = UFUNC["minimum"].reduce(a, axis=axis, **options)
    return UFUNC["subtract"](largest, smallest, out=out)


class _Rows:
    """The elements over some axes as rows."""

    def __init__(self, a: ndarray, axis: Axes) -> None:
        self.axes = tuple(range(a.ndim)) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, a.ndim)
        self.others = tuple(a.shape[d] for d in range(a.ndim) if d not in self.axes)
        self.count = prod(a.shape[d] for d in self.axes)
        self.rows = self.of(a)
        self.kept = tuple(1 if d in self.axes else e for d, e in enumerate(a.shape))  # the shape of what keeps the axes

    def of(self, a: ndarray) -> ndarray:
        """The rows of an array of this shape."""
        turned = moveaxis(a, self.axes, range(len(self.others), a.ndim))
        return turned.reshape((*self.others, self.count))

    def numbers(self) -> ndarray:
        """How many elements of each row are not NaN, with the rows' axis; a warning where there are none."""
        found = UFUNC["add"].reduce(self.rows == self.rows, axis=-1, dtype=np.dtype(np.intp), keepdims=True)
        warn_if_any(found == 0, "All-NaN slice encountered")
        return asarray(found)

    def at(self, places: Sequence[int]) -> tuple[ndarray, ndarray]:
        """The elements at some places of the order, as the last axis; and the last of all, NaN if one of them is."""
        wanted = sorted({*places, self.count - 1})
        (found,) = call("order_statistics", [self.rows], tuple(wanted))
        return found[..., [wanted.index(place) for place in places]], asarray(found[..., -1:])

    def at_each(self, places: Any) -> ndarray:
        """The elements at places that differ from row to row."""
        wanted = UFUNC["maximum"](places, 0)  # rows that hold no number
        return call("order_statistics_by_row", [self.rows, wanted], dtypes=(self.rows.dtype, np.intp))[0]

    def result(self, found: ndarray, q: np.ndarray | None, keepdims: bool, out: Out) -> Any:
        """What is along the last axis, as NumPy has it: along the axes of ``q``, which come first."""
        keep = keepdims is not NO_VALUE and keepdims
        shape = (q.shape if q is not None else ()) + (self.kept if keep else self.others)
        found = asarray(found)
        if found.shape[-1] == 1:
            result = asarray(found[..., 0]).reshape(shape)
        else:
            result = moveaxis(found, -1, 0).copy(order="C").reshape(shape)
        result._scalar = not result.shape
        return deliver(result, out) if out is None or q is None else deliver_spread(result, out)


def _marked(result: ndarray, last: ndarray) -> Any:
    """The result with NaN wherever NaN is among the elements."""
    if last.dtype.kind != "f":
        return result
    return where(last != last, last.astype(result.dtype, copy=False), result)


def _is_native(a: ArrayLike) -> bool:
    return is_lazy(a) and asarray(a).dtype.kind in "iuf" and asarray(a).size > 0


@implements(np.median)
def median(
    a: ArrayLike, axis: Axes = None, out: Out = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    """The middle element over axes, or the mean of the two in the middle."""
    if not _is_native(a):
        return call_numpy(np.median, a, axis, out, overwrite_input, keepdims)
    ordered = _Rows(asarray(a), axis)
    middle, last = ordered.at(range((ordered.count - 1) // 2, ordered.count // 2 + 1))
    return ordered.result(_marked(mean(middle, axis=-1, keepdims=True), last), None, keepdims, out)


@implements(np.nanmedian)
def nanmedian(
    a: ArrayLike, axis: Axes = None, out: Out = None, overwrite_input: bool = False, keepdims: bool = NO_VALUE
) -> Any:
    """The median over axes of what is not NaN."""
    if not _is_native(a):
        return call_numpy(np.nanmedian, a, axis, out, overwrite_input, keepdims)
    if asarray(a).dtype.kind != "f":
        return median(a, axis, out, keepdims=keepdims is not NO_VALUE and keepdims)
    ordered = _Rows(asarray(a), axis)
    numbers = ordered.numbers()
    places = stack([(numbers[..., 0] - 1) // 2, numbers[..., 0] // 2], axis=-1)
    middle, dtype = ordered.at_each(places), ordered.rows.dtype.type
    odd = numbers % 2 == 1
    # of one element the mean is its quotient by one: -0.0 is what changes no sum
    total = middle[..., :1] + where(odd, dtype(-0.0), middle[..., 1:])
    return ordered.result(total / where(odd, dtype(1), dtype(2)), None, keepdims, out)


# Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996): alpha and beta of the continuous ones
_CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}


class _Neighbours(NamedTuple):
    """Where in the order of so many elements a quantile lies."""

    below: Any
    above: Any
    share: Any  # of the one above; None if the one below is the quantile


def _neighbours(method: str, count: Any, q: Any) -> _Neighbours:
    """The places next to quantiles, of which there are as many as ``q`` has; ``count`` may differ from row to row."""
    last = count - 1
    at = last * q
    match method:
        case "linear":
            pass
        case "lower":
            return _Neighbours(np.floor(at), None, None)
        case "higher":
            return _Neighbours(np.ceil(at), None, None)
        case "nearest":
            return _Neighbours(np.around(at), None, None)
        case "midpoint":
            at = 0.5 * (np.floor(at) + np.ceil(at))
        case "inverted_cdf" | "closest_observation":
            at = count * q - 1 if method == "inverted_cdf" else count * q - 1 - 0.5
            below = np.floor(at)
            stays = (at == below) if method == "inverted_cdf" else (at == below) & (below % 2 == 1)
            return _Neighbours(np.maximum(where(stays, below, below + 1), 0), None, None)
        case "averaged_inverted_cdf":
            at = count * q - 1
            below = np.floor(at)
            share = where(at == below, 0.5, 1.0)
            return _Neighbours(np.clip(below, 0, last), np.clip(below + 1, 0, last), share)
        case _:
            alpha, beta = _CONTINUOUS[method]
            at = np.clip(count * q + (alpha + q * (1 - alpha - beta)) - 1, 0, last)
    below = np.floor(at)
    return _Neighbours(below, np.minimum(below + 1, last), at - below)


class _Request(NamedTuple):
    """What is asked for."""

    np_func: Any
    q: np.ndarray  # from 0 to 1, in any shape
    weak: bool  # whether it was Python's number, whose precision does not count
    dtype: np.dtype  # of the result
    method: str
    numbers_only: bool


def _between(request: _Request, low: ndarray, high: ndarray, share: np.ndarray | ndarray) -> Any:
    """What lies between two elements."""
    step, rest = high - low, 1 - share
    if request.weak and low.dtype.kind == "f":
        share, rest = (x.astype(low.dtype, copy=False) for x in (asarray(share), asarray(rest)))
    return where(share >= 0.5, high - step * rest, low + step * share)


def _quantiles_of(request: _Request, rows: _Rows) -> Any:
    """Quantiles out of the one or two elements next to each, along the last axis."""
    q = request.q.reshape(-1)
    whole = request.method == "linear" and q.dtype.kind in "iu"
    if not request.numbers_only:
        below, above, share = _neighbours(request.method, rows.count, q)
        places = [np.asarray(x).astype(np.intp).tolist() for x in (below, above) if x is not None]
        found, last = rows.at([place for some in places for place in some])
        low, high = found[..., : len(q)], found[..., len(q) :]
        result = low if whole or share is None else _between(request, low, high, np.asarray(share))
        return _marked(result.astype(request.dtype, copy=False), last)
    numbers = rows.numbers()
    below, above, share = _neighbours(request.method, numbers.astype(np.result_type(q.dtype, np.float32)), q)
    low = rows.at_each(below)
    result = low if whole or share is None else _between(request, low, rows.at_each(above), share)
    return result.astype(request.dtype, copy=False)


def _weighted_quantiles(request: _Request, rows: _Rows, weights: ndarray) -> Any:
    """Elements at which the sum of the weights, in the order of the elements, reaches shares of all of it."""
    heavy, q = rows.of(weights).astype(np.float64), request.q.reshape(-1)
    if request.numbers_only and rows.rows.dtype.kind == "f":
        heavy = where(rows.rows == rows.rows, heavy, 0.0)
    order = argsort(rows.rows, axis=-1)
    ordered = take_along_axis(rows.rows, order, -1)
    sums = UFUNC["add"].accumulate(take_along_axis(heavy, order, -1), axis=-1)
    total = asarray(sums[..., -1:])
    if request.numbers_only and rows.rows.dtype.kind == "f":
        total = where(rows.numbers() == 0, 1.0, total)
    shares = sums / total
    if bool(UFUNC["logical_or"].reduce(UFUNC["isnan"](shares[..., -1]), axis=None)):
        raise ValueError("Weights included NaN, inf or were all zero.")
    shares = shares.astype(q.dtype, copy=False) if q.dtype.kind == "f" else shares
    shares = where(shares == 0, shares.dtype.type(-1), shares)  # elements of no weight are not the first one
    if not rows.others:
        places = searchsorted(shares, q)
    else:
        below = [UFUNC["add"].reduce(shares < x, axis=-1, dtype=np.dtype(np.intp)) for x in q]
        places = stack(below, axis=-1)
    found = take_along_axis(ordered, UFUNC["minimum"](places, rows.count - 1), -1)
    return found if request.numbers_only else _marked(found, asarray(ordered[..., -1:]))


def _weights(request: _Request, a: ndarray, axis: Axes, weights: ArrayLike) -> ndarray:
    """Weights of the array's shape, or of that of the axes."""
    given: ndarray = asarray(weights)
    if given.shape != a.shape:
        axes = () if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, a.ndim, argname="axis")
        if axis is None or given.shape != tuple([a.shape[d] for d in axes]):
            raise_like_numpy(request.np_func, a, request.q, axis, method=request.method, weights=given)
        order = sorted(range(len(axes)), key=lambda place: axes[place])
        spread = [extent if d in axes else 1 for d, extent in enumerate(a.shape)]
        given = broadcast_to(given.transpose(order).reshape(spread), a.shape)
    if bool(UFUNC["logical_or"].reduce(given < 0, axis=None)):
        raise ValueError("Weights must be non-negative.")
    return given


def _function(name: str, scale: float) -> Any:
    np_func = getattr(np, name)

    def body(
        a: ArrayLike,
        q: ArrayLike,
        axis: Axes = None,
        out: Out = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: ArrayLike | None = None,
    ) -> Any:
        if not _is_native(a):
            return call_numpy(np_func, a, q, axis, out, overwrite_input, method, keepdims, weights=weights)
        a, q = asarray(a), unwrap(q)
        heavy = {} if weights is None else {"weights": np.ones(2)}
        probe = np_func(np.zeros(2, a.dtype), q, method=method, **heavy)  # NumPy's checks, and its dtype
        wanted = np.asarray(np.true_divide(q, scale) if scale > 1 else q)
        only = name.startswith("nan") and a.dtype.kind == "f"
        request = _Request(np_func, wanted, type(q) in (int, float), probe.dtype, method, only)
        rows = _Rows(a, axis)
        if weights is None:
            found = _quantiles_of(request, rows)
        else:
            found = _weighted_quantiles(request, rows, _weights(request, a, axis, weights))
        return rows.result(found, wanted, keepdims, out)

    body.__doc__ = np_func.__doc__
    return implements(np_func)(body)


quantile = _function("quantile", 1)
percentile = _function("percentile", 100)
nanquantile = _function("nanquantile", 1)
nanpercentile = _function("nanpercentile", 100)
