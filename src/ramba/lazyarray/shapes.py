"""What shapes allow, and how NumPy writes them in its complaints."""

from __future__ import annotations

import numpy as np


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy's exceptions show it: without spaces."""
    return "(" + ",".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def is_assignable(source: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Whether values of one shape can be assigned to another: leading extents of one do not count."""
    while len(source) > len(target) and source[0] == 1:
        source = source[1:]
    return len(source) <= len(target) and all(
        s in (1, t) for s, t in zip(reversed(source), reversed(target), strict=False)
    )


def check_assignable(source: tuple[int, ...], target: tuple[int, ...]) -> None:
    """Raises NumPy's complaint if values of one shape cannot be assigned to another."""
    if is_assignable(source, target):
        return
    while len(source) > len(target) and source[0] == 1:
        source = source[1:]
    raise ValueError(f"could not broadcast input array from shape {shape_text(source)} into shape {shape_text(target)}")


def broadcast_shape(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The common shape; NumPy's complaint if there is none."""
    first = shapes[0]
    if all(shape == first or not shape for shape in shapes[1:]):
        return first if first or len(shapes) == 1 else max(shapes, key=len)
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        words = " ".join(map(shape_text, shapes))
        raise ValueError(f"operands could not be broadcast together with shapes {words} ") from None


__all__ = ["broadcast_shape", "check_assignable", "is_assignable", "shape_text"]
