"""The names of `numpy.polynomial.hermite`."""

from __future__ import annotations

import numpy.polynomial.hermite as _numpy

from ramba.api.fallback import door as _door
from ramba.api.polynomials import implement_values as _implement_values

_implement_values(_numpy.hermval)
__all__, __getattr__, __dir__ = _door(__name__, _numpy)
