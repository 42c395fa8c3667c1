"""Our arrays in functions that Numba compiles: what ``@njit`` and ``@stencil`` functions get shows the memory."""

from __future__ import annotations

import functools
from typing import Any

from numba.core import types
from numba.extending import models, register_model, typeof_impl, unbox

from ramba.lazyarray import Array, for_others


class ArrayOfOurs(types.Array):
    """NumPy's array, made of one of ours when a function is called."""

    def __init__(self, dtype: Any, ndim: int, layout: Any, readonly: bool, aligned: bool) -> None:
        super().__init__(dtype, ndim, layout, readonly=readonly, aligned=aligned)
        self.name = f"ramba.{self.name}"

    @property
    def numpys(self) -> types.Array:
        """The type of NumPy's array."""
        return types.Array(self.dtype, self.ndim, self.layout, readonly=not self.mutable, aligned=self.aligned)


@functools.cache
def register() -> None:
    """Tells Numba of our arrays, once."""
    register_model(ArrayOfOurs)(models.ArrayModel)
    typeof_impl.register(Array, _type_of)
    unbox(ArrayOfOurs)(_unboxed)


def _type_of(array: Any, context: object) -> ArrayOfOurs:
    found = typeof_impl(for_others(array), context)
    return ArrayOfOurs(found.dtype, found.ndim, found.layout, not found.mutable, found.aligned)


def _unboxed(kind: ArrayOfOurs, array: object, c: Any) -> Any:
    """Emits the conversion of an argument; while the function runs, the memory is lent."""
    convert = c.pyapi.unserialize(c.pyapi.serialize_object(for_others))
    shown = c.pyapi.call_function_objargs(convert, (array,))
    value = c.unbox(kind.numpys, shown)
    c.pyapi.decref(shown)
    c.pyapi.decref(convert)
    return value
