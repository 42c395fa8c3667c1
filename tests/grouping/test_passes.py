"""Loops over groups, as libraries write them, are one pass over the array: counted, on threads and on workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from tests.grouping.passes import counted
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes

ROWS, DAYS, GROUPS = 60, 900, 12
CODES = numpy.arange(DAYS) // 30 % GROUPS
PLACES = [numpy.flatnonzero(numpy.equal(CODES, group)) for group in range(GROUPS)]


@pytest.fixture(params=["threads", "3 workers"], scope="module")
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    a = numpy.random.default_rng(0).random((ROWS, DAYS))
    a[numpy.random.default_rng(1).random(a.shape) < 0.05] = numpy.nan
    with mode(request.param):
        yield ramba.asarray(a), a


def without_nan(np: Any, x: Any) -> Any:
    """As xarray has sums."""
    return np.sum(np.where(np.isnan(x), 0, x), axis=1)


def held(np: Any, x: Any) -> Any:
    """As xarray has counts."""
    return np.sum(np.logical_not(np.isnan(x)), axis=1)


REDUCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "mean": lambda np, x: np.nanmean(x, axis=1),
    "std": lambda np, x: np.nanstd(x, axis=1),
    "median": lambda np, x: np.nanmedian(x, axis=1),
    "sum": without_nan,
    "count": held,
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_that_are_stacked_are_one_pass(name: str, axis: int, both: tuple[Any, Any]) -> None:
    def stacked(np: Any, a: Any) -> Any:
        return np.stack([REDUCTIONS[name](np, a[:, places]) for places in PLACES], axis=axis)

    ours, theirs = both
    found, names = counted(lambda: stacked(ramba, ours))
    assert names == {"quantile_groups" if name == "median" else "reduce_groups": 1}
    expected = stacked(numpy, theirs)
    assert found.strides == expected.strides
    numpy.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("axis", [0, 1])
def test_what_differs_from_them_is_another_one(axis: int, both: tuple[Any, Any]) -> None:
    def anomalies(np: Any, a: Any) -> Any:
        means = np.stack([np.nanmean(a[:, places], axis=1) for places in PLACES], axis=axis)
        return a - (means if axis else means.T)[:, CODES]

    ours, theirs = both
    found, names = counted(lambda: anomalies(ramba, ours))
    assert names == {"reduce_groups": 1, "combine_picked": 1}
    numpy.testing.assert_allclose(found, anomalies(numpy, theirs), rtol=1e-10)
