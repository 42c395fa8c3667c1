"""Operations on strings: the names of `numpy.char`."""

from __future__ import annotations

import numpy.char as _numpy

from ramba.doors import door as _door
from ramba.lazyarray import call_library as _call_library

__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_library)
