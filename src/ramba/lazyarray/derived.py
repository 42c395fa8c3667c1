"""NumPy's array as the base of a program's own classes: it knows our arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.lazyarray.convert import unwrap
from ramba.lazyarray.core import Array, local, ndarray, own_memory
from ramba.lazyarray.subclass import ArrayType

_NumPys: Any = np.ndarray


def view_as(view: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """What the method of a NumPy array shows, if our class may be what is asked for."""
    asked = [*args, *kwargs.values()]
    if not any(x is ndarray for x in asked):
        return view(*args, **kwargs)
    dtypes = [x for x in asked if x is not ndarray]
    return local(view(*dtypes, np.ndarray))


class Derived(_NumPys):
    """A NumPy array whose class was derived from `ramba.ndarray`."""

    def view(self, *args: object, **kwargs: object) -> Any:
        """A view of the same memory, perhaps as another dtype or class."""
        return view_as(super().view, *args, **kwargs)


class Overriding(Derived):
    """The base of classes that compute ufuncs themselves; NumPy takes no other for one that does."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: object, *inputs: object, **kwargs: object) -> Any:
        if "out" not in kwargs:
            return super().__array_ufunc__(ufunc, method, *unwrap(inputs), **unwrap(kwargs))
        with ENGINE.lock:
            out: Any = kwargs["out"]
            kwargs["out"] = tuple([own_memory(x) if isinstance(x, Array) else x for x in out])
            return super().__array_ufunc__(ufunc, method, *unwrap(inputs), **unwrap(kwargs))


ArrayType.base = Derived
ArrayType.overriding_base = Overriding
