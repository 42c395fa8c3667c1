"""Arrays and ctypes: the names of `numpy.ctypeslib`."""

from __future__ import annotations

import numpy.ctypeslib as _numpy

from ramba.doors import door as _door
from ramba.lazyarray import Array as _Array
from ramba.lazyarray import call_library as _call_library
from ramba.lazyarray import described as _described
from ramba.lazyarray import pin as _pin
from ramba.lazyarray import tell_gathered as _tell_gathered


def _as_ctypes(obj: object) -> object:
    """A ctypes object over the memory of an array, which from then on stays where it is."""
    _tell_gathered("numpy.ctypeslib.as_ctypes", obj)
    return _numpy.as_ctypes(_pin(obj) if isinstance(obj, _Array) else obj)  # type: ignore[call-overload]


_described(_as_ctypes, _numpy.as_ctypes, __name__)
__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_library, own={"as_ctypes": _as_ctypes})
