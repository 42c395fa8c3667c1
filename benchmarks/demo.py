"""`make demo`: every program once with NumPy and once with Ramba, side by side, then a figure of it all."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy

from benchmarks import measure
from benchmarks.programs import PROGRAMS, Program
from benchmarks.run import Run, draw_pictures, run

FIGURE = Path(__file__).parent.parent / "docs" / "demo.png"
STEPS = 4  # the first one compiles, the median of the others is the speed
PATIENCE = 12.0  # seconds of NumPy after which a program takes no more steps
_TOLERANCE = {"star_stencil": 1e-5}  # single precision; everything else is double
_COLUMNS = (
    "program",
    "size",
    "NumPy first, later",
    "Ramba first, later",
    "speed-up",
    "memory NumPy, Ramba",
    "results agree",
)


def size_that_fits(program: Program) -> int:
    """The demo's size, or less where NumPy's arrays would take more than 60 % of the free memory."""
    points = 0.6 * measure.free_memory() / program.bytes_per_point
    return min(program.size, int(points ** (1 / program.dimensions)))


def agreement(program: Program, ours: list[numpy.ndarray], theirs: list[numpy.ndarray]) -> str:
    """What the table says: "yes, exactly", "yes, to 1e-16", or "NO" with a reason."""
    if [a.shape for a in ours] != [a.shape for a in theirs]:
        return "NO: shapes differ"
    tolerance = _TOLERANCE.get(program.name, 1e-12)
    values, means = error(ours, theirs, slice(None, -1)), error(ours, theirs, slice(-1, None))
    if not max(values, means) <= tolerance:
        return f"NO: off by {max(values, means):.0e}"
    return "yes, exactly" if values == 0 else f"yes, to {values:.0e}"


def error(ours: list[numpy.ndarray], theirs: list[numpy.ndarray], part: slice) -> float:
    """The largest difference, relative to the largest value of its array."""
    worst = 0.0
    for a, b in zip(ours, theirs, strict=True):
        scale = float(numpy.max(numpy.abs(b))) or 1.0
        worst = max(worst, float(numpy.max(numpy.abs(a[part] - b[part]))) / scale)
        if not numpy.isfinite(worst):
            return numpy.inf
    return worst


def compare(program: Program, folder: Path) -> tuple[Run, Run, list[str]]:
    """Run one program on both, NumPy first; the last is the table's row."""
    size = size_that_fits(program)
    environment = {"RAMBA_CACHE": str(folder / "kernels"), "PYTHONWARNINGS": "default"}
    theirs = run("numpy", program.name, size, STEPS, folder, environment, PATIENCE)
    ours = run("ramba", program.name, size, theirs.steps, folder, environment)
    row = [
        program.title,
        f"{size:,} {program.scale}",
        f"{measure.duration(theirs.first)}, {measure.duration(theirs.later)}",
        f"{measure.duration(ours.first)}, {measure.duration(ours.later)}",
        f"{theirs.later / ours.later:.1f}x",
        f"{measure.size(theirs.peak)}, {measure.size(ours.peak)}",
        agreement(program, ours.values, theirs.values),
    ]
    return theirs, ours, row


def main() -> None:
    """The whole demo."""
    started = time.perf_counter()
    rows: list[list[str]] = []
    results: list[dict[str, Any]] = []
    machine = measure.machine()
    with tempfile.TemporaryDirectory(prefix="ramba-demo-") as name:
        folder = Path(name)
        (folder / "kernels").mkdir(mode=0o700)
        for program in PROGRAMS:
            measure.progress(program.title)
            theirs, ours, row = compare(program, folder)
            rows.append(row)
            speedup = theirs.later / ours.later
            results.append({"title": program.title, "speedup": speedup, "numpy": theirs.later, "ramba": ours.later})
        measure.progress("pictures")
        pictures = draw_pictures("ramba", folder, {"RAMBA_CACHE": str(folder / "kernels")})
    measure.progress("")
    measure.show(f"The same programs with NumPy and with Ramba ({machine})", _COLUMNS, rows)
    print("first: the first step, compilation included (no kernel is cached); later: the median of the next ones.")
    try:
        from benchmarks.plot import draw  # needs the extra "viz"
    except ImportError:
        print("No figure: matplotlib is not installed.")
    else:
        draw(results, pictures, machine, FIGURE)
        print(f"The picture of it: {FIGURE.parent.name}/{FIGURE.name}")
    print(f"{time.perf_counter() - started:.0f} s in all.")
    if any(cell.startswith("NO") for row in rows for cell in row):
        raise SystemExit("Some results do not agree with NumPy's.")


if __name__ == "__main__":
    main()
