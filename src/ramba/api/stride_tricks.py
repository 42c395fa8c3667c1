"""Views with any strides."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.manipulation.views import viewing
from ramba.layout import View
from ramba.lazyarray import asarray, implements, is_lazy, raise_like_numpy, view_of, view_of_alias, view_on

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

sliding_window_view = viewing(np.lib.stride_tricks.sliding_window_view)


@implements(np.lib.stride_tricks.as_strided)
def as_strided(
    x: ArrayLike,
    shape: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    subok: bool = False,
    writeable: bool = True,
) -> Any:
    """A view with any shape and strides, inside of the memory that belongs to the array."""
    a = asarray(x)
    if not is_lazy(a):
        return view_of(np.lib.stride_tricks.as_strided, a, shape, strides, subok, writeable)
    shape = a.shape if shape is None else tuple(map(index, shape))
    steps = a.strides if strides is None else tuple(map(index, strides))
    if len(shape) != len(steps) or min(shape, default=0) < 0:
        raise_like_numpy(np.lib.stride_tricks.as_strided, np.empty(0), shape, steps)
    whole = a._buffer.dtype.itemsize
    if not _fits(a._view.offset * whole, a._buffer.size * whole, shape, steps, a.itemsize):
        raise ValueError(f"as_strided: shape {shape} and strides {steps} reach outside of the array's memory")
    if a._part or any(step % whole for step in steps):
        return view_of_alias(a, lambda memory: np.lib.stride_tricks.as_strided(memory, shape, steps))
    return view_on(a, View(a._view.offset, shape, tuple(step // whole for step in steps)), locked=not writeable)


def _fits(begin: int, nbytes: int, shape: tuple[int, ...], steps: tuple[int, ...], itemsize: int) -> bool:
    """Whether elements that lie so, the first one `begin` bytes from the beginning, are inside of `nbytes` bytes."""
    if 0 in shape:
        return True
    reaches = [step * (extent - 1) for extent, step in zip(shape, steps, strict=True)]
    below, above = sum(r for r in reaches if r < 0), sum(r for r in reaches if r > 0)
    return begin + below >= 0 and begin + above + itemsize <= nbytes
