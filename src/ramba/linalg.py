"""Linear algebra: the names of `numpy.linalg`, served by BLAS and LAPACK."""

from __future__ import annotations

import numpy.linalg as _numpy

from ramba.api.linalg.factors import svd_compressed
from ramba.doors import door as _door
from ramba.lazyarray import call_library as _call_library

__all__, __getattr__, __dir__ = _door(__name__, _numpy, call=_call_library)
__all__ += ["svd_compressed"]
