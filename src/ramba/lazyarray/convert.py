"""Between NumPy's arrays and ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.lazyarray.core import Array, adopt, is_compiled, local, ndarray, on_buffer, values
from ramba.lazyarray.sequences import is_of_numbers

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType


_NO_ARRAY = "__array__ method not producing an array"  # what NumPy says of one that gives an array of ours


def asarray(x: object, dtype: DType = None) -> ndarray:
    """An array of ours with the values of `x`: `x` itself if it is one, a snapshot of anything else.

    NumPy arrays that are operands of a single operation are not copied: `local` views of them are made here, and the
    operation runs at once.
    """
    if isinstance(x, Array):
        return x if dtype is None else x.astype(dtype, copy=False)
    return local(made_of(np.asarray, x, dtype))


def dtype_for(dtype: DType) -> np.dtype:
    """The dtype that elements are given, of any length if a class of strings is meant."""
    if isinstance(dtype, type(np.dtype)):
        kind: Any = getattr(dtype, "type", None)
        return np.dtype(kind) if kind in (np.bytes_, np.str_) else np.empty(0, dtype).dtype
    return np.dtype(dtype)


def made_of(np_function: Callable[..., Any], *args: object, **options: object) -> Any:
    """What a function of NumPy's makes of objects, whose `__array__` may give arrays of ours."""
    try:
        return np_function(*args, **options)
    except ValueError as problem:
        if _NO_ARRAY not in str(problem):
            raise
        return np_function(*map(_shown, args), **options)


def made_or_given(np_function: Callable[..., Any], x: Any, **options: Any) -> Any:
    """What `numpy.array` or `asarray` makes of an object, or the array of ours that its `__array__` gives.

    That one is trusted to be a copy if a copy was asked for, as NumPy's are.
    """
    try:
        return np_function(x, **options)
    except ValueError as problem:
        if _NO_ARRAY not in str(problem):
            raise
        if not hasattr(x, "__array__"):  # it is in a list
            return np_function(_shown(x), **options)
        copy = options.get("copy", np_function is np.array)
        try:
            given = x.__array__() if copy is None else x.__array__(copy=copy)
        except TypeError:  # it does not know of copies, as NumPy has warned: this is one
            given = None
        if not isinstance(given, Array):
            return np_function(_shown(x), **options)
        made = given.astype(options.get("dtype") or given.dtype, order=options.get("order") or "K", copy=False)
        missing = options.get("ndmin", 0) - made.ndim
        return made[(None,) * missing] if missing > 0 else made


def _shown(x: Any) -> Any:
    if type(x) in (list, tuple):
        return type(x)([_shown(item) for item in x])
    show = getattr(x, "__array__", None)
    shown = show() if callable(show) else None
    return unwrap(shown) if isinstance(shown, Array) else x


def snapshot(x: object, dtype: DType = None, order: str = "C", ndmin: int = 0) -> ndarray:
    """A new array of ours with the values of `x`."""
    made = made_of(np.array, x, dtype=dtype, copy=True, order=order, ndmin=ndmin)
    if made.size > config.current().eager_size and is_compiled(made.dtype):
        return on_buffer(ENGINE.stored(np.ascontiguousarray(made).reshape(made.shape)))
    return local(made)


def is_buffer(a: object) -> bool:
    """Whether something is memory that its owner shows to others, and means to share."""
    if isinstance(a, list | tuple | str | bytes | int | float | complex | np.ndarray | np.generic):
        return False
    try:
        memoryview(a).release()  # type: ignore[arg-type]
    except (TypeError, BufferError, ValueError):
        return False
    return True


def own_copy(a: object, options: dict[str, Any]) -> Any:
    """A NumPy array of its own with the values of something, which is not asked for a copy if NumPy would not ask."""
    if isinstance(a, np.ndarray | np.generic) or not hasattr(a, "__array__"):
        return made_of(np.array, a, **options)
    made = made_or_given(np.array, a, copy=None, **options)
    fresh = made.base is None and sys.getrefcount(made) == 2  # as what is read from a file: nobody else has it
    return made.copy(order="K") if type(made) is np.ndarray and not fresh else made


def sharing(array: Any, given: object) -> Any:
    """What NumPy made without a copy, as an array of ours over the same memory."""
    if type(array) is not np.ndarray:
        return array
    return local(array.view() if array is given else array)


def wrap(x: Any) -> Any:
    """NumPy's results as ours: arrays become ours without a copy, everything else stays what it is."""
    if type(x) is np.ndarray:
        return adopt(x)
    if type(x) in (tuple, list):
        return same_items(x, [wrap(item) for item in x])
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[wrap(item) for item in x])
    return x


def same_items(x: Any, items: list[Any]) -> Any:
    """A list or tuple with other items; itself, if they are its own: somebody may have kept it."""
    return x if all(map(is_, items, x)) else type(x)(items)


def unwrap(x: Any) -> Any:
    """Our arrays as NumPy arrays over their memory, computed if need be; also inside lists, tuples and dicts."""
    if isinstance(x, Array):
        if x._scalar:
            return values(x)[()]
        return x._np if x._np is not None else read_only(values(x))
    if type(x) in (list, tuple):
        if is_of_numbers(x):
            return x
        return same_items(x, [unwrap(item) for item in x])  # itself: NumPy may change it, or give it back
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*[unwrap(item) for item in x])
    if type(x) is dict:
        values_ = {key: unwrap(item) for key, item in x.items()}
        return x if all(map(is_, values_.values(), x.values())) else values_
    if isinstance(x, slice) and any(isinstance(part, Array) for part in (x.start, x.stop, x.step)):
        return slice(unwrap(x.start), unwrap(x.stop), unwrap(x.step))
    return x


def read_only(array: np.ndarray) -> np.ndarray:
    """A view that cannot be written: the memory of a value may be shared."""
    view = array.view()
    view.flags.writeable = False
    return view


__all__ = [
    "asarray",
    "dtype_for",
    "is_buffer",
    "made_of",
    "made_or_given",
    "own_copy",
    "read_only",
    "same_items",
    "sharing",
    "snapshot",
    "unwrap",
    "wrap",
]
