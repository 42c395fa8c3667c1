"""Floating-point errors warn, raise, call or stay silent as NumPy's errstate says."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pytest

from tests.subject import mode, ramba

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
        "assigned": assigned,
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


KERNEL_CALLS = [
    "np.cumprod(a * 1e300)",
    "np.add.reduceat(a * 1e308, [0, 20])",
    "(a * 1e300).reshape(6, 10) @ (a * 1e300).reshape(10, 6)",
    "assigned(i, [5, 3, 50], a[:3] * np.inf)",
    "assigned(i, a > 58, a[:2] * np.nan)",
    "assigned(f, [5, 3, 50], a[:3] * 1e300)",
    "np.add.at(f, [3, 50, 3], f[:3] * np.float32(1e38))",
    "np.sort(a)",
]


def assigned(a: Any, key: Any, value: Any) -> Any:
    a[key] = value
    return a


@pytest.mark.own_modes
@pytest.mark.parametrize("state", ["warn", "ignore", "raise"])
@pytest.mark.parametrize("line", KERNEL_CALLS)
def test_kernels_on_workers(line: str, state: str) -> None:
    with mode("3 workers"):
        (ours, our_error), (theirs, their_error) = observed(ramba, line, state), observed(numpy, line, state)
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
    with ramba.errstate(divide="raise"), pytest.raises(FloatingPointError):
        1 / zeros


def test_errcall(lazy: None) -> None:
    seen: list[str] = []
    with ramba.errstate(all="call", call=lambda kind, flag: seen.append(kind)):
        numpy.asarray(1 / ramba.array(numpy.zeros(100)))
    assert seen == ["divide by zero"]


@pytest.mark.parametrize("mode", ["raise", "call", "log", "print"])
def test_what_programs_wait_for_happens_in_the_call(mode: str, lazy: None, capfd: pytest.CaptureFixture[str]) -> None:
    """An errstate that does more than to warn: who catches the exception, or counts the calls, does it there."""
    zeros = ramba.array(numpy.zeros(100))
    heard: list[Any] = []

    class Log:
        def write(self, text: str) -> None:
            heard.append(text)

    called: Any = Log() if mode == "log" else lambda *told: heard.append(told)
    with ramba.errstate(divide=mode, call=called if mode in ("call", "log") else None):
        try:
            made = 1 / zeros
        except FloatingPointError as problem:
            heard.append(problem)
        heard += [line for line in capfd.readouterr().err.splitlines() if "divide by zero" in line]
        assert len(heard) == 1
    if mode != "raise":
        assert numpy.isinf(numpy.asarray(made)).all()
    assert numpy.asarray(zeros + 1).tolist() == [1] * 100  # the session goes on


@pytest.mark.parametrize("line", ["1 / z", "z / z", "np.log(z)", "(1 / z).sum()", "np.sqrt(-a)", "(a * 1e308) * 10"])
def test_the_filters_are_those_of_the_call(line: str, lazy: None) -> None:
    """A warning that was filtered where the operation was written is not told where its value is looked at."""
    space = variables(ramba)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        silent = eval(line, space)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        numpy.asarray(silent)
        loud = eval(line, space)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(RuntimeWarning):
            numpy.asarray(loud)


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "c8"])
@pytest.mark.parametrize("there", [True, False])
def test_what_a_selection_guards_raises_no_flag(dtype: str, there: bool, every_mode: str) -> None:
    """Whether the mask is in memory or of the same kernel: LLVM would compute with what it leaves out."""
    a, z = ramba.array(numpy.arange(60).astype(dtype) + 1), ramba.array(numpy.arange(60).astype(dtype))
    mask = z.real > 1
    if there:
        ramba.sync()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        masked = numpy.asarray(ramba.divide(a, z, where=mask, out=ramba.zeros(60, dtype)))
        chosen = numpy.asarray(ramba.where(mask, a / ramba.where(mask, z, 1), 0))
    expected = numpy.zeros(60, dtype)
    expected[2:] = numpy.asarray(a)[2:] / numpy.asarray(z)[2:]
    numpy.testing.assert_array_equal(masked, chosen)
    numpy.testing.assert_allclose(masked, expected, rtol=1e-6)


@pytest.mark.parametrize("line", ["1 / z", "np.log(z)", "(a * np.inf).astype('i4')", "z.__setitem__(z == 0, 1 / z)"])
def test_warnings_that_are_counted_come_in_the_call(line: str, lazy: None) -> None:
    """Even if nobody keeps the result."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        eval(line, variables(ramba))
        assert len(caught) == 1
    with pytest.warns(RuntimeWarning):
        eval(line, variables(ramba))
