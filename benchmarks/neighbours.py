"""Programs of other libraries with our arrays beside NumPy's: ``python -m benchmarks.neighbours pandas arrow``.

The programs are those of tests/neighbours. What takes longer than 1.5 times as long as with NumPy's arrays and 50
microseconds, twice, is listed. ``--table`` writes what the last runs of all libraries gave into docs/libraries.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import time
import warnings
from pathlib import Path
from typing import Any

import numpy

import ramba
from benchmarks.measure import median
from tests.neighbours.cases import Neighbour

ROOT = Path(__file__).parent.parent
TESTS, PAGE, KEPT = ROOT / "tests" / "neighbours", ROOT / "docs" / "libraries.md", ROOT / "build" / "neighbours"
BEGIN, END = "<!-- written by `python -m benchmarks.neighbours --table`: begin -->\n", "<!-- end -->\n"
ROUNDS = 5
RATIO, BESIDE = 1.5, 50e-6  # what a case may take, and what a call may take beside the work
SHOWN = {"arrow": "pyarrow, polars", "drawing": "Matplotlib, seaborn, plotly, bokeh", "files": "h5py, zarr, netCDF4",
         "images": "scikit-image, Pillow, tifffile, imageio", "sklearn": "scikit-learn", "scipy": "SciPy",
         "widgets": "bokeh, ipywidgets"}  # fmt: skip

Times = tuple[float, float]  # seconds with NumPy's arrays, and with ours


def seconds(neighbour: Neighbour, case: str, np: Any, size: int) -> float:
    """One run of a case, without making what it is given."""
    names = {**neighbour.names, "np": np, "numpy": numpy, **neighbour.variables(np, size)}
    *statements, value = case.split("; ")
    first, second = compile("; ".join(statements), "case", "exec"), compile(value, "case", "eval")
    ramba.sync()
    started = time.perf_counter()
    exec(first, names)
    eval(second, names)
    ramba.sync()
    return time.perf_counter() - started


def times(neighbour: Neighbour, case: str, size: int, rounds: int = ROUNDS) -> Times:
    """Median seconds with NumPy's arrays and with ours, which take turns."""
    columns: tuple[list[float], list[float]] = [], []
    for turn in range(rounds + 1):
        for np, column in zip((numpy, ramba), columns, strict=True):
            column.append(seconds(neighbour, case, np, size))
            if not turn:
                column.clear()  # caches are warm now
    return median(columns[0]), median(columns[1])


def is_slow(found: Times) -> bool:
    """Whether ours takes more than it may."""
    return found[1] > RATIO * found[0] + BESIDE


def measured(neighbour: Neighbour, size: int) -> dict[str, Times]:
    """The times of all cases; what seems slow is measured once more, and for longer."""
    found = {case: times(neighbour, case, size) for case in neighbour.all()}
    again = {case: times(neighbour, case, size, 3 * ROUNDS) for case in found if is_slow(found[case])}
    return found | again


def report(name: str, size: int, found: dict[str, Times]) -> None:
    """Prints what is slow, and the geometric mean."""
    slow = {case: both for case, both in found.items() if is_slow(both)}
    print(f"{name}, {size}: {len(found)} cases, {_mean(found):.2f} times NumPy's time in the mean, {len(slow)} slow")
    for case, (theirs, ours) in sorted(slow.items(), key=lambda item: -item[1][1] / item[1][0]):
        print(f"    {ours / theirs:6.1f}  {theirs * 1e3:8.2f} ms  {ours * 1e3:8.2f} ms  {case}", flush=True)


def _mean(found: dict[str, Times]) -> float:
    return statistics.geometric_mean(ours / theirs for theirs, ours in found.values())


def write() -> None:
    """Writes the table of docs/libraries.md from what is kept of each library."""
    lines = [
        "| libraries | lines | elements | times NumPy's time, mean | most | beyond | elements | mean | most | beyond |"
    ]
    lines.append("|---" * 10 + "|")
    for path in sorted(KEPT.glob("*.json")):
        rows: list[tuple[int, dict[str, Times]]] = json.loads(path.read_text())
        cells = [str(len(rows[0][1]))]
        for size, found in rows:
            most = max(ours / theirs for theirs, ours in found.values())
            beyond = sum(map(is_slow, found.values()))
            cells += [f"{size:,}", f"{_mean(found):.2f}", f"{most:.1f}", str(beyond)]
        lines.append("| " + " | ".join([SHOWN.get(path.stem, path.stem), *cells]) + " |")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + rest.partition(END)[2])


def main() -> None:
    """Prints what is slow, and the geometric mean of each library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="such as pandas; none: all")
    parser.add_argument("--table", action="store_true", help="writes the table from what earlier runs have left")
    arguments = parser.parse_args()
    if arguments.table:
        write()
        return
    warnings.simplefilter("ignore")
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or sorted(path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")):
        module = importlib.import_module(f"tests.neighbours.test_{name}")
        if not hasattr(module, "NEIGHBOUR"):
            continue
        neighbour, rows = module.NEIGHBOUR, []
        for size in (neighbour.small, neighbour.large):
            rows.append((size, measured(neighbour, size)))
            report(name, *rows[-1])
        (KEPT / f"{name}.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
