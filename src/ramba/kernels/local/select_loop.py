"""The loop that picks the elements under a mask, in machine code and without a branch for each element."""

from __future__ import annotations

from functools import cache

import numpy as np

from ramba.codegen.native import Code
from ramba.codegen.routine import Routine
from ramba.kernels.local.run import run
from ramba.kernels.team import Team

SIZES = frozenset({1, 2, 4, 8, 16})  # bytes of the elements that the loop can pick


def pick(team: Team, a: np.ndarray, mask: np.ndarray, out: np.ndarray, starts: np.ndarray, block: int) -> None:
    """Writes the elements under a mask to ``out``; each block of so many elements begins at its own place of it.

    Parameters
    ----------
    a, mask
        Of one dimension, contiguous, equally long.
    starts
        Where the picks of each block begin, as int64.
    """
    run(team, _code(a.itemsize), len(starts), a, mask, out, starts, a.size, block)


@cache
def _code(itemsize: int) -> Code:
    text = Routine()
    a, mask, out, starts = (text.word(place, "ptr") for place in range(4))
    count, size = text.word(4), text.word(5)
    kind = f"i{8 * itemsize}" if itemsize <= 8 else "<2 x i64>"
    align = min(itemsize, 8)
    nowhere = text.allocate(kind)
    first, last = text.share(count, size)
    next_place = text.variable("i64")
    text.set(next_place, text.load("i64", starts, "%tile"))
    with text.loop(first, last) as i:
        picked = text.icmp("ne", text.load("i8", mask, i), 0, "i8")
        place = text.get(next_place)
        to = text.select(picked, text.at(kind, out, place), nowhere, "ptr")
        text.store(kind, text.load(kind, a, i, align), to, "0", align)
        text.set(next_place, text.add(place, text.cast("zext", picked, "i1", "i64")))
    return text.build()


__all__ = ["SIZES", "pick"]
