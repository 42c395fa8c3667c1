"""How arrays print: as NumPy prints them."""

from __future__ import annotations

from math import prod
from typing import Any

from ramba.lazyarray.core import define, ndarray, part, values


def shown_value(a: ndarray) -> Any:
    """What NumPy would show: a scalar for what it would have made a scalar. Of a large array on workers, a part."""
    few = a._np is None and 2 * a._view.size <= prod(a._buffer.shape)
    memory = part(a) if few else values(a)  # what is fetched as a whole is there the next time
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
