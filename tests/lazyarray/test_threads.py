"""Threads of a program that write to their own rows of one array: nothing that one of them wrote is lost."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import ramba

THREADS = 8

STATEMENTS: list[Callable[[Any, Any, int, Any, numpy.ndarray], Any]] = [
    lambda np, a, me, other, places: a.__setitem__(me, a[me] * 2 - 1),
    lambda np, a, me, other, places: a.__setitem__((me, slice(5, a.shape[1] // 2)), 3.5),
    lambda np, a, me, other, places: a.__setitem__((me, places), 4),
    lambda np, a, me, other, places: a.__setitem__((me, 7), 9),
    lambda np, a, me, other, places: a[me].__setitem__(a[me] > 3, 2),
    lambda np, a, me, other, places: np.add(a[me], other, out=a[me]),
    lambda np, a, me, other, places: np.add.at(a[me], places[:40], 1),
    lambda np, a, me, other, places: np.cumsum(a[me] % 5, out=a[me]),
    lambda np, a, me, other, places: np.copyto(a[me], other, where=other > 3),
    lambda np, a, me, other, places: a[me].sort(),
    lambda np, a, me, other, places: a[me].__iadd__(1),
    lambda np, a, me, other, places: a[me, ::2].__imul__(0.5),
    lambda np, a, me, other, places: a[me].__imod__(1000),
    lambda np, a, me, other, places: a.__setitem__((me, slice(None)), a[me] - a[me].min()),
]


def written(np: Any, a: Any, me: int, seed: int) -> None:
    """Thirty statements about a row, and looks at it."""
    chosen = random.Random(seed * THREADS + me)
    other, places = np.arange(a.shape[1]) % 7 * 1.0, numpy.arange(0, a.shape[1], 3)
    for turn in range(30):
        chosen.choice(STATEMENTS)(np, a, me, other, places)
        if turn % 9 == 0:
            a[me].sum().item()
    a[me] %= 1e6


@pytest.mark.parametrize("length", [400, 3000, 12_000, 30_000, 90_000])
def test_rows_of_threads(length: int) -> None:
    """NumPy lets go of the interpreter in its loops: no other thread may record or copy what it is writing."""
    problems: list[BaseException] = []

    def work(a: Any, me: int, seed: int) -> None:
        try:
            written(ramba, a, me, seed)
        except BaseException as problem:
            problems.append(problem)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for seed in range(3):
            ours, theirs = ramba.zeros(THREADS * length).reshape(THREADS, length), numpy.zeros((THREADS, length))
            threads = [threading.Thread(target=work, args=(ours, me, seed)) for me in range(THREADS)]
            for thread in threads:
                thread.start()
            for me in range(THREADS):
                written(numpy, theirs, me, seed)
            for thread in threads:
                thread.join()
            if problems:
                raise problems[0]
            numpy.testing.assert_allclose(numpy.asarray(ours), theirs, rtol=1e-9)
    finally:
        sys.setswitchinterval(interval)
