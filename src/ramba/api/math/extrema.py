"""Mathematical functions: finding extrema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.math.nan import warn_if_any
from ramba.lazyarray import UFUNC, asarray, implements
from ramba.lazyarray.options import AS_ARRAY, NO_VALUE, given

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Out


@implements(np.max, method="max", kind="fold", own=AS_ARRAY)
def max(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The largest element over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["maximum"].reduce(asarray(a), axis=axis, out=out, **options)


@implements(np.min, method="min", kind="fold", own=AS_ARRAY)
def min(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The smallest element over axes."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return UFUNC["minimum"].reduce(asarray(a), axis=axis, out=out, **options)


amax = implements(np.amax)(max)
amin = implements(np.amin)(min)


@implements(np.nanmax)
def nanmax(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The largest element over axes that is not NaN."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return _warned(UFUNC["fmax"].reduce(asarray(a), axis=axis, out=out, **options))


@implements(np.nanmin)
def nanmin(
    a: ArrayLike,
    axis: Axes = None,
    out: Out = None,
    keepdims: bool = NO_VALUE,
    initial: ArrayLike | None = NO_VALUE,
    where: ArrayLike = NO_VALUE,
) -> Any:
    """The smallest element over axes that is not NaN."""
    options = given(keepdims=keepdims, initial=initial, where=where)
    return _warned(UFUNC["fmin"].reduce(asarray(a), axis=axis, out=out, **options))


def _warned(extreme: Any) -> Any:
    """The extremes, after a warning if there is a NaN among them: some slice has nothing else."""
    if extreme.dtype.kind in "fc":
        warn_if_any(UFUNC["isnan"](extreme), "All-NaN slice encountered")
    return extreme
