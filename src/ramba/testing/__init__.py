"""Assertions for tests: the names of `numpy.testing`, for Ramba arrays too."""

from __future__ import annotations

import numpy.testing as _numpy

from ramba.api.testing import EXPECTING as _EXPECTING
from ramba.doors import door as _door
from ramba.lazyarray import look as _look

__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_look, own=_EXPECTING)
