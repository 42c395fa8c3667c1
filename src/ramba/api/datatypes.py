"""Data types and properties of arrays: answered from what is known about an array, computing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import Array, asarray, implements, ndarray, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Casting


def _described(x: object) -> Any:
    """A stand-in that has the dtype of an array."""
    return x.dtype if isinstance(x, Array) else x


@implements(np.result_type)
def result_type(*arrays_and_dtypes: ArrayLike | DTypeLike) -> np.dtype:
    """The dtype that NumPy's promotion gives."""
    return np.result_type(*[_described(x) for x in arrays_and_dtypes])


@implements(np.can_cast)
def can_cast(from_: ArrayLike | DTypeLike, to: DTypeLike, casting: Casting = "safe") -> bool:
    """Whether a cast is allowed by a rule."""
    return np.can_cast(_described(from_), to, casting)


@implements(np.min_scalar_type)
def min_scalar_type(a: Any, /) -> np.dtype:
    """The smallest dtype that holds a scalar; for arrays their dtype."""
    return np.min_scalar_type(unwrap(a)) if a.ndim == 0 else a.dtype


@implements(np.isscalar, always=True)
def isscalar(element: object) -> bool:
    """Whether something is a number or a string, or a result that NumPy would have given as a scalar."""
    return element._scalar if isinstance(element, Array) else np.isscalar(element)


@implements(np.common_type)
def common_type(*arrays: ArrayLike) -> Any:
    """The inexact scalar type that the arrays have in common."""
    return np.common_type(*[np.empty(0, a.dtype) if isinstance(a, Array) else a for a in arrays])


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


@implements(np.shape)
def shape(a: ArrayLike) -> tuple[int, ...]:
    """The shape."""
    return asarray(a).shape


@implements(np.ndim)
def ndim(a: ArrayLike) -> int:
    """The number of dimensions."""
    return asarray(a).ndim


@implements(np.size)
def size(a: ArrayLike, axis: int | tuple[int, ...] | None = None) -> int:
    """The number of elements, in all or along axes."""
    return np.size(np.broadcast_to(np.int8(0), asarray(a).shape), axis)
