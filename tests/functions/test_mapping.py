"""Functions of elements on every road: the values of a plain loop over NumPy's scalars."""

from __future__ import annotations

import gc
import math
import operator
import random
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numba
import numpy as np
import pytest

from tests.functions import samples
from tests.functions.samples import FUNCTIONS, ROADS, looped, quiet, same
from tests.subject import ramba

KINDS = ("f8", "i8", "f4", "i4", "i1", "u1", "u8", "b1", "f2")
POOL = [0, 1, 2, 3, 4, 7, 27, 100, -1, -5, 0.5, 1.5, 2.5, -0.0, np.inf, np.nan]


def elements(kind: str, count: int = 40) -> np.ndarray:
    """Numbers that a dtype has, special ones among them."""
    numbers = [each for each in POOL if np.dtype(kind).kind == "f" or (each == each and abs(each) != np.inf)]
    if np.dtype(kind).kind in "ub":
        numbers = [abs(each) for each in numbers]
    with quiet():
        return np.resize(np.array(numbers, object), count).astype(kind)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_roads_agree_with_a_loop(function: Callable[..., Any], road: str) -> None:
    for kind in KINDS:
        data = elements(kind)
        if function is samples.steps:
            data = np.clip(np.nan_to_num(data.astype("f8")), 0, 27).astype(kind)
        if kind == "b1" and function in (samples.whole, samples.by_zero, samples.wrapping, samples.rooted):
            continue  # Python's and NumPy's truth values have other operators
        if kind == "f2" and function is samples.rooted:
            continue
        theirs = looped(with_math(function), data)
        with quiet(), ramba.config.set(functions=road):
            same(ramba.smap(function, ramba.asarray(data)), theirs)


def with_math(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with NumPy's meaning of `math`, which makes no exceptions and keeps dtypes."""
    names = dict(function.__globals__)
    names["math"] = type("math", (), {"sin": np.sin, "sqrt": np.sqrt})
    return type(function)(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)


@hypothesis.given(
    data=st.lists(st.floats(-50, 50), min_size=1, max_size=30),
    terms=st.lists(st.tuples(st.sampled_from("+-*/%"), st.integers(-3, 3)), min_size=1, max_size=5),
    split=st.floats(-10, 10),
    road=st.sampled_from(ROADS),
)
def test_any_arithmetic(data: list[float], terms: list[tuple[str, int]], split: float, road: str) -> None:
    signs = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod}

    def function(x: Any) -> Any:
        value = x
        for sign, number in terms:
            value = signs[sign](value, number) if value < split else signs[sign](number, value)
        return value

    array = np.array(data)
    with quiet(), ramba.config.set(functions=road):
        same(ramba.smap(function, ramba.asarray(array)), looped(function, array))


@pytest.mark.parametrize("road", ROADS)
def test_more_arguments(road: str) -> None:
    a, b, table = np.arange(12.0).reshape(3, 4), np.arange(4) - 1, (10, 20.5)
    with quiet(), ramba.config.set(functions=road):
        ours, other = ramba.asarray(a), ramba.asarray(b)
        same(
            ramba.smap(lambda x, y: x if x > y * 3 else y, ours, other),
            looped(lambda x, y: x if x > y * 3 else y, a, b),
        )
        same(ramba.smap(lambda x, k: x * k, ours, 3), a * 3)
        same(ramba.smap(lambda x, t: x * t[1] + t[0], ours, table), a * 20.5 + 10)
        same(ramba.smap(lambda x, k: x * k, ours, lambda: 4.0), a * 4.0)
        same(ramba.smap(lambda x, y: x + y, ours.T, ramba.asarray(np.ones(3))), a.T + 1)
        same(ramba.smap(lambda x: x + 1, np.broadcast_to(other, (3, 4))), np.broadcast_to(b, (3, 4)) + 1)
        with pytest.raises(ValueError, match="broadcast"):
            ramba.smap(lambda x, y: x + y, ours, other[:3])


