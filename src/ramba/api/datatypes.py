"""Data type routines: answered from what is known about an array, computing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.lazyarray import Array, implements, unwrap

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import Casting


def _described(x: object) -> Any:
    """A stand-in that has the dtype of an array."""
    return x.dtype if isinstance(x, Array) else x


@implements(np.result_type, always=True)
def result_type(*arrays_and_dtypes: ArrayLike | DTypeLike) -> np.dtype:
    """The dtype that NumPy's promotion gives."""
    return np.result_type(*[_described(x) for x in arrays_and_dtypes])


@implements(np.can_cast, always=True)
def can_cast(from_: ArrayLike | DTypeLike, to: DTypeLike, casting: Casting = "safe") -> bool:
    """Whether a cast is allowed by a rule."""
    return np.can_cast(_described(from_), to, casting)


@implements(np.min_scalar_type)
def min_scalar_type(a: Any, /) -> np.dtype:
    """The smallest dtype that holds a scalar; for arrays their dtype."""
    return np.min_scalar_type(unwrap(a)) if a.ndim == 0 else a.dtype


@implements(np.common_type)
def common_type(*arrays: ArrayLike) -> Any:
    """The inexact scalar type that the arrays have in common."""
    return np.common_type(*[np.empty(0, a.dtype) if isinstance(a, Array) else a for a in arrays])
