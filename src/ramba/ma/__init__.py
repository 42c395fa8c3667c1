"""Masked arrays: the names of `numpy.ma`."""

from __future__ import annotations

from typing import Any as _Any

import numpy.ma as _numpy

from ramba.doors import door as _door
from ramba.lazyarray import call_keeper as _call_keeper

_CONSTRUCTORS = (_numpy.array, _numpy.asanyarray, _numpy.asarray)  # NumPy's class knows what to do with ours


def _call(np_func: _Any, *args: object, **kwargs: object) -> _Any:
    return np_func(*args, **kwargs) if np_func in _CONSTRUCTORS else _call_keeper(np_func, *args, **kwargs)


__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call)
