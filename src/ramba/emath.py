"""Functions that become complex where they must: the names of `numpy.emath`."""

from __future__ import annotations

from numpy import emath as _numpy

from ramba.doors import door as _door

__all__, __getattr__, __dir__ = _door(__name__, _numpy)
