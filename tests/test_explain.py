"""What explain says about several workers: as golden texts, and held against what workers really do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ramba import events
from tests.subject import ramba

SIDE = 96


@contextmanager
def workers(count: int) -> Iterator[None]:
    """That many workers in this process."""
    with ramba.config.set(backend="local", workers=count, eager_size=100, exact=False, num_threads=1, progress="off"):
        ramba.shutdown()
        try:
            yield
        finally:
            ramba.shutdown()


def data(*shape: int) -> Any:
    """An array whose blocks are on the workers."""
    array = ramba.empty(shape)
    array[...] = ramba.arange(array.size, dtype="i8").reshape(shape) % 97
    ramba.sync()
    return array


def stencil() -> list[Any]:
    a, b = data(SIDE, SIDE), data(SIDE, SIDE)
    b[1:-1, 1:-1] += a[2:, 1:-1] + a[:-2, 1:-1] + a[1:-1, 2:] + a[1:-1, :-2]
    return [b]


def transpose() -> list[Any]:
    a, b = data(SIDE, SIDE), data(SIDE, SIDE)
    b += a.T
    return [b]


def sums() -> list[Any]:
    a = data(SIDE, SIDE)
    return [(a * 2 + 1).sum(), a.sum(axis=0), a.max(axis=1)]


def scan() -> list[Any]:
    return [ramba.cumsum(data(SIDE * SIDE) + 1)]


PROGRAMS: list[Callable[[], list[Any]]] = [stencil, transpose, sums, scan]


@pytest.mark.golden
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_text(program: Callable[[], list[Any]], golden: Callable[[str, str], None]) -> None:
    with workers(3):
        arrays = program()
        golden(f"explain_{program.__name__}", ramba.explain(*arrays))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 9])
@pytest.mark.parametrize("program", [stencil, transpose, sums], ids=lambda program: program.__name__)
def test_what_is_sent_is_what_was_said(program: Callable[[], list[Any]], count: int) -> None:
    with workers(count):
        arrays = program()
        text = ramba.explain(*arrays)
        said = re.search(r"([\d,]+) messages of ([\d,]+) bytes between workers", text)
        with ramba.profile() as profile:
            ramba.sync()
        told = [found.event for found in profile.slices if isinstance(found.event, events.Sent)]
        sent = [event.nbytes for event in told if event.target < count]
        expected = [int(number.replace(",", "")) for number in said.groups()] if said else [0, 0]
        assert expected == [len(sent), sum(sent)]
        del arrays


def test_nothing_is_run_or_sent() -> None:
    with workers(3):
        arrays = stencil()
        heard: list[Any] = []
        with events.subscribe(heard.append, workers=True):
            before = ramba.explain(*arrays)
            assert ramba.explain(*arrays) == before
        assert heard == []


def test_of_very_many_workers_two_are_looked_at() -> None:
    with ramba.config.set(backend="local", workers=100, eager_size=10):
        ramba.shutdown()
        try:
            a = data(200, 200)
            text = ramba.explain(a[1:] + a[:-1])
        finally:
            ramba.shutdown()
    assert "20 x 5 blocks of 10 x 40" in text
    assert "looked at workers 0 and 52 only" in text
    assert "steps of worker 52" in text


def test_what_the_driver_still_has_to_send() -> None:
    import numpy

    with workers(2):
        a = ramba.array(numpy.ones((50, 50)))
        text = ramba.explain(a + 1)
    assert "first, the driver sends 1 of its arrays to the workers: 20,000 bytes" in text


def test_one_process_says_what_is_read_and_written() -> None:
    with ramba.config.set(eager_size=100):
        a = data(100, 100)
        text = ramba.explain(a[1:] + a[:-1])
    assert "read 80,000 bytes, write 79,200 bytes" in text
