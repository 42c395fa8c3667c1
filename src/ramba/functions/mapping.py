"""Skeletons: the user's function for each element (`smap`), and what a reducer makes of the results (`sreduce`)."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.functions.arguments import Each, EachTuple
from ramba.functions.reducing import SreduceReducer, reduced
from ramba.functions.roads import elementwise
from ramba.functions.texts import function_of
from ramba.lazyarray import Array, arange1d, asarray, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType


def smap(
    func: Callable[..., Any] | str, arr: ArrayLike, *args: object, dtype: DType = None, parallel: bool = True,
    axis: int | None = None, imports: object = (),
) -> Any:  # fmt: skip
    """Apply a function of your own to each element of an array.

    The function is written for single elements. It is called once, on symbols, if it only computes: then it is as fast
    as the same expression on whole arrays, and fused with its neighbours. Functions with loops that depend on values
    are compiled by Numba. Whatever is left runs in Python, with a `FallbackWarning` that says why.

    Parameters
    ----------
    func : callable or str
        Called as ``func(element, *args)``. A text such as ``"lambda x: 2 * x"`` may contain arithmetic only.
    arr : array_like
        The elements.
    *args : object
        Further arguments. Ramba arrays give the element at the same place, and are broadcast; a callable is called
        once, and its result passed on; everything else is passed on as it is.
    dtype : dtype, optional
        Of the result. By default it is what NumPy's rules give for the results of the function.
    parallel : bool, optional
        Without meaning: it has no influence on the result.
    axis : int, optional
        Hand over slices along this axis, as arrays, instead of single elements; results are stacked along it.
    imports : sequence, optional
        Without meaning.

    Returns
    -------
    ndarray
        What the function gives for each element.

    See Also
    --------
    smap_index : The function also gets the index.
    sreduce : Combine the results.

    Notes
    -----
    Operations mean what they mean for NumPy's scalars: ``1 / 0`` is ``inf``, integers wrap around, and ``math.sqrt`` is
    `sqrt`. An exception of the function says at which index it came.

    Examples
    --------
    >>> import ramba as np
    >>> np.smap(lambda x: x * x if x > 1 else 0.5, np.arange(4))
    array([0.5, 0.5, 4. , 9. ])
    >>> np.smap(lambda x, y, k: x + k * y, np.arange(3), np.ones(3), 10)
    array([10., 11., 12.])
    """
    function, array = function_given(func), asarray(arr)
    if axis is not None:
        return _as_dtype(_slices(function, array, args, axis), dtype)
    arrays, shape = _broadcast(array, args)
    return _as_dtype(elementwise(function, arrays, shape, "ramba.smap"), dtype)


def smap_index(
    func: Callable[..., Any] | str,
    arr: ArrayLike,
    *args: object,
    dtype: DType = None,
    parallel: bool = True,
    imports: object = (),
) -> Any:
    """Apply a function of your own to each index and element of an array.

    Parameters
    ----------
    func : callable or str
        Called as ``func(index, element, *args)``. The index is an integer if the array has one dimension, else a tuple.
    arr : array_like
        The elements.
    *args : object
        As of `smap`.
    dtype : dtype, optional
        Of the result.
    parallel : bool, optional
        Without meaning.
    imports : sequence, optional
        Without meaning.

    Returns
    -------
    ndarray
        What the function gives for each element.

    See Also
    --------
    smap : The function gets the element only.

    Examples
    --------
    >>> import ramba as np
    >>> np.smap_index(lambda i, x: x if i[0] == i[1] else 0, np.full((2, 2), 7))
    array([[7, 0],
           [0, 7]])
    """
    function, array = function_given(func), asarray(arr)
    arrays, shape = _broadcast(array, args)
    return _as_dtype(elementwise(function, [_index(shape), *arrays], shape, "ramba.smap_index"), dtype)


def sreduce(
    func: Callable[..., Any] | str, reducer: object, identity: object, arr: ArrayLike, *args: object,
    parallel: bool = True, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, dtype: DType = None,
) -> Any:  # fmt: skip
    """Apply a function of your own to each element, and combine the results.

    Parameters
    ----------
    func : callable or str
        Called as ``func(element, *args)``, as by `smap`.
    reducer : callable, str, ufunc or SreduceReducer
        Combines two results into one; it has to be associative. Ufuncs and functions that amount to one, as
        ``lambda a, b: a + b`` does, fold as `ufunc.reduce` does, with its dtypes.
    identity : object
        What folding begins with; it is folded in once, whatever the number of workers. A callable is called once.
        None: there is none.
    arr : array_like
        The elements.
    *args : object
        As of `smap`.
    parallel : bool, optional
        Without meaning.
    axis : int or tuple of int, optional
        The axes to fold; all of them by default.
    keepdims : bool, optional
        Whether folded axes stay, with length one.
    dtype : dtype, optional
        In which the results of the function are folded.

    Returns
    -------
    ndarray or scalar
        The combination.

    See Also
    --------
    smap : The function without the reduction.

    Examples
    --------
    >>> import ramba as np
    >>> np.sreduce(lambda x: x * x, lambda a, b: a + b, 0, np.arange(5))
    np.int64(30)
    >>> np.sreduce(abs, np.maximum, 0, np.array([[1, -5], [2, 3]]), axis=0)
    array([2, 5])
    """
    function, array = function_given(func), asarray(arr)
    arrays, shape = _broadcast(array, args)
    mapped = elementwise(function, arrays, shape, "ramba.sreduce")
    return reduced(_as_dtype(mapped, dtype), _reducer(reducer), identity, axis, keepdims)


def sreduce_index(
    func: Callable[..., Any] | str, reducer: object, identity: object, arr: ArrayLike, *args: object,
    parallel: bool = True, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, dtype: DType = None,
) -> Any:  # fmt: skip
    """Apply a function of your own to each index and element, and combine the results.

    Parameters
    ----------
    func : callable or str
        Called as ``func(index, element, *args)``, as by `smap_index`.
    reducer : callable, str, ufunc or SreduceReducer
        As of `sreduce`.
    identity : object
        As of `sreduce`.
    arr : array_like
        The elements.
    *args : object
        As of `smap`.
    parallel : bool, optional
        Without meaning.
    axis : int or tuple of int, optional
        As of `sreduce`.
    keepdims : bool, optional
        As of `sreduce`.
    dtype : dtype, optional
        As of `sreduce`.

    Returns
    -------
    ndarray or scalar
        The combination.

    See Also
    --------
    sreduce : The function gets the element only.

    Examples
    --------
    >>> import ramba as np
    >>> np.sreduce_index(lambda i, x: i * x, lambda a, b: a + b, 0, np.array([3, 1, 2]))
    np.int64(5)
    """
    function, array = function_given(func), asarray(arr)
    arrays, shape = _broadcast(array, args)
    mapped = elementwise(function, [_index(shape), *arrays], shape, "ramba.sreduce_index")
    return reduced(_as_dtype(mapped, dtype), _reducer(reducer), identity, axis, keepdims)


def function_given(func: object) -> Callable[..., Any]:
    """A function that was given as itself or as text. Raises TypeError for what is none."""
    if isinstance(func, str):
        return function_of(func)
    if not callable(func):
        raise TypeError(f"a function is expected, not {type(func).__name__!r}")
    return func


def _reducer(reducer: object) -> Any:
    return reducer if isinstance(reducer, SreduceReducer) else function_given(reducer)


def _broadcast(arr: ndarray, args: tuple[Any, ...]) -> tuple[list[Any], tuple[int, ...]]:
    """Arguments of a function of elements, and the shape of the result. NumPy's exception if shapes do not fit."""
    if not args:
        return [Each(arr)], arr.shape
    given = [x() if callable(x) and not isinstance(x, Array) else x for x in args]
    shape = np.broadcast_shapes(arr.shape, *(x.shape for x in given if isinstance(x, Array)))
    return [
        Each(stretched(arr, shape)),
        *(Each(stretched(x, shape)) if isinstance(x, Array) else x for x in given),
    ], shape


