"""The names of `numpy.lib.array_utils`."""

from __future__ import annotations

import numpy.lib.array_utils as _numpy

from ramba.doors import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
