"""Types for annotations: the names of `numpy.typing`."""

from __future__ import annotations

import numpy.typing as _numpy

from ramba.api.fallback import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
