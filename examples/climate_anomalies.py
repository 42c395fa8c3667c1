"""Climate anomalies from a Zarr store, with xarray: what each day differs from the mean of its day of the year."""

import sys
import tempfile

import numpy as np
import pandas as pd
import xarray as xr


def measured(cells, years):
    """Daily temperatures: a climate for each cell, seasons, weather, and a slow warming. Some are missing."""
    rng = np.random.default_rng(11)
    days = pd.date_range("1990-01-01", f"{1989 + years}-12-31", freq="D")
    phase = 2 * np.pi * (np.asarray(days.dayofyear) - 30) / 365.25
    seasons = -np.outer(rng.uniform(5, 15, cells), np.cos(phase))
    weather = rng.normal(0, 3, (cells, len(days)))
    warming = np.linspace(0, 0.03 * years, len(days))
    celsius = rng.uniform(-5, 25, cells)[:, None] + seasons + weather + warming
    celsius[rng.random(celsius.shape) < 0.01] = np.nan
    return xr.Dataset({"t2m": (("cell", "time"), np.asarray(celsius))}, {"time": days})


def main():
    cells = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        measured(cells, 10).as_numpy().to_zarr(f"{folder}/era.zarr")
        stored = xr.open_zarr(f"{folder}/era.zarr", chunks=None).t2m
        t2m = stored.copy(data=np.array(stored.to_numpy()))
    days = t2m.groupby("time.dayofyear")
    climate = days.mean("time")
    anomalies = days - climate
    spread = anomalies.groupby("time.month").std("time").mean("cell")
    yearly = anomalies.groupby("time.year").mean("time").mean("cell")
    slope = np.polyfit(yearly.year.to_numpy(), yearly.to_numpy(), 1)[0]
    hottest = anomalies.max("time")
    print("climate of the first cell", np.round(climate[0, ::61].to_numpy(), 2))
    print("spread by month", np.round(spread.to_numpy(), 3))
    print("by year", np.round(yearly.to_numpy(), 3))
    print(f"warming {10 * slope:.3f} degrees in ten years")
    print(f"hottest day {float(hottest.max()):.2f} degrees above its climate, in cell {int(hottest.argmax())}")


if __name__ == "__main__":
    main()
