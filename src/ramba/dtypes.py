"""NumPy's dtype classes."""

from __future__ import annotations

import numpy.dtypes as _numpy

from ramba.doors import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
