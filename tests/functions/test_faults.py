"""What was broken in the original interface: each of its faults, asked of ours, on every backend and road."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tests.functions.backends import BACKENDS, on
from tests.functions.samples import ROADS, quiet
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes]


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(request.param) as name, ramba.config.set(on_fallback="ignore"):
        yield name


@pytest.fixture(params=ROADS)
def road(request: pytest.FixtureRequest) -> Iterator[str]:
    with ramba.config.set(functions=request.param), quiet():
        yield request.param


FACTOR = 2.0


def by_a_global(x: float) -> float:
    return x * FACTOR


def test_closures_and_globals_are_looked_at_in_each_call(
    backend: str, road: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = ramba.arange(100.0) + 0

    def times(k: float) -> Callable[[float], float]:
        return lambda v: v * k

    for k in (5, 1, 2):
        assert float(ramba.smap(times(k), x)[10]) == 10 * k
    for factor in (2.0, 7.0):
        monkeypatch.setitem(globals(), "FACTOR", factor)
        assert float(ramba.smap(by_a_global, x)[10]) == 10 * factor


def test_a_failure_is_raised_once(backend: str, road: str) -> None:
    def failing(v: float) -> float:
        if v == 50:
            raise ValueError("fifty")
        return v

    x = ramba.arange(100.0) + 0
    for call in (
        lambda: ramba.smap(failing, x),
        lambda: ramba.sstencil(lambda a: failing(a[0]), x),
        lambda: ramba.sreduce(failing, max, 0, x),
        lambda: ramba.spmd(lambda v: [failing(e) for e in v.local()], x),
        lambda: ramba.map_blocks(lambda b: np.array([failing(e) for e in b]), x),
    ):
        with pytest.raises(ValueError, match="fifty"):
            np.asarray(call())
        ramba.sync()
        assert float((x + 1).sum()) == 5050


def test_transposed_and_broadcast(backend: str, road: str) -> None:
    data = np.arange(600.0).reshape(20, 30)
    x = ramba.asarray(data) + 0
    np.testing.assert_array_equal(np.asarray(ramba.smap(lambda v: v + 1, x.T)), data.T + 1)
    np.testing.assert_array_equal(np.asarray(ramba.smap(lambda v, w: v + w, x, x[0])), data + data[0])
    wide = np.broadcast_to(x[:, :1], (20, 30))
    np.testing.assert_array_equal(
        np.asarray(ramba.smap(lambda v: v + 1, wide)), np.broadcast_to(data[:, :1] + 1, (20, 30))
    )


def test_integers_are_not_truncated(backend: str, road: str) -> None:
    made = ramba.smap(lambda v: 0.5 * v, ramba.arange(100) + 0)
    assert made.dtype == np.float64
    np.testing.assert_array_equal(np.asarray(made), np.arange(100) / 2)


def test_the_identity_is_folded_in_once(backend: str, road: str) -> None:
    ones = ramba.ones(200) + 0
    assert float(ramba.sreduce(lambda v: v, lambda a, b: a + b, 10, ones)) == 210
    assert float(ramba.sreduce_index(lambda i, v: v, lambda a, b: a + b + 0 * a, lambda: 10, ones)) == 210


@pytest.mark.parametrize(
    "source", ["def f(a):\n    return a[-1, 0] + 2 * a[0, 1]", "f = lambda a: a[-1, 0] + 2 * a[0, 1]"]
)
def test_stencils_need_no_source(backend: str, road: str, source: str) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)
    data = np.arange(600.0).reshape(20, 30)
    expected = np.zeros((20, 30))
    expected[1:, :-1] = data[:-1, :-1] + 2 * data[1:, 1:]
    np.testing.assert_array_equal(np.asarray(ramba.sstencil(names["f"], ramba.asarray(data) + 0)), expected)


def test_stencils_with_wider_borders_and_of_views(backend: str, road: str) -> None:
    x = ramba.zeros((40, 30), local_border=5)
    x += np.arange(1200.0).reshape(40, 30)
    view, data = x[::2, 3:], np.arange(1200.0).reshape(40, 30)[::2, 3:]
    expected = np.zeros(data.shape)
    expected[1:-1, 1:-1] = data[:-2, 1:-1] + data[2:, 1:-1] + data[1:-1, :-2] + data[1:-1, 2:]
    made = ramba.sstencil(lambda a: a[-1, 0] + a[1, 0] + a[0, -1] + a[0, 1], view)
    np.testing.assert_array_equal(np.asarray(made), expected)
    assert made.dtype == np.float64
    assert ramba.sstencil(lambda a: a[1, 0], ramba.asarray(data).astype("f4")).dtype == np.float32


def test_running_results_into_out_along_any_axis(backend: str, road: str) -> None:
    data = np.arange(120.0).reshape(10, 12)
    for axis in (-1, -2, 0):
        out = ramba.zeros((10, 12))
        made = ramba.scumulative(lambda a, b: 0.5 * a + b, None, ramba.asarray(data) + 0, axis, out=out)
        expected = np.moveaxis(data, axis, 0).copy()
        for n in range(1, len(expected)):
            expected[n] = 0.5 * expected[n - 1] + expected[n]
        np.testing.assert_allclose(np.asarray(out), np.moveaxis(expected, 0, axis))
        assert made is out
    with pytest.raises(np.exceptions.AxisError):
        ramba.scumulative(lambda a, b: a + b, None, ramba.asarray(data) + 0, 2)


def test_functions_in_python_run_where_the_elements_are(backend: str) -> None:
    x = ramba.arange(200) + 0
    with quiet():
        found = set(np.asarray(ramba.smap(lambda v: os.getpid(), x)).tolist())
        assert (os.getpid() in found) == (backend != "processes")
        seen: list[int] = []
        ramba.smap(lambda v: seen.append(int(v)) or v, x)  # in the driver, where others see that
        assert seen == list(range(200))
        shifted = ramba.sstencil(lambda a: a[-1] + (a[2] if os.getpid() else 0), x, mode="wrap")
        np.testing.assert_array_equal(np.asarray(shifted), np.roll(np.arange(200), 1) + np.roll(np.arange(200), -2))
        kept = ramba.smap(lambda v: 1 if os.getpid() and v < 3 else np.float32(2), x)
        assert kept.dtype == np.float32


def test_where_an_exception_in_python_came(backend: str) -> None:
    class Own(Exception):
        pass

    def failing(v: float) -> float:
        if v == 150 and os.getpid():
            raise Own("here")
        return v

    with quiet(), pytest.raises(Own) as caught:
        ramba.smap(failing, ramba.arange(200) + 0)
    notes = "".join(caught.value.__notes__)
    assert "at index 150" in notes
    if backend == "processes":
        assert "in failing" in notes
        assert "on worker 1" in notes
