"""Which ufuncs can fold an axis away inside a kernel, and the value that changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np


def _largest(dtype: np.dtype) -> object:
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


def _smallest(dtype: np.dtype) -> object:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


_FOLDS: dict[str, tuple[str, Any]] = {
    "add": ("iufc", lambda dtype: 0),  # as in NumPy: the sum of negative zeros is 0.0
    "multiply": ("iufc", lambda dtype: 1),
    "minimum": ("iuf", _largest),
    "maximum": ("iuf", _smallest),
    # a fold of nothing but nan is nan
    "fmin": ("iuf", lambda dtype: np.nan if dtype.kind == "f" else _largest(dtype)),
    "fmax": ("iuf", lambda dtype: np.nan if dtype.kind == "f" else _smallest(dtype)),
    "logical_or": ("b", lambda dtype: False),
    "logical_and": ("b", lambda dtype: True),
    "logical_xor": ("b", lambda dtype: False),
    "bitwise_or": ("biu", lambda dtype: 0),
    "bitwise_and": ("biu", lambda dtype: True if dtype.kind == "b" else ~dtype.type(0)),
    "bitwise_xor": ("biu", lambda dtype: 0),
}


def neutral(name: str, dtype: str) -> np.generic | None:
    """The NumPy scalar ``e`` for which ``ufunc(e, x)`` is ``x``, whatever ``x``; None if kernels cannot fold it."""
    kinds, value = _FOLDS.get(name, ("", None))
    if value is None or dtype[0] not in kinds:
        return None
    kind = np.dtype(dtype)
    found: np.generic = kind.type(value(kind))
    return found
