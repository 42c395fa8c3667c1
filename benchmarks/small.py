"""`make small`: single calls over the size of their arrays, and programs that loop; draws docs/small.png."""

from __future__ import annotations

from pathlib import Path

import ramba
from benchmarks import measure
from benchmarks.loops.table import LOOPS
from benchmarks.loops.turns import geometric_mean, measured
from benchmarks.sizes import times

FIGURE = Path(__file__).parent.parent / "docs" / "small.png"
CALLS = ("a + b", "exp(-a) * sin(b)", "a[1:] - a[:-1]", "a.sum()", "cumsum", "a[mask]")
_SIZES = tuple(10**power for power in range(1, 9))
_SCALES = (1, 4)
_ARRAYS = 10  # of the size in question that both systems may hold at once


def main() -> None:
    """Both tables, then the figure."""
    ramba.config.set(on_fallback="ignore")
    fitting = [n for n in _SIZES if _ARRAYS * 8 * n < 0.6 * measure.free_memory()]
    calls: dict[str, dict[int, float]] = {}
    for name in CALLS:
        measure.progress(name)
        seconds = {n: times(name, n) for n in fitting}
        calls[name] = {n: theirs / ours for n, (theirs, ours) in seconds.items()}
    loops: dict[str, dict[float, float]] = {}
    for loop in LOOPS:
        measure.progress(loop.name)
        loops[loop.name] = {scale: measured(loop, scale, ramba).ratio for scale in _SCALES}
    measure.progress("")
    machine = measure.machine()
    rows = [(name, *(f"{ratio:.2f}" for ratio in ratios.values())) for name, ratios in calls.items()]
    measure.show(f"Times NumPy's speed, by elements ({machine})", ("call", *(f"{n:,}" for n in fitting)), rows)
    rows = [(name, *(f"{ratio:.2f}" for ratio in ratios.values())) for name, ratios in loops.items()]
    means = (f"{geometric_mean(ratios[scale] for ratios in loops.values()):.2f}" for scale in _SCALES)
    columns = ("program", *(f"scale {scale}" for scale in _SCALES))
    measure.show("Times NumPy's speed, later turns", columns, [*rows, ("geometric mean", *means)])
    try:
        from benchmarks.small_plot import draw  # needs the extra "viz"
    except ImportError:
        print("No figure: matplotlib is not installed.")
    else:
        draw(calls, loops, machine, FIGURE)
        print(f"The picture of it: {FIGURE.parent.name}/{FIGURE.name}")


if __name__ == "__main__":
    main()
