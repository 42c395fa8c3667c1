"""How arrays print: as NumPy prints them."""

from __future__ import annotations

from typing import Any

from ramba.lazyarray.core import ndarray, values


def _repr(self: ndarray) -> str:
    return repr(self._shown())


def _str(self: ndarray) -> str:
    return str(self._shown())


def _format(self: ndarray, spec: str) -> str:
    return format(self._shown(), spec)


def _shown(self: ndarray) -> Any:
    """What NumPy would show: a scalar for what it would have made a scalar."""
    memory = values(self)
    return memory[()] if self._scalar else memory


for _name, _function in (("__repr__", _repr), ("__str__", _str), ("__format__", _format), ("_shown", _shown)):
    setattr(ndarray, _name, _function)
