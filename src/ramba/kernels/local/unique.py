"""The distinct elements of a block, how often and where they occur: by sorting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.kernels.local.gather import Maker, compress, flat_nonzero
from ramba.kernels.local.radix_loop import form_of
from ramba.kernels.local.sort import argsort, sort, taken
from ramba.kernels.team import Team

LONG = 40_000  # elements: of fewer NumPy finds the distinct ones as soon
HASHED = 10_000  # elements: the same where NumPy uses a table of hashes, which is slow
PIECE = 1 << 16  # elements that one call works on


def unique(team: Team, make: Maker, a: np.ndarray, index: bool, inverse: bool, counts: bool) -> list[np.ndarray]:
    """``np.unique`` of a one-dimensional array, what is not a number once; then what else is asked for, in this order.

    Of zeros of both signs the first one is found if ``index`` or ``inverse`` is asked for, else the negative one.
    ``make`` gives memory for what has as many elements as the array, or nearly.
    """
    alone, real = not (index or inverse or counts), form_of(a.dtype) is not None
    if len(a) < (HASHED if alone and a.dtype.kind in "iu" else LONG) or not (real or a.dtype.kind == "c"):
        options = {"return_index": index, "return_inverse": inverse, "return_counts": counts}
        found: Any = np.unique(a, **options)  # type: ignore[call-overload]
        return list(found) if isinstance(found, tuple) else [found]
    if index or inverse:
        order = make(a.shape, np.dtype(np.int64))
        argsort(team, a, order, 0)
        ordered = taken(team, a, order)
    else:
        ordered = make(a.shape, a.dtype)
        sort(team, a, ordered, 0)
    begins = _beginnings(team, ordered)
    different = np.count_nonzero(begins) == len(a)  # then nothing has to be left out
    results = [ordered if different else compress(team, make, ordered, begins)]
    if index:
        results.append(order if different else compress(team, make, order, begins))
    if inverse:
        results.append(_owners(team, make, order, begins))
    if counts:
        starts = flat_nonzero(team, make, begins)
        lengths = make(starts.shape, starts.dtype)
        np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
        lengths[-1] = len(a) - starts[-1]
        results.append(lengths)
    return results


def _pieces(team: Team, count: int, function: Callable[[int, int], None]) -> None:
    """Calls a function with the ends of pieces, on all threads."""
    team.map(lambda n: function(n * PIECE, min((n + 1) * PIECE, count)), -(-count // PIECE))


def _beginnings(team: Team, ordered: np.ndarray) -> np.ndarray:
    """Which elements differ from the one before."""
    begins = np.empty(len(ordered), bool)
    begins[:1] = True

    def piece(start: int, stop: int) -> None:
        p, q = ordered[max(start - 1, 0) : stop - 1], ordered[max(start, 1) : stop]
        _differ(p, q, begins[max(start, 1) : stop])

    _pieces(team, len(ordered), piece)
    return begins


def _differ(p: np.ndarray, q: np.ndarray, out: np.ndarray) -> None:
    np.not_equal(p, q, out=out)
    # what is not a number, or not a time, comes last
    if p.dtype.kind in "fcmM" and len(q) and q[-1] != q[-1]:
        out &= ~((p != p) & (q != q))


def _owners(team: Team, make: Maker, order: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """For each element, which of the distinct ones it is."""
    sizes = np.zeros(-(-len(order) // PIECE), np.int64)

    def count(start: int, stop: int) -> None:
        sizes[start // PIECE] = np.count_nonzero(begins[start:stop])

    _pieces(team, len(order), count)
    before = np.cumsum(sizes) - sizes - 1
    out = make(order.shape, order.dtype)

    def piece(start: int, stop: int) -> None:
        numbers = np.cumsum(begins[start:stop])
        numbers += before[start // PIECE]
        out[order[start:stop]] = numbers

    _pieces(team, len(order), piece)
    return out
