"""Which ufuncs can fold an axis away inside a kernel, and the value that changes nothing."""

from __future__ import annotations

import numpy as np


def _largest(dtype: np.dtype) -> object:
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


def _smallest(dtype: np.dtype) -> object:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


_FOLDS = {
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


def can_fold(name: str, dtype: str) -> bool:
    """Whether a kernel can fold values of ``dtype`` ("f8") with the ufunc ``name``."""
    return name in _FOLDS and dtype[0] in _FOLDS[name][0]


def identity(name: str, dtype: str) -> np.generic:
    """The NumPy scalar ``e`` for which ``ufunc(e, x)`` is ``x``, whatever ``x``."""
    kinds, value = _FOLDS[name]
    if dtype[0] not in kinds:
        raise ValueError(f"A fold of {dtype} with {name} has no identity.")
    kind = np.dtype(dtype)
    return kind.type(value(kind))
