"""Floating-point errors warn, raise, call or stay silent as NumPy's errstate says."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pytest

from tests.subject import ramba

CALLS = [
    "a / z",
    "z / z",
    "np.log(z)",
    "np.log(-a)",
    "np.sqrt(-a)",
    "a * 1e308 * 10",
    "a * 1e-320 / 1e10",
    "i // (i - i)",
    "i % (i - i)",
    "f * np.float32(1e38) * 4",
    "(a / z).sum()",
    "np.exp(a * 1000)",
    "a / 2",
    "np.maximum(a, np.nan)",
    "(a * np.inf).astype('i4')",
    "np.where(a > 0, a, 1 / z)",
    "np.add(a, 1, where=a > 1, out=np.zeros(60))",
    "np.divide(a, z, where=z > 1, out=np.zeros(60))",
]


def variables(module: Any) -> dict[str, Any]:
    return {
        "np": module,
        "a": module.array(numpy.arange(60.0) + 1),
        "z": module.array(numpy.zeros(60)),
        "i": module.array(numpy.arange(60)),
        "f": module.array(numpy.arange(60, dtype="f4") + 1),
    }


def observed(module: Any, line: str, state: str) -> tuple[set[tuple[str, str]], str | None]:
    """The warnings (category and kind of error) and the exception of a call and of looking at its result."""
    with warnings.catch_warnings(record=True) as caught, module.errstate(all=state):
        warnings.simplefilter("always")
        try:
            numpy.asarray(eval(line, variables(module)))
        except FloatingPointError as error:
            return set(), str(error).split(" encountered")[0]
    return {(w.category.__name__, str(w.message).split(" encountered")[0]) for w in caught}, None


@pytest.mark.parametrize("state", ["warn", "ignore", "raise"])
@pytest.mark.parametrize("line", CALLS)
def test_as_numpy(line: str, state: str, every_mode: str) -> None:
    (ours, our_error), (theirs, their_error) = observed(ramba, line, state), observed(numpy, line, state)
    assert {kind for kind, _ in ours} == {kind for kind, _ in theirs}
    assert {text.split(" ")[0] for _, text in ours} == {text.split(" ")[0] for _, text in theirs}
    assert (our_error or "").split(" ")[0] == (their_error or "").split(" ")[0]


def test_the_errstate_is_that_of_the_call(lazy: None) -> None:
    """Not the one that holds when the value is looked at."""
    zeros = ramba.array(numpy.zeros(100))
    with ramba.errstate(all="ignore"):
        silent = 1 / zeros
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numpy.asarray(silent)
    with ramba.errstate(divide="raise"):
        loud = 1 / zeros
        with pytest.raises(FloatingPointError):
            numpy.asarray(loud)


def test_errcall(lazy: None) -> None:
    seen: list[str] = []
    with ramba.errstate(all="call", call=lambda kind, flag: seen.append(kind)):
        numpy.asarray(1 / ramba.array(numpy.zeros(100)))
    assert seen == ["divide by zero"]
