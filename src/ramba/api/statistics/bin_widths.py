"""Statistics: how many bins a histogram has by the rules that have names.

As `numpy.histogram_bin_edges` describes them: D. Freedman and P. Diaconis, On the histogram as a density estimator: L2
theory (1981); D. Scott, On optimal and data-based histograms (1979); H. Sturges, The choice of a class interval (1926);
D. Doane, Aesthetic frequency classification (1976).
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log2, pi, sqrt

from ramba.api.statistics.averages import mean, std
from ramba.api.statistics.order import percentile
from ramba.lazyarray import ndarray

_Rule = Callable[[ndarray, float], float]  # elements, and how far the largest is from the smallest: a width


def _sturges(x: ndarray, extent: float) -> float:
    return extent / (log2(x.size) + 1)


def _square_root(x: ndarray, extent: float) -> float:
    return extent / sqrt(x.size)


def _freedman_diaconis(x: ndarray, extent: float) -> float:
    upper, lower = percentile(x, [75, 25])
    return 2 * float(upper - lower) * x.size ** (-1 / 3)


def _auto(x: ndarray, extent: float) -> float:
    return min(max(_freedman_diaconis(x, extent), _square_root(x, extent) / 2), _sturges(x, extent))


def _scott(x: ndarray, extent: float) -> float:
    return (24 * sqrt(pi) / x.size) ** (1 / 3) * float(std(x))


def _doane(x: ndarray, extent: float) -> float:
    n, deviation = x.size, float(std(x))
    if n <= 2 or not deviation > 0:
        return 0.0
    skewness = float(mean(((x - mean(x)) / deviation) ** 3))
    expected = sqrt(6 * (n - 2) / ((n + 1) * (n + 3)))
    return extent / (1 + log2(n) + log2(1 + abs(skewness) / expected))


RULES: dict[str, _Rule] = {
    "auto": _auto,
    "doane": _doane,
    "fd": _freedman_diaconis,
    "rice": lambda x, extent: extent / (2 * x.size ** (1 / 3)),
    "scott": _scott,
    "sqrt": _square_root,
    "sturges": _sturges,
}
"""By name. Stone's asks for some hundred histograms: it is NumPy's."""


def count_of_bins(rule: str, x: ndarray, ends: tuple[float, float], limits: tuple[float, float]) -> int:
    """How many bins a rule wants.

    Parameters
    ----------
    rule
        One of `RULES`.
    x
        The elements within the limits: not empty.
    ends
        The smallest of them and the largest.
    limits
        Where the first bin begins and the last one ends.
    """
    width = RULES[rule](x, float(ends[1]) - float(ends[0]))
    if x.dtype.kind in "iu":
        width = max(width, 1) if width else width
    return ceil((float(limits[1]) - float(limits[0])) / width) if width else 1


__all__ = ["RULES", "count_of_bins"]
