"""The names of `numpy.ma.testutils`."""

from __future__ import annotations

import numpy.ma.testutils as _numpy

from ramba.doors import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
