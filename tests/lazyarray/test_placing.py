"""Distributions change where elements lie, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba import shardview
from tests.agreement import assert_agree
from tests.subject import ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(scope="module", params=[1, 2, 3, 4], autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(
        backend="local", workers=request.param, eager_size=5, kernels="interpreted", on_fallback="raise", verify=True
    ):
        ramba.shutdown()
        (ramba.zeros(100) + 1).sum()
        yield request.param
        ramba.shutdown()


SHAPES = [(13,), (7, 9), (3, 5, 4)]


@st.composite
def distributions(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """One that any number of workers can have."""
    kind = draw(st.sampled_from(["none", "axis", "whole", "free", "edges"]))
    axis = draw(st.integers(0, len(shape) - 1))
    match kind:
        case "axis":
            return axis
        case "whole":
            return "whole"
        case "free":
            return [None if d == axis or draw(st.booleans()) else 1 for d in range(len(shape))]
        case "edges":
            most = ramba.layout(ramba.zeros(100)).partition.blocks
            inner = draw(st.lists(st.integers(0, shape[axis]), max_size=most - 1))
            return [(0, *sorted(inner), shape[axis]) if d == axis else 1 for d in range(len(shape))]
    return None


STEPS: list[Callable[[Any, Any, Any], Any]] = [
    lambda np, x, y: x + y,
    lambda np, x, y: np.where(x > y, x, 2 * y),
    lambda np, x, y: x.sum(axis=0),
    lambda np, x, y: (x * y).max(),
    lambda np, x, y: x[1:] - y[:-1],
    lambda np, x, y: x[::-2] + y[::2][: x[::-2].shape[0]],
    lambda np, x, y: x.T + y.T,
    lambda np, x, y: np.cumsum(x, axis=-1),
    lambda np, x, y: np.sort(x, axis=0),
    lambda np, x, y: np.tensordot(x, y, (0, 0)),
    lambda np, x, y: x.reshape(-1)[np.array([0, 5, 2, -1])],
    lambda np, x, y: np.concatenate([x, y]),
    lambda np, x, y: x[x > 5],
    lambda np, x, y: np.unique(x),
    lambda np, x, y: x - y[..., :1][..., numpy.zeros(x.shape[-1], int)],
    lambda np, x, y: x.astype(numpy.int32).argmax(axis=0),
]


def write(x: Any, y: Any, how: int) -> None:
    """Changes a part of the first array."""
    if how == 0:
        x[1:] += y[:-1]
    elif how == 1:
        x[..., ::2] = 0
    elif how == 2:
        x[[0, 2]] = y[[2, 1]]
    else:
        x[y > 20] = -1


@given(st.data())
def test_values_do_not_depend_on_where_they_lie(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    a = numpy.arange(float(numpy.prod(shape))).reshape(shape) % 37
    b = (a * 7 + 3) % 41
    x = ramba.fromarray(a, distribution=data.draw(distributions(shape)))
    y = ramba.redistribute(ramba.array(b) + 0, data.draw(distributions(shape)))
    how = data.draw(st.integers(0, 3))
    write(a, b, how)
    write(x, y, how)
    for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=3)):
        assert_agree(step(numpy, a, b), step(ramba, x, y))
    assert_agree(a, x)
    assert_agree(b, ramba.redistribute(y, data.draw(distributions(shape))))


def grid(x: Any) -> tuple[int, ...]:
    return tuple(ramba.layout(x).partition.grid)


def test_elementwise_results_lie_as_their_operands(workers: int) -> None:
    x = ramba.ones((40, 50), distribution=1)
    assert grid(x) == (1, workers)  # known before it is computed
    y = ramba.sin(x) * 2 + ramba.zeros((40, 50))
    z = y.astype(numpy.float32)
    y[3:5] -= 1
    ramba.sync()
    assert grid(x) == grid(y) == grid(z) == (1, workers)
    assert grid(ramba.redistribute(y, 0)) == (workers, 1)
    assert grid(ramba.zeros((40, 50), distribution=x)) == (1, workers)
    assert ramba.redistribute(y, "whole").distribution.replicated
    assert grid(ramba.zeros((40, 50), distribution=x.distribution)) == (1, workers)


def test_plans_and_driver_agree_where_results_lie(workers: int) -> None:
    """Passes rewrite programs: an operation on what is picked becomes a call, whose result lies as usual."""
    a, m, codes = numpy.arange(1200.0).reshape(20, 60), numpy.arange(80.0).reshape(20, 4), numpy.arange(60) % 4
    for distribution in (1, [(0, *[3] * (workers - 1), 20), 1], "whole"):
        x = ramba.fromarray(a, distribution=distribution)
        ramba.sync()
        found = x - ramba.array(m)[:, codes]
        promised = ramba.layout(found)
        ramba.sync()
        assert ramba.layout(found) == promised
        assert_agree(a - m[:, codes], found)
        assert_agree((a - m[:, codes]).sum(axis=0), found.sum(axis=0))


@pytest.mark.parametrize(
    "make",
    [
        lambda **k: ramba.zeros((6, 8), **k),
        lambda **k: ramba.empty((6, 8), **k) * 0,
        lambda **k: ramba.ones((6, 8), dtype=int, **k),
        lambda **k: ramba.full((6, 8), 3, **k),
        lambda **k: ramba.eye(6, 8, **k),
        lambda **k: ramba.identity(8, **k),
        lambda **k: ramba.zeros_like(ramba.ones((6, 8)), **k),
        lambda **k: ramba.ones_like(numpy.ones((6, 8)), **k),
        lambda **k: ramba.full_like(ramba.ones((6, 8)), 2, **k),
        lambda **k: ramba.array([[1, 2], [3, 4]], **k),
        lambda **k: ramba.asarray(numpy.ones((6, 8)), **k),
        lambda **k: ramba.copy(ramba.ones((6, 8)), **k),
        lambda **k: ramba.fromfunction(lambda i, j: i + j, (6, 8), **k),
        lambda **k: ramba.indices((6, 8), **k),
        lambda **k: ramba.tri(6, **k),
        lambda **k: ramba.tril(numpy.ones((6, 8)), **k),
        lambda **k: ramba.diag(numpy.arange(6), **k),
        lambda **k: ramba.vander(numpy.arange(6), **k),
        lambda **k: ramba.asfortranarray(numpy.ones((6, 8)), **k),
        lambda **k: ramba.require(numpy.ones((6, 8)), **k),
        lambda **k: ramba.random.default_rng(0).normal(size=(6, 8), **k),
        lambda **k: ramba.random.RandomState(0).rand(6, 8, **k),
        lambda **k: ramba.random.random((6, 8), **k) * 0,
        lambda **k: ramba.random.choice(1, (6, 8), **k),
        lambda **k: ramba.random.hypergeometric(5, 0, 2, (6, 8), **k),
    ],
)
def test_every_function_that_makes_an_array_takes_it(make: Callable[..., Any], workers: int) -> None:
    made = make(distribution=1)
    assert_agree(numpy.asarray(make()), made)
    assert grid(made)[1] == min(workers, made.shape[1])
    assert grid(make(dist_dims=1)) == grid(made)
    assert_agree(numpy.asarray(make()), make(local_border=2))


def test_ranges_take_it(workers: int) -> None:
    uneven = [(0, 5, *[30] * (workers - 1))] if workers > 1 else 0
    for made in (
        ramba.arange(30, distribution=uneven),
        ramba.linspace(0, 29, 30, distribution=uneven),
        ramba.fromiter(range(30), float, distribution=uneven),
        ramba.frombuffer(numpy.arange(30.0).tobytes(), distribution=uneven),
    ):
        assert_agree(numpy.arange(30).astype(made.dtype), made)
        if workers > 1:
            assert dict(made.distribution.blocks)[1] == ((5,), (25,))


def test_divisions_of_the_prototype(workers: int) -> None:
    blocks = numpy.array([[[0, 0], [3, 8]]] + [[[4, 0], [9, 8]]] + [[[0, 0], [-1, -1]]] * (workers - 2))[:workers]
    if workers == 1:
        blocks = numpy.array([[[0, 0], [9, 8]]])
    made = ramba.create_array_with_divisions((10, 9), shardview.divisions_to_distribution(blocks), local_border=3)
    assert_agree(numpy.zeros((10, 9)), made)
    assert grid(made) == ((1, 1) if workers == 1 else (2, 1))
    assert grid(ramba.zeros((10, 9), distribution=ramba.array(blocks))) == grid(made)
    with pytest.raises(ValueError, match="divisions"):
        shardview.divisions_to_distribution(numpy.zeros((2, 3, 1), int))


def test_what_cannot_be_is_refused_at_the_call(workers: int) -> None:
    for asked in (2, (9, 1), (workers + 1, 1), "rows"):
        with pytest.raises(ValueError):
            ramba.zeros((8, 9), distribution=asked)
    with pytest.raises(TypeError, match="is no distribution"):
        ramba.zeros((8, 9), distribution=1.5)


def test_how_it_prints(workers: int) -> None:
    x = ramba.zeros((8, 9), distribution=1)
    head = f"float64[8, 9 @ {workers}]" if workers > 1 else "float64[8, 9]"
    assert repr(x.distribution).splitlines()[0] == head
    assert f"worker {workers - 1}: [0:8, " in repr(x.distribution)
    assert "of float64" in repr(x[1:].distribution)
    assert repr(ramba.zeros((8, 9), distribution="whole").distribution) == "float64[8, 9] whole on every worker"
    assert x.info()._repr_html_().count("<title>") == workers
    assert repr(ramba.zeros(3).distribution) == "float64[3] in this process"


def test_reductions_as_arrays_and_gathering() -> None:
    for n in (4, 400):
        x = ramba.ones((n, 3))
        assert x.sum(asarray=True).shape == ramba.max(x, asarray=True).shape == (1,)
        assert x.sum(asarray=True)[0] == 3 * n
        assert_agree(numpy.ones((n, 3)).sum(axis=0), x.sum(axis=0, asarray=True))
        mine = x.asarray()
        assert type(mine) is numpy.ndarray
        mine[0] = 7
        assert x.max() == 1
        copied = x.reshape_copy((3, n))
        copied[0] = 5
        assert copied.shape == (3, n)
        assert x.max() == 1
        with pytest.raises(TypeError):
            x.sum(no_such_keyword=1)
