"""Sorting one block along an axis, and the order of its elements.

All threads are at work on each long line; of short lines each thread has its own. Where NumPy sorts with vectors, a
line is divided into parts by value, which NumPy then sorts in place. Where not, numbers are sorted by their digits.
Everything else (complex numbers, strings) is sorted in chunks, which NumPy's stable sort then merges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from ramba.kernels.local.positions import fits, high_positions, positions
from ramba.kernels.local.radix import Row, numbers, passes_for, reorder, span
from ramba.kernels.local.split import parts_for, sample_of, sort_parts, split, splitters_of
from ramba.kernels.local.vectorized import is_vectorized
from ramba.kernels.team import Part, Team, slabs

Kind = Literal["stable", "quicksort"]

LONG = 20_000  # elements: a shorter line NumPy sorts as soon
PASS = 5_000  # elements for each digit: with fewer NumPy is as fast too
UNSTABLE = 50_000  # elements: NumPy's unstable order of fewer is as fast as ours, if a word cannot hold a position too
COMPLEX = 100_000  # elements: fewer complex numbers NumPy puts in order sooner
CHUNK = 1 << 14  # elements of a chunk, at least


def sort(team: Team, a: np.ndarray, out: np.ndarray, axis: int) -> None:
    """Writes ``np.sort(a, axis)`` to ``out``, which may be the same memory as ``a``.

    Parameters
    ----------
    a, out
        Arrays of the same shape and dtype, with any strides.

    Notes
    -----
    Numbers of up to 64 bits that are equal but differ in their bits (-0.0 and 0.0) come in an order that does not
    depend on the number of threads: in long lines that of their bits, else NumPy's. Complex and long double numbers of
    that kind may come in another order with another number of threads.
    """
    if a.shape[axis] < LONG:

        def part(key: Part) -> None:
            out[key] = a[key]
            out[key].sort(axis)

        slabs(team, a.shape, (axis,), part)
        return

    _line_by_line(team, a, out, axis, _sort_line)


def argsort(team: Team, a: np.ndarray, out: np.ndarray, axis: int, *, stable: bool = True) -> None:
    """Writes ``np.argsort(a, axis)`` to ``out``, an array of int64 in other memory.

    Equal elements keep their order. Only without ``stable`` those may not that NumPy sorts faster so.
    """
    kind: Kind = "stable" if stable else "quicksort"
    if a.shape[axis] < LONG:

        def part(key: Part) -> None:
            out[key] = np.argsort(a[key], axis, kind=kind)

        slabs(team, a.shape, (axis,), part)
        return

    def line(those: Team, p: np.ndarray, q: np.ndarray) -> None:
        _argsort_line(those, p, q, kind)

    _line_by_line(team, a, out, axis, line)


def lexsort(team: Team, keys: Sequence[np.ndarray], out: np.ndarray) -> None:
    """Writes ``np.lexsort(keys)`` of one-dimensional keys to ``out``, an array of int64; the last key is primary."""
    argsort(team, keys[0], out, 0)
    for key in keys[1:]:
        among = np.empty(len(out), np.int64)
        argsort(team, taken(team, key, out), among, 0)
        out[...] = taken(team, out, among)


def taken(team: Team, a: np.ndarray, order: np.ndarray) -> np.ndarray:
    """``a[order]`` of one-dimensional arrays."""
    out = np.empty(len(order), a.dtype)

    def part(key: Part) -> None:
        np.take(a, order[key], out=out[key], mode="clip")  # all are inside; other modes would copy

    slabs(team, order.shape, (), part)
    return out


class _Alone:
    """One thread of a team, which works for itself."""

    size = 1

    def __init__(self, team: Team) -> None:
        self._team = team

    def map(self, function: Callable[[int], None], count: int) -> None:
        for n in range(count):
            function(n)

    def map_apart(self, function: Callable[[int], object], count: int) -> None:
        for n in range(count):
            function(n)

    def run(self, kernel_address: int, block: int, tiles: int) -> int:
        return self._team.run(kernel_address, block, tiles)  # it never is more than one tile, which is run here

    def run_watched(self, kernel_address: int, block: int, tiles: int) -> int:
        return self._team.run_watched(kernel_address, block, tiles)


def _line_by_line(
    team: Team, a: np.ndarray, out: np.ndarray, axis: int, work: Callable[[Team, np.ndarray, np.ndarray], None]
) -> None:
    """Has every line worked on by all threads, one after the other, or if there are many each by one thread."""
    count = a.size // a.shape[axis]
    if team.size == 1 or count < 2 * team.size:
        for place in np.ndindex(*a.shape[:axis], *a.shape[axis + 1 :]):
            key = (*place[:axis], slice(None), *place[axis:])
            work(team, a[key], out[key])
        return
    alone = _Alone(team)

    def part(key: Part) -> None:
        # lines lie next to each other in memory: it is read once for all of them
        lines = np.ascontiguousarray(np.moveaxis(a[key], axis, -1))
        results = target = np.moveaxis(out[key], axis, -1)
        if target.strides[-1] != target.itemsize:
            results = np.empty(lines.shape, out.dtype)
        for place in np.ndindex(*lines.shape[:-1]):
            work(alone, lines[place], results[place])
        if results is not target:
            target[...] = results

    slabs(team, a.shape, (axis,), part)


def _sort_line(team: Team, a: np.ndarray, out: np.ndarray) -> None:
    if is_vectorized(a.dtype):
        _sort_parts(team, a, out)
        return
    row = numbers(a)
    if row is None:
        _merge_sort(team, a, out)
        return
    words = span(team, row)
    if len(a) < PASS * passes_for(len(words.bits)):
        out[...] = np.sort(a)
    else:
        reorder(team, row, Row(out, row.form), words.bits, words.low)


def _sort_parts(team: Team, a: np.ndarray, out: np.ndarray) -> None:
    memory = out if out.flags.carray and not np.may_share_memory(a, out) else np.empty(len(a), a.dtype)
    parts = parts_for(team, len(a))
    if parts > 1:
        sort_parts(team, memory, split(team, a, memory, splitters_of(sample_of(a), parts)))
    else:
        memory[...] = a
        memory.sort()
    if a.dtype.kind == "f":
        _sign_zeros(team, a, memory)
    if memory is not out:
        out[...] = memory


def _sign_zeros(team: Team, a: np.ndarray, ordered: np.ndarray) -> None:
    """Puts the negative zeros before the others: NumPy's vectors take one for the other, and lose signs."""
    zero = ordered.dtype.type(0)  # of another dtype, all elements would be cast to a common one
    zeros = ordered[np.searchsorted(ordered, zero) : np.searchsorted(ordered, zero, "right")]
    if not len(zeros):
        return
    found = []

    def part(key: Part) -> None:
        found.append(np.count_nonzero(np.signbit(a[key]) & (a[key] == 0)))

    slabs(team, a.shape, (), part)
    zeros[...] = 0.0
    zeros[: sum(found)] = -0.0


