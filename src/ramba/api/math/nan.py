"""Mathematical functions: what the versions that leave NaN out have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ramba.errors import warn
from ramba.lazyarray import UFUNC, asarray, ndarray, where

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def without_nan(a: ArrayLike, value: ArrayLike) -> tuple[ndarray, ndarray | None]:
    """The array with every NaN replaced, and where they were (None: the dtype has none)."""
    a = asarray(a)
    if a.dtype.kind not in "fc":
        return a, None
    mask = UFUNC["isnan"](a)
    return where(mask, a.dtype.type(value), a), mask


def warn_if_any(found: ArrayLike, text: str) -> None:
    """Gives a warning of NumPy's that depends on values: they are computed now."""
    if bool(UFUNC["logical_or"].reduce(asarray(found), axis=None)):
        warn(text, RuntimeWarning)
