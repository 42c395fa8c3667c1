"""Ramba arrays as arguments of remote calls: they stay where they are, and nothing is pickled that nobody asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(100)]


@pytest.fixture(scope="module")
def workers() -> Iterator[None]:
    pytest.importorskip("zmq")
    with ramba.config.set(backend="processes", workers=2, num_threads=1, eager_size=100):
        ramba.shutdown()
        yield
        ramba.shutdown()


@pytest.fixture
def on_workers(workers: None) -> Iterator[None]:
    with ramba.config.set(backend="processes", workers=2, num_threads=1, eager_size=100):
        yield


@ramba.remote
def part(x: Any) -> Any:
    return x.start, x.local().sum(), x.shape, str(x.dtype)


@ramba.remote
def late(x: Any, seconds: float) -> Any:
    time.sleep(seconds)
    return x.local().sum()


@ramba.remote
class Holder:
    """An object that is made of an array."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def sum(self, y: Any = None) -> Any:
        return float(self.x.local().sum()) + (0 if y is None else float(y["y"].local().sum()))


@pytest.mark.usefixtures("on_workers")
def test_a_call_sees_the_part_of_its_worker() -> None:
    x = numpy.arange(6000.0).reshape(60, 100)
    ours = ramba.asarray(x) * 2
    found = ramba.get([part.remote(ours) for _ in range(2)])
    halves = {(0, 0): x[:30].sum() * 2, (30, 0): x[30:].sum() * 2}
    for start, total, shape, dtype in found:
        assert halves[start] == total
        assert (shape, dtype) == ((60, 100), "float64")


@pytest.mark.usefixtures("on_workers")
def test_the_whole_is_asked_for() -> None:
    x = ramba.arange(5000.0)
    whole = ramba.remote(lambda x: float(x.whole().sum()))
    with pytest.raises(ValueError, match="redistribute"):
        ramba.get(whole.remote(x))
    assert ramba.get(whole.remote(ramba.redistribute(x, "whole"))) == float(x.sum())
    assert ramba.get(ramba.remote(lambda x: x.sum()).remote(numpy.asarray(x))) == float(x.sum())


@pytest.mark.usefixtures("on_workers")
def test_what_is_written_meanwhile_is_not_seen() -> None:
    x = ramba.ones(5000)
    refs = [late.remote(x, 0.4) for _ in range(2)]
    x[:] = 7
    x += 1
    assert float(x.sum()) == 40000
    assert ramba.get(refs) == [2500.0, 2500.0]


@ramba.remote
def write(x: Any) -> None:
    x.local()[0] = 5


@pytest.mark.usefixtures("on_workers")
def test_a_call_does_not_write_to_what_the_program_goes_on_with() -> None:
    with pytest.raises(ValueError, match="read-only"):
        ramba.get(write.remote(ramba.ones(5000)))


@pytest.mark.usefixtures("on_workers")
def test_actors_hold_parts() -> None:
    x = ramba.arange(5000.0)
    holders = [Holder.remote(x * 1) for _ in range(2)]
    assert sum(ramba.get([holder.sum.remote() for holder in holders])) == float(x.sum())
    found = ramba.get([holder.sum.remote({"y": x}) for holder in holders])
    assert sum(found) == 2 * float(x.sum())


def test_on_threads_it_is_the_array() -> None:
    x = ramba.arange(50_000.0)
    with ramba.config.set(backend="threads"):
        ramba.shutdown()
        assert ramba.get(ramba.remote(lambda a: a is x).remote(x))
        assert float(ramba.get(ramba.remote(lambda a: (a + 1).sum()).remote(x))) == float((x + 1).sum())
        ramba.shutdown()
