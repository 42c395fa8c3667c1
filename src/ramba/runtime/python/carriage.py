"""Functions of Python as they travel, and the door that each worker keeps closed until the driver opens it."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from ramba.errors import ProtocolError
from ramba.runtime.python.values import Value, dumped, loaded, typed


class Named(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """A function or class that the receiver imports."""

    module: str
    name: str  # within it, with dots
    wrapped: int = 0  # how many decorators' results are around it


class Carried(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """A function or class by value: a pickle."""

    content: bytes


Function: TypeAlias = Named | Carried


def carried(function: Callable[..., Any]) -> Function:
    """A function or class as it travels: by name if others find it there, else by value."""
    return _named(function) or Carried(dumped(function))


class Door:
    """Of one worker, or of the driver for what its workers answer: nothing of Python passes while it is closed."""

    def __init__(self) -> None:
        self._open = False

    def open(self) -> None:
        """The driver says that its program sends functions."""
        self._open = True

    def check(self, what: str) -> None:
        """Raises ProtocolError while the door is closed."""
        if not self._open:
            raise ProtocolError(f"{what} came before the driver said that its program sends functions.")

    def function(self, function: Function) -> Any:
        """What travelled as a function or class."""
        self.check("A function of Python")
        if isinstance(function, Carried):
            return loaded(function.content)
        found = attrgetter(function.name)(importlib.import_module(function.module))
        for _ in range(function.wrapped):
            found = found.__wrapped__
        return found

    def value(self, value: Value, parts: Sequence[object] = ()) -> Any:
        """What travelled as a value."""
        if not value.pickled:
            return typed(value, parts)
        self.check("A pickle")
        return loaded(value.content, parts)


def _named(function: Callable[..., Any]) -> Named | None:
    """Where others find a function, if they can import it; perhaps under what decorators made of it."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not name or module == "__main__" or "<" in name:
        return None
    spec = getattr(sys.modules.get(module), "__spec__", None)
    if spec is None or spec.origin is None:
        return None
    try:
        found: Any = functools.reduce(getattr, name.split("."), sys.modules[module])
        wrapped = 0
        while found is not function:
            found, wrapped = found.__wrapped__, wrapped + 1
    except AttributeError:
        return None
    return Named(module, name, wrapped)


__all__ = ["Carried", "Door", "Function", "Named", "carried"]
