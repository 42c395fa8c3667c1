"""What do `ramba.profile("report.html")` and `ramba.dashboard()` cost, in one process and on two workers?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from operator import truediv
from statistics import median
from time import perf_counter

import numpy

import ramba
from benchmarks.ask import Answer
from benchmarks.measure import duration
from ramba.pictures import ProfilePage

_ROUNDS = 9
_MOST = 1.03  # times as long as without


def _one_process() -> dict[str, Callable[[], object]]:
    some, many = (ramba.array(numpy.random.default_rng(0).random(size)) for size in (200_000, 3_000_000))

    def looks() -> None:
        for _ in range(6000):
            float((some * 2 + 1).sum())

    def work() -> None:
        for _ in range(200):
            float((ramba.sin(many) + many**2).sum())

    return {"looks at 200,000 elements": looks, "large arrays": work}


def _two_workers() -> dict[str, Callable[[], object]]:
    field = ramba.ones((1000, 1000)) * 1.0

    def stencil() -> None:
        for _ in range(50):
            for _ in range(20):
                field[1:-1, 1:-1] += 0.2 * (field[2:, 1:-1] - 2 * field[1:-1, 1:-1] + field[:-2, 1:-1])
            float(field.sum())

    return {"a stencil on 2 workers": stencil}


def answers() -> list[Answer]:
    """Each loop without and with a recording and a dashboard, taking turns."""
    found = [answer for name, loop in _one_process().items() for answer in _answers(name, loop)]
    with ramba.config.set(backend="processes", workers=2, num_threads=1):
        ramba.init()
        try:
            return found + [answer for name, loop in _two_workers().items() for answer in _answers(name, loop)]
        finally:
            ramba.shutdown()


_WATCHED: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "alone": nullcontext,
    "recorded for a report": ProfilePage,
    "shown on a dashboard": ramba.dashboard,
}


def _answers(name: str, loop: Callable[[], object]) -> list[Answer]:
    loop()
    seconds: dict[str, list[float]] = {kind: [] for kind in _WATCHED}
    for turn in range(_ROUNDS):
        kinds = list(_WATCHED.items())
        for kind, watched in kinds[turn % 3 :] + kinds[: turn % 3]:  # whoever is later finds other things in the caches
            with watched():
                seconds[kind].append(_seconds(loop))
    alone = seconds.pop("alone")
    found = []
    for kind, took in seconds.items():
        times = median(map(truediv, took, alone))
        shown = duration(median(alone)), duration(median(took)), f"{times:.3f}x", f"at most {_MOST:g}x"
        found.append(Answer(f"{kind}: {name}", *shown, times <= _MOST))
    return found


def _seconds(loop: Callable[[], object]) -> float:
    begin = perf_counter()
    loop()
    return perf_counter() - begin


__all__ = ["answers"]
