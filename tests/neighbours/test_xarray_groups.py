"""xarray's groups over our arrays, with flox and without, and its chunk manager: right, ours, and in one pass."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.subject import ramba

xr = pytest.importorskip("xarray")
pd = pytest.importorskip("pandas")

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("ignore")]

DAYS = 2000
GROUPED: dict[str, Callable[[Any], Any]] = {
    "day of year": lambda da: da.groupby("time.dayofyear").mean("time"),
    "season": lambda da: da.groupby("time.season").mean("time"),
    "anomalies": lambda da: da.groupby("time.dayofyear") - da.groupby("time.dayofyear").mean("time"),
    "standardised": lambda da: (
        (da.groupby("time.month") - da.groupby("time.month").mean("time")).groupby("time.month")
        / da.groupby("time.month").std("time")
    ),
    "sum": lambda da: da.groupby("time.dayofyear").sum("time"),
    "max": lambda da: da.groupby("time.dayofyear").max("time"),
    "min with nan": lambda da: da.groupby("time.dayofyear").min("time", skipna=False),
    "var": lambda da: da.groupby("time.month").var("time", ddof=1),
    "median": lambda da: da.groupby("time.month").median("time"),
    "count": lambda da: da.groupby("time.month").count("time"),
    "first": lambda da: da.groupby("time.year").first(),
    "all dimensions": lambda da: da.groupby("time.month").mean(...),
    "resample": lambda da: da.resample(time="30D").mean(),
    "resample sum": lambda da: da.resample(time="ME").sum(),
    "bins": lambda da: da.groupby_bins("x", [0, 2, 5, 8]).mean(),
    "bins that leave some out": lambda da: da.groupby_bins("x", [1, 3, 5]).mean("x"),
    "a dataset": lambda da: da.to_dataset(name="v").groupby("time.dayofyear").mean("time").v,
}


def data(np: Any, order: tuple[str, str] = ("x", "time")) -> Any:
    rng = numpy.random.default_rng(0)
    a = rng.random((9, DAYS))
    a[rng.random(a.shape) < 0.05] = numpy.nan
    places = {"time": pd.date_range("2000", periods=DAYS, freq="D"), "x": numpy.arange(9.0)}
    if order[0] == "time":
        a = a.T.copy()
    return xr.DataArray(np.asarray(a), dims=order, coords=places, name="v")


@pytest.fixture(params=["flox", "no flox"])
def flox(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "flox":
        pytest.importorskip("flox")
    with xr.set_options(use_flox=request.param == "flox"):
        yield


def check(name: str, order: tuple[str, str] = ("x", "time")) -> None:
    expected = GROUPED[name](data(numpy, order))
    found = GROUPED[name](data(ramba, order))
    assert type(found.data) is ramba.ndarray or expected.ndim < 2  # scalars are computed, and joined by NumPy
    xr.testing.assert_allclose(found, expected, rtol=1e-10)
    assert found.dims == expected.dims


@pytest.mark.parametrize("name", GROUPED)
def test_groups(name: str, flox: None) -> None:
    check(name)


@pytest.mark.parametrize("name", ["day of year", "anomalies", "resample", "bins"])
def test_groups_along_the_first_dimension(name: str) -> None:
    check(name, ("time", "x"))


@pytest.mark.parametrize("name", GROUPED)
def test_groups_on_processes(name: str, processes: None) -> None:
    check(name)


# --- the chunk manager


def entry_point() -> importlib.metadata.EntryPoint:
    """As an installed Ramba declares it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    ((name, value),) = project["entry-points"]["xarray.chunkmanagers"].items()
    return importlib.metadata.EntryPoint(name, value, "xarray.chunkmanagers")


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> None:
    """xarray knows the manager, whether Ramba is installed or not."""
    compat = pytest.importorskip("xarray.namedarray.parallelcompat")
    known = compat.list_chunkmanagers() | compat.load_chunkmanagers([entry_point()])
    monkeypatch.setattr(compat, "list_chunkmanagers", lambda: known)


@pytest.fixture
def store(tmp_path: Path) -> str:
    pytest.importorskip("zarr")
    path = str(tmp_path / "v.zarr")
    data(numpy).to_dataset(name="v").to_zarr(path)
    return path


def is_ours(da: Any) -> bool:
    return type(da.data) is ramba.ndarray and not hasattr(da.data, "chunks")


def test_what_is_opened_is_ours(manager: None, store: str) -> None:
    ds = xr.open_zarr(store, chunked_array_type="ramba")
    assert is_ours(ds.v)
    xr.testing.assert_identical(ds.v.as_numpy(), data(numpy).assign_attrs(ds.v.attrs))
    with xr.set_options(chunk_manager="ramba"):
        assert is_ours(xr.open_dataset(store, engine="zarr", chunks={}).v)
        assert is_ours(xr.open_zarr(store, chunks={"time": 100}).v)


def test_what_is_chunked_is_ours(manager: None) -> None:
    ds = data(numpy).to_dataset(name="v")
    for chunks in ({}, {"time": 100}, "auto", -1):
        assert is_ours(ds.chunk(chunks, chunked_array_type="ramba").v)
    again = ds.chunk(chunked_array_type="ramba").chunk({"x": 3}, chunked_array_type="ramba")
    assert is_ours(again.v)
    xr.testing.assert_identical(again.v.as_numpy(), ds.v)
    xr.testing.assert_allclose(again.v.groupby("time.month").mean("time"), ds.v.groupby("time.month").mean("time"))


def test_the_manager_is_light() -> None:
    code = f"import sys; import {entry_point().module}; assert 'ramba' not in sys.modules; assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
