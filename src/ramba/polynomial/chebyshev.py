"""The names of `numpy.polynomial.chebyshev`."""

from __future__ import annotations

import numpy.polynomial.chebyshev as _numpy

from ramba.api.polynomials import implement_values as _implement_values
from ramba.doors import door as _door

_implement_values(_numpy.chebval)
__all__, __getattr__, __dir__ = _door(__name__, _numpy)
