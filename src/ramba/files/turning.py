"""Images: their channels lie last in files, and first in arrays unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ramba.files.source import Selection

Axes = tuple[int, ...]


def turned(ndim: int, channels: str | None) -> Axes:
    """The axes of an image, or of a stack of them, with its last one, the channels, before rows and columns."""
    if channels not in (None, "first", "last"):
        raise ValueError(f"channels must be 'first' or 'last', not {channels!r}")
    axes = tuple(range(ndim))
    return axes if channels == "last" else (*axes[:-3], axes[-1], axes[-3], axes[-2])


def shape_of(shape: Sequence[int], axes: Axes) -> tuple[int, ...]:
    """The shape of an array whose axes are put in another order."""
    return tuple(int(shape[axis]) for axis in axes)


def as_stored(read: Callable[[Selection, np.ndarray], None], selection: Selection, out: np.ndarray, axes: Axes) -> None:
    """Reads what is selected of an array whose axes are in another order than those that are stored."""
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    stored = Selection(*(tuple(part[place] for place in back) for part in selection))
    read(stored, out.transpose(back))


__all__ = ["Axes", "as_stored", "shape_of", "turned"]
