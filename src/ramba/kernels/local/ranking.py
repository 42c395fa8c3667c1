"""Quantiles of groups: the elements of a group are brought together and sorted, for some lines on each thread."""

from __future__ import annotations

import numpy as np

from ramba.kernels.team import Part, Team, slabs


def quantiles(
    team: Team,
    a: np.ndarray,
    codes: np.ndarray,
    axis: int,
    groups: int,
    places: np.ndarray,
    out: np.ndarray,
    skip: bool,
    halves: bool,
) -> None:
    """Quantiles along an axis of each group, into ``out``, whose first axis is for ``places`` between 0 and 1.

    ``codes`` are the numbers of groups, ``groups`` for what has none. Groups without elements have nan.
    """
    sizes = np.bincount(codes, minlength=groups + 1)[:groups]
    order = np.argsort(codes, kind="stable")[: sizes.sum()]
    ends = np.cumsum(sizes)

    def part(key: Part) -> None:
        rows = np.moveaxis(a[key], axis, -1)[..., order]
        for end, size in zip(ends.tolist(), sizes.tolist(), strict=True):
            rows[..., end - size : end].sort(axis=-1)
        with np.errstate(all="ignore"):
            found = _quantiles(rows, ends - sizes, sizes, places, skip, halves)
        out[(slice(None), *key)] = np.moveaxis(found, -1, axis + 1)

    slabs(team, a.shape, (axis,), part)


def _quantiles(
    rows: np.ndarray, starts: np.ndarray, sizes: np.ndarray, places: np.ndarray, skip: bool, halves: bool
) -> np.ndarray:
    """Of sorted groups that lie one after the other along the last axis."""
    if rows.dtype.kind != "f":
        rows = rows.astype(np.float64)
    if not rows.shape[-1]:
        return np.full((len(places), *rows.shape[:-1], len(sizes)), np.nan)
    last = np.maximum(starts + sizes - 1, 0)
    strange = np.isnan(np.take(rows, last, -1))  # nan is sorted to the end
    count = np.broadcast_to(sizes, strange.shape)
    if skip:
        held = np.concatenate([np.zeros((*rows.shape[:-1], 1), np.intp), np.cumsum(rows == rows, axis=-1)], -1)
        count = np.take(held, starts + sizes, -1) - np.take(held, starts, -1)
        strange = np.zeros_like(strange)
    found = []
    for place in places.tolist():
        position = place * np.maximum(count - 1, 0)
        below = np.floor(position).astype(np.intp)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        share = (position - below).astype(rows.dtype)
        low, high = (np.take_along_axis(rows, np.minimum(starts + n, rows.shape[-1] - 1), -1) for n in (below, above))
        between = _between(low, high, share, halves)
        found.append(np.where(strange | (count == 0), rows.dtype.type(np.nan), between))
    return np.stack(found)


def _between(low: np.ndarray, high: np.ndarray, share: np.ndarray, halves: bool) -> np.ndarray:
    """What lies between two elements, as NumPy interpolates."""
    if halves:
        return np.where(share > 0, (low + high) / 2, low)
    distance = high - low
    nearer = high - distance * (1 - share)
    return np.where(share >= 0.5, nearer, low + distance * share)


__all__ = ["quantiles"]