def _argsort_line(team: Team, a: np.ndarray, out: np.ndarray, kind: Kind) -> None:
    row = numbers(a, equal=True)
    if row is None and a.dtype.kind == "c" and len(a) >= COMPLEX:
        lexsort(team, _complex_keys(a), out)
        return
    unstable = kind != "stable"
    if row is None or (unstable and len(a) < UNSTABLE and is_vectorized(a.dtype)):
        out[...] = np.argsort(a, kind=kind)
        return
    words = span(team, row)
    vectors = passes_for(len(words.bits)) > 1 and is_vectorized(np.dtype(np.uint64))
    if vectors and high_positions(team, row, words, out):
        return
    if unstable and ((vectors and is_vectorized(a.dtype)) or (len(a) < UNSTABLE and not fits(row, words))):
        out[...] = np.argsort(a, kind=kind)
    else:
        positions(team, row, words, out)


def _complex_keys(a: np.ndarray) -> list[np.ndarray]:
    """What orders complex numbers: where they are not numbers, then the real part, then the imaginary one."""
    missing = 2 * np.isnan(a.real).view(np.uint8) + np.isnan(a.imag)
    keys = [a.imag, a.real]
    return [*keys, missing] if missing.any() else keys


def _merge_sort(team: Team, a: np.ndarray, out: np.ndarray) -> None:
    """Sorts chunks, then pairs of them: a stable sort finds the runs and merges them (T. Peters, listsort, 2002)."""
    count, wanted = len(a), 1
    while wanted < team.size and count // (2 * wanted) >= CHUNK:
        wanted *= 2
    bounds = [count * n // wanted for n in range(wanted + 1)]
    if a is not out:
        out[...] = a

    def chunk(n: int) -> None:
        out[bounds[n] : bounds[n + 1]].sort()

    team.map(chunk, wanted)
    while len(bounds) > 2:
        bounds = bounds[::2]

        def pair(n: int, bounds: list[int] = bounds) -> None:
            out[bounds[n] : bounds[n + 1]].sort(kind="stable")

        team.map(pair, len(bounds) - 1)
