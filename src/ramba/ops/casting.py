"""The dtypes that NumPy computes with and returns, asked of NumPy itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ramba.ops.ufunc_table import UFUNCS

Operand = np.dtype | type
"""A dtype, or the Python type of a number: ``int``, ``float``, ``complex`` adapt to the other operands (NEP 50)."""


def resolve(
    name: str,
    operands: tuple[Operand, ...],
    dtype: np.dtype | None = None,
    casting: str = "same_kind",
) -> tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]:
    """The dtypes of the loop that NumPy would run: of its operands, and of its results.

    Raises NumPy's own exceptions where NumPy has no such loop, or refuses a cast.
    """
    return _resolve(name, tuple(map(_adapt, operands)), dtype, casting)


def _adapt(operand: Operand) -> Operand:
    return np.dtype(bool) if operand is bool else operand


@lru_cache(maxsize=4096)
def _resolve(
    name: str, operands: tuple[Operand, ...], dtype: np.dtype | None, casting: str
) -> tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]:
    row = UFUNCS[name]
    chosen = {} if dtype is None else {"signature": (None,) * row.nin + (dtype,) * row.nout}
    options: dict[str, Any] = {"casting": casting, **chosen}
    found = row.numpy.resolve_dtypes((*operands, *(None,) * row.nout), **options)
    return tuple(found[: row.nin]), tuple(found[row.nin :])
