"""Statistics: histograms."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import numpy as np

from ramba.api.sorting.searching import searchsorted
from ramba.api.statistics.bin_widths import RULES, count_of_bins
from ramba.errors import warn
from ramba.lazyarray import (
    UFUNC,
    Array,
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
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


@implements(np.bincount, kind="read 2")
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
    x = _numbers(a)
    if not _is_plain(x, bins, range) or (weights is not None and asarray(weights).dtype.kind not in "iuf"):
        return call_numpy(np.histogram, x, bins, range, density, weights)
    if weights is not None and asarray(weights).shape != x.shape:
        raise ValueError("weights should have the same shape as a.")
    edges, limits, dtype = _edges(x, bins, range, weights)
    operands = [] if limits else [asarray(edges)]
    operands += [] if weights is None else [asarray(weights)]
    (found,) = call("histogram", [x, *operands], len(edges) - 1, limits, dtype)
    if density:
        return found / asarray(np.diff(edges).astype(float)) / found.sum(), wrap(np.array(edges))
    return found, wrap(np.array(edges))


@implements(np.histogram_bin_edges, cost=4)
def histogram_bin_edges(
    a: ArrayLike,
    bins: int | str | ArrayLike = 10,
    range: tuple[float, float] | None = None,
    weights: ArrayLike | None = None,
) -> Any:
    """The edges of the bins that `histogram` counts in."""
    x = _numbers(a)
    if not _is_plain(x, bins, range):
        return call_numpy(np.histogram_bin_edges, x, bins, range, weights)
    if weights is not None and asarray(weights).shape != x.shape:
        raise ValueError("weights should have the same shape as a.")
    return wrap(np.array(_edges(x, bins, range, weights)[0]))


def _numbers(a: ArrayLike) -> ndarray:
    """The elements; truths as numbers, with the warning that NumPy has for them."""
    if isinstance(a, Array) and is_lazy(a) and a.dtype == bool:
        warn(f"Converting input from {a.dtype} to {np.uint8} for compatibility.", RuntimeWarning)
        return a.astype(np.uint8)
    return asarray(a)


def _is_plain(a: ndarray, bins: int | str | ArrayLike, range: tuple[float, float] | None) -> bool:
    """Whether edges are found from the smallest and the largest element, or by a rule that is known here."""
    if not is_lazy(a) or a.dtype.kind not in "iuf" or not a.size or (isinstance(bins, str) and bins not in RULES):
        return False
    return range is None or np.result_type(*unwrap(range)).char != "g"


def _edges(
    a: ndarray, bins: int | str | ArrayLike, range: tuple[float, float] | None, weights: ArrayLike | None
) -> tuple[np.ndarray, tuple[Any, ...] | None, str]:
    """The edges of bins; of bins of one width the limits, as numbers and their dtype."""
    bins = unwrap(bins)
    if np.ndim(bins) != 0:
        return np.histogram_bin_edges(np.zeros(0), bins), None, ""
    ends = [UFUNC[name].reduce(a, axis=None) for name in ("minimum", "maximum")] if range is None else list(range)
    limits = tuple(np.asarray(end).item() for end in ends)
    kinds = {end.dtype.str[1:] if isinstance(end, Array | np.generic) else "" for end in ends}
    seen = np.array(limits if range is None else [], a.dtype)
    if isinstance(bins, str):
        first = np.histogram_bin_edges(seen, bins, unwrap(range), None if weights is None else np.ones_like(seen))
        outer = (first[0].item(), first[-1].item())
        bins = count_of_bins(bins, a, limits, outer) if range is None else _count_within(a, bins, outer)
    return np.histogram_bin_edges(seen, bins, unwrap(range)), limits, kinds.pop() if len(kinds) == 1 else ""


def _count_within(a: ndarray, rule: str, limits: tuple[float, float]) -> int:
    """How many bins a rule wants, of the elements within limits."""
    kept = a[(a >= limits[0]) & (a <= limits[1])]
    if not kept.size:
        return 1
    lowest, highest = (UFUNC[name].reduce(kept, axis=None).item() for name in ("minimum", "maximum"))
    return count_of_bins(rule, kept, (lowest, highest), limits)


Bins: TypeAlias = "int | Sequence[ArrayLike] | ArrayLike"
Ranges: TypeAlias = "Sequence[Sequence[float] | None] | None"


def _columns(sample: ArrayLike) -> list[ndarray] | None:
    """The coordinates of points, of one dtype; None for what is not plain numbers."""
    if hasattr(sample, "shape"):
        points = asarray(sample)
        several = [points] if points.ndim == 1 else [points[:, d] for d in range(points.shape[1])]
    else:
        sequence: Any = sample
        several = [asarray(column) for column in sequence]
    if not several or any(a.ndim != 1 or a.shape != several[0].shape or a.dtype.kind not in "iuf" for a in several):
        return None
    dtype = np.result_type(*[a.dtype for a in several])
    return [a.astype(dtype, copy=False) for a in several] if several[0].size else None


@implements(np.histogramdd, cost=16)
def histogramdd(
    sample: ArrayLike,
    bins: Bins = 10,
    range: Ranges = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> Any:
    """How many points lie in each cell of a grid, and the edges of the cells."""
    columns = _columns(sample) if getattr(sample, "ndim", 1) in (1, 2) else None
    if columns is None or (weights is not None and asarray(weights).dtype.kind not in "iuf"):
        return call_numpy(np.histogramdd, sample, bins, range, density, weights)
    given: Any = unwrap(bins)
    wanted: Any = unwrap(range)
    several = given if np.iterable(given) else [given] * len(columns)
    limits = [None] * len(columns) if wanted is None else list(wanted)
    ends = np.zeros((2, len(columns)), columns[0].dtype)
    for d, (column, some, limit) in enumerate(zip(columns, several, limits, strict=False)):  # NumPy checks how many
        if np.ndim(some) == 0 and limit is None:
            ends[:, d] = [np.asarray(UFUNC[name].reduce(column)) for name in ("minimum", "maximum")]
    _, edges = np.histogramdd(ends, given, wanted)  # the first and the last point are all that edges depend on
    cell: Any = 0
    for column, places in zip(columns, edges, strict=True):
        number = searchsorted(asarray(places), column, "right")
        number = number - (column == places[-1])  # the last edge belongs to the last bin
        cell = cell * (len(places) + 1) + number
    shape = tuple([len(places) + 1 for places in edges])
    counts = bincount(cell, weights, minlength=prod(shape)).reshape(shape).astype(float)
    found = counts[(slice(1, -1),) * len(columns)]  # without the points that lie outside
    if density:
        total = found.sum()
        for d, places in enumerate(edges):
            found = found / asarray(np.diff(places).reshape([-1 if d == e else 1 for e, _ in enumerate(edges)]))
        found = found / total
    return found, [wrap(np.array(places)) for places in edges]


@implements(np.histogram2d, cost=16)
def histogram2d(
    x: ArrayLike,
    y: ArrayLike,
    bins: Bins = 10,
    range: Ranges = None,
    density: bool | None = None,
    weights: ArrayLike | None = None,
) -> Any:
    """How many points lie in each cell of a grid in the plane, and the edges of the cells."""
    points: Any = [x, y]
    if len(points[0]) != len(points[1]):
        raise ValueError("x and y must have the same length.")
    given: Any = unwrap(bins)
    if hasattr(given, "__len__") and len(given) not in (1, 2):
        given = [np.asarray(given)] * 2  # edges for both axes
    found, (first, second) = histogramdd(points, given, range, density, weights)
    return found, first, second


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
