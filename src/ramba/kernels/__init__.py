"""Functions that no fused loop expresses: each runs on a group of workers together; see `registry`."""

from ramba.kernels import (  # noqa: F401 - they enter themselves into the table
    calling,
    cholesky,
    convolution,
    counting,
    draw,
    elimination,
    extreme,
    files,
    fourier,
    grouping,
    interpolation,
    joining,
    matmul,
    orthogonal,
    picked,
    points,
    ranking,
    scan,
    segments,
    select,
    selection,
    sort,
    stacks,
    tables,
    unique,
)
from ramba.kernels.group import Alone
from ramba.kernels.piece import Piece
from ramba.kernels.registry import KERNELS, Type, told
from ramba.kernels.run import alone, run

__all__ = ["KERNELS", "Alone", "Piece", "Type", "alone", "run", "told"]
