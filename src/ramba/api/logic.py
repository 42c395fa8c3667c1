"""Logic functions: truth of whole arrays, comparisons with a tolerance, what kind of number."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.lazyarray import UFUNC, Array, asarray, early, implements, ndarray, where
from ramba.lazyarray.options import AS_ARRAY, NO_VALUE, given

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Axes, Out


@implements(np.all, method="all", kind="read", own=AS_ARRAY)
def all(
    a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = NO_VALUE, *, where: ArrayLike = NO_VALUE
) -> Any:
    """Whether all elements over axes are true."""
    options = given(keepdims=keepdims, where=where)
    return UFUNC["logical_and"].reduce(asarray(a), axis=axis, dtype=np.dtype(bool), out=out, **options)


@implements(np.any, method="any", kind="read", own=AS_ARRAY)
def any(
    a: ArrayLike, axis: Axes = None, out: Out = None, keepdims: bool = NO_VALUE, *, where: ArrayLike = NO_VALUE
) -> Any:
    """Whether any element over axes is true."""
    options = given(keepdims=keepdims, where=where)
    return UFUNC["logical_or"].reduce(asarray(a), axis=axis, dtype=np.dtype(bool), out=out, **options)


@implements(np.isclose)
def isclose(a: ArrayLike, b: ArrayLike, rtol: ArrayLike = 1e-5, atol: ArrayLike = 1e-8, equal_nan: bool = False) -> Any:
    """Where two arrays agree within tolerances."""
    scalars = (int, float, complex)
    x, y, atol, rtol = (value if isinstance(value, scalars) else asarray(value) for value in (a, b, atol, rtol))
    if not isinstance(y, scalars):
        y = y.astype(np.result_type(y.dtype, 1.0), copy=False)
    elif isinstance(y, int):
        y = float(y)
    tolerances = [value for value in (rtol, atol) if isinstance(value, scalars)]
    if not np.isfinite(tolerances).all():
        _not_finite(f"One of rtol or atol is not valid, atol: {atol}, rtol: {rtol}")
    # where y is infinite only equality counts: with zero in its place no infinities are subtracted
    finite = UFUNC["isfinite"](y)
    level = where(finite, y, 0.0) if not isinstance(y, scalars) else (y if bool(finite) else 0.0)
    near = UFUNC["less_equal"](abs(x - level), atol + rtol * abs(level)) & finite | (x == y)
    return near | (UFUNC["isnan"](x) & UFUNC["isnan"](y)) if equal_nan else near


def _not_finite(message: str) -> None:
    match np.geterr()["invalid"]:
        case "warn":
            warnings.warn(message, RuntimeWarning, stacklevel=4)
        case "raise":
            raise FloatingPointError(message)


@implements(np.allclose)
def allclose(
    a: ArrayLike, b: ArrayLike, rtol: ArrayLike = 1e-5, atol: ArrayLike = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether two arrays agree within tolerances everywhere."""
    return bool(all(isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)))


@implements(np.array_equal)
def array_equal(a1: ArrayLike, a2: ArrayLike, equal_nan: bool = False) -> bool:
    """Whether two arrays have the same shape and elements."""
    try:
        a1, a2 = asarray(a1), asarray(a2)
    except Exception:  # what cannot become an array equals nothing
        return False
    if a1.shape != a2.shape:
        return False
    if not early.begin_alike(a1, a2, partial(np.array_equal, equal_nan=equal_nan)):
        return False
    same = a1 == a2
    if equal_nan and a1.dtype.kind in "fcmM" and a2.dtype.kind in "fcmM":
        same = same | ((a1 != a1) & (a2 != a2))
    return bool(all(same))


@implements(np.array_equiv)
def array_equiv(a1: ArrayLike, a2: ArrayLike) -> bool:
    """Whether two arrays are the same after broadcasting."""
    try:
        a1, a2 = asarray(a1), asarray(a2)
        np.broadcast_shapes(a1.shape, a2.shape)
    except Exception:  # what cannot become an array, or be broadcast, equals nothing
        return False
    if a1.shape == a2.shape and not early.begin_alike(a1, a2, np.array_equal):
        return False
    return bool(all(a1 == a2))


@implements(np.iscomplex)
def iscomplex(x: ArrayLike) -> Any:
    """Where the imaginary part is not zero."""
    x = asarray(x)
    return x.imag != 0 if x.dtype.kind == "c" else zeros(x.shape, bool)


@implements(np.isreal)
def isreal(x: ArrayLike) -> Any:
    """Where the imaginary part is zero."""
    return asarray(x).imag == 0


@implements(np.isposinf)
def isposinf(x: ArrayLike, out: Out = None) -> Any:
    """Where the element is positive infinity."""
    return _signed_infinity(x, "logical_not", out)


@implements(np.isneginf)
def isneginf(x: ArrayLike, out: Out = None) -> Any:
    """Where the element is negative infinity."""
    return _signed_infinity(x, "positive", out)


def _signed_infinity(x: ArrayLike, sign: str, out: Out) -> Any:
    x = asarray(x)
    if x.dtype.kind == "c":
        raise TypeError(f"This operation is not supported for {x.dtype} values because it would be ambiguous.")
    negative = UFUNC["signbit"](x)
    wanted = negative if sign == "positive" else UFUNC[sign](negative)
    return UFUNC["logical_and"](UFUNC["isinf"](x), wanted, out=out)


@implements(np.isscalar, always=True)
def isscalar(element: object) -> bool:
    """Whether something is a number or a string, or a result that NumPy would have given as a scalar."""
    return element._scalar if isinstance(element, Array) else np.isscalar(element)


@implements(np.iscomplexobj)
def iscomplexobj(x: ArrayLike) -> bool:
    """Whether the dtype is complex."""
    return asarray(x).dtype.kind == "c"


@implements(np.isrealobj)
def isrealobj(x: ArrayLike) -> bool:
    """Whether the dtype is not complex."""
    return asarray(x).dtype.kind != "c"


@implements(np.isfortran)
def isfortran(a: ndarray | np.ndarray) -> bool:
    """Whether the elements are in Fortran order, and not also in C order."""
    return bool(a.flags.fnc)
