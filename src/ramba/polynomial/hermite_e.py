"""The names of `numpy.polynomial.hermite_e`."""

from __future__ import annotations

import numpy.polynomial.hermite_e as _numpy

from ramba.api.polynomials import implement_values as _implement_values
from ramba.doors import door as _door

_implement_values(_numpy.hermeval)
__all__, __getattr__, __dir__ = _door(__name__, _numpy)
