"""Counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import UFUNC, asarray, early, implements

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes


@implements(np.count_nonzero, kind="read")
def count_nonzero(a: ArrayLike, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """How many elements over axes are not zero."""
    a = asarray(a)
    if axis is None and not keepdims:
        count = early.of_bools(np.count_nonzero, a)
        if count is not None:
            return count
    found = a if a.dtype == bool else a != 0
    return UFUNC["add"].reduce(found, axis=axis, dtype=np.dtype(np.intp), keepdims=keepdims)
