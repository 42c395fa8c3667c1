"""What xarray asks for one group after the other is one reduction of groups: counted, on threads and on workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from tests.grouping.passes import counted
from tests.subject import mode, ramba

xr = pytest.importorskip("xarray")
pd = pytest.importorskip("pandas")

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("ignore")]

ROWS, DAYS = 100, 2000
REDUCTIONS = "mean sum min max std var median count prod".split()
HOW: dict[str, Callable[[Any], Any]] = {
    "day of year": lambda da: da.groupby("time.dayofyear"),
    "month": lambda da: da.groupby("time.month"),
    "resample": lambda da: da.resample(time="30D"),
    "bins": lambda da: da.groupby_bins("x", [-1, 3, 40, 70, ROWS]),
}


CASES = [
    *[("month", name) for name in REDUCTIONS],
    *[("resample", name) for name in ("mean", "sum", "std", "median", "count")],
    *[("bins", name) for name in ("sum", "max", "median")],
]


def data(np: Any, rows: int = ROWS, days: int = DAYS) -> Any:
    rng = numpy.random.default_rng(0)
    a = rng.random((rows, days))
    a[rng.random(a.shape) < 0.05] = numpy.nan
    places = {"time": pd.date_range("2000", periods=days, freq="D"), "x": numpy.arange(rows)}
    return xr.DataArray(np.asarray(a), dims=("x", "time"), coords=places)


@pytest.fixture(params=["threads", "3 workers"])  # of each test: those that choose threads follow
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    with mode(request.param):
        yield data(ramba), data(numpy)


def check_one_pass(how: str, name: str, ours: Any, theirs: Any) -> None:
    found, names = counted(lambda: getattr(HOW[how](ours), name)())
    xr.testing.assert_allclose(found.as_numpy(), getattr(HOW[how](theirs), name)(), rtol=1e-10)
    assert names[kernel := "quantile_groups" if name == "median" else "reduce_groups"] == 1
    # groups of few elements are NumPy's, and put in their places among the others
    assert not names.keys() - {kernel, "concatenate", "pick"}


@pytest.mark.parametrize(("how", "name"), CASES)
def test_a_reduction_is_one_pass(how: str, name: str, both: tuple[Any, Any]) -> None:
    for flox in (True, False) if name == "mean" else (True,):  # xarray has it for NumPy's and for what has chunks
        with xr.set_options(use_flox=flox):
            check_one_pass(how, name, *both)


@pytest.mark.parametrize("name", ["mean", "sum"])
def test_many_groups(name: str) -> None:
    with mode("threads"):
        check_one_pass("day of year", name, data(ramba, 400, 4000), data(numpy, 400, 4000))


def test_anomalies_are_two_passes(both: tuple[Any, Any]) -> None:
    def anomalies(da: Any) -> Any:
        days = da.groupby("time.month")
        return days - days.mean("time")

    ours, theirs = both
    found, names = counted(lambda: anomalies(ours))
    xr.testing.assert_allclose(found.as_numpy(), anomalies(theirs), rtol=1e-10)
    assert (names["reduce_groups"], names["combine_picked"], names["kernel"]) == (1, 1, 0)


def test_who_looks_gets_what_numpy_has(both: tuple[Any, Any]) -> None:
    ours, theirs = both[0].data, both[1].data
    for key in ((slice(None), slice(40, 60)), (slice(7, 9),), (slice(None), numpy.arange(3, 1900, 31))):
        axis = len(key) - 1
        for name in ("nanmean", "sum", "nanstd", "median", "nanmedian", "max"):
            numpy.testing.assert_allclose(
                getattr(ramba, name)(ours[key], axis=axis) + 1, getattr(numpy, name)(theirs[key], axis=axis) + 1
            )
        nan = ramba.isnan(ours[key])
        numpy.testing.assert_array_equal(~nan, ~numpy.isnan(theirs[key]))
        numpy.testing.assert_array_equal(ramba.where(nan, 0, ours[key]) * 2, numpy.nan_to_num(theirs[key]) * 2)
        numpy.testing.assert_array_equal(
            ramba.where(nan, 1, ours[key]), numpy.where(numpy.isnan(theirs[key]), 1, theirs[key])
        )
        numpy.testing.assert_array_equal(ramba.logical_not(nan).sum(axis), numpy.isfinite(theirs[key]).sum(axis))
        numpy.testing.assert_array_equal(ramba.sum(nan, axis=axis), numpy.isnan(theirs[key]).sum(axis))


def test_what_is_changed_meanwhile_is_not_seen() -> None:
    with mode("threads"):
        theirs = numpy.random.default_rng(0).random((100, 2000))
        ours = ramba.array(theirs)
        ramba.sync()
        means = [ramba.mean(ours[:, k : k + 20], axis=1) for k in range(0, 2000, 20)]
        ours[:, ::2] = 7
        found = ramba.stack(means)
        ours[:, 1::2] = 8
        expected = numpy.stack([theirs[:, k : k + 20].mean(axis=1) for k in range(0, 2000, 20)])
        numpy.testing.assert_allclose(found, expected)
        assert ours[0, :4].tolist() == [7, 8, 7, 8]


def test_a_pick_waits_for_another_errstate() -> None:
    with mode("threads"):
        theirs, codes = numpy.random.default_rng(0).random((200, 4000)), numpy.arange(4000) % 100
        ours = ramba.array(theirs)
        means = ours.groupby(1, codes).mean() * 2
        ramba.sync()

        def subtracted() -> Any:
            picked = means[:, codes]
            with numpy.errstate(all="ignore"):
                return ours - picked

        found, names = counted(subtracted)
        numpy.testing.assert_allclose(found, theirs - numpy.asarray(means)[:, codes])
        assert names == {"combine_picked": 1}
