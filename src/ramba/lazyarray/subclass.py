"""Classes that a program derives from `ndarray`, and what counts as one of its instances.

A class that is derived from our arrays is derived from NumPy's instead: its instances are NumPy arrays, and NumPy
calls their ``__array_finalize__`` and ``__array_wrap__`` as it always does. They are computed at once. Functions of
ours take them for what they are, operands whose class decides about the result.
"""

from __future__ import annotations

import types
from typing import Any

import numpy as np


class ArrayType(type):
    """The class of the class of arrays."""

    # what stands for `ndarray` among the bases of a class that is derived from it, and of one that does ufuncs itself
    base: type = np.ndarray
    overriding_base: type = np.ndarray
    module = "ramba"  # whose class it is said to be: NumPy's where a program runs that has imported NumPy

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: object) -> Any:
        if not any(isinstance(base, ArrayType) for base in bases):
            return super().__new__(mcs, name, bases, namespace, **options)
        ours = ArrayType.overriding_base if "__array_ufunc__" in namespace else ArrayType.base
        others = tuple([ours if isinstance(base, ArrayType) else base for base in bases])
        return types.new_class(name, others, options, lambda body: body.update(namespace))

    def __repr__(cls) -> str:
        return f"<class '{ArrayType.module}.{cls.__name__}'>"

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or isinstance(instance, np.ndarray)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return super().__subclasscheck__(subclass) or issubclass(subclass, np.ndarray)


__all__ = ["ArrayType"]
