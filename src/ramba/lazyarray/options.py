"""What the signatures of many functions share: optional keywords and ``out``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import asarray, ndarray
from ramba.lazyarray import deliver as _deliver

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import Axis, Outs

NO_VALUE: Any = np._NoValue  # NumPy's own mark for "not given"


_MANY, _SMALL = 64, 16384  # so many arrays of so few elements each are joined faster than their joining is recorded


def are_many(parts: Sequence[ndarray]) -> bool:
    """Whether arrays are so many and so small that NumPy joins them, computed if need be."""
    return len(parts) > _MANY and sum([part.size for part in parts]) < len(parts) * _SMALL


def by_axis(a: ndarray, axis: Axis) -> tuple[ndarray, int]:
    """An array and its axis as many of NumPy's functions read them: all elements in a row for None, and of 0-d ones."""
    if axis is None or not a.ndim:
        return a.ravel(), np.lib.array_utils.normalize_axis_index(0 if axis is None else axis, 1)
    return a, np.lib.array_utils.normalize_axis_index(axis, a.ndim)


def given(**keywords: object) -> dict[str, Any]:
    """Those keywords that the caller gave."""
    return {name: value for name, value in keywords.items() if value is not NO_VALUE}


def _as_array(result: Any, wanted: object) -> Any:
    """The result of a reduction over all axes as an array of one element, which is not looked at."""
    return asarray(result).reshape(1) if wanted and not np.ndim(result) else result


AS_ARRAY = {"asarray": _as_array}
"""What reductions take besides NumPy's arguments."""


def kept(keepdims: object) -> bool:
    """Whether reduced axes stay, with extent one."""
    return keepdims is not NO_VALUE and bool(keepdims)


def deliver_back(result: ndarray, out: Outs) -> Any:
    """The result, in `out` if there is one, as functions of NumPy's that compute in a copy of `out` give it back."""
    if isinstance(out, tuple):
        (out,) = out
    if out is not None and not np.can_cast(out.dtype, result.dtype, "safe"):
        raise TypeError(f"Cannot cast array data from {out.dtype!r} to {result.dtype!r} according to the rule 'safe'")
    return deliver(result, out, "unsafe")


def deliver(result: ndarray, out: Outs, casting: str = "same_kind") -> Any:
    """The result, in `out` if there is one."""
    if out is None or out is result:
        return result
    if isinstance(out, tuple):
        (out,) = out
    if out.shape != result.shape:
        raise ValueError(f"output array has shape {out.shape}, but the result has shape {result.shape}")
    return _deliver(result, out, casting)