@pytest.mark.parametrize("road", ROADS)
def test_indices(road: str) -> None:
    a = np.arange(12.0).reshape(3, 4)
    with quiet(), ramba.config.set(functions=road):
        made = ramba.smap_index(lambda i, x: x if i[0] > i[1] else i[0] * 10 + i[1], ramba.asarray(a))
        same(made, np.array([[x if i > j else i * 10.0 + j for j, x in enumerate(row)] for i, row in enumerate(a)]))
        same(ramba.smap_index(lambda i, x: i * 2, ramba.asarray(a[0])), np.arange(4) * 2)
        same(
            ramba.smap_index(lambda i, x, k: i[2] + k, ramba.zeros((2, 2, 3)), 1), np.zeros((2, 2, 3), int) + [1, 2, 3]
        )
        assert ramba.sreduce_index(lambda i, x: i[0] * x, np.add, 0, ramba.asarray(a)) == (a * [[0], [1], [2]]).sum()


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("dtype", ["f8", "i8", "f4"])
def test_reductions(road: str, dtype: str) -> None:
    a = (np.arange(60).reshape(3, 4, 5) % 7 - 2).astype(dtype)
    with quiet(), ramba.config.set(functions=road):
        x = ramba.asarray(a)
        for axis, keepdims in ((None, False), (0, False), ((0, 2), True), (-1, True)):
            assert_equal(
                ramba.sreduce(lambda v: v * v, lambda p, q: p + q, 0, x, axis=axis, keepdims=keepdims),
                (a * a).sum(axis, keepdims=keepdims),
            )
            assert_equal(
                ramba.sreduce(lambda v: v, max, None, x, axis=axis, keepdims=keepdims), a.max(axis, keepdims=keepdims)
            )
            assert_equal(
                ramba.sreduce(abs, lambda p, q: p if p > q else q, 0, x, axis=axis, keepdims=keepdims),
                abs(a).max(axis, keepdims=keepdims),
            )  # fmt: skip
            assert_equal(
                ramba.sreduce(lambda v: v, lambda p, q: p + q + 0 * p, 10, x, axis=axis, keepdims=keepdims),
                a.sum(axis, keepdims=keepdims) + 10,
            )  # fmt: skip
        assert ramba.sreduce("lambda v: 2 * v", "lambda p, q: p + q", 5, x) == 2 * a.sum() + 5
        assert ramba.sreduce(lambda v: v, operator.mul, 1, x + 3) == (a + 3).prod()


def assert_equal(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-6)


def test_an_identity_counts_once() -> None:
    for count in (1, 200, 70_000):
        ones = ramba.ones(count)
        assert ramba.sreduce(lambda x: x, lambda a, b: a + b, 10, ones) == count + 10
        assert ramba.sreduce(lambda x: x, lambda a, b: a + b + a * 0, 10, ones) == count + 10
        assert ramba.sreduce(lambda x: x, np.add, lambda: 10, ones) == count + 10


def test_nothing_to_reduce() -> None:
    assert ramba.sreduce(lambda x: x, lambda a, b: a + b, 3, ramba.zeros(0)) == 3
    np.testing.assert_array_equal(
        ramba.sreduce(lambda x: x, lambda a, b: a - b, 3, ramba.zeros((0, 2)), axis=0), [3, 3]
    )
    with pytest.raises(ValueError, match="identity"):
        ramba.sreduce(lambda x: x, lambda a, b: a - b, None, ramba.zeros(0))


@pytest.mark.parametrize("count", [1, 5, 64, 65, 1000])
def test_a_reducer_in_two_parts(count: int) -> None:
    counting = ramba.SreduceReducer(lambda n, x: n + (x > 2), lambda a, b: a + b)
    data = np.arange(count) % 5
    assert ramba.sreduce(lambda x: x, counting, 0, ramba.asarray(data)) == (data > 2).sum()
    table = np.arange(count * 3).reshape(count, 3) % 5
    np.testing.assert_array_equal(
        ramba.sreduce(lambda x: x, counting, 0, ramba.asarray(table), axis=0), (table > 2).sum(axis=0)
    )


