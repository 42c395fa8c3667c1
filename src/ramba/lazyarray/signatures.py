"""Functions and methods carry the names, signatures and documentation of those of NumPy's that they stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import NumPyFunction


def described(function: Any, np_function: NumPyFunction, module: str = "ramba") -> Any:
    """The function, with NumPy's name, signature and documentation."""
    name = getattr(np_function, "__name__", type(np_function).__name__)
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = getattr(np_function, "__doc__", None) or function.__doc__
    function.__wrapped__ = np_function
    for said in ("__signature__", "__text_signature__"):  # functions in C say it so
        if not isinstance(np_function, np.ufunc) and getattr(np_function, said, None) is not None:
            setattr(function, said, getattr(np_function, said))
    return function


def described_method(function: Callable[..., Any], name: str, np_class: type = np.ndarray) -> Callable[..., Any]:
    """The function as a method: described as NumPy's of that name, if there is one."""
    np_method = getattr(np_class, name, None)
    return function if np_method is None else described(function, np_method)


def described_class(cls: type, np_class: type) -> None:
    """Gives a class the signature of NumPy's, and its own public methods those of NumPy's methods."""
    cls.__signature__ = inspect.signature(np_class)  # type: ignore[attr-defined]
    described_methods(cls, np_class)


def described_methods(cls: type, np_class: type) -> None:
    """Gives the public methods of a class the signatures of NumPy's methods."""
    for name, member in vars(cls).items():
        if not name.startswith("_") and inspect.isfunction(member):
            described_method(member, name, np_class)
