"""Elements of arrays on workers that are looked at one after the other come by pages."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest

from ramba.layout import Box, partition
from ramba.runtime.sharded import PAGE, PATIENCE, Sharded, page_around
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes
SHAPES = [(100_000,), (300, 1000), (3, 5, 20_000), (2, 1)]


def sharded(values: np.ndarray, fetched: list[Box]) -> Sharded:
    """An array whose parts are cut out of a NumPy array, and noted."""

    def fetch(_: Sharded, box: Box) -> np.ndarray:
        fetched.append(box)
        places = [slice(s, s + n) for s, n in zip(box.start, box.extent, strict=True)]
        return values[tuple(places)].copy()

    return Sharded(1, values.dtype, partition(values.shape, 3, 0), fetch, lambda number: None)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_loop_over_elements_fetches_pages(shape: tuple[int, ...]) -> None:
    values, fetched = np.arange(prod(shape) * 1.0).reshape(shape), []
    array = sharded(values, fetched)
    places = list(product(*map(range, shape)))[:30_000]
    for place in places:
        found = array.part(Box(place, (1,) * len(shape)))
        assert found.shape == (1,) * len(shape)
        assert found.item() == values[place]
    assert len(fetched) <= PATIENCE + -(-len(places) * 8 // PAGE) + 3  # and the ends of rows
    assert sum(prod(box.extent) * 8 for box in fetched) <= 2 * values.nbytes + 100


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_holds_what_was_asked_for(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        start = [int(rng.integers(n)) for n in shape]
        extent = [int(rng.integers(1, min(n - s, 16) + 1)) for s, n in zip(start, shape, strict=True)]
        page = page_around(Box(tuple(start), tuple(extent)), shape, 8)
        for s, n, t, m, whole in zip(start, extent, page.start, page.extent, shape, strict=True):
            assert 0 <= t <= s
            assert s + n <= t + m <= whole
        assert prod(page.extent) * 8 <= 2 * PAGE + 8 * prod(extent)


def test_what_is_not_small_or_is_empty_is_fetched_alone() -> None:
    fetched: list[Box] = []
    array = sharded(np.arange(100_000.0), fetched)
    for size in (0, 17):
        fetched.clear()
        for _ in range(30):
            assert array.part(Box((5,), (size,))).size == size
        assert fetched == [Box((5,), (size,))] * 30


def test_elements_that_are_written_meanwhile() -> None:
    with mode("3 workers"):
        x, expected = ramba.arange(100_000.0) * 2, np.arange(100_000.0) * 2
        for i in range(0, 300, 3):
            assert x[i] == expected[i]
            x[i + 1], expected[i + 1] = -x[i], -expected[i]
            assert x[i + 1] == expected[i + 1]
        for i in range(100):
            assert x[i] == expected[i]
        x += 1
        for i in range(100):
            assert x[i] == expected[i] + 1
