"""``python -m ramba demo``: three programs with NumPy and with Ramba, as large as machine and time allow."""

from __future__ import annotations

import gc
import importlib
import statistics
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy

from ramba import machine
from ramba.command import demo_programs
from ramba.command.demo_programs import Step

SECONDS = 30.0  # that all of it may take, about
STEPS, FEWEST = 4, 2  # the first one may compile; the median of the others is the speed
FREE = 0.5  # share of the free memory that NumPy's arrays may take
TOLERANCE = 1e-12  # relative to the largest value
SAMPLE = 100_000  # values of each result that are compared
SHADES = " .:-=+*#%@"


class Program(NamedTuple):
    """A row of the table."""

    title: str
    setup: Any
    unit: str  # of its size
    dimensions: int  # points = size ** dimensions
    bytes_per_point: int  # at the peak, with NumPy
    trial: int  # a size that says how long a point takes


PROGRAMS = (
    Program("sin, cos", demo_programs.sin_cos, "numbers", 1, 40, 2_000_000),
    Program("heated plate", demo_programs.jacobi, "a side", 2, 40, 1500),
    Program("Mandelbrot", demo_programs.mandelbrot, "rows", 2, 120, 400),
)


class Result(NamedTuple):
    """What came of one program."""

    title: str
    size: str
    numpy: float  # median seconds of later steps
    first: float  # seconds of Ramba's first step
    ramba: float
    error: float  # the largest, relative to the largest value


def demo(seconds: float = SECONDS, picture: str | None = None) -> int:
    """Runs, prints, draws; the exit code is 1 if results differ from NumPy's."""
    ours = importlib.import_module(__package__.partition(".")[0])
    theirs = types.ModuleType("numpy_with_sync")
    theirs.__dict__.update({name: getattr(numpy, name) for name in numpy.__all__}, sync=lambda: None)
    results = []
    for number, program in enumerate(PROGRAMS, 1):
        said = f"[{number}/{len(PROGRAMS)}] {program.title}"
        results.append(_compared(program, theirs, ours, seconds / len(PROGRAMS), said))
    _progress("")
    print(f"The same programs with NumPy and with Ramba, on {machine.processors()} cores:\n")
    print("\n".join(table(results)))
    print("\nfirst: compilation included, if no run before has compiled it; later: the median of the next steps.")
    print(f"\n{text_picture(numpy.asarray(demo_programs.mandelbrot(ours, 240)()[0]))}\n")
    if picture is not None:
        _draw(ours, results, Path(picture))
    print("Your own program: python -m ramba compare program.py")
    return int(any(not result.error <= TOLERANCE for result in results))


def _compared(program: Program, theirs: Any, ours: Any, seconds: float, said: str) -> Result:
    """One program on both; they take the same steps, so that what changes in place is the same."""
    _progress(f"{said}: how large?")
    size = _size(program, theirs, seconds)
    samples, times, steps = [], [], STEPS
    for name, module in (("NumPy", theirs), ("Ramba", ours)):
        step = program.setup(module, size)
        took: list[float] = []
        results: list[Any] = []
        for turn in range(steps):
            if module is theirs and turn >= FEWEST and sum(took) * (turn + 1) / turn > seconds:
                steps = turn  # large arrays took longer than small ones promised
                break
            _progress(f"{said}, {size:,} {program.unit}: {name}, step {turn + 1} of {steps}")
            results.clear()  # the last step's results make room before the clock starts
            took.append(_timed(step, results))
        samples.append([_sample(array) for array in results])
        times.append(took)
        del step, results
        gc.collect()
    later = [statistics.median(took[1:]) for took in times]
    return Result(program.title, f"{size:,} {program.unit}", later[0], times[1][0], later[1], _error(*samples))


def _timed(step: Step, results: list[Any]) -> float:
    """Seconds of a step; its results are put into a list."""
    begin = time.perf_counter()
    results += step()
    return time.perf_counter() - begin


def _size(program: Program, theirs: Any, seconds: float) -> int:
    """A size of which NumPy's steps take most of the seconds, and whose arrays fit."""
    step = program.setup(theirs, program.trial)
    each = min(_timed(step, []) for _ in range(2)) / program.trial**program.dimensions
    points = min(0.6 * seconds / STEPS / each, FREE * machine.free_memory() / program.bytes_per_point)
    size = points ** (1 / program.dimensions)
    digits = 10 ** max(0, len(str(int(size))) - 2)
    return max(digits, int(size) // digits * digits)  # two digits: a number that can be read


def _sample(array: Any) -> numpy.ndarray:
    flat = array.reshape(-1)
    return numpy.array(flat[:: max(1, array.size // SAMPLE) | 1])  # odd: does not stay in one column


def _error(theirs: list[numpy.ndarray], ours: list[numpy.ndarray]) -> float:
    return max(float(numpy.abs(a - b).max() / (numpy.abs(a).max() or 1.0)) for a, b in zip(theirs, ours, strict=True))


def table(results: list[Result]) -> Iterator[str]:
    """The results as lines."""
    rows = [("program", "size", "NumPy", "Ramba, first", "later", "times NumPy", "results agree")]
    for row in results:
        agree = "yes, exactly" if not row.error else f"yes, to {row.error:.0e}" if row.error <= TOLERANCE else "NO"
        speeds = (_duration(row.numpy), _duration(row.first), _duration(row.ramba), f"{row.numpy / row.ramba:.1f}")
        rows.append((row.title, row.size, *speeds, agree))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row_text in rows:
        cells = [row_text[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row_text[1:], widths[1:], strict=True))]
        yield "  ".join(cells)


def text_picture(values: numpy.ndarray, columns: int = 72) -> str:
    """An array as shades of letters, which are twice as high as wide."""
    step = max(1, values.shape[1] // columns)
    few = values[:: 2 * step, ::step]
    shades = ((few - few.min()) / ((few.max() - few.min()) or 1) * (len(SHADES) - 1)).astype(int)
    return "\n".join("".join(SHADES[shade] for shade in row).rstrip() for row in shades)


def _draw(np: Any, results: list[Result], path: Path) -> None:
    """Bars and the two pictures, by matplotlib, if it is there."""
    try:
        matplotlib = importlib.import_module("matplotlib.figure")
    except ImportError:
        print(f"Not written: {path}. It is drawn by matplotlib: pip install 'ramba[viz]'", file=sys.stderr)
        return
    figure = matplotlib.Figure(figsize=(12, 3.4), layout="constrained")
    bars, plate, plane = figure.subplots(1, 3)
    bars.barh([row.title for row in results][::-1], [row.numpy / row.ramba for row in results][::-1], color="#0072b2")
    bars.axvline(1, color="grey")
    bars.set_title("times as fast as NumPy")
    step = demo_programs.jacobi(np, 200)
    for _ in range(300):
        step()
    plate.imshow(numpy.asarray(step()[0]), cmap="inferno")
    plane.imshow(numpy.asarray(demo_programs.mandelbrot(np, 600)()[0]), cmap="viridis")
    for axes, title in ((plate, "the plate"), (plane, "Mandelbrot's set")):
        axes.set_axis_off()
        axes.set_title(title)
    figure.savefig(path)
    print(f"The picture of it: {path}")


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def _progress(text: str) -> None:
    """What is running, on a line that is overwritten; nothing if nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}{' ...' if text else ''}", end="", file=sys.stderr, flush=True)


__all__ = ["demo", "table", "text_picture"]
