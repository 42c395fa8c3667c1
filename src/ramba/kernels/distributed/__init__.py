"""Kernels that several workers run together on the blocks of arrays.

Each takes the group, the number of elements up to which arrays are replicated, the operands' pieces, then plain
parameters; all workers run the same kernels in the same order. Results lie in their standard partitions.
"""

from collections.abc import Callable

from ramba.kernels.distributed.counting import bincount, histogram, searchsorted
from ramba.kernels.distributed.draw import fill, key_of, random
from ramba.kernels.distributed.fourier import fft
from ramba.kernels.distributed.matmul import matmul
from ramba.kernels.distributed.piece import Piece
from ramba.kernels.distributed.points import gather_points, put, take
from ramba.kernels.distributed.relayout import relayout, reshape
from ramba.kernels.distributed.scan import reduce_ordered, scan
from ramba.kernels.distributed.select import argwhere, compress, count, nonzero
from ramba.kernels.distributed.selection import order_statistics
from ramba.kernels.distributed.sort import argsort, sort
from ramba.kernels.distributed.unique import unique

DISTRIBUTED: dict[str, Callable] = {
    function.__name__: function
    for function in (
        argsort,
        argwhere,
        bincount,
        compress,
        count,
        fft,
        gather_points,
        histogram,
        matmul,
        nonzero,
        order_statistics,
        put,
        random,
        reduce_ordered,
        relayout,
        reshape,
        scan,
        searchsorted,
        sort,
        take,
        unique,
    )
}

__all__ = ["DISTRIBUTED", "Piece", "fill", "key_of"]
