"""Histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from ramba.api.searching import searchsorted
from ramba.errors import warn
from ramba.lazyarray import (
    UFUNC,
    asarray,
    call,
    call_library,
    call_numpy,
    implements,
    is_compiled,
    is_lazy,
    ndarray,
    unwrap,
    wrap,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@implements(np.bincount)
def bincount(x: ArrayLike, /, weights: ArrayLike | None = None, minlength: SupportsIndex = 0) -> Any:
    """How often each number occurs."""
    x = asarray(x)
    heavy = [] if weights is None else [asarray(weights)]
    if not all(is_compiled(a.dtype) for a in (x, *heavy)):
        return call_numpy(np.bincount, x, weights, minlength)
    ones = [np.ones((1,) * a.ndim, a.dtype) for a in (x, *heavy)]
    checked: Any = np.bincount
    checked(*ones, minlength=minlength)  # NumPy's checks
    if heavy and heavy[0].shape != x.shape:
        raise ValueError("The weights and list don't have the same length.")
    return call("bincount", [x, *heavy], int(minlength))[0]


@implements(np.histogram, cost=4)
def histogram(
    a: ArrayLike,
    bins: int | str | ArrayLike = 10,
    range: tuple[float, float] | None = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> Any:
    """How many elements lie in each bin, and the edges of the bins."""
    if isinstance(a, ndarray) and is_lazy(a) and a.dtype == bool:
        warn(f"Converting input from {a.dtype} to {np.uint8} for compatibility.", RuntimeWarning)
        a = a.astype(np.uint8)
    plain = is_lazy(a) and asarray(a).dtype.kind in "iuf" and not isinstance(bins, str) and asarray(a).size
    if not plain or (weights is not None and asarray(weights).dtype.kind not in "iuf"):
        return call_numpy(np.histogram, a, bins, range, density, weights)
    a, operands = asarray(a), []
    if weights is not None and asarray(weights).shape != a.shape:
        raise ValueError("weights should have the same shape as a.")
    limits, bins = None, unwrap(bins)
    if np.ndim(bins) == 0:
        ends = [UFUNC[name].reduce(a, axis=None) for name in ("minimum", "maximum")] if range is None else list(range)
        limits = tuple(np.asarray(end).item() for end in ends)
        edges = np.histogram_bin_edges(np.array(limits if range is None else [], a.dtype), bins, unwrap(range))
    else:
        edges = np.histogram_bin_edges(np.zeros(0), bins)
        operands.append(asarray(edges))
    operands += [] if weights is None else [asarray(weights)]
    (found,) = call("histogram", [a, *operands], len(edges) - 1, limits)
    if density:
        return found / asarray(np.diff(edges).astype(float)) / found.sum(), wrap(np.array(edges))
    return found, wrap(np.array(edges))


@implements(np.digitize, cost=16)
def digitize(x: ArrayLike, bins: ArrayLike, right: bool = False) -> Any:
    """The bins that the elements fall into."""
    edges = np.asarray(unwrap(bins))
    np.digitize(np.zeros(0, asarray(x).dtype), edges, right)  # NumPy's checks
    if edges.dtype.kind == "f" and np.isnan(edges).any():  # which way they go is NumPy's secret
        return call_library(np.digitize, x, edges, right)
    side = "left" if right else "right"
    if edges.size > 1 and edges[0] > edges[-1]:
        return edges.size - searchsorted(edges[::-1], x, side)
    return searchsorted(edges, x, side)
