"""Operations on what is picked, part by part: what was picked is combined while it is in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from ramba.kernels.team import Team

PART = 1 << 15  # elements


def combine(
    team: Team,
    function: np.ufunc,
    a: np.ndarray,
    values: np.ndarray,
    index: np.ndarray,
    axis: int,
    swapped: bool,
    out: np.ndarray,
) -> None:
    """``out[...] = function(a, values[..., index, ...])``, the index array standing at an axis; or swapped."""
    parts = list(_parts(a.shape))

    def part(n: int) -> None:
        key = parts[n]
        there = [slice(None) if d == axis or values.shape[d] == 1 else s for d, s in enumerate(key)]
        picked = np.take(values[tuple(there)], index[key[axis]], axis)
        operands = (picked, a[key]) if swapped else (a[key], picked)
        function(*operands, out=out[key])

    team.map(part, len(parts))


def _parts(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Keys of parts of few elements: the longest dimension is halved until there are few enough."""
    left = [tuple([(0, extent) for extent in shape])]
    while left:
        box = left.pop()
        extents = [last - first for first, last in box]
        if prod(extents) <= PART:
            yield tuple([slice(*ends) for ends in box])
            continue
        d = max(range(len(box)), key=lambda n: extents[n])
        first, last = box[d]
        middle = (first + last) // 2
        left += [(*box[:d], ends, *box[d + 1 :]) for ends in ((middle, last), (first, middle))]


__all__ = ["combine"]
