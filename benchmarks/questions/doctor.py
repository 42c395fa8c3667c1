"""What does the doctor cost while it looks and listens, where most happens that it hears of?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from operator import truediv
from statistics import median
from time import perf_counter

import numpy

import ramba
from benchmarks.ask import Answer
from benchmarks.measure import duration

_ROUNDS = 21
_MOST = 1.03  # times as long as without


def _loops() -> dict[str, Callable[[], object]]:
    some, many = (ramba.array(numpy.random.default_rng(0).random(size)) for size in (200_000, 3_000_000))

    table = some.reshape(2000, 100)

    def looks() -> None:
        for _ in range(2000):
            float((some * 2 + 1).sum())

    def elements() -> None:
        for _ in range(15):
            for i in range(len(some)):
                some[i]

    def rows() -> None:
        for _ in range(300):
            for _row in table:
                pass

    def work() -> None:
        for _ in range(40):
            float((ramba.sin(many) + many**2).sum())

    return {"looks at 200,000 elements": looks, "single elements": elements, "rows": rows, "large arrays": work}


def answers() -> list[Answer]:
    """Each loop without and with the doctor, taking turns."""
    return [_answer(name, loop) for name, loop in _loops().items()]


def _answer(name: str, loop: Callable[[], object]) -> Answer:
    loop()
    alone, examined = [], []
    for turn in range(_ROUNDS):
        for first in (turn % 2 == 0, turn % 2 == 1):  # whoever is second finds other things in the caches
            with ramba.doctor() if first else nullcontext():
                begin = perf_counter()
                loop()
                (examined if first else alone).append(perf_counter() - begin)
    times = median(map(truediv, examined, alone))
    shown = duration(median(alone)), duration(median(examined)), f"{times:.3f}x", f"at most {_MOST:g}x"
    return Answer(f"with the doctor: {name}", *shown, times <= _MOST)
