"""Is a single call, looked at right away, slower than NumPy at any size?"""

from __future__ import annotations

import ramba
from benchmarks import measure
from benchmarks.ask import Answer
from benchmarks.loops.turns import geometric_mean
from benchmarks.sizes import CALLS, times

_TINY = 10
_SIZES = (100, 1000, 10_000, 20_000, 50_000, 100_000, 300_000, 1_000_000, 3_000_000)
_LEAST, _LEAST_OF_TINY, _MEAN = 0.67, 0.5, 1.5  # times NumPy's speed


def answers() -> list[Answer]:
    """For each call its worst size, and ten elements; then the mean of all."""
    ramba.config.set(on_fallback="ignore")
    table, ratios = [], []
    for name in CALLS:
        cells = {n: times(name, n) for n in (_TINY, *_SIZES)}
        ratios += [theirs / ours for theirs, ours in cells.values()]
        worst = min(_SIZES, key=lambda n: cells[n][0] / cells[n][1])
        table.append(_answer(f"{name}, worst size: {worst:,}", *cells[worst], _LEAST))
        table.append(_answer(f"{name}, {_TINY} elements", *cells[_TINY], _LEAST_OF_TINY))
    mean = geometric_mean(ratios)
    low = sum(ratio < _LEAST for ratio in ratios)
    shown = f"{mean:.2f}x; {low} of {len(ratios)} below {_LEAST:g}x"
    return [*table, Answer("all sizes: geometric mean", "", "", shown, f"at least {_MEAN:g}x", mean >= _MEAN)]


def _answer(question: str, theirs: float, ours: float, least: float) -> Answer:
    ratio = theirs / ours
    shown = measure.duration(theirs), measure.duration(ours)
    return Answer(question, *shown, f"{ratio:.2f}x", f"at least {least:g}x", ratio >= least)
