"""What do groups along an axis cost: beside xarray with flox on NumPy's arrays, and in xarray's own words?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_least, at_most
from benchmarks.measure import alternate

_ROWS, _DAYS, _GROUPS = 100, 36_500, 366
_TIMES = 3  # faster than xarray with flox
_WORDS = 0.1  # seconds that xarray's own words may take longer than ours


def answers() -> list[Answer]:
    """Means of days of the year, and what days differ from them."""
    values = numpy.random.default_rng(0).random((_ROWS, _DAYS))
    x = ramba.array(values)
    if not _is_there():
        return _beside_loops(values, x)
    xarray, days = _calendar()
    theirs, in_words = (xarray.DataArray(a, dims=("x", "time"), coords={"time": days}) for a in (values, x))
    codes = theirs.time.dt.dayofyear.to_numpy() - 1
    ours = x.groupby(1, codes, _GROUPS)

    def mean(da: Any) -> Callable[[], object]:
        return lambda: _computed(da.groupby("time.dayofyear").mean("time").data)

    def anomalies(da: Any) -> Callable[[], object]:
        return lambda: _computed((da.groupby("time.dayofyear") - da.groupby("time.dayofyear").mean("time")).data)

    table = {
        "means": (mean, lambda: _computed(ours.nanmean())),
        "anomalies": (anomalies, lambda: _computed(ours - ours.nanmean())),
    }
    found = []
    for name, (words, own) in table.items():
        numpys, alone, spelled = alternate(words(theirs), own, words(in_words), rounds=5)
        title = f"{name} of {_GROUPS} groups over ({_ROWS}, {_DAYS})"
        found.append(at_least(f"{title}, beside xarray with flox", numpys, alone, _TIMES))
        found.append(at_most(f"{title}, in xarray's words: longer", numpys, spelled, spelled - alone, _WORDS))
    return found


def _computed(value: object) -> None:
    """Has a value, which is held meanwhile, computed."""
    ramba.sync()
    del value


def _is_there() -> bool:
    try:
        import flox  # noqa: F401
        import xarray  # noqa: F401
    except ImportError:
        return False
    return True


def _calendar() -> tuple[Any, Any]:
    import pandas
    import xarray

    return xarray, pandas.date_range("1920", periods=_DAYS, freq="D")


def _beside_loops(values: Any, x: Any) -> list[Answer]:
    """Without xarray: beside a loop over groups."""
    codes = numpy.arange(_DAYS) % _GROUPS
    places = [numpy.flatnonzero(codes == group) for group in range(_GROUPS)]
    ours = x.groupby(1, codes)
    numpys, alone = alternate(
        lambda: numpy.stack([values[:, i].mean(axis=1) for i in places], axis=1),
        lambda: _computed(ours.mean()),
        rounds=5,
    )
    return [at_least(f"means of {_GROUPS} groups over ({_ROWS}, {_DAYS}), beside a loop", numpys, alone, _TIMES)]
