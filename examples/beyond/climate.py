"""Climate anomalies with xarray, from a Zarr store: two passes over the data, whatever the number of days in a year."""

import sys
import tempfile

import pandas as pd
import xarray as xr

import ramba as np


def measured(path, cells, years):
    """Writes daily temperatures: a climate for each cell, seasons, weather, and a slow warming."""
    rng = np.random.default_rng(11)
    days = pd.date_range("1990-01-01", f"{1989 + years}-12-31", freq="D")
    seasons = -10 * np.cos(2 * np.pi * np.asarray(days.day_of_year) / 365.25)
    celsius = rng.uniform(-5, 25, cells)[:, None] + seasons + rng.normal(0, 3, (cells, len(days)))
    celsius += np.linspace(0, 0.03 * years, len(days))
    xr.Dataset({"t2m": (("cell", "time"), celsius.asarray())}, {"time": days}).to_zarr(path, consolidated=False)


def main():
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        measured(f"{folder}/t2m.zarr", cells, 30)
        data = xr.open_zarr(f"{folder}/t2m.zarr", chunked_array_type="ramba", consolidated=False).t2m
        days = data.groupby("time.dayofyear")
        anomaly = days - days.mean("time")
        assert isinstance(anomaly.data, np.ndarray)
        decades = anomaly.mean("cell").groupby(data.time.dt.year // 10).mean()
        print("warming by decades", " ".join(f"{float(x):.5f}" for x in decades.data))
        print(f"standard deviation {float(anomaly.std()):.6f}")


if __name__ == "__main__":
    main()
