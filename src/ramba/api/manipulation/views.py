"""Array manipulation: shapes, transposes, dimensions, splitting: functions that only look at the same elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ramba.lazyarray import Array, asarray, broadcast, implements, view_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import Letter, Shape


def viewing(np_func: Callable[..., Any], method: str | None = None) -> Callable[..., Any]:
    """The Ramba form of a NumPy function whose first argument is the array that is looked at."""

    def body(a: ArrayLike, *args: object, **kwargs: object) -> Any:
        return view_of(np_func, a if isinstance(a, Array) else asarray(a), *args, **kwargs)

    body.__doc__ = "A view, or views, of the same elements."
    return implements(np_func, method=method, kind="view")(body)


broadcast_to = viewing(np.broadcast_to)
expand_dims = viewing(np.expand_dims)
flip = viewing(np.flip)
fliplr = viewing(np.fliplr)
flipud = viewing(np.flipud)
matrix_transpose = viewing(np.matrix_transpose)
moveaxis = viewing(np.moveaxis)
rollaxis = viewing(np.rollaxis)
rot90 = viewing(np.rot90)
squeeze = viewing(np.squeeze, method="squeeze")
swapaxes = viewing(np.swapaxes, method="swapaxes")
transpose = viewing(np.transpose)

array_split = viewing(np.array_split)
dsplit = viewing(np.dsplit)
hsplit = viewing(np.hsplit)
split = viewing(np.split)
vsplit = viewing(np.vsplit)


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
    return broadcast([asarray(a) for a in args])


@implements(np.ravel)
def ravel(a: ArrayLike, order: Letter = "C") -> Any:
    """The elements in a row: a view if possible."""
    return asarray(a).ravel(order=order)


@implements(np.reshape)
def reshape(a: ArrayLike, /, shape: Shape, order: Literal["A", "C", "F"] = "C", *, copy: bool | None = None) -> Any:
    """The elements in another shape: a view if possible."""
    return asarray(a).reshape(shape, order=order, copy=copy)


@implements(np.unstack)
def unstack(x: ArrayLike, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of an array along an axis, as views."""
    if asarray(x).ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(moveaxis(x, axis, 0))
