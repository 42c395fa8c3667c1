"""Arrays and ctypes: the names of `numpy.ctypeslib`."""

from __future__ import annotations

import numpy.ctypeslib as _numpy

from ramba.api.fallback import door as _door
from ramba.lazyarray import call_library as _call_library

__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_library)
