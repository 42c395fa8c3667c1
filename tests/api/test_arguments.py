"""Unusual arguments: NumPy's values, memory layout, warnings and refusals, also where all arrays are lazy."""

from __future__ import annotations

import functools
import pathlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import difference, same_kind_of_error
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes

HERE = pathlib.Path(__file__).parent / "arguments"


def calls(name: str) -> list[str]:
    """One call on each line of a file."""
    return (HERE / f"{name}.txt").read_text().splitlines()


def variables(module: Any) -> dict[str, Any]:
    """The arrays that the calls may use; `p` has its axes in an order that is neither C's nor Fortran's."""
    a = numpy.arange(12.0).reshape(3, 4) * 5 % 12
    values = {
        "a": a,
        "i": numpy.array([3, 1, 4, 1, 5, 9]),
        "u": numpy.array([1, 2], "u1"),
        "f": numpy.array([-1.5, 0.25, 2.0, -0.5, 3.25, 0.0]),
        "n": numpy.where(a > 8, numpy.nan, a),
        "c": numpy.array([[1 + 2j, -3j], [0.5, 2 - 1j]]),
        "t": numpy.arange(24.0).reshape(2, 3, 4),
        "m": numpy.arange(12).reshape(3, 4) % 3 == 0,
    }
    made = {name: module.array(value) for name, value in values.items()}
    return {"p": made["t"].transpose(1, 0, 2), **made}


class Done:
    """What a call gave: result or exception, warnings, and what it left of the arrays."""

    def __init__(self, module: Any, line: str) -> None:
        arrays = variables(module)
        self.result, self.error = None, None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                self.result = eval(line, {"np": module, **arrays})
                self.shown = [numpy.asarray(array) for array in arrays_in(self.result)]
            except Exception as error:
                self.error = error
        told = [w for w in caught if not issubclass(w.category, ramba.RambaWarning)]
        # a lazy result is an array where NumPy's is a scalar
        self.warnings = sorted({(w.category.__name__, str(w.message).replace("scalar ", "")) for w in told})
        self.left = {name: numpy.asarray(array) for name, array in arrays.items()}


@functools.cache
def numpys(line: str) -> Done:
    """What NumPy does, in whatever mode Ramba is compared with it."""
    return Done(numpy, line)


def arrays_in(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [array for item in value for array in arrays_in(item)]
    return [value] if isinstance(value, numpy.ndarray | ramba.ndarray) else []


def layout(array: Any) -> tuple[bool, bool, bool]:
    return array.flags.c_contiguous, array.flags.f_contiguous, array.flags.writeable


def disagreement(line: str, slack: float = 1e-12) -> str | None:
    """What Ramba does otherwise than NumPy, as a sentence."""
    theirs, ours = numpys(line), Done(ramba, line)
    if theirs.error is not None or ours.error is not None:
        if not same_kind_of_error(ours.error, theirs.error):
            return f"{ours.error!r} instead of {theirs.error!r}"
    else:
        reason = difference(ours.result, theirs.result, slack=slack, sign_of_zero=False)
        if reason:
            return reason
    if ours.warnings != theirs.warnings:
        return f"warnings {ours.warnings} instead of {theirs.warnings}"
    for name, value in theirs.left.items():
        reason = difference(ours.left[name], value, slack=slack)
        if reason:
            return f"{name} afterwards: {reason}"
    pairs = zip(arrays_in(ours.result), arrays_in(theirs.result), strict=False)
    for mine, others in pairs:
        if layout(mine) != layout(others):
            return f"C, F, writeable: {layout(mine)} instead of {layout(others)}"
    return None


@pytest.fixture(scope="module", params=["default", "interpreted", "3 workers"], autouse=True)
def modes(request: pytest.FixtureRequest) -> Iterator[None]:
    with mode(request.param):
        yield


@pytest.mark.filterwarnings("ignore:future versions will not create a writeable array")
@pytest.mark.parametrize("line", calls("written") + calls("layout") + calls("values"))
def test_arguments(line: str) -> None:
    reason = disagreement(line)
    assert reason is None, reason


@pytest.mark.parametrize("line", calls("sizes"))
def test_what_is_too_large_is_refused(line: str) -> None:
    reason = disagreement(line)
    assert reason is None, reason
