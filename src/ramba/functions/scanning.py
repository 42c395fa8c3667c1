"""A user's function along an axis, of the result before and the element at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config
from ramba.functions import by_python
from ramba.functions.arguments import Each
from ramba.functions.blockwise import by_blocks
from ramba.functions.compiling import Refused, compiled
from ramba.functions.mapping import function_given
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.functions.purity import impurity, python_function
from ramba.functions.reducing import as_ufunc
from ramba.lazyarray import asarray, deliver, fell_back, many, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ramba.lazyarray.annotations import DType

_COMPILED = (np.dtype("f8"), np.dtype("i8"))
_TRIES = 3  # until a dtype stays what it is
_SOME = 1 << 20  # elements of a single line that one call of a worker has


def scumulative(
    local_func: Callable[..., Any] | str, final_func: Callable[..., Any] | str | None, arr: ArrayLike, axis: int = 0,
    dtype: DType = None, out: ndarray | None = None,
) -> Any:  # fmt: skip
    """Compute running results along an axis with a function of your own.

    The first result is the first element; each further one is ``local_func(result before, element)``. Functions that
    amount to a ufunc, as ``lambda a, b: a + b`` does, run as its `accumulate`, on all threads and workers; others are
    compiled by Numba and run along the axis, worker after worker, or else in Python: on workers each has whole lines,
    and a single line is done by one of them.

    Parameters
    ----------
    local_func : callable or str
        Called as ``local_func(previous_output, current_input)``.
    final_func : callable
        Called as ``final_func(block, boundary)`` in the original interface, for blocks that did not know what comes
        before. It is not needed: results are those of one pass in order.
    arr : array_like
        The elements.
    axis : int, optional
        The axis to go along.
    dtype : dtype, optional
        Of the results. By default, that of ufuncs' `accumulate`, or what the function gives for its own results.
    out : ndarray, optional
        Where the result goes.

    Returns
    -------
    ndarray
        An array of the shape of `arr`.

    See Also
    --------
    sreduce : Only the last result.

    Examples
    --------
    >>> import ramba as np
    >>> np.scumulative(lambda before, x: before + x, None, np.arange(5))
    array([ 0,  1,  3,  6, 10])
    >>> np.scumulative(lambda before, x: 0.5 * before + x, None, np.ones(4))
    array([1.   , 1.5  , 1.75 , 1.875])
    """
    function, array = function_given(local_func), asarray(arr)
    if final_func is not None:
        function_given(final_func)
    axis = np.lib.array_utils.normalize_axis_index(axis, array.ndim)
    if dtype is not None:
        array = array.astype(dtype, copy=False)
    result = _scanned(function, array, axis, dtype)
    return result if out is None else deliver(result, out)


def _scanned(function: Callable[..., Any], array: ndarray, axis: int, dtype: DType) -> Any:
    ufunc = as_ufunc(function, array.dtype)
    if ufunc is not None:
        return ufunc.accumulate(array, axis, dtype)
    road, reason = config.current().functions, impurity(function)
    if not reason and road != "python":
        try:
            return _by_machine(function, array, axis)
        except Refused as problem:
            reason = str(problem)
    called = f"ramba.scumulative of {getattr(function, '__qualname__', repr(function))}"
    if road != "python" and many([array]):
        fell_back(called, "user function", f"runs in Python, element by element: {reason}.", [array])
    scan = _Scan(function, not impurity(function), called)
    made = _by_lines(scan, array, axis) if many([array]) and array.shape[axis] else _at_once(scan, array, axis)
    return made if dtype is None else made.astype(dtype, copy=False)


def _by_machine(function: Callable[..., Any], array: ndarray, axis: int) -> Any:
    if python_function(function) is None:
        raise Refused("it is not written in Python")
    for _ in range(_TRIES):
        if array.dtype not in _COMPILED:
            raise Refused(f"for {array.dtype} Numba promotes otherwise than NumPy")
        kind = array.dtype.str[1:]
        made = compiled(function, (kind, kind), getattr(function, "__name__", "scan"))
        if made.status is not None:
            raise Refused("it may raise an exception")
        result = made.value.numpy.resolve_dtypes((array.dtype, array.dtype, None))[2]
        if result == array.dtype:
            return made.value.accumulate(array, axis)
        array = array.astype(result)
    raise Refused("its results have another dtype each time")


class _Scan:
    """Calls a function along the last axis of blocks: on the workers that have them, if there are some."""

    def __init__(self, function: Callable[..., Any], numpys_meaning: bool, called: str) -> None:
        self.function, self.numpys_meaning, self.called = function, numpys_meaning, called

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> np.ndarray:
        """Results for a block; of a further block those that were before it come first, and are left out."""
        function = with_numpys_meaning(self.function) if self.numpys_meaning else self.function
        *before, block = blocks
        rows = np.moveaxis(block, -1, 0)
        results = [each[..., 0] for each in before] or [rows[0]]
        for row in rows[len(results) - len(before) :]:
            pair: list[Any] = [Each(each) for each in (results[-1], row)]  # type: ignore[arg-type]
            results.append(by_python.numbers(function, pair, row.shape, self.called, start).array)
        return np.stack(results[len(before) :], axis=-1)


def _by_lines(scan: _Scan, array: ndarray, axis: int) -> Any:
    """Whole lines by blocks of them; a single line some elements at a time."""
    move: Any = np.moveaxis
    lines = move(array, axis, -1)
    if array.ndim > 1:
        (made,) = by_blocks(scan, [lines], lines.shape[:-1], scan.called)
        return move(made, -1, axis)
    found: list[Any] = []
    for first in range(0, len(lines), _SOME):
        part = lines[first : first + _SOME].reshape(1, -1)
        before = [found[-1][:, -1:]] if found else []
        found += by_blocks(scan, [*before, part], (1,), scan.called)
    join: Any = np.concatenate
    return join(found, axis=1).reshape(-1)


def _at_once(scan: _Scan, array: ndarray, axis: int) -> Any:
    """Few elements, in this process."""
    lines = np.moveaxis(np.asarray(array), axis, -1)
    if not lines.shape[-1]:
        return asarray(lines.copy())
    return asarray(np.moveaxis(scan((0,) * (array.ndim - 1), lines.shape[:-1], lines), -1, axis).copy())


__all__ = ["scumulative"]
