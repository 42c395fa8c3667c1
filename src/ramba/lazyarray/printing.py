"""How arrays print: as NumPy prints them."""

from __future__ import annotations

from typing import Any

from ramba.lazyarray.core import define, ndarray, values


def shown_value(a: ndarray) -> Any:
    """What NumPy would show: a scalar for what it would have made a scalar."""
    memory = values(a)
    return memory[()] if a._scalar else memory


def _repr(self: ndarray) -> str:
    return repr(shown_value(self))


def _str(self: ndarray) -> str:
    return str(shown_value(self))


def _format(self: ndarray, spec: str) -> str:
    return format(shown_value(self), spec)


define("__repr__", _repr)
define("__str__", _str)
define("__format__", _format)
