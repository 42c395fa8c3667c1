"""Masked arrays: the names of `numpy.ma`."""

from __future__ import annotations

import numpy.ma as _numpy

from ramba.doors import door as _door
from ramba.lazyarray import call_keeper as _call_keeper

__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_keeper)
