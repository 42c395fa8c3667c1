"""What callers give to NumPy's functions: names for annotations, beside `numpy.typing`'s; no program looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.core import ndarray

Axis: TypeAlias = int | None
"""One axis; None where a function then takes all elements in a row."""
Axes: TypeAlias = int | Sequence[int] | None
"""One axis or several; None for all."""
Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
DType: TypeAlias = "DTypeLike | None"
"""A dtype, or None for the one that NumPy would choose."""
Out: TypeAlias = "ndarray | None"
"""Where the result is wanted."""
Outs: TypeAlias = "ndarray | tuple[ndarray, ...] | None"
"""Where the results of a ufunc are wanted."""
Letter: TypeAlias = Literal["C", "F", "A", "K"]
"""The order of elements in memory, once it is checked."""
Order: TypeAlias = str | None
"""The order of elements in memory, a letter."""
Casting: TypeAlias = Literal["no", "equiv", "safe", "same_kind", "same_value", "unsafe"]
Fields: TypeAlias = str | Sequence[str] | None
"""By which fields of a structured array to sort."""
Key: TypeAlias = "SupportsIndex | slice | EllipsisType | ArrayLike | tuple[Key, ...] | None"
"""What stands in the brackets of `a[key]`."""
Nested: TypeAlias = "ArrayLike | list[Nested]"
"""Arrays in lists of lists, as `numpy.block` takes them."""
NumPyFunction: TypeAlias = Callable[..., Any] | np.ufunc