def stretched(array: ndarray, shape: tuple[int, ...]) -> Any:
    """The array, or a view of it that repeats its elements."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


def _index(shape: tuple[int, ...]) -> Any:
    """The position as an argument: a number in one dimension, else a tuple."""
    along = []
    for axis, extent in enumerate(shape):
        kept = tuple(extent if d == axis else 1 for d in range(len(shape)))
        along.append(stretched(arange1d(0, 1, extent, np.int64).reshape(kept), shape))
    return Each(along[0]) if len(shape) == 1 else EachTuple(tuple(along))


def _slices(func: Callable[..., Any], arr: ndarray, args: tuple[Any, ...], axis: int) -> Any:
    axis = np.lib.array_utils.normalize_axis_index(axis, arr.ndim)
    given = [x() if callable(x) and not isinstance(x, Array) else x for x in args]
    before = (slice(None),) * axis
    results = []
    for n in range(arr.shape[axis]):
        try:
            made = func(arr[(*before, n)], *[x[(*before, n)] if _has(x, arr, axis) else x for x in given])
        except Exception as problem:
            problem.add_note(f"In ramba.smap of {getattr(func, '__qualname__', func)!r}, at index {n} of axis {axis}.")
            raise
        results.append(made)
    if not prod(arr.shape):
        raise ValueError("smap of slices needs at least one of them: of nothing no shape is known")
    stack: Any = np.stack
    return stack([asarray(each) for each in results], axis=min(axis, asarray(results[0]).ndim))


def _has(x: object, arr: ndarray, axis: int) -> bool:
    """Whether an argument has a slice for each of the array's."""
    return isinstance(x, Array) and x.ndim > axis and x.shape[axis] == arr.shape[axis]


def _as_dtype(array: ndarray, dtype: DType) -> Any:
    return array if dtype is None or array.dtype == np.dtype(dtype) else array.astype(dtype)


__all__ = ["function_given", "smap", "smap_index", "sreduce", "sreduce_index", "stretched"]
