"""The names of `numpy.polynomial.polyutils`."""

from __future__ import annotations

import numpy.polynomial.polyutils as _numpy

from ramba.doors import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