def test_slices() -> None:
    a = np.arange(12.0).reshape(3, 4)
    x = ramba.asarray(a)
    same(ramba.smap(lambda row: row.sum(), x, axis=0), a.sum(axis=1))
    same(ramba.smap(lambda column, k: column[::-1] * k, x, 2, axis=1), a[::-1] * 2)
    with pytest.raises(np.exceptions.AxisError):
        ramba.smap(lambda row: row, x, axis=2)


TEXTS = [
    "lambda x: 2*x",
    "lambda x: np.sin(x) if x > 0 else -1.0",
    "lambda x: (x < 3) * x ** 2",
    "lambda x: max(x, pi)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts(text: str) -> None:
    data = np.linspace(-4, 4, 30)
    same(ramba.smap(text, ramba.asarray(data)), looped(eval(text, {"np": np, "pi": math.pi}), data))
    same(ramba.smap_index("lambda i, x: i * x", ramba.asarray(data)), np.arange(30) * data)


WRONG = [
    "x", "lambda x: x.__class__", "lambda x: open('f')", "lambda x: __import__('os')", "lambda x: [x]", "lambda *x: 1",
    "lambda x=1: x", "lambda x: (lambda: x)()", "lambda x: np.load('f')", "lambda x: x.tofile('f')", "lambda x: f'{x}'",
    "lambda x: 'a'", "lambda x: (y := x)", "lambda x: y", "import os", "lambda np: np.sin(np)", "lambda x: {x: 1}",
    "lambda x: [y for y in x]", "lambda _x: _x", "lambda **k: 1", "lambda x: x[x]", "lambda x: sin(x=x)", "",
    "lambda x: math.__doc__", "1 +",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_text_of_a_function(text: str) -> None:
    with pytest.raises(ValueError, match="function"):
        ramba.smap(text, ramba.ones(3))


def test_values_that_a_function_refers_to_may_change() -> None:
    data = ramba.arange(50_000)
    for road in ("auto", "compile"):
        with ramba.config.set(functions=road):
            for k in (5, 1, 2):
                assert int(ramba.smap(lambda x: x * k, data)[7]) == 7 * k  # noqa: B023 - the closure is what is tested
            for limit in (3.5, 9.5, 2.5):
                samples.LIMIT = limit
                assert float(ramba.smap(samples.with_global, data)[20]) == limit
            for default in (2, 3):
                assert int(ramba.smap(lambda x, k=default: x + k, data)[1]) == 1 + default


def test_what_numba_made_is_taken() -> None:
    @numba.njit
    def half(x: float) -> float:
        return x / 2 if x > 4 else x

    data = np.arange(30_000.0)
    for road in ROADS:
        with quiet(), ramba.config.set(functions=road):
            same(ramba.smap(half, ramba.asarray(data[:900])), looped(half.py_func, data[:900]))
            same(ramba.smap(lambda x: half(x) + 1, ramba.asarray(data[:900])), looped(half.py_func, data[:900]) + 1)


@pytest.mark.one_process
def test_it_fuses_with_its_neighbours() -> None:
    a = ramba.arange(100_000.0) / 7
    ramba.sync()
    for function in (samples.clipped, samples.escape):
        with ramba.config.set(kernels="compiled"), ramba.kernels_run() as count:
            float((ramba.smap(function, a * 2) + 1).sum())
        assert count == 1
    gc.disable()
    try:  # what a trace made on its way is not held by anybody
        made = ramba.smap(samples.clipped, a * 2) + 1
        told = ramba.explain(made)
        ramba.sync()
        with ramba.kernels_run() as count:
            float(made[7])
    finally:
        gc.enable()
    assert told.count("<- held") == 1
    assert count == 0


def test_arrays_that_a_function_refers_to() -> None:
    table, data = ramba.arange(5.0) * 3, ramba.arange(30_000.0)
    weights = np.array([1.0, 2.5])
    same(ramba.smap(lambda x: x + table[2] * weights[1], data), np.arange(30_000.0) + 15)
    with quiet(), pytest.raises(TypeError, match="no number"):
        ramba.smap(lambda x: x + table, data[:9])


def test_side_effects_happen_for_each_element() -> None:
    seen: list[float] = []

    def noting(x: Any) -> Any:
        seen.append(float(x))
        return x

    with quiet():
        np.asarray(ramba.smap(noting, ramba.arange(5.0)))
        assert seen == [0, 1, 2, 3, 4]
        drawn = np.asarray(ramba.smap(lambda x: x * 0 + random.random(), ramba.arange(20.0)))
        assert len(set(drawn)) == 20


def test_python_is_said_with_its_reason() -> None:
    large = ramba.arange(20_000.0)
    with pytest.warns(ramba.FallbackWarning, match=r"ramba.smap of .*noisy.* runs in Python.*'random'"):
        ramba.smap(noisy, large)
    with pytest.warns(ramba.FallbackWarning, match="Numba promotes otherwise than NumPy"):
        ramba.smap(samples.escape, large.astype("f4"))
    with ramba.config.set(on_fallback="raise"), pytest.raises(ramba.FallbackWarning):
        ramba.smap(noisy, large)


def noisy(x: Any) -> Any:
    return x + random.random()


def failing(x: Any) -> Any:
    if x == 70:
        raise KeyError("seventy")
    return x + 1


@pytest.mark.parametrize("road", ROADS)
def test_exceptions_say_where(road: str) -> None:
    data = ramba.arange(90).reshape(9, 10)
    with quiet(), ramba.config.set(functions=road):
        with pytest.raises(KeyError, match="seventy") as caught:
            np.asarray(ramba.smap(failing, data))
        said = "".join(traceback.format_exception(caught.value))
        assert "at index (7, 0)" in said
        assert 'raise KeyError("seventy")' in said
        same(ramba.smap(failing, data[:7]), np.arange(70).reshape(7, 10) + 1)
        with pytest.raises(TypeError, match="no number"):
            ramba.smap(lambda x: None, data)
        if road != "compile":  # Numba computes it, as NumPy does of its own numbers
            with pytest.raises(ZeroDivisionError):
                ramba.smap(lambda x: 1 // 0 + x, data)
        with pytest.raises(TypeError):
            ramba.smap(lambda x: x, data, 1)
    assert int(data.sum()) == 4005  # nothing is left behind


def test_floating_point_warnings() -> None:
    data = ramba.asarray(np.array([0.0, -1.0, 4.0] * 30_000))
    with np.errstate(all="raise"):
        for road in ("trace", "compile"):
            with ramba.config.set(functions=road):
                for function in (samples.reciprocal, samples.rooted):
                    np.asarray(ramba.smap(function, data) * 2)  # what is not computed is not told of
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.asarray(ramba.smap(samples.unguarded, data))


def test_what_is_no_function() -> None:
    with pytest.raises(TypeError, match="function"):
        ramba.smap(3, ramba.ones(3))
    same(ramba.smap(lambda x: x + 1, 3.0), np.array(4.0))
    same(ramba.smap(lambda x: x + 1, [1, 2], dtype="f4"), np.array([2, 3], "f4"))


INTERRUPTED = """
import os, signal, threading, time, warnings
import ramba as np
warnings.simplefilter("ignore")
seen = []
def endless(x):
    seen.append(1)
    while True:
        pass
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    np.smap(endless, np.arange(30_000.0))
except KeyboardInterrupt:
    print("interrupted", len(seen))
print(float(np.smap(lambda x: x + 1, np.arange(30_000.0)).sum()))
"""


def test_an_endless_function_in_python_is_interrupted() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "interrupted 1\n450015000.0\n", done.stderr
