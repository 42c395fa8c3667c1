"""`np.vectorize` on our arrays gives what NumPy's gives, exceptions included, whichever road it takes."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.functions import samples
from tests.functions.backends import on
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("ignore")]


def first_an_integer(x: Any) -> Any:
    return 0 if x < 0 else x * 0.5


def divided(x: Any) -> Any:
    return 1 / x


def guarded(x: Any) -> Any:
    return 1 / x if x != 0 else 0.0


def rooted(x: Any) -> Any:
    return math.sqrt(x)


def grown(x: Any) -> Any:
    return math.exp(x * 100)


def grown_by_numpy(x: Any) -> Any:
    return np.exp(x * 100)


def squared(x: Any) -> Any:
    return x**2


def many_times(x: Any) -> Any:
    return x * x * x * x * 1000


def truths(x: Any) -> Any:
    return (x > 1) + (x > 2)


def inverted(x: Any) -> Any:
    return ~(x > 1)


def rounded_down(x: Any) -> Any:
    return math.floor(x) * 2**40


def halved(x: Any) -> Any:
    while 1.5 < x < 1e9:
        x = x / 2
    return x


def ends_in_a_division(x: Any) -> Any:
    while x > 1.5:
        x = x / (x - x)
    return x


def collatz(x: Any) -> Any:
    count = 0
    while 1 < x < 1e300:
        x = 3 * x + 1 if x % 2 else x // 2
        count += 1
    return count


def pair(x: Any) -> Any:
    return x, x + 1


def word(x: Any) -> Any:
    return "a" if x > 0 else "bb"


def complex_number(x: Any) -> Any:
    return complex(x, 1)


def truth_or_number(x: Any) -> Any:
    return True if x > 0 else 2


def arrays_only(x: Any) -> Any:
    return x.astype(int)


def raising(x: Any) -> Any:
    if x > 2:
        raise LookupError(x)
    return x


FUNCTIONS: tuple[Callable[[Any], Any], ...] = (
    samples.clipped, samples.scaled, samples.whole, samples.truth, samples.escape, samples.cases, samples.largest,
    first_an_integer, divided, guarded, rooted, grown, grown_by_numpy, squared, many_times, truths, inverted,
    rounded_down, halved, ends_in_a_division, collatz, pair, word, complex_number, truth_or_number, arrays_only,
    raising,
)  # fmt: skip

VALUES = {
    "floats": np.linspace(-3, 4, 57),
    "small floats": np.linspace(0.5, 1.4, 40),
    "not numbers": np.array([0.5, np.nan, np.inf, -np.inf, 2.0] * 8),
    "integers": np.arange(-20, 37),
    "large integers": np.arange(40) + 2**40,
    "huge integers": np.arange(40) + 2**62,
    "bytes": np.arange(40).astype("u1"),
    "single": (np.arange(40) / 8).astype("f4"),
    "truths": np.arange(40) % 2 == 0,
}


def outcome(call: Callable[[], Any]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call()
    except Exception as problem:
        return problem


def same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, Exception):
        assert type(ours) is type(theirs), (ours, theirs)
        assert str(ours) == str(theirs)
        return
    assert not isinstance(ours, Exception), ours
    if isinstance(theirs, tuple):
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
        return
    made = np.asarray(ours)
    assert (made.dtype, made.shape) == (theirs.dtype, theirs.shape)
    if theirs.dtype.kind in "fc":
        np.testing.assert_allclose(made, theirs, rtol=1e-14)
    else:
        np.testing.assert_array_equal(made, theirs)


@pytest.fixture(params=["threads", "local"], scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(request.param) as name, ramba.config.set(on_fallback="ignore"):
        yield name


@pytest.mark.parametrize("backend", ["threads"], indirect=True)
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_results_and_exceptions(backend: str, function: Callable[[Any], Any], values: str) -> None:
    data = VALUES[values]
    for otypes in (None, "d", "l", "f", "?", [bool], [np.float32], ["l"]):
        with ramba.config.set(functions="auto"):
            ours = outcome(partial(ramba.vectorize(function, otypes=otypes), ramba.asarray(data)[:]))
        same(ours, outcome(partial(np.vectorize(function, otypes=otypes), data)))


@pytest.mark.parametrize("road", samples.ROADS)
def test_each_road(backend: str, road: str) -> None:
    data = np.linspace(-3, 4, 57)
    for function in (samples.clipped, guarded, samples.escape, halved, samples.text):
        with ramba.config.set(functions=road):
            same(ramba.vectorize(function)(ramba.asarray(data)[:]), np.vectorize(function)(data))


def test_which_do_without_python(backend: str) -> None:
    x = ramba.linspace(0.5, 1.4, 400) + 0
    with ramba.config.set(on_fallback="raise"):
        for function in (samples.clipped, guarded, rooted, squared, samples.truth, samples.escape, halved, collatz):
            ramba.vectorize(function)(x)
        ramba.vectorize(collatz, otypes="l")(x)
        with pytest.raises(ramba.FallbackWarning):
            ramba.vectorize(word)(x)


def test_several_arguments_and_broadcasting(backend: str) -> None:
    a, b = np.linspace(0, 1, 60).reshape(20, 3), np.array([0.2, 0.5, 0.9])

    def larger(x: Any, y: Any, k: int = 2) -> Any:
        return x if x > y else k * y

    ours = ramba.vectorize(larger)
    same(ours(ramba.asarray(a) * 1, b), np.vectorize(larger)(a, b))
    same(ours(ramba.asarray(a) * 1, 0.4, 3), np.vectorize(larger)(a, 0.4, 3))
    same(ours(ramba.asarray(a) * 1, y=b), np.vectorize(larger)(a, y=b))
    excluded = {"excluded": {2}}
    same(ramba.vectorize(larger, **excluded)(ramba.asarray(a) * 1, b, 5), np.vectorize(larger, **excluded)(a, b, 5))
    same(outcome(lambda: ours(ramba.asarray(a) * 1, np.ones(7))), outcome(lambda: np.vectorize(larger)(a, np.ones(7))))
    empty = np.ones((0, 3))
    same(outcome(lambda: ours(ramba.asarray(empty), b)), outcome(lambda: np.vectorize(larger)(empty, b)))


def test_side_effects_are_numpys(backend: str) -> None:
    data = np.linspace(0, 1, 40)
    for options in ({}, {"cache": True}, {"otypes": "d"}):
        seen: tuple[list[float], list[float]] = [], []
        for values, array, vectorize in zip(
            seen, (ramba.asarray(data) * 1, data), (ramba.vectorize, np.vectorize), strict=True
        ):
            vectorize(lambda x, values=values: values.append(float(x)) or x, **options)(array)
        assert seen[0] == seen[1]


def test_it_is_numpys_class(backend: str) -> None:
    @ramba.vectorize(otypes="d")
    def doubled(x: Any) -> Any:
        """Twice."""
        return 2 * x

    assert doubled.__doc__ == "Twice."
    assert isinstance(doubled, np.vectorize)
    assert isinstance(np.vectorize(doubled), ramba.vectorize)
    same(doubled(ramba.arange(50.0) + 0), np.arange(50.0) * 2)
    assert isinstance(doubled([1, 2]), ramba.ndarray)
    assert isinstance(doubled(ramba.arange(50.0) + 0), ramba.ndarray)


@given(st.lists(st.floats() | st.integers(-(2**63), 2**63 - 1).map(float), min_size=17, max_size=40))
def test_any_floats(values: list[float]) -> None:
    data = np.array(values)
    with ramba.config.set(eager_size=16, on_fallback="ignore", backend="threads"):
        x = ramba.asarray(data)[:]
        for function in (samples.clipped, guarded, divided, rooted, samples.whole, squared):
            same(outcome(lambda f=function: ramba.vectorize(f)(x)), outcome(lambda f=function: np.vectorize(f)(data)))


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), min_size=17, max_size=40))
def test_any_integers(values: list[int]) -> None:
    data = np.array(values)
    with ramba.config.set(eager_size=16, on_fallback="ignore", backend="threads"):
        x = ramba.asarray(data)[:]
        for function in (many_times, divided, samples.whole, samples.scaled, samples.cases):
            same(outcome(lambda f=function: ramba.vectorize(f)(x)), outcome(lambda f=function: np.vectorize(f)(data)))


def test_relatives_that_are_numpys() -> None:
    """Results of `frompyfunc` are objects of Python's: NumPy makes them. `fromfunction` calls once, on lazy arrays."""
    with ramba.config.set(eager_size=16, on_fallback="ignore", backend="threads"):
        x = ramba.arange(40.0) + 0
        made = ramba.frompyfunc(samples.clipped, 1, 1)(x)
        assert made.dtype == object
        assert np.asarray(made).tolist() == np.frompyfunc(samples.clipped, 1, 1)(np.arange(40.0)).tolist()
        calls: list[int] = []
        table = ramba.fromfunction(lambda i, j: calls.append(1) or np.sin(i) + j, (30, 20))
        assert len(calls) == 1
        np.testing.assert_allclose(np.asarray(table), np.fromfunction(lambda i, j: np.sin(i) + j, (30, 20)), rtol=1e-14)
