"""``a[key]`` and ``a[key] = value``.

Basic keys make views; NumPy itself works out which, on a ghost. A boolean mask of the array's own shape becomes an
elementwise select when it is assigned through. Keys with index arrays depend on values: they are looked up at once.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Map, Ref
from ramba.layout import ghost, identity, view_of_ghost
from ramba.lazyarray import advanced_indexing
from ramba.lazyarray.convert import asarray, unwrap, wrap
from ramba.lazyarray.core import (
    adopt,
    assign,
    broadcast,
    cast,
    dtype_of,
    is_compiled,
    is_lazy,
    memory_if_local,
    moved,
    ndarray,
    on_buffer,
    own_memory,
    part,
    reads_in_place,
    ref,
    through,
    values,
    view_of_memory,
    view_on,
)
from ramba.lazyarray.gathers import tell_gathered
from ramba.lazyarray.shapes import check_assignable
from ramba.lazyarray.ufunc import operand, put

_BASIC = (int, slice, type(None), type(Ellipsis), np.integer)


def getitem(a: ndarray, key: Any) -> Any:
    """``a[key]``."""
    memory = memory_if_local(a)
    if memory is not None:
        if type(key) is ndarray and key._np is None and advanced_indexing.is_shared_out(a, key):
            found = advanced_indexing.pick(a, key)
            if found is not NotImplemented:
                return found
        result = memory[key if type(key) in (int, slice) else _plain(key)]
        if type(result) is not np.ndarray:
            return result
        return adopt(result) if result.base is None else view_of_memory(a, result)
    if is_basic(key):
        found = _basic(a, _integers(key))
        parts = key if isinstance(key, tuple) else (key,)
        # an index array makes a copy
        copies = any(isinstance(part, np.ndarray) or (isinstance(part, ndarray) and not part._scalar) for part in parts)
        return found.copy() if copies and isinstance(found, ndarray) else found
    if advanced_indexing.is_shared_out(a, key):
        found = advanced_indexing.pick(a, key)
        if found is not NotImplemented:
            return found
        tell_gathered("a[key]", a)
    result = values(a)[_plain(key)]
    if isinstance(result, np.ndarray) and np.may_share_memory(result, values(a)):
        result = result.copy()
    return wrap(result)


def is_basic(key: Any) -> bool:
    """Whether a key makes a view: integers, slices, ``None`` and ``...`` only."""
    if isinstance(key, tuple):
        return all(_is_basic_part(part) for part in key)
    return _is_basic_part(key)


def _is_basic_part(part: Any) -> bool:
    if isinstance(part, bool | np.bool_):
        return False
    return isinstance(part, _BASIC) or (
        isinstance(part, ndarray | np.ndarray) and part.shape == () and part.dtype.kind in "iu"
    )


def _integers(key: Any) -> Any:
    """A basic key with Python's numbers for arrays of no dimensions."""
    if isinstance(key, tuple):
        return tuple([_integers(part) for part in key])
    if isinstance(key, ndarray):
        return index(values(key)[()])
    if isinstance(key, np.ndarray):
        return index(key[()])
    if isinstance(key, slice):
        return unwrap(key)
    return key


def _plain(key: Any) -> Any:
    """A key without arrays of ours."""
    if isinstance(key, ndarray):
        return values(key)[()] if key._scalar else values(key)  # with an index that is an array, NumPy copies
    if type(key) is tuple:
        return tuple([_plain(part) for part in key])
    return unwrap(key)


