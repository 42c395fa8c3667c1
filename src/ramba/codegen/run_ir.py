"""Operations in IR, computed on arrays where a kernel is interpreted: machine code is all that they have."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ramba.codegen.compile import compile_kernel, emit_target
from ramba.codegen.native import Code
from ramba.ops.ir import EXECUTORS, Ir
from ramba.plan.spec import Instruction, KernelSpec, Operand, Store

_X86, _ARM = (4, 8, 16, 1), (2, 4, 8, 1)  # the processor's bits for the flags below
_CAUSES: dict[str, Callable[[], Any]] = {
    "divide": lambda: np.divide(np.float64(1), np.float64(0)),
    "over": lambda: np.multiply(np.float64(1e300), np.float64(1e300)),
    "under": lambda: np.multiply(np.float64(1e-300), np.float64(1e-300)),
    "invalid": lambda: np.subtract(np.float64(np.inf), np.float64(np.inf)),
}
"""For each flag, something of NumPy's that raises it: so `numpy.errstate` holds for machine code, too."""
_NUMBERS = (1, 2, 4, 8)  # NumPy's of these flags

RUN_WATCHED: list[Callable[[int, int, int], int]] = []
"""How code with loops is run for some tiles, so that it can be told to leave: the thread team enters itself here."""


def run(op: Ir, args: Sequence[Any], out: np.ndarray) -> None:
    """Computes an operation on arrays."""
    if not out.size:
        return
    arrays = [np.ascontiguousarray(np.broadcast_to(arg, out.shape)) for arg in args]
    target = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    code = _code(op.digest, tuple(a.dtype.str[1:] for a in arrays), out.dtype.str[1:])
    words = [0, out.size, 1, 1, out.size, 1, 1, 1]  # where to look; one loop, one tile
    for array in (*arrays, target):
        words += [array.ctypes.data, array.itemsize]
    block = (ctypes.c_int64 * len(words))(*words)
    first = ctypes.addressof(block) + 8
    if code.polls:
        raised, bits = RUN_WATCHED[0](code.address, first, 1), _NUMBERS
    else:
        kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(code.address)
        libm = _libm()
        libm.feclearexcept(31)
        kernel(first, 0)
        raised, bits = libm.fetestexcept(31), _X86 if _is_x86() else _ARM
    if target is not out:
        out[...] = target
    for flag, bit in zip(_CAUSES, bits, strict=True):
        if raised & bit and flag in op.flags(""):
            _CAUSES[flag]()


@lru_cache(maxsize=256)
def _code(digest: str, dtypes: tuple[str, ...], result: str) -> Code:
    count = len(dtypes)
    operands = (*(Operand("load", dtype, "unit") for dtype in dtypes), Operand("store", result, "unit"))
    program = (Instruction(digest, result, tuple(range(count))),)
    return compile_kernel(KernelSpec(0, 0, False, operands, program, (Store(count, count + 1),), ()))


@cache
def _libm() -> Any:
    return ctypes.CDLL("libm.so.6")


def _is_x86() -> bool:
    return emit_target().triple.startswith(("x86_64", "amd64"))


EXECUTORS[:] = [run]
