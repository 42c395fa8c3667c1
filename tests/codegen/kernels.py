"""Runs kernel specs on arrays, compiled or interpreted."""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from ramba.codegen import native
from ramba.codegen.emit import emit
from ramba.codegen.emit_target import Target
from ramba.codegen.interpret import interpret
from ramba.ops import COMPILED, UFUNCS, compiles, resolve
from ramba.plan.spec import Fold, Instruction, KernelSpec, Operand, Store, Tiles, tile_counts


def loops() -> list[tuple[str, str]]:
    """Names and dtypes of all loops that compile."""
    found = []
    for name, dtype in itertools.product(sorted({row.name for row in UFUNCS.values()}), sorted(COMPILED)):
        row = UFUNCS[name]
        try:
            loop, _ = resolve(name, (np.dtype(dtype),) * row.nin)
        except TypeError:
            continue
        if set(loop) == {np.dtype(dtype)} and compiles(name, (dtype,) * row.nin):
            found.append((name, dtype))
    return found


FLAGS = {1: "invalid value", 4: "divide by zero", 8: "overflow"}
"""Of x86, in NumPy's words; underflow is not promised."""

_control = ctypes.CDLL("libm.so.6")


def raised_by(call: Callable[[], Any]) -> frozenset[str]:
    """The floating-point flags that a call leaves in the processor."""
    _control.feclearexcept(61)
    call()
    raised = _control.fetestexcept(61)
    _control.feclearexcept(61)
    return frozenset(text for flag, text in FLAGS.items() if raised & flag)


def told_by(call: Callable[[], Any]) -> frozenset[str]:
    """The floating-point flags that NumPy tells of."""
    told: set[str] = set()
    with np.errstate(all="call", call=lambda kind, _: told.add(kind)):
        call()
    return frozenset(told & set(FLAGS.values()))


@cache
def target() -> Target:
    """The target of this machine."""
    machine = native.target()
    return Target.from_features(machine.triple, {f[1:] for f in machine.features.split(",") if f.startswith("+")})


@lru_cache(maxsize=512)
def compiled(spec: KernelSpec) -> tuple[Any, Any]:
    """The machine code of a spec, as something to call with an address and a tile (and what keeps it alive)."""
    code = native.build(emit(spec, target()), "kernel")
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(code.address), code


def code_of(array: np.ndarray) -> str:
    """A dtype as specs write it."""
    return array.dtype.str[1:]


def bits(scalar: np.generic) -> list[int]:
    """The two words of a scalar."""
    if scalar.dtype.kind == "c":
        parts = [scalar.real, scalar.imag]
    else:
        parts = [scalar, np.int64(0)]
    return [int.from_bytes(np.asarray(part).tobytes().ljust(8, b"\0"), "little", signed=True) for part in parts]


def arguments(spec: KernelSpec, views: list[Any], extents: tuple[int, ...], tiles: Tiles) -> ctypes.Array:
    """The block of words for a compiled kernel."""
    words = [*extents, *tiles, *tile_counts(spec, extents, tiles)]
    for operand, view in zip(spec.operands, views, strict=True):
        match operand.role:
            case "load" | "store":
                words += [view.ctypes.data, *view.strides]
            case "index":
                words += [view[0], *view[1]]
            case "scalar":
                words += bits(view)
            case "fold":
                words.append(view.ctypes.data)
    return (ctypes.c_int64 * len(words))(*words)


def run(spec: KernelSpec, views: list[Any], extents: tuple[int, ...], tiles: Tiles, *, native_code: bool) -> None:
    """Runs all tiles of a kernel."""
    count = math.prod(tile_counts(spec, extents, tiles))
    if not native_code:
        for tile in range(count):
            interpret(spec, views, extents, tiles, tile)
        return
    block = arguments(spec, views, extents, tiles)
    function, _ = compiled(spec)
    for tile in range(count):
        function(ctypes.addressof(block), tile)


def bound(op: str, args: list[np.ndarray], results: list[str]) -> Callable[[], None]:
    """A compiled instruction on contiguous 1-D arrays, ready to be called many times."""
    outs = [np.zeros(args[0].shape, dtype) for dtype in results]
    operands = (*(Operand("load", code_of(a), "unit") for a in args), *(Operand("store", d, "unit") for d in results))
    program = tuple(Instruction(op, dtype, tuple(range(len(args))), which) for which, dtype in enumerate(results))
    stores = tuple(Store(len(args) + which, len(operands) + which) for which in range(len(results)))
    spec = KernelSpec(0, 0, False, operands, program, stores, ())
    block = arguments(spec, [*args, *outs], args[0].shape, Tiles(1, 1, args[0].size))
    function, _ = compiled(spec)
    return lambda: (function(ctypes.addressof(block), 0), outs)[0]


def inner_kind(array: np.ndarray) -> str:
    """How an array moves along its last axis."""
    step = array.strides[-1]
    return "unit" if step == array.itemsize else "zero" if step == 0 else "strided"


def elementwise(
    op: str, args: list[np.ndarray], results: list[str], tiles: Tiles | None = None, *, native_code: bool = True,
    out_strided: bool = False,
) -> list[np.ndarray]:  # fmt: skip
    """Applies one instruction to arrays of one shape and gives all its results."""
    shape = np.broadcast_shapes(*(a.shape for a in args))
    views = [np.broadcast_to(a, shape) for a in args]
    outs = []
    for dtype in results:
        base = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
        outs.append(base[..., ::2] if out_strided else np.zeros(shape, dtype))
    operands = [Operand("load", code_of(v), inner_kind(v)) for v in views]
    operands += [Operand("store", code_of(o), "strided" if out_strided else "unit") for o in outs]
    program = tuple(Instruction(op, dtype, tuple(range(len(args))), which) for which, dtype in enumerate(results))
    stores = tuple(Store(len(args) + which, len(operands) + which) for which in range(len(results)))
    spec = KernelSpec(len(shape) - 1, 0, False, tuple(operands), program, stores, ())
    tiles = tiles or Tiles(max(1, math.prod(shape[:-1])), 1, shape[-1])
    run(spec, [*views, *outs], shape, tiles, native_code=native_code)
    return outs


def fold(
    op: str, array: np.ndarray, kept: int, folded: int, *, inner: bool, tiles: Tiles, native_code: bool = True
) -> np.ndarray:
    """The partial results of a fold of an array whose axes are kept loops, folded loops, and the inner loop."""
    dtype = code_of(array)
    operands = (Operand("load", dtype, inner_kind(array)), Operand("fold", dtype, "unit"))
    spec = KernelSpec(kept, folded, inner, operands, (), (), (Fold(op, 1, 0),))
    _, parts, columns = tile_counts(spec, array.shape, tiles)
    points = math.prod(array.shape[:kept])
    partial = np.empty((parts * columns, points) if inner else (parts, points, array.shape[-1]), array.dtype)
    run(spec, [array, partial], array.shape, tiles, native_code=native_code)
    return partial
