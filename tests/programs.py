"""Random NumPy programs, run under NumPy and under Ramba side by side.

    python -m tests.programs SEED [--mode MODE]      print the program as a script, run it, compare
    python -m tests.programs FILE                    the same for a program in a file

Every live variable is compared in dtype, shape, value and in which others it shares memory with; a line that raises
must raise the same type in both and is then skipped in both.

Lines whose result may differ in the last bits carry a mark. NumPy runs such a program four more times and each time
disturbs the marked results a little: what a variable changes by is how much it may differ.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pathlib
import select
import signal
import sys
import traceback
import warnings
from typing import Any, NamedTuple

import numpy

import tests.program_selections
import tests.program_statements  # noqa: F401  (both register their statements)
from ramba.engine import ENGINE
from tests.agreement import difference, same_kind_of_error
from tests.program_writer import Writer
from tests.subject import MODES, mode, ramba

DISTURBANCES = 4
ALIASES = "alias"  # lines that begin so need arrays in this process: on workers they are left out
HEADER = "import ramba as np\nimport numpy\n"


class Mark(NamedTuple):
    """A result that may differ in the last bits."""

    target: str
    source: str  # empty: relative to the result itself


def write_program(seed: int) -> list[str]:
    """The lines of the program that belongs to a seed."""
    writer = Writer(seed)
    return writer.write(writer.below(26, 5))


def read_program(path: pathlib.Path) -> list[str]:
    """The lines of a program in a file, one statement each."""
    return [line for line in path.read_text().splitlines() if line and not line.startswith(("import ", "# "))]


def mark_of(line: str) -> Mark | None:
    if "#~" not in line:
        return None
    target, _, source = line.partition("#~")[2].strip().partition(" of ")
    return Mark(target, source)


class Side:
    """One of the parties: a module and the variables of the program."""

    def __init__(self, module: Any, disturbance: int | None = None) -> None:
        self.space: dict[str, Any] = {"np": module, "numpy": numpy}
        self.disturbance = disturbance
        self.random = numpy.random.RandomState(disturbance)

    def run(self, line: str) -> BaseException | None:
        """Run one line; the exception it raised, if any."""
        mark = mark_of(line) if self.disturbance is not None else None
        try:
            source = self._size_of(mark) if mark else None
            exec(line, self.space)
        except Exception as error:
            return error
        if mark:
            self._disturb(mark, source)
        return None

    def variables(self) -> dict[str, Any]:
        return {name: value for name, value in self.space.items() if name[0] == "v" or name == ALIASES}

    def _size_of(self, mark: Mark) -> float | None:
        if not mark.source:
            return None
        value = numpy.abs(numpy.asarray(eval(mark.source, self.space))).astype("f8").ravel()
        value = value[numpy.isfinite(value)]
        total = float(value.sum())
        return total * max(1.0, float(value.max(initial=0.0)))

    def _disturb(self, mark: Mark, source: float | None) -> None:
        """Change the target by about as much as another order of summation or another libm might."""
        value = numpy.asarray(eval(mark.target, self.space))
        if value.dtype.kind not in "fc":
            return
        signs: Any = {0: 1.0, 1: -1.0}.get(self.disturbance or 0)
        if signs is None:
            signs = self.random.choice([-1.0, 1.0], size=value.shape)
        if value.dtype.kind == "c":
            signs = signs * (1 + 1j)
        size = abs(value) if source is None else numpy.maximum(abs(value), source)
        changed = (value + signs * 32 * numpy.finfo(value.dtype).eps * size).astype(value.dtype)
        if isinstance(self.space.get(mark.target), numpy.generic):
            self.space[mark.target] = changed[()]
        elif value.flags.writeable:
            value[...] = changed


def assigns_to_what_it_reads(line: str, space: dict[str, Any]) -> bool:
    """Whether a line meets NumPy's own bug: a row assigned to an overlapping row with other strides is not buffered."""
    if line.startswith("with "):
        line = line.partition("): ")[2]
    target, sign, source = line.partition("] = ")
    if not sign or "[" not in target:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            to, what = eval(target + "]", space), eval(source.partition("#")[0], space)
    except Exception:
        return False
    arrays = isinstance(to, numpy.ndarray) and isinstance(what, numpy.ndarray)
    return arrays and to.ndim == 1 and to.strides != what.strides[-1:] and bool(numpy.shares_memory(to, what))


