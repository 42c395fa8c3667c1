"""Rows and elements one after the other: views of what is there, in the order and with the ends that NumPy has."""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree, assert_same
from tests.subject import ramba

SIZES = pytest.mark.parametrize("n", [5, 30_000])
CALLS = """
[row for row in itertools.islice(x, 4)]
[a + b + c for a, b, c in itertools.islice(x, 3)]
list(itertools.islice(x[:, 0], 3))
list(itertools.islice(x[::-2], 2))
list(itertools.islice(x.T, 2))
list(itertools.islice(x + 1, 2))
list(itertools.islice(reversed(x), 2))
sum(1 for row in x), sum(1 for element in x[:, 1])
max(x[:50, 1])
[element.is_integer() for element in x[:2, 0]]
dict(x[:3, :2])
list(zip(x[:3, 0], x[:3, 1]))
list(x[:0]), list(x[0, :0])
list(x.reshape(-1, 3, 1)[:2])
list(np.array(3.5))
list(x.sum())
iter(np.array(3.5))
next(iter(x[:0]))
list(copy.copy(iter(x[:3])))
list(np.array([[1, "a"], [None, 2]], dtype=object))
list(np.array(["a", "b"])), list(np.array([[1, 2], [3, 4]], dtype="M8[D]"))
iter(x).__length_hint__()
"""


@SIZES
@pytest.mark.parametrize("call", CALLS.strip().splitlines())
def test_as_numpy(call: str, n: int) -> None:
    def run(np: Any) -> Any:
        x = np.arange(3.0 * n).reshape(n, 3) * 2
        return eval(call, {"np": np, "x": x, "itertools": itertools, "copy": copy})

    assert_agree(lambda: run(ramba), lambda: run(numpy))


@SIZES
def test_rows_are_views(n: int) -> None:
    x = ramba.zeros((n, 3))
    for k, row in enumerate(itertools.islice(x, 4)):
        row += k
        assert row.base is x
    assert_same(x[:4, 0], numpy.arange(4.0))


@SIZES
def test_what_is_written_on_the_way_is_seen(n: int) -> None:
    x = ramba.zeros((n, 2))
    rows: Iterator[Any] = iter(x)
    next(rows)
    x[1] = 7
    assert_same(next(rows), numpy.full(2, 7.0))
    x += 1
    assert_same(next(rows), numpy.ones(2))


def test_iterators_are_pickled() -> None:
    rows = iter(ramba.arange(6.0).reshape(3, 2))
    next(rows)
    assert_same(next(pickle.loads(pickle.dumps(rows))), numpy.array([2.0, 3.0]))


def test_rows_keep_what_they_show() -> None:
    row = next(iter(ramba.arange(60_000.0).reshape(30_000, 2) * 2))
    assert_same(row, numpy.array([0.0, 2.0]))
