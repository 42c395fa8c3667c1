"""The dtypes that NumPy computes with and returns."""

from __future__ import annotations

import numpy as np

from ramba.ops.op import Operand, Signature
from ramba.ops.registry import OPS


def resolve(
    digest: str,
    operands: tuple[Operand, ...],
    dtype: np.dtype | None = None,
    casting: str = "same_kind",
) -> Signature:
    """The dtypes of the loop that NumPy would run: of its operands, and of its results.

    Raises NumPy's own exceptions where NumPy has no such loop, or refuses a cast.
    """
    return OPS[digest].resolve(operands, dtype, casting)
