"""Running results of a function of one's own: the values of a plain loop along the axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ramba import events
from ramba.functions import scanning
from tests.functions.samples import ROADS, quiet
from tests.subject import mode, ramba


def added(a: Any, b: Any) -> Any:
    return a + b


def decaying(a: Any, b: Any) -> Any:
    return 0.5 * a + b


def resetting(a: Any, b: Any) -> Any:
    return b if b < 0 else a + b


def larger(a: Any, b: Any) -> Any:
    return max(a, b)


FUNCTIONS = (added, decaying, resetting, larger)


def looped(function: Callable[..., Any], array: np.ndarray, axis: int) -> np.ndarray:
    rows = np.moveaxis(array, axis, 0)
    made = [rows[0]]
    for row in rows[1:]:
        made.append(
            np.vectorize(function, otypes=[np.result_type(row, made[-1], function(row.flat[0], row.flat[0]))])(
                made[-1], row
            )
        )
    return np.moveaxis(np.array(made), 0, axis)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_values(function: Callable[..., Any], road: str) -> None:
    for kind in ("f8", "i8", "f4"):
        data = (np.random.default_rng(1).integers(-3, 6, (6, 40))).astype(kind)
        for axis in (0, 1, -1):
            with quiet(), ramba.config.set(functions=road):
                made = np.asarray(
                    ramba.scumulative(function, lambda block, bound: block + bound, ramba.asarray(data), axis)
                )
            np.testing.assert_allclose(made, looped(function, data, axis), rtol=1e-5)


def test_options() -> None:
    data = np.arange(1, 60, dtype="i4")
    x = ramba.asarray(data)
    made = ramba.scumulative(added, None, x)
    assert made.dtype == np.cumsum(data).dtype
    assert ramba.scumulative(added, None, x, dtype="f4").dtype == np.float32
    out = ramba.zeros(59)
    assert ramba.scumulative("lambda a, b: a + b", None, x, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), np.cumsum(data))
    assert ramba.scumulative(decaying, None, ramba.zeros(0)).shape == (0,)
    with pytest.raises(np.exceptions.AxisError):
        ramba.scumulative(added, None, x, 1)
    with pytest.raises(TypeError, match="function"):
        ramba.scumulative(3, None, x)


def test_a_long_one() -> None:
    data = np.random.default_rng(2).normal(size=60_000)
    expected = [data[0]]
    for x in data[1:]:
        expected.append(0.5 * expected[-1] + x)
    np.testing.assert_allclose(
        np.asarray(ramba.scumulative(decaying, None, ramba.asarray(data) * 1)), expected, rtol=1e-12
    )


def by_dictionary(before: Any, x: Any) -> Any:
    known = {True: before, False: 0.0}  # only Python runs it
    return known[bool(x >= 0)] * 0.5 + x


@pytest.mark.own_modes
def test_what_only_python_can_run_is_run_where_lines_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_SOME", 7000)
    with mode("3 workers"):
        for shape in ((20_000,), (60, 400), (7, 9, 300)):
            data = np.random.default_rng(2).normal(size=shape)
            array = ramba.asarray(data)
            ramba.sync()
            for axis in range(len(shape)):
                found: list[Any] = []
                with quiet(), events.subscribe(found.append):
                    made = ramba.scumulative(by_dictionary, None, array, axis)
                    ramba.sync()
                assert not [event for event in found if isinstance(event, events.Gathered)]  # no line comes here
                np.testing.assert_allclose(np.asarray(made), looped(by_dictionary, data, axis))
