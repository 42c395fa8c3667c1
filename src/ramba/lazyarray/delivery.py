"""Results written into arrays that were given for them, and values assigned to whole arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.errors import warn
from ramba.graph import Const, Ref
from ramba.layout import View, repeats
from ramba.lazyarray.convert import asarray, unwrap
from ramba.lazyarray.core import (
    Array,
    assign,
    dtype_of,
    is_compiled,
    is_lazy,
    memory_if_local,
    own_memory,
    reads_in_place,
    source,
)
from ramba.lazyarray.gathers import tell_gathered
from ramba.lazyarray.operands import operand
from ramba.lazyarray.readings import broadcast, cast
from ramba.lazyarray.shapes import broadcast_shape, shape_text


def deliver(result: Any, out: Any, casting: str = "same_kind") -> Any:
    """Writes a result into `out`, with NumPy's checks."""
    if isinstance(out, tuple):
        (out,) = out
    shape, dtype = (result.view.shape, result.node.dtype) if isinstance(result, Ref) else (result.shape, result.dtype)
    if broadcast_shape([shape, out.shape]) != out.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {shape_text(out.shape)} doesn't match the broadcast shape "
            f"{shape_text(broadcast_shape([shape, out.shape]))}"
        )
    if not np.can_cast(dtype, out.dtype, casting):  # type: ignore[arg-type]
        raise TypeError(f"Cannot cast output from {dtype!r} to {out.dtype!r} with casting rule {casting!r}")
    check_writable(out)
    put(out, result)
    return out


def check_writable(out: Any) -> None:
    memory = memory_if_local(out) if isinstance(out, Array) else out
    if out._locked if memory is None else not memory.flags.writeable:
        raise ValueError("output array is read-only")


def warn_if_discarding(source: np.dtype, target: np.dtype) -> None:
    """Gives NumPy's warning about a cast of complex numbers to real ones."""
    if source.kind == "c" and target.kind in "iuf":
        warn("Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning)


def put(target: Any, value: Any) -> None:
    """Assigns to all elements of an array: ours or NumPy's, lazy or local."""
    if not is_lazy(target):
        elements = source(value) if isinstance(value, Ref) else unwrap(value)
        with ENGINE.lock:
            np.copyto(unwrap_writable(target), elements, casting="unsafe")
        return
    if repeats(target._view, target._buffer.shape) and not target._locked:
        # which of the values stays is decided by the order in which NumPy writes
        tell_gathered("assignment through a view that repeats elements", target)
        elements = source(value) if isinstance(value, Ref) else unwrap(value)
        with ENGINE.lock:
            np.copyto(own_memory(target), elements, casting="unsafe")
        return
    with ENGINE.lock:
        if not isinstance(value, Ref) and not is_compiled(dtype_of(asarray(value))):
            value = asarray(unwrap(value).astype(dtype_of(target)))
        reading = value if isinstance(value, Ref) else operand(asarray(value))
        at_once = reads_in_place(value)
        warn_if_discarding((reading if isinstance(reading, Const) else reading.node).dtype, dtype_of(target))
        reading = cast(reading, dtype_of(target))
        if isinstance(reading, Ref):
            reading = broadcast(_without_leading_ones(reading, target._view.shape), target._view.shape)
        assign(target, reading)
        if at_once:
            ENGINE.flush()


def _without_leading_ones(reading: Ref, shape: tuple[int, ...]) -> Ref:
    """An operand without axes of extent one that the target does not have: assignment drops them."""
    view = reading.view
    extra = len(view.shape) - len(shape)
    if extra <= 0:
        return reading
    return Ref(reading.node, View(view.offset, view.shape[extra:], view.strides[extra:]))


def unwrap_writable(x: Any) -> Any:
    """The NumPy array behind an array that is written."""
    return own_memory(x) if isinstance(x, Array) else x


__all__ = ["check_writable", "deliver", "put", "unwrap_writable", "warn_if_discarding"]
