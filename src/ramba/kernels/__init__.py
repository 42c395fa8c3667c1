"""Hand-written loops and library calls: what no fused kernel expresses.

``LIBRARY`` names those that plans call. Each takes the thread team, the output array, the input arrays, then plain
parameters.
"""

from collections.abc import Callable

from ramba.kernels.gather import compress, take
from ramba.kernels.scan import accumulate, reduce

LIBRARY: dict[str, Callable[..., None]] = {"accumulate": accumulate, "reduce": reduce}

__all__ = ["LIBRARY", "compress", "take"]
