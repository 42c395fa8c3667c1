"""A program's own function of two elements, folded over groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.api.manipulation.joining import concatenate
from ramba.grouping.codes import Codes
from ramba.lazyarray import asarray, call, fell_back, full, ndarray

Reducer = Callable[[Any, Any], Any]


def folded(array: ndarray, axis: int, codes: Codes, reducer: Reducer, identity: object) -> ndarray:
    """Each group's elements combined in pairs, then the pairs, until one is left of each group."""
    numbers, groups = codes.values(), codes.groups
    order = np.argsort(numbers, kind="stable")[np.count_nonzero(numbers < 0) :]
    held = numbers[order]  # the groups of what is left, in order
    (values,) = call("pick", [array, asarray(order)], axis)
    combine = _by_arrays(reducer, array.dtype)
    while (held[1:] == held[:-1]).any():
        place = np.arange(len(held)) - np.searchsorted(held, held)  # within the group
        left = np.flatnonzero(place % 2 == 0)
        beside = left + 1
        paired = (beside < len(held)) & (held[np.minimum(beside, len(held) - 1)] == held[left])
        pairs = combine(_taken(values, left[paired], axis), _taken(values, left[paired] + 1, axis))
        pairs = asarray(pairs)
        single = _taken(values, left[~paired], axis).astype(pairs.dtype, copy=False)
        back = np.empty(len(left), np.int64)
        back[paired], back[~paired] = np.arange(paired.sum()), paired.sum() + np.arange((~paired).sum())
        values, held = _taken(concatenate([pairs, single], axis), back, axis), held[left]
    nothing = full((*array.shape[:axis], 1, *array.shape[axis + 1 :]), identity, values.dtype)
    places = np.full(groups, -1)
    places[held] = np.arange(len(held))
    return _taken(concatenate([values, nothing], axis), places, axis)


def _taken(values: ndarray, places: np.ndarray, axis: int) -> ndarray:
    return call("pick", [values, asarray(places)], axis)[0]


def _by_arrays(reducer: Reducer, dtype: np.dtype) -> Reducer:
    """The function if it takes arrays, else one that calls it for each pair of elements."""
    try:
        found = reducer(asarray(np.ones(2, dtype)), asarray(np.ones(2, dtype)))
        if np.shape(found) == (2,):
            return reducer
    except (TypeError, ValueError):
        pass
    name = getattr(reducer, "__name__", repr(reducer))
    one = np.asarray(reducer(dtype.type(1), dtype.type(1)))
    by_elements = np.vectorize(reducer, otypes=[one.dtype])

    def combine(left: ndarray, right: ndarray) -> Any:
        text = "takes no arrays: Python calls it for each pair of elements."
        fell_back(name, "called by elements", text, (left, right))
        return asarray(by_elements(np.asarray(left), np.asarray(right)))

    return combine
