"""NumPy's array as the base of a program's own classes: it knows our arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.lazyarray.convert import unwrap
from ramba.lazyarray.core import Array, local, ndarray, own_memory
from ramba.lazyarray.subclass import ArrayType

_NumPys: Any = np.ndarray


class Derived(_NumPys):
    """A NumPy array whose class was derived from `ramba.ndarray`."""

    def view(self, *args: object, **kwargs: object) -> Any:
        """A view of the same memory, perhaps as another dtype or class."""
        asked = [*args, *kwargs.values()]
        if not any(x is ndarray for x in asked):
            return super().view(*args, **kwargs)
        dtypes = [x for x in asked if x is not ndarray]
        return local(super().view(*dtypes, np.ndarray))


class Overriding(Derived):
    """The base of classes that compute ufuncs themselves; NumPy takes no other for one that does."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: object, *inputs: object, **kwargs: object) -> Any:
        if "out" in kwargs:
            out: Any = kwargs["out"]
            kwargs["out"] = tuple([own_memory(x) if isinstance(x, Array) else x for x in out])
        return super().__array_ufunc__(ufunc, method, *unwrap(inputs), **unwrap(kwargs))


ArrayType.base = Derived
ArrayType.overriding_base = Overriding
