"""Array manipulation that only looks differently at the same elements: one row per function of NumPy's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ramba.layout import View
from ramba.lazyarray import (
    Array,
    asarray,
    implements,
    is_lazy,
    ndarray,
    raise_like_numpy,
    view_of,
    view_of_alias,
    view_on,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Letter, Shape


def _view(np_func: Callable[..., Any], method: str | None = None) -> Callable[..., Any]:
    """The Ramba form of a NumPy function whose first argument is the array that is looked at."""

    def body(a: ArrayLike, *args: object, **kwargs: object) -> Any:
        return view_of(np_func, a if isinstance(a, Array) else asarray(a), *args, **kwargs)

    body.__doc__ = "A view, or views, of the same elements."
    return implements(np_func, method=method, kind="view")(body)


broadcast_to = _view(np.broadcast_to)
diagonal = _view(np.diagonal, method="diagonal")
expand_dims = _view(np.expand_dims)
flip = _view(np.flip)
fliplr = _view(np.fliplr)
flipud = _view(np.flipud)
matrix_transpose = _view(np.matrix_transpose)
moveaxis = _view(np.moveaxis)
rollaxis = _view(np.rollaxis)
rot90 = _view(np.rot90)
squeeze = _view(np.squeeze, method="squeeze")
swapaxes = _view(np.swapaxes, method="swapaxes")
transpose = _view(np.transpose)

array_split = _view(np.array_split)
dsplit = _view(np.dsplit)
hsplit = _view(np.hsplit)
split = _view(np.split)
vsplit = _view(np.vsplit)

linalg_diagonal = _view(np.linalg.diagonal)
linalg_matrix_transpose = _view(np.linalg.matrix_transpose)
sliding_window_view = _view(np.lib.stride_tricks.sliding_window_view)


def _each(np_func: Callable[..., Any]) -> Callable[..., Any]:
    """The Ramba form of a NumPy function that looks at each of its arguments, and returns a tuple for several."""

    def body(*arys: ArrayLike) -> Any:
        views = tuple([view_of(np_func, asarray(a)) for a in arys])
        return views[0] if len(views) == 1 else views

    body.__doc__ = "Views of the arguments with at least so many dimensions."
    return implements(np_func)(body)


atleast_1d = _each(np.atleast_1d)
atleast_2d = _each(np.atleast_2d)
atleast_3d = _each(np.atleast_3d)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: ArrayLike, subok: bool = False) -> tuple[Any, ...]:
    """The arguments, broadcast against each other."""
    arrays = [asarray(a) for a in args]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple([a if a.shape == shape else view_of(_writeable_broadcast, a, shape) for a in arrays])


def _writeable_broadcast(a: ndarray, shape: tuple[int, ...]) -> Any:
    result = np.broadcast_arrays(a, np.broadcast_to(np.uint8(0), shape))[0]
    result.flags.writeable = a.flags.writeable  # said explicitly, it does not warn
    return result


@implements(np.ravel)
def ravel(a: ArrayLike, order: Letter = "C") -> Any:
    """The elements in a row: a view if possible."""
    return asarray(a).ravel(order=order)


@implements(np.reshape)
def reshape(a: ArrayLike, /, shape: Shape, order: Literal["A", "C", "F"] = "C", *, copy: bool | None = None) -> Any:
    """The elements in another shape: a view if possible."""
    return asarray(a).reshape(shape, order=order, copy=copy)


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
