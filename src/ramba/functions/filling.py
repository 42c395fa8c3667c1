"""New arrays whose elements a function of the user's gives by their index."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.functions.mapping import smap_index
from ramba.functions.texts import function_of
from ramba.lazyarray import PLACING, asarray, empty, full

if TYPE_CHECKING:
    from ramba.lazyarray import ndarray
    from ramba.lazyarray.annotations import DType, Shape


class Filler:
    """A function for `init_array`, with what it is called for.

    Parameters
    ----------
    func : callable
        Of an index (`PER_ELEMENT`); of a shape and where it begins, which gives an array (`WHOLE_ARRAY_NEW`); or of an
        array to fill, its shape and where it begins (`WHOLE_ARRAY_INPLACE`).
    mode : int, optional
        One of these three, attributes of the class.
    do_compile : bool, optional
        Without meaning: what compiles is compiled.

    Examples
    --------
    >>> import ramba as np
    >>> np.init_array((2, 2), np.Filler(lambda shape, start: np.ones(shape), np.Filler.WHOLE_ARRAY_NEW))
    array([[1., 1.],
           [1., 1.]])
    """

    PER_ELEMENT, WHOLE_ARRAY_NEW, WHOLE_ARRAY_INPLACE = range(3)

    def __init__(self, func: Callable[..., Any], mode: int = PER_ELEMENT, do_compile: bool = False) -> None:
        if mode not in range(3):
            raise ValueError(f"{mode!r} is no mode of a filler")
        self.func = func
        self.mode = mode


def init_array(
    shape: Shape,
    filler: Filler | Callable[..., Any] | str | complex | None = None,
    local_border: int = 0,
    dtype: DType = None,
    distribution: Any = None,
    tuple_arg: bool = True,
    **placing: Any,
) -> ndarray:
    """A new array, filled with what a function gives for the index of each element.

    Parameters
    ----------
    shape : int or tuple of int
        Of the array.
    filler : callable, str, number, Filler or None
        A function of the index, which is a tuple also in one dimension; an expression of `index`, which counts from
        `global_start`, that is 0; one value for all elements; None leaves them as memory is.
    local_border : int, optional
        Without meaning: no array has margins.
    dtype : dtype, optional
        float64, if it is not given.
    distribution : optional
        As in `redistribute`.
    tuple_arg : bool, optional
        Whether the function gets the index as one argument, and not as one for each dimension.
    **placing
        ``dist_dims=`` or ``dims_do_not_distribute=``: which dimensions are cut on workers, and which are not.

    Returns
    -------
    ndarray
        Computed when somebody looks at it.

    Raises
    ------
    TypeError
        If the filler is none.

    Examples
    --------
    >>> import ramba as np
    >>> np.init_array((2, 3), lambda index: 10 * index[0] + index[1])
    array([[ 0.,  1.,  2.],
           [10., 11., 12.]])
    >>> np.init_array(3, "2 * index[0]", dtype=int)
    array([0, 2, 4])
    """
    extents = np.empty(shape, "V0").shape
    wanted = np.dtype(np.float64 if dtype is None else dtype)
    if strange := placing.keys() - PLACING.keys():
        raise TypeError(f"init_array() got an unexpected keyword argument {min(strange)!r}")
    made = _filled(extents, filler, wanted, tuple_arg)
    for name, value in {"distribution": distribution, **placing}.items():
        made = made if value is None else PLACING[name](made, value)
    return made


def _filled(shape: tuple[int, ...], filler: Any, dtype: np.dtype, tuple_arg: bool) -> ndarray:
    if filler is None:
        return empty(shape, dtype)
    if isinstance(filler, int | float | complex | np.generic):
        return full(shape, filler, dtype)
    mode, start = Filler.PER_ELEMENT, (0,) * len(shape)
    if isinstance(filler, Filler):
        mode, filler = filler.mode, filler.func
    if isinstance(filler, str):
        text, begin = function_of(f"lambda index, global_start: {filler}"), start
        filler, tuple_arg = (lambda index: text(index, begin)), True
    if not callable(filler):
        raise TypeError(f"{type(filler).__name__} is no filler")
    if mode == Filler.WHOLE_ARRAY_INPLACE:
        block = np.empty(shape, dtype)
        filler(block, shape, start)
        return asarray(block)
    if mode == Filler.WHOLE_ARRAY_NEW:
        return asarray(filler(shape, start)).astype(dtype)
    return _by_index(shape, filler, dtype, tuple_arg)


def _by_index(shape: tuple[int, ...], function: Callable[..., Any], dtype: np.dtype, tuple_arg: bool) -> ndarray:
    """What a function gives for each index; `smap_index` gives whole numbers in one dimension."""
    if not shape:
        return full((), function(()) if tuple_arg else function(), dtype)
    if tuple_arg:
        called = (lambda index, x: function((index,))) if len(shape) == 1 else (lambda index, x: function(index))
    else:
        called = (lambda index, x: function(index)) if len(shape) == 1 else (lambda index, x: function(*index))
    made: ndarray = smap_index(called, full(shape, 0, np.int64), dtype=dtype)
    return made


__all__ = ["Filler", "init_array"]
