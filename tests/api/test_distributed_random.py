"""Random numbers on workers: NumPy's where there is a seed, else nobody's; on request the same for any workers."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes

CALLS = [
    "random((20, 30))",
    "normal(3, 0.5, 700)",
    "integers(5, 10, (4, 5, 30))",
    "integers(7, size=400, dtype='u1', endpoint=True)",
    "standard_normal((7, 70), dtype='f4')",
    "random(3)",
    "random()",
    "poisson(4.0, size=500)",
    "uniform(-1.0, high=1, size=(1, 300))",
]
LEGACY = ["rand(30, 40)", "randn(200)", "randint(0, 9, (3, 300))", "uniform(size=300)", "exponential(2.0, 300)"]
REFUSED = [
    "random(-1)",
    "normal(0, -1, 1000)",
    "integers(5, 2, 1000)",
    "random(1000, dtype='i4')",
    "random((200, 3.5))",
    "random(200, 200, 200, 200)",
    "normal(loc=3, size=500, nonsense=1)",
]


@pytest.fixture(scope="module", params=counts(0, 1, 2, 3, 4, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    backend: dict[str, Any] = {"backend": "local", "workers": request.param} if request.param else {}
    with ramba.config.set(**backend, eager_size=100, on_fallback="raise"):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def drawn(rng: Any, calls: list[str]) -> list[Any]:
    return [numpy.asarray(eval(f"rng.{call}", {"rng": rng})) for call in calls]


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for mine, yours in zip(ours, theirs, strict=True):
        assert mine.dtype == yours.dtype
        numpy.testing.assert_array_equal(mine, yours)


def test_seeded_generators_give_numpys_numbers() -> None:
    assert_equal(drawn(ramba.random.default_rng(9), CALLS), drawn(numpy.random.default_rng(9), CALLS))
    assert_equal(drawn(ramba.random.RandomState(9), LEGACY), drawn(numpy.random.RandomState(9), LEGACY))
    ramba.random.seed(9)
    ours = drawn(ramba.random, LEGACY)
    numpy.random.seed(9)
    assert_equal(ours, drawn(numpy.random, LEGACY))


def test_without_a_seed_workers_draw(workers: int) -> None:
    rng = ramba.random.default_rng()
    first, second = rng.random(1000), rng.normal(5.0, 2.0, (1000,))
    if workers:
        assert type(first._buffer.node).__name__ == "Library"
    values = numpy.asarray(first), numpy.asarray(second)
    assert len(numpy.unique(values[0])) == 1000
    assert abs(values[1].mean() - 5) < 1
    assert not numpy.array_equal(values[0], numpy.asarray(rng.random(1000)))
    state = rng.bit_generator.state  # from now on its numbers are NumPy's
    known = numpy.random.default_rng()
    known.bit_generator.state = state
    assert_equal(drawn(rng, CALLS), drawn(known, CALLS))


@pytest.mark.parametrize("call", REFUSED)
@pytest.mark.parametrize("setting", ["numpy", "parallel"])
def test_refusals(call: str, setting: str) -> None:
    with ramba.config.set(random=setting):
        with pytest.raises(Exception) as ours:
            drawn(ramba.random.default_rng(), [call])
        with pytest.raises(Exception) as theirs:
            drawn(numpy.random.default_rng(), [call])
    assert ours.type is theirs.type


def test_parallel_numbers_do_not_depend_on_workers(workers: int) -> None:
    with ramba.config.set(random="parallel"):
        ramba.random.seed(4)
        rng = ramba.random.default_rng(4)
        ours = drawn(ramba.random, LEGACY) + drawn(rng, CALLS)
        again = pickle.loads(pickle.dumps(rng))
        assert_equal(drawn(rng, CALLS), drawn(again, CALLS))
        out = ramba.zeros((10, 50))
        assert rng.random(out=out) is out
        numpy.testing.assert_array_equal(numpy.asarray(out), numpy.asarray(again.random((10, 50))))
        with ramba.config.set(eager_size=10_000):
            ramba.random.seed(4)
            rng = ramba.random.default_rng(4)
            assert_equal(ours, drawn(ramba.random, LEGACY) + drawn(rng, CALLS))
    digest = [float(x.astype(float).sum()) for x in ours]
    assert _digests.setdefault("first", digest) == digest


_digests: dict[str, list[float]] = {}


def test_one_plan_for_all_draws(workers: int) -> None:
    if not workers:
        return
    rng = ramba.random.default_rng()
    numpy.asarray(rng.random(1000) + 1)
    plans = len(ramba.engine.ENGINE.plans)
    for _ in range(3):
        numpy.asarray(rng.random(1000) + 1)
    assert len(ramba.engine.ENGINE.plans) == plans


@pytest.mark.parametrize("call", ["random(3)", "random((20, 30))", "integers(9, size=(2, 70))", "normal(0, 1, 5)"])
def test_methods_that_were_quick_obey_the_settings(call: str, workers: int) -> None:
    numpys, ours = numpy.random.default_rng(7), ramba.random.default_rng(7)
    assert (drawn(ours, [call])[0] == drawn(numpys, [call])[0]).all()
    with ramba.config.set(random="parallel"):
        fresh = ramba.random.default_rng(1)
        fresh.bit_generator.state = ours.bit_generator.state
        before = drawn(ours, [call])[0]
        assert (before == drawn(fresh, [call])[0]).all()
        assert not (before == drawn(numpys, [call])[0]).all()


def test_where_methods_are_kept_is_nobodys_business() -> None:
    rng = ramba.random.default_rng(3)
    rng.random(2)
    other = pickle.loads(pickle.dumps(rng))
    assert (drawn(rng, ["random(4)"])[0] == drawn(other, ["random(4)"])[0]).all()
