"""xarray over our arrays, with dask and flox beside it."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy
import pytest

from tests.neighbours.cases import Neighbour

xr = pytest.importorskip("xarray")
pd = pytest.importorskip("pandas")
for name in ("dask", "flox", "bottleneck", "netCDF4", "zarr"):
    pytest.importorskip(name)


def variables(np: Any, n: int) -> dict[str, Any]:
    r = numpy.random.default_rng(0)
    k = n // 24
    a = np.asarray(r.random((k, 4, 6)))
    places = {"time": pd.date_range("2020", periods=k, freq="D"), "lat": numpy.arange(4.0), "lon": numpy.arange(6.0)}
    da = xr.DataArray(a, dims=("time", "lat", "lon"), coords=places, name="v")
    w = xr.DataArray(np.asarray(r.random(4)), dims="lat", coords={"lat": numpy.arange(4.0)})
    return {"a": a, "da": da, "ds": xr.Dataset({"v": da, "w": da * 2}), "x": np.asarray(r.random(k)), "k": k, "w": w}


CASES = """
da + 1
da + da
da.mean()
da.mean("time")
da.sum("lat").max()
da.std("time")
da.median("time")
da.quantile(0.5, "time")
da.isel(time=0)
da.isel(time=slice(2, 5), lat=[0, 2])
da.isel(time=np.asarray([0, 3, 5]))
da.sel(lat=2.0)
da.sel(time="2020-01-03")
da.sel(lat=1.2, method="nearest")
da.sel(time=slice("2020-01-02", "2020-01-05"))
da.argmax("time")
da.weighted(w).mean("lat")
da.weighted(w).sum("lat")
da.rank("time")
da.groupby("time.month").mean()
da.groupby("time.dayofyear").mean()
da.groupby("time.month") - da.groupby("time.month").mean()
da.groupby_bins("lat", [0, 2, 4]).mean()
da.resample(time="7D").mean()
da.resample(time="7D").sum()
da.rolling(time=3).mean()
da.rolling(time=3, center=True).max()
da.coarsen(time=5, boundary="trim").mean()
da.where(da > 0.5)
da.where(da > 0.5, 0)
da.fillna(0)
da.dropna("time")
da.ffill("time")
da.bfill("time")
da.cumsum("time")
da.diff("time")
da.shift(time=1)
da.roll(time=1)
da.transpose("lon", "lat", "time")
da.stack(z=("lat", "lon")).mean("z")
da.stack(z=("lat", "lon")).unstack("z")
da.expand_dims("e")
da.squeeze()
da.astype("f4")
da.clip(0.2, 0.5)
da.round(1)
da.isnull().sum()
da.notnull().any()
np.sqrt(da)
np.add(a, da)
a + da
da + a
np.maximum(da, a)
np.maximum(a, da)
np.mean(da)
da * a.mean()
a.mean() * da
da.dot(w)
xr.dot(da, w)
xr.concat([da, da], "time")
xr.merge([da, (da * 2).rename("u")])
xr.where(da > 0.5, da, 0)
xr.align(da, da.isel(time=slice(0, 3)))[0]
xr.apply_ufunc(np.sin, da)
xr.apply_ufunc(lambda z: z.mean(-1), da, input_core_dims=[["lon"]])
xr.corr(da, da, "time")
xr.cov(da, da * 2, "time")
da.polyfit("time", 1).polyfit_coefficients
da.integrate("lat")
da.differentiate("lat")
da.sortby("lat", ascending=False)
da.to_series()
da.to_dataframe()
da.to_dataset()
da.to_numpy()
da.values
da.data.sum()
da.item() if da.size == 1 else 0
float(da.mean())
da.equals(da.copy())
da.identical(da.copy(deep=True))
ds.mean()
ds.v + ds.w
ds.map(np.sin)
ds.to_array().mean("variable")
ds.reduce(np.mean, "time")
ds.isel(time=0).to_dataframe()
xr.DataArray(x, dims="t").rolling(t=4).construct("w").mean("w")
xr.DataArray(x, dims="t").pad(t=2)
xr.DataArray(x, coords={"t": np.arange(k)}, dims="t").sel(t=np.asarray([1, 2]))
xr.DataArray(x, coords={"t": x}, dims="t").sortby("t")
xr.Variable("t", x) + 1
ds.to_netcdf(tmp + f"/{type(a).__module__}.nc", engine="scipy"); xr.load_dataset(tmp + f"/{type(a).__module__}.nc", engine="scipy").v
ds.to_netcdf(tmp + f"/h{type(a).__module__}.nc", engine="netcdf4"); xr.load_dataset(tmp + f"/h{type(a).__module__}.nc", engine="netcdf4").v
ds.to_zarr(tmp + f"/{type(a).__module__}.zarr", mode="w"); xr.load_dataset(tmp + f"/{type(a).__module__}.zarr", engine="zarr").v
da.chunk({"time": 100}).mean().compute()
(da.chunk({"time": 100}) + a).compute()
da.time.dt.month
da.count("time")
da.prod("lat")
da.var("time", ddof=1)
da.all()
da.min(skipna=False)
da.mean("time", skipna=False)
da.mean(("lat", "lon"), keep_attrs=True)
da.interpolate_na("time")
da.combine_first(da * 2)
da.isin([1, 2])
da.drop_vars("lat")
da.assign_coords(lat=da.lat * 2)
da.broadcast_like(da)
da.copy(data=a * 2)
da.reduce(np.max, "time")
da.curvefit("time", lambda t, q: q + 0 * t).curvefit_coefficients if k < 20 else 0
da.isel(lat=xr.DataArray([0, 1, 2], dims="p"), lon=xr.DataArray([1, 2, 3], dims="p"))
da.idxmax("time")
da.interp(lat=np.asarray([0.5, 1.5]))
"""

NEIGHBOUR = Neighbour({"xr": xr, "pd": pd, "tmp": tempfile.mkdtemp()}, variables, CASES, small=240, large=72_000)


@NEIGHBOUR.each
def test_results_are_equal(case: str, n: int) -> None:
    NEIGHBOUR.check(case, n)


@NEIGHBOUR.few
def test_a_few_results(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)


@NEIGHBOUR.each_large
def test_results_are_equal_on_processes(case: str) -> None:
    NEIGHBOUR.check(case, NEIGHBOUR.large)
