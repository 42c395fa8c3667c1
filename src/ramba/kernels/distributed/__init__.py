"""Kernels that several workers run together on the blocks of arrays.

Each takes the group, the number of elements up to which arrays are replicated, the operands' pieces, then plain
parameters; all workers run the same kernels in the same order. Results lie in their standard partitions.
"""

from collections.abc import Callable

from ramba.kernels.distributed.matmul import matmul
from ramba.kernels.distributed.piece import Piece
from ramba.kernels.distributed.points import gather_points, put, take
from ramba.kernels.distributed.random import fill, random
from ramba.kernels.distributed.relayout import relayout, reshape
from ramba.kernels.distributed.scan import reduce_ordered, scan
from ramba.kernels.distributed.select import argwhere, compress, count, nonzero

DISTRIBUTED: dict[str, Callable] = {
    "argwhere": argwhere,
    "compress": compress,
    "count": count,
    "gather_points": gather_points,
    "nonzero": nonzero,
    "matmul": matmul,
    "put": put,
    "random": random,
    "reduce_ordered": reduce_ordered,
    "relayout": relayout,
    "reshape": reshape,
    "scan": scan,
    "take": take,
}

__all__ = ["DISTRIBUTED", "Piece", "fill"]