def _basic(a: ndarray, key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    whole = any(part is Ellipsis for part in parts)
    # the ellipsis keeps NumPy from reading the ghost's element
    view = view_of_ghost(ghost(a._view)[parts if whole else (*parts, Ellipsis)])
    if view.shape or whole:
        return view_on(a, view)
    return part(on_buffer(a._buffer, view, a._part))[()]


def setitem(a: ndarray, key: Any, value: Any) -> None:
    """``a[key] = value``."""
    if a._scalar:  # NumPy has a scalar here
        raise TypeError(f"'numpy.{dtype_of(a).name}' object does not support item assignment")
    memory = memory_if_local(a)
    if memory is not None:
        memory[_plain(key)] = unwrap(value)
        return
    if a._locked:  # NumPy looks at nothing else before
        raise ValueError("assignment destination is read-only")
    if is_basic(key):
        _set_view(a, _integers(key), value)
        return
    with ENGINE.lock:
        if not _set_masked(a, key, value) and not _set_on_workers(a, key, value):
            plain, new = _plain(key), unwrap(value)
            if isinstance(new, np.ndarray) and isinstance(value, ndarray):
                new = new.copy() if np.may_share_memory(new, values(a)) else new
            own_memory(a)[plain] = new


def _set_view(a: ndarray, key: Any, value: Any) -> None:
    parts = key if isinstance(key, tuple) else (key,)
    target = moved(a, lambda array: array[(*parts, Ellipsis) if Ellipsis not in parts else parts])
    if not isinstance(value, ndarray):
        if target._view.shape == () and np.ndim(value) == 0 and not target._locked:
            memory = ENGINE.writable_memory(a._buffer)
            if memory is not None:  # nothing is pending: as direct as in NumPy
                through(memory, target)[()] = value
                return
        if target._view.shape == () and (Ellipsis not in parts or not isinstance(value, np.ndarray)):
            np.empty((), dtype_of(a))[()] = value  # NumPy's complaint about what is no number
        value = convert(value, dtype_of(a))
    elif target._view.shape == () and value.shape and Ellipsis not in parts:
        np.empty((), dtype_of(a))[()] = np.empty(value.shape, dtype_of(value))  # NumPy's complaint
    check_assignable(value.shape, target._view.shape)
    put(target, value)


def convert(value: Any, dtype: np.dtype) -> ndarray:
    """A value that is assigned to an array of a dtype; NumPy's complaint if it cannot be."""
    if isinstance(value, np.ndarray):
        return asarray(value)
    if isinstance(value, np.generic):
        return asarray(np.asarray(value))
    made = np.empty(np.shape(value), dtype)
    made[...] = value
    return asarray(made)


def _set_on_workers(a: ndarray, key: Any, value: Any) -> bool:
    """Assigns through index arrays where the array lies; False if it lies here."""
    if not advanced_indexing.is_large(a, key):
        return False
    if not isinstance(value, ndarray):
        value = convert(value, dtype_of(a))
    if is_compiled(dtype_of(value)) and advanced_indexing.place(a, key, value):
        return True
    tell_gathered("a[key] = value", a)
    return False


def _set_masked(a: ndarray, key: Any, value: Any) -> bool:
    """Assigns through a boolean mask as an elementwise select, where the value does not depend on the mask's count."""
    if isinstance(key, tuple):
        if len(key) != 1:
            return False
        (key,) = key
    mask = key if isinstance(key, ndarray) else None
    if isinstance(key, np.ndarray) and key.dtype == bool:
        mask = asarray(key)
    shape = a._view.shape
    if mask is None or dtype_of(mask).kind != "b" or mask.shape != shape or not shape:
        return False
    if not isinstance(value, ndarray):
        value = convert(value, dtype_of(a))
    if value.shape not in ((), (1,)) or not is_compiled(dtype_of(value)):
        return False
    if not is_lazy(value):
        value = asarray(unwrap(value).reshape(()))
    elif value.shape:
        value = value.reshape(())
    new, picked = cast(operand(value), dtype_of(a)), ref(mask)
    if isinstance(new, Ref):
        new = broadcast(new, shape)
    at_once = any(map(reads_in_place, (mask, value)))
    node = Map("where", 0, (picked, new, ref(a)), dtype_of(a), shape)
    assign(a, Ref(node, identity(shape)))
    if at_once:
        ENGINE.flush()
    return True


ndarray.__getitem__ = getitem
ndarray.__setitem__ = setitem

__all__ = ["convert", "getitem", "is_basic", "setitem"]
