"""Elements at given places of a sorted block, without sorting it.

The range of all words is cut into equal parts; how many elements each part has tells in which one a wanted element is,
and only that part's elements are looked at again (the radix select of Alabi, Blanchard, Gordon and Steinbach, Fast
k-selection algorithms for graphics processing units, 2012). No input is bad: every round settles some bits.

Where NumPy partitions with vectors, a sample tells a narrow range for each place (Floyd and Rivest, Expected time
bounds for selection, 1975), threads divide the block by these, and NumPy's partition is left with what lies in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.local.radix import WIDTH, Row, counted, extracted, numbers, reorder, span
from ramba.kernels.local.split import sample_of, split
from ramba.kernels.local.vectorized import is_vectorized
from ramba.kernels.team import Part, Team, slabs

LONG = 100_000  # elements: of fewer NumPy's partition finds the places as soon
FEW = 1 << 12  # elements that are sorted at once
DIGIT = 12  # bits that one round settles
ONE = 1 << 22  # bytes: the same where it does so with vectors, which it does for one place,
SEVERAL = 1 << 15  # elements: or for several places, of which it finds one after the other
SPLITTERS = 15  # at most: writing to more parts is slower than NumPy's partition of them
DEVIATIONS = 3  # of the place in a sample that a range reaches to either side
PARTS = 4  # that are looked at one by one; with more of them sorting is as fast


def order_statistics(team: Team, a: np.ndarray, places: np.ndarray) -> np.ndarray:
    """``np.sort(a, axis=None)[places]``.

    Parameters
    ----------
    a
        Any array. It stays as it is.
    places
        One-dimensional, integers from 0 to ``a.size - 1``.
    """
    found = np.empty(len(places), a.dtype)
    if not len(places):
        return found
    vectors = is_vectorized(a.dtype)
    row = numbers(a if a.ndim == 1 else a.ravel("K")) if _is_long(a, len(places)) else None
    if row is not None and vectors:
        memory = np.empty(a.size, a.dtype)
        _divide(team, row.array, memory, np.unique(places))
        found[...] = memory[places]
    elif row is None:
        found[...] = np.partition(a, np.unique(places), axis=None)[places]
    else:
        words = span(team, row)
        _find(team, row, words.low, words.bits.stop, np.asarray(places, np.int64), Row(found, row.form))
    return found


def partition(team: Team, a: np.ndarray, out: np.ndarray, kth: int | Sequence[int], axis: int) -> None:
    """Writes ``np.partition(a, kth, axis)`` to ``out``, which may be the same memory as ``a``.

    Elements between two of the places come in another order than NumPy's, which does not depend on the number of
    threads.
    """
    extent = a.shape[axis]
    places = np.atleast_1d(np.asarray(kth, np.int64))
    row = numbers(a.reshape(-1)) if extent == a.size and _is_long(a, len(places)) else None
    if row is not None:
        if not ((places >= -extent) & (places < extent)).all():
            raise ValueError(f"kth(={kth}) out of bounds ({extent})")
        places = np.unique(places % extent)
        target = out.reshape(-1)
        if not is_vectorized(a.dtype):
            _partition_line(team, row, Row(target, row.form), places)
            return
        memory = target if out.flags.carray and not np.may_share_memory(a, out) else np.empty(extent, a.dtype)
        _divide(team, row.array, memory, places)
        if memory is not target:
            target[...] = memory
        return

    def part(key: Part) -> None:
        out[key] = a[key]
        out[key].partition(kth, axis)

    slabs(team, a.shape, (axis,), part)


def _is_long(a: np.ndarray, places: int) -> bool:
    """Whether threads find so many places in an array sooner than NumPy's partition."""
    if not is_vectorized(a.dtype):
        return a.size >= LONG
    return a.nbytes >= ONE if places == 1 else a.size >= SEVERAL


def _find(team: Team, row: Row, base: int, bits: int, places: np.ndarray, found: Row) -> None:
    """Writes the elements at some places of a row, whose words have so many bits when the base is taken from them."""
    low = max(bits - DIGIT, 0)
    if len(row.array) > FEW:
        table = counted(team, row, range(low, bits), base)
        ends = np.cumsum(table.sum(axis=0))
        digits = np.searchsorted(ends, places, "right")
        parts = np.unique(digits)
        if low == 0:
            reorder(team, Row(digits.astype(np.uint64), "w8"), found, range(0), base)
            return
        if len(parts) <= PARTS:
            for part in parts.tolist():
                chosen = digits == part
                inside = Row(np.empty(np.count_nonzero(chosen), found.array.dtype), found.form)
                words = extracted(team, row, table[:, part], part << low, low, base)
                before = int(ends[part]) - len(words.array)
                _find(team, words, base + (part << low), low, places[chosen] - before, inside)
                found.array[chosen] = inside.array
            return
    ordered = Row(np.empty(len(row.array), found.array.dtype), found.form)
    reorder(team, row, ordered, range(bits), base)
    found.array[...] = ordered.array[places]


def _partition_line(team: Team, row: Row, out: Row, places: np.ndarray) -> None:
    """Sorts by the highest digit; NumPy divides those parts that hold a place."""
    words = span(team, row)
    ends = reorder(team, row, out, words.bits[-WIDTH:], words.low)
    digits = np.searchsorted(ends, places, "right")
    for digit in np.unique(digits).tolist():
        start = int(ends[digit - 1]) if digit else 0
        out.array[start : int(ends[digit])].partition(places[digits == digit] - start)


def _divide(team: Team, a: np.ndarray, out: np.ndarray, places: np.ndarray) -> None:
    """Partitions into other memory without gaps: by the ends of ranges first, then what holds a place by NumPy."""
    ends = np.array(split(team, a, out, _ranges(a, places)))
    parts = np.searchsorted(ends, places, "right")
    held = np.unique(parts)

    def part(n: int) -> None:
        here = held[n]
        start = int(ends[here - 1]) if here else 0
        out[start : int(ends[here])].partition(places[parts == here] - start)

    team.map(part, len(held))


def _ranges(a: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Numbers between which the elements at some places lie, most likely."""
    sample = np.sort(sample_of(a))
    count = len(sample)
    if a.dtype.kind == "f":
        sample = sample[: np.searchsorted(sample, a.dtype.type(np.nan))]
    share = places / len(a)
    reach = DEVIATIONS * np.sqrt(share * (1 - share) * count) + 1
    edges = np.concatenate([share * count - reach, share * count + reach]).astype(np.int64)
    found: np.ndarray = np.unique(sample[edges[(edges >= 0) & (edges < len(sample))]])
    return found[:: -(-len(found) // SPLITTERS) or 1]
