"""Are programs that loop over slices, rows, steps or small matrices as fast as with NumPy?"""

from __future__ import annotations

import ramba
from benchmarks import measure
from benchmarks.ask import Answer
from benchmarks.loops.table import LOOPS
from benchmarks.loops.turns import Turns, geometric_mean, measured

_FLOORS = {1: (0.95, 0.6), 2: (1.2, 0.7), 4: (2.0, 0.0)}  # scale: geometric mean, lowest; times NumPy's speed


def answers() -> list[Answer]:
    """For each scale the programs, then their mean."""
    ramba.config.set(on_fallback="ignore")
    table = []
    for scale, (mean, lowest) in _FLOORS.items():
        found = [measured(loop, scale, ramba) for loop in LOOPS]
        table += [_answer(turns, scale, lowest) for turns in found]
        ratios = [turns.ratio for turns in found]
        reached = geometric_mean(ratios)
        shown = f"{reached:.2f}x, lowest {min(ratios):.2f}x"
        table.append(Answer(f"scale {scale}: geometric mean", "", "", shown, f"at least {mean:g}x", reached >= mean))
    return table


def _answer(turns: Turns, scale: int, lowest: float) -> Answer:
    """One program: the best of the later turns."""
    shown = measure.duration(turns.numpy.best), measure.duration(turns.ramba.best)
    name = f"{turns.name}, scale {scale}"
    if not turns.agrees:
        return Answer(name, *shown, "wrong values", "NumPy's values", False)
    budget = f"at least {lowest:g}x" if lowest else ""
    kept = turns.ratio >= lowest if lowest else None
    return Answer(name, *shown, f"{turns.ratio:.2f}x", budget, kept)
