"""A function is traced once: as long as nothing changes on which its results depend, what it did is recorded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from ramba.functions import reducing, remembered, roads, stencils
from ramba.lazyarray import operation
from ramba.ops import formula
from tests.functions.samples import FUNCTIONS, looped, quiet, same
from tests.functions.test_mapping import elements, with_math
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes

SCALE = 2.0
COUNT = 40


@pytest.fixture(params=["threads", "3 workers"])
def lazily(request: pytest.FixtureRequest) -> Iterator[None]:
    for known in (remembered._recipes, stencils._known, reducing._operations):
        known.clear()
    with mode(request.param):
        yield


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The functions that are traced or compiled."""
    found: list[Any] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            found.append(args[0])
            return function(*args)

        return call

    for name in ("trace", "_by_machine"):
        monkeypatch.setattr(roads, name, watched(getattr(roads, name)))
    monkeypatch.setattr(stencils, "trace", watched(stencils.trace))
    monkeypatch.setattr(reducing, "_one_operation", watched(reducing._one_operation))
    return found


def scaled(x: Any) -> Any:
    return SCALE * x + 1


@pytest.mark.parametrize("road", ["trace", "compile"])
def test_a_function_is_called_once(road: str, lazily: None, calls: list[Any]) -> None:
    with ramba.config.set(functions=road):
        for seed in range(3):
            a = np.random.default_rng(seed).random((5, 8))
            same(ramba.smap(scaled, ramba.asarray(a)), SCALE * a + 1)
    assert len(calls) == 1


def test_a_reduction_and_a_stencil_are_traced_once(lazily: None, calls: list[Any]) -> None:
    for seed in range(3):
        a = np.random.default_rng(seed).random((5, 8))
        ours = ramba.asarray(a)
        np.testing.assert_allclose(ramba.sreduce(scaled, lambda p, q: p + q, 0, ours), (SCALE * a + 1).sum())
        expected = np.zeros((5, 8))
        expected[1:-1] = a[:-2] - a[2:]
        same(ramba.sstencil(lambda w: w[-1, 0] - w[1, 0], ours), expected)
    assert len(calls) == 4  # of the stencil also where it reads


def test_what_changes_is_seen(lazily: None, monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.arange(20.0)
    ours = ramba.asarray(a)
    for number in (1, 2, 1.5):
        monkeypatch.setitem(globals(), "SCALE", number)
        same(ramba.smap(scaled, ours), number * a + 1)
        same(ramba.smap(lambda x, k=number: x - k, ours), a - number)
        same(ramba.smap(lambda x, k: x - k, ours, number), a - number)

        def inner(x: Any, number: float = number) -> Any:
            return x * number if number > 1 else x

        def closed(x: Any, inner: Any = None) -> Any:
            return inner(x) + 1

        closed.__defaults__ = (inner,)
        same(ramba.smap(closed, ours), a * (number if number > 1 else 1) + 1)
        shift = int(number)
        expected = np.zeros(20)
        expected[: -shift or None] = a[shift:]
        same(ramba.sstencil(lambda w: w[shift], ours), expected)  # noqa: B023 - called at once
    for name in ("add", "multiply"):
        function = getattr(np, name)
        same(ramba.smap(lambda x: function(x, 3), ours), function(a, 3))  # noqa: B023


def test_operations_of_one_name_are_told_apart(lazily: None) -> None:
    a = np.arange(20.0)
    for text, expected in (("x + 1", a + 1), ("x * 2", a * 2)):
        mine = operation(formula("mine", text, 1))
        same(ramba.smap(lambda x: mine(x), ramba.asarray(a)), expected)  # noqa: B023


def test_arguments_of_other_kinds_are_told_apart(lazily: None) -> None:
    def function(x: Any, y: Any) -> Any:
        return x / y if y > 2 else x - y

    a, b = np.arange(1.0, 25.0), np.arange(24.0)
    for first, second in [(a, a), (a, b), (b, a), (a.astype("f4"), b), (a.astype("i8"), b), (a.reshape(4, 6).T, b)]:
        x, y = ramba.asarray(first), ramba.asarray(second)
        if first.ndim == 2:
            x, y = ramba.asarray(a).reshape(4, 6).T, ramba.asarray(b).reshape(6, 4)
            second = b.reshape(6, 4)
        with quiet():
            theirs = looped(function, first, second)
            same(ramba.smap(function, x, x if first is second else y), theirs)
            same(ramba.smap(function, x, x if first is second else y), theirs)


def test_powers_of_integers_are_looked_at_each_time(lazily: None) -> None:
    base = ramba.asarray(np.arange(1, 21))

    def power(x: Any, y: Any) -> Any:
        return x**y

    for exponent in (np.full(20, 2), np.full(20, 3)):
        same(ramba.smap(power, base, ramba.asarray(exponent)), np.arange(1, 21) ** exponent)
    with pytest.raises(ValueError, match="negative integer powers"):
        np.asarray(ramba.smap(power, base, ramba.asarray(np.full(20, -1))))


def test_flags_are_raised_each_time(lazily: None) -> None:
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            np.asarray(ramba.smap(lambda x: 1 / x, ramba.asarray(np.zeros(20))))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_what_is_recorded_again_is_the_same(function: Callable[..., Any], lazily: None) -> None:
    for kind in ("f8", "i8"):
        for turn in range(2):
            data = np.roll(elements(kind), turn)
            if function.__name__ == "steps":
                data = np.clip(np.nan_to_num(data.astype("f8")), 0, 27).astype(kind)
            theirs = looped(with_math(function), data)
            with quiet():
                same(ramba.smap(function, ramba.asarray(data)), theirs)


def test_many_operations_do_not_wait(lazily: None) -> None:
    """A chain of recorded functions is flushed as a chain of operations is."""
    a = np.arange(20.0)
    ours = ramba.asarray(a)
    for _ in range(300):
        ours = ramba.smap(lambda x: 0.5 * x + 1, ours)
    pending = 0
    node = ours._buffer.node
    while hasattr(node, "op"):
        pending, node = pending + 1, node.args[-1].node if hasattr(node.args[-1], "node") else node.args[0].node
    assert pending < 520
    assert np.allclose(ours, 2.0)
