"""The operations that this process knows, by digest: where plans, kernels and the interpreter look them up."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ramba.ops.op import Op
from ramba.ops.special import SPECIAL
from ramba.ops.ufunc_table import UFUNCS


class Registry(dict[str, Op]):
    """Operations by digest. A digest says what the operation is, so nothing is ever replaced."""

    def __missing__(self, digest: str) -> Op:
        raise KeyError(f"No operation is known as {digest[:80]!r}: it must be defined before it is used.")


OPS = Registry({**UFUNCS, **SPECIAL})


@lru_cache(maxsize=4096)
def compiles(digest: str, loop: tuple[str, ...]) -> bool:
    """Whether this machine can compile an operation for operands of these dtypes.

    Parameters
    ----------
    digest
        Of the operation.
    loop
        The dtypes of its loop, operands first ("f8"); those of the results may follow.
    """
    return OPS[digest].compiles(loop)


def is_exact(digest: str, dtype: str) -> bool:
    """Whether compiled code for operands of this dtype gives NumPy's very bits."""
    return OPS[digest].is_exact(dtype)


@lru_cache(maxsize=4096)
def can_fold(digest: str, dtype: str) -> bool:
    """Whether a kernel can fold values of ``dtype`` ("f8") with an operation."""
    return OPS[digest].identity(dtype) is not None


def identity(digest: str, dtype: str) -> np.generic:
    """The NumPy scalar ``e`` for which ``op(e, x)`` is ``x``, whatever ``x``."""
    found = OPS[digest].identity(dtype)
    if found is None:
        raise ValueError(f"A fold of {dtype} with {OPS[digest].name} has no identity.")
    return found
