"""What operations read, as the graph has it: repeated to a shape, in another dtype, or as a value of its own."""

from __future__ import annotations

import numpy as np

from ramba.graph import Const, Fill, Map, Node, Ref, Stored
from ramba.layout import View, identity


def broadcast(reading: Ref, shape: tuple[int, ...]) -> Ref:
    """An operand repeated to a shape."""
    view = reading.view
    if view.shape == shape:
        return reading
    missing = len(shape) - len(view.shape)
    strides = tuple(0 if extent == 1 else stride for extent, stride in zip(view.shape, view.strides, strict=True))
    return Ref(reading.node, View(view.offset, shape, (0,) * missing + strides))


def cast(reading: Ref | Const, dtype: np.dtype) -> Ref | Const:
    """An operand in another dtype."""
    if isinstance(reading, Const):
        if reading.dtype == dtype:
            return reading
        with np.errstate(all="ignore"):
            return Const(reading.value.astype(dtype), dtype)
    if reading.node.dtype == dtype:
        return reading
    shape = reading.view.shape
    if 0 in reading.view.strides and reading.node.shape != shape:  # cast before it is repeated
        kept = tuple(e if s else 1 for e, s in zip(shape, reading.view.strides, strict=True))
        narrow = Ref(reading.node, View(reading.view.offset, kept, reading.view.strides))
        return broadcast(Ref(Map("cast", 0, (narrow,), dtype, kept), identity(kept)), shape)
    return Ref(Map("cast", 0, (reading,), dtype, shape), identity(shape))


def whole(value: Ref | Const, shape: tuple[int, ...]) -> Node:
    """A node whose whole value is this operand, and stays so."""
    if isinstance(value, Const):
        return Fill(value.value, value.dtype, shape)
    node = value.node
    kept = not isinstance(node, Stored) or not node.storage.foreign
    if kept and value.view == identity(node.shape) and node.shape == shape:
        return node
    return Map("cast", 0, (value,), node.dtype, shape)


__all__ = ["broadcast", "cast", "whole"]