def failure(lines: list[str], module: Any = None) -> str | None:
    """The first disagreement between NumPy and the module under test as a sentence, or None."""
    if ENGINE.distributed:
        lines = [line for line in lines if not line.removeprefix("del ").startswith(ALIASES)]
    ours, theirs = Side(module or ramba), Side(numpy)
    marked = any("#~" in line for line in lines)
    disturbed = [Side(numpy, number) for number in range(DISTURBANCES if marked else 0)]
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for number, line in enumerate([*lines, "#? compare"]):
            if assigns_to_what_it_reads(line, theirs.space):
                return None
            expected, actual = theirs.run(line), ours.run(line)
            others = [side.run(line) for side in disturbed]
            if not all(same_kind_of_error(other, expected) for other in others):
                return None  # from here on the program depends on last bits
            where = f"line {number + 1}: {line}\n    "
            if not same_kind_of_error(actual, expected):
                return f"{where}{actual!r} instead of {expected!r}{_place(actual)}"
            if line == "#? compare":
                reason = _compare(ours, theirs, disturbed)
                if reason:
                    return where + reason
    return None


def _place(error: BaseException | None) -> str:
    """Where in the package an exception came from."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    frames = [frame for frame in frames if f"{os.sep}ramba{os.sep}" in frame.filename]
    return f"\n    in {frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _compare(ours: Side, theirs: Side, disturbed: list[Side]) -> str | None:
    variables, expected = ours.variables(), theirs.variables()
    if variables.keys() != expected.keys():
        return f"variables {sorted(variables)} instead of {sorted(expected)}"
    for name, value in expected.items():
        slack = _slack(value, [side.space.get(name) for side in disturbed])
        if slack is not None:
            reason = difference(variables[name], value, slack=slack, sign_of_zero=not disturbed)
        elif variables[name].dtype != value.dtype:
            reason = f"dtype {variables[name].dtype} instead of {value.dtype}"
        else:
            reason = None
        if reason:
            return f"{name}: {reason}"
    return _compare_memory(ours, theirs)


def _slack(value: Any, disturbed: list[Any]) -> Any:
    """How much a variable may differ; None where its values depend on last bits altogether."""
    value = numpy.asarray(value)
    slack = 0.0
    for other in disturbed:
        other = numpy.asarray(other)
        if other.shape != value.shape or other.dtype != value.dtype:
            return None
        if value.dtype.kind not in "fc":
            if (other != value).any():
                return None
            continue
        finite = numpy.isfinite(value) & numpy.isfinite(other)
        if (finite != (numpy.isfinite(value) | numpy.isfinite(other))).any():
            return None
        slack = max(slack, 4.0 * float(abs(other - value)[finite].max(initial=0.0)))
    return slack


def _compare_memory(ours: Side, theirs: Side) -> str | None:
    arrays = [name for name, value in theirs.variables().items() if isinstance(value, numpy.ndarray)]
    for one, other in itertools.combinations(arrays, 2):
        expected = numpy.shares_memory(theirs.space[one], theirs.space[other])
        actual = ours.space["np"].shares_memory(ours.space[one], ours.space[other])
        if actual != expected:
            return f"shares_memory({one}, {other}) is {actual} instead of {expected}"
    return None


def shrink(lines: list[str], still_fails: Any, rounds: int = 400) -> list[str]:
    """The program without the lines that the failure does not need."""
    size = max(len(lines) // 2, 1)
    while size and rounds:
        at = 0
        while at < len(lines) and rounds:
            rounds -= 1
            shorter = lines[:at] + lines[at + size :]
            if shorter and still_fails(shorter):
                lines = shorter
            else:
                at += size
        size //= 2
    return lines


def failure_in_child(lines: list[str], mode_name: str, timeout: float = 60) -> str | None:
    """`failure`, in a forked child: a failure cannot damage the next run, a crash or a hang is a failure."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            with mode(mode_name):
                reason = failure(lines)
        except BaseException as error:
            reason = f"{error!r}"
        os.write(writing, (reason or "").encode()[:60_000] + b"\0")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        ready, _, _ = select.select([pipe], [], [], timeout)
        text = pipe.read(100_000) if ready else b""
    if not ready:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if not text.endswith(b"\0"):
        return f"hangs after {timeout} s" if not ready else f"the process ended with status {status}"
    return text[:-1].decode() or None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="a seed, or a file")
    parser.add_argument("--mode", choices=list(MODES), action="append", help="default: all of them")
    parser.add_argument("--shrink", action="store_true")
    options = parser.parse_args()
    if options.program.isdigit():
        lines = write_program(int(options.program))
    else:
        lines = read_program(pathlib.Path(options.program))
    print(HEADER + "\n".join(lines), flush=True)
    status = 0
    for name in options.mode or MODES:
        reason = failure_in_child(lines, name)
        if reason and options.shrink:
            small = shrink(lines, lambda shorter, name=name: failure_in_child(shorter, name, timeout=20))
            reason = "\n".join([failure_in_child(small, name) or reason, HEADER + "\n".join(small)])
        print(f"# {name}: {reason or 'agrees'}")
        status |= bool(reason)
    return status


if __name__ == "__main__":
    sys.exit(main())
