"""What do calls that only move memory reach, beside the speed of memory itself on one thread and on all?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer
from benchmarks.measure import alternate, cores

_SIZES = (300_000, 1_000_000, 3_000_000)
_CALLS: tuple[tuple[str, int, Callable[[Any, Any, Any], object]], ...] = (  # name, bytes per element, call
    ("sum", 8, lambda np, a, b: float(a.sum())),
    ("argmax", 8, lambda np, a, b: int(a.argmax())),
    ("concatenate", 32, lambda np, a, b: float(np.concatenate([a, b])[0])),
    ("transposed copy", 16, lambda np, a, b: float(a.reshape(-1, 10).T.copy()[0, 0])),
    ("mean(axis=0)", 8, lambda np, a, b: float(a.reshape(-1, 10).mean(axis=0)[0])),
)


def answers() -> list[Answer]:
    """Copies by plain threads, then each call, all in bytes read and written in a second."""
    return [*map(_plain, _SIZES), *(_call(*call, n) for call in _CALLS for n in _SIZES)]


def _plain(n: int) -> Answer:
    """Copies of NumPy's arrays by one thread and by as many as there are cores: what there is to gain at all."""
    source, target, parts = numpy.ones(n), numpy.zeros(n), cores()
    cuts = [slice(n * part // parts, n * (part + 1) // parts) for part in range(parts)]

    def copy(cut: slice) -> None:
        for _ in range(20):  # the threads' start does not count
            numpy.copyto(target[cut], source[cut])

    with ThreadPoolExecutor(parts) as pool:
        one, all_ = alternate(lambda: copy(slice(0, n)), lambda: list(pool.map(copy, cuts)), rounds=7)
    return _answer(f"copies by one thread and by {parts}, {n:,} elements", 20 * 16 * n, one, all_)


def _call(name: str, width: int, call: Callable[[Any, Any, Any], object], n: int) -> Answer:
    given = [(np, *(np.asarray(numpy.random.default_rng(seed).random(n)) for seed in (1, 2))) for np in (numpy, ramba)]
    ramba.sync()
    theirs, ours = alternate(lambda: call(*given[0]), lambda: call(*given[1]), rounds=9, inner=3)
    return _answer(f"{name}, {n:,} elements", width * n, theirs, ours)


def _answer(question: str, moved: int, theirs: float, ours: float) -> Answer:
    shown = [f"{moved / seconds / 1e9:.1f} GB/s" for seconds in (theirs, ours)]
    return Answer(question, *shown, f"{theirs / ours:.2f}x", "", None)
