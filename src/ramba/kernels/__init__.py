"""Hand-written loops and library calls: what no fused kernel expresses.

``LIBRARY`` names those that plans call. Each takes the thread team, the output array, the input arrays, then plain
parameters.
"""

from ramba.kernels.gather import compress, take
from ramba.kernels.linalg import matmul
from ramba.kernels.scan import accumulate

LIBRARY = {"accumulate": accumulate, "matmul": matmul}

__all__ = ["LIBRARY", "compress", "take"]
