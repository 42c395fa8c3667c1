"""``a[key]`` and ``a[key] = value``.

Basic keys make views; NumPy itself works out which, on a ghost. A boolean mask of the array's own shape becomes an
elementwise select when it is assigned through. Keys with index arrays depend on values: they are looked up at once.
"""

from __future__ import annotations

from math import prod
from operator import getitem as item_of
from operator import index
from operator import setitem as set_item_of
from typing import Any, assert_never

import numpy as np

from ramba import config
from ramba.engine import ENGINE, few
from ramba.graph import Empty, Fill, Index, Map, Ref
from ramba.layout import ghost, identity, view_of_ghost
from ramba.lazyarray import advanced_indexing, fast_path
from ramba.lazyarray.convert import asarray, made_of, unwrap, wrap
from ramba.lazyarray.core import (
    Array,
    adopt,
    assign,
    define,
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
    settled,
    settled_view,
    shape_of,
    values,
    view_of_memory,
    view_on,
    writable,
)
from ramba.lazyarray.delivery import put, warn_if_discarding
from ramba.lazyarray.gathers import tell_gathered
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.operands import (
    NUMBERS,
    Foreign,
    Lazy,
    Local,
    Operand,
    Scalar,
    classified,
    finished,
    operand,
)
from ramba.lazyarray.picked import picked_later
from ramba.lazyarray.readings import broadcast, cast
from ramba.lazyarray.shapes import check_assignable
from ramba.limits import FEW, PICKED

_BASIC = (int, slice, type(None), type(Ellipsis), np.integer)
_RECIPES = (Fill, Empty, Index)
MOST_STORED = 1 << 22  # elements of a recipe that is computed when a loop begins to assign to parts of it
_SIMPLE = frozenset((int, slice, type(None), type(Ellipsis), np.int64))  # parts of keys that NumPy takes as they are


def getitem(a: ndarray, key: Any) -> Any:
    """``a[key]``."""
    kind = type(key)
    if kind is not tuple and isinstance(key, tuple):  # a class derived from it, as named ones are
        key, kind = tuple(key), tuple
    simple = kind in _SIMPLE or (kind is tuple and _SIMPLE.issuperset(map(type, key)))
    memory = a._np
    if memory is not None:
        return _of_local(a, memory, key, simple)
    memory = settled(a)
    if memory is None and simple and _is_element(a, key) and not ENGINE.distributed:
        ENGINE.memory(a._buffer)
        memory = settled(a)
    if memory is None:
        return _of_pending(a, key)
    if simple or is_basic(key):
        shown = memory[key if simple else _integers(key)]
        if type(shown) is not np.ndarray:
            return shown
        view = settled_view(a, memory, shown)
        if view is None:
            view = _basic(a, _integers(key))
        return view if simple else _own_if_copied(view, key)
    waiting = picked_later(a, key)
    if waiting is not None:
        return waiting
    if _few_are_picked(memory, _mask_computed(key)):
        return finished(memory[_plain(key)])
    return _of_pending(a, key)


def _is_element(a: ndarray, key: Any) -> bool:
    """Whether a key of numbers, slices, None and ... shows a single element."""
    if type(key) is not tuple:
        return type(key) is int and len(a._view.shape) == 1
    return len(key) == len(a._view.shape) and all(type(part) is int for part in key)


def _of_local(a: ndarray, memory: np.ndarray, key: Any, simple: bool) -> Any:
    if not simple and type(key) is ndarray and key._np is None and advanced_indexing.is_shared_out(a, key):
        found = advanced_indexing.pick(a, key)
        if found is not NotImplemented:
            return found
    waiting = None if simple else picked_later(a, key)
    if waiting is not None:
        return waiting
    result = memory[key] if simple else made_of(item_of, memory, _plain(key))
    if type(result) is not np.ndarray:
        return result
    return adopt(result) if result.base is None else view_of_memory(a, result)


def _of_pending(a: ndarray, key: Any) -> Any:
    memory = memory_if_local(a)
    if memory is not None:
        return _of_local(a, memory, key, False)
    if is_basic(key):
        return _own_if_copied(_basic(a, _integers(key)), key)
    waiting = picked_later(a, key)
    if waiting is not None:
        return waiting
    if advanced_indexing.is_shared_out(a, key):
        found = advanced_indexing.pick(a, key)
        if found is not NotImplemented:
            return found
        tell_gathered("a[key]", a)
    result = made_of(item_of, values(a), _plain(key))
    if isinstance(result, np.ndarray) and np.may_share_memory(result, values(a)):
        result = result.copy()
    return wrap(result)


def _own_if_copied(found: Any, key: Any) -> Any:
    """The elements that a basic key shows: a copy, if an integer in it is an array, as in NumPy."""
    for each in key if isinstance(key, tuple) else (key,):
        if isinstance(each, np.ndarray) or (isinstance(each, Array) and not each._scalar):
            return found.copy() if isinstance(found, Array) else found
    return found


def _mask_computed(key: Any) -> Any:
    """A key; a pending mask of few elements is computed, as somebody asks how many elements it picks."""
    is_mask = type(key) is ndarray and key._np is None and dtype_of(key).kind == "b"
    if is_mask and not ENGINE.distributed and prod(shape_of(key)) <= few(PICKED) and settled(key) is None:
        ENGINE.memory(key._buffer)
    return key


def _few_are_picked(memory: np.ndarray, key: Any) -> bool:
    """Whether a key with index arrays picks so few elements that NumPy does it in the time that recording it takes."""
    picked, beside, axis = 1, 1, 0  # elements of index arrays, and of the axes that none of them stands for
    for each in key if type(key) is tuple else (key,):
        width = 1
        if type(each) is ndarray:
            if each._np is None and settled(each) is None:
                return False
            size, width = prod(shape_of(each)), len(shape_of(each)) if dtype_of(each).kind == "b" else 1
        elif isinstance(each, np.ndarray | list):
            size, width = np.size(each), np.ndim(each) if np.asarray(each).dtype.kind == "b" else 1
        elif not _is_basic_part(each):
            return False
        else:
            size, width = 1, 0 if each is None or each is Ellipsis else 1
            beside *= prod(memory.shape[axis : axis + width]) if isinstance(each, slice) else 1
        picked = max(picked, size)
        axis += width
    return picked * beside * prod(memory.shape[axis:]) <= few(PICKED)


def is_basic(key: Any) -> bool:
    """Whether a key makes a view: integers, slices, ``None`` and ``...`` only."""
    if isinstance(key, tuple):
        return all(_is_basic_part(part) for part in key)
    return _is_basic_part(key)


def _is_basic_part(part: Any) -> bool:
    if isinstance(part, bool | np.bool_):
        return False
    return isinstance(part, _BASIC) or (
        isinstance(part, Array | np.ndarray) and part.shape == () and part.dtype.kind in "iu"
    )


def _integers(key: Any) -> Any:
    """A basic key with Python's numbers for arrays of no dimensions."""
    if isinstance(key, tuple):
        return tuple([_integers(part) for part in key])
    if isinstance(key, Array):
        return index(values(key)[()])
    if isinstance(key, np.ndarray):
        return index(key[()])
    if isinstance(key, slice):
        return unwrap(key)
    return key


def _plain(key: Any) -> Any:
    """A key without arrays of ours."""
    if isinstance(key, Array):
        return values(key)[()] if key._scalar else values(key)  # with an index that is an array, NumPy copies
    if type(key) is tuple:
        return tuple([_plain(part) for part in key])
    return unwrap(key)


def _basic(a: ndarray, key: Any) -> Any:
    parts = key if isinstance(key, tuple) else (key,)
    whole = any(part is Ellipsis for part in parts)
    # the ellipsis keeps NumPy from reading the ghost's element
    view = view_of_ghost(ghost(a._view)[_with_ellipsis(key)])
    if view.shape or whole:
        return view_on(a, view)
    return part(on_buffer(a._buffer, view, a._part))[()]


def setitem(a: ndarray, key: Any, value: Any) -> None:
    """``a[key] = value``."""
    kind = type(key)
    if kind is not tuple and isinstance(key, tuple):  # a class derived from it, as named ones are
        key, kind = tuple(key), tuple
    simple = kind in _SIMPLE or (kind is tuple and _SIMPLE.issuperset(map(type, key)))
    if a._scalar:  # NumPy has a scalar here
        raise TypeError(f"'numpy.{dtype_of(a).name}' object does not support item assignment")
    memory = a._np if a._np is not None else memory_if_local(a)
    if memory is not None:
        items = type(value) in (list, tuple)
        kept = type(value) in NUMBERS or (memory.dtype == object and (items or (simple and _picks_one(memory, key))))
        made_of(set_item_of, memory, key if simple else _plain(key), value if kept else unwrap(value))
        return
    if a._locked:  # NumPy looks at nothing else before
        raise ValueError("assignment destination is read-only")
    new = classified(value)
    with ENGINE.lock:
        if _set_at_once(a, key, new, simple):
            return
    if simple or is_basic(key):
        _set_view(a, _integers(key), new)
        return
    with ENGINE.lock:
        mask, is_shared_out = _whole_mask(a, key), advanced_indexing.is_large(a, key)
        if mask is not None or is_shared_out:
            made = assignable(new, dtype_of(a))
            if (mask is not None and _set_masked(a, mask, made)) or (is_shared_out and _set_on_workers(a, key, made)):
                return
        plain, elements = _plain(key), unwrap(value)
        if isinstance(elements, np.ndarray) and isinstance(value, Array):
            elements = elements.copy() if np.may_share_memory(elements, values(a)) else elements
        own_memory(a)[plain] = elements


def _picks_one(memory: np.ndarray, key: object) -> bool:
    """Whether a key of numbers, slices, None and ... stands for one element, which may be any object."""
    parts = key if type(key) is tuple else (key,)
    return len(parts) == memory.ndim and all(type(part) is int for part in parts)


def _set_at_once(a: ndarray, key: Any, value: Operand, simple: bool) -> bool:
    """Assigns few elements that are there to few elements that may be changed where they lie: NumPy does it."""
    most = few(FEW)
    match value:
        case Local(given, elements) if elements.size <= most:
            new = elements if isinstance(given, Array) else given  # of a list, NumPy refuses what does not fit
        case Scalar(new):
            pass
        case Local() | Lazy() | Foreign():
            return False
        case _:
            assert_never(value)
    memory = writable(a)
    if memory is None:
        buffer = a._buffer
        is_recipe = type(buffer.node) in _RECIPES and buffer.size <= MOST_STORED
        if not is_recipe or not _is_few(a, key, config.current().eager_size):
            return False
        ENGINE.store(buffer)  # a loop begins to fill it
        memory = writable(a)
        if memory is None:
            return False
    if memory.size > most and not _is_few(a, key, most):
        return False
    memory[key if simple else _plain(key)] = new
    return True


def _is_few(a: ndarray, key: Any, most: int) -> bool:
    """Whether a key shows or picks at most so many elements of an array."""
    if not is_basic(key):
        memory = settled(a)
        return memory is not None and _few_are_picked(memory, key)
    return moved(a, lambda array: array[_with_ellipsis(_integers(key))]).size <= most


def _with_ellipsis(key: Any) -> tuple[Any, ...]:
    """A basic key after which a view is left, however few dimensions that has."""
    parts = key if isinstance(key, tuple) else (key,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)


def _set_view(a: ndarray, key: Any, value: Operand) -> None:
    parts = key if isinstance(key, tuple) else (key,)
    target = moved(a, lambda array: array[_with_ellipsis(parts)])
    new, shape = value.given, target._view.shape
    if type(new) is ndarray and shape and fast_path.assigned(target, new):
        return
    if not shape and not isinstance(new, Array) and (Ellipsis not in parts or not isinstance(new, np.ndarray)):
        np.empty((), dtype_of(a))[()] = new  # NumPy's complaint about what is no number
    elif not shape and isinstance(new, Array) and new.shape and Ellipsis not in parts:
        np.empty((), dtype_of(a))[()] = np.empty(new.shape, dtype_of(new))  # NumPy's complaint
    made = assignable(value, dtype_of(a))
    check_assignable(made.shape, shape)
    put(target, made)


def assignable(value: Operand, dtype: np.dtype) -> ndarray:
    """A value that is assigned to an array of a dtype, as an array; NumPy's complaint if it cannot be."""
    match value:
        case Lazy(array):
            return array
        case Local(given, _) if isinstance(given, Array | np.ndarray):
            return asarray(given)
        case Scalar(given) if isinstance(given, np.generic):
            return asarray(np.asarray(given))
        case Foreign(given) if isinstance(given, Array | np.ndarray):  # of derived classes
            return asarray(given)
        case Local(given) | Scalar(given) | Foreign(given):
            elements = made_of(np.asarray, given) if hasattr(given, "__array__") else given
            made = np.empty(np.shape(elements), dtype)
            made[...] = elements
            return asarray(made)
        case _:
            assert_never(value)


def _set_on_workers(a: ndarray, key: Any, value: ndarray) -> bool:
    """Assigns through index arrays where a large array lies; False if no kernel can."""
    if is_compiled(dtype_of(value)) and advanced_indexing.place(a, key, value):
        return True
    tell_gathered("a[key] = value", a)
    return False


def _whole_mask(a: ndarray, key: Any) -> ndarray | None:
    """A key that is a boolean mask of the array's own shape."""
    if isinstance(key, tuple):
        if len(key) != 1:
            return None
        (key,) = key
    mask = key if isinstance(key, Array) else None
    if isinstance(key, np.ndarray) and key.dtype == bool:
        mask = asarray(key)
    shape = a._view.shape
    return mask if mask is not None and dtype_of(mask).kind == "b" and mask.shape == shape and shape else None


def _set_masked(a: ndarray, mask: ndarray, value: ndarray) -> bool:
    """Assigns through a boolean mask as an elementwise select, where the value does not depend on the mask's count."""
    single, shape = value, a._view.shape
    if single.shape not in ((), (1,)) or not is_compiled(dtype_of(single)):
        return False
    if not is_lazy(single):
        single = asarray(unwrap(single).reshape(()))
    elif single.shape:
        single = single.reshape(())
    warn_if_discarding(dtype_of(single), dtype_of(a))
    new, picked = cast(operand(single), dtype_of(a)), ref(mask)
    if isinstance(new, Ref):
        new = broadcast(new, shape)
    at_once = any(map(reads_in_place, (mask, single)))
    node = Map("where", 0, (picked, new, ref(a)), dtype_of(a), shape)
    assign(a, Ref(node, identity(shape)))
    if at_once:
        ENGINE.flush()
    return True


def _delitem(a: ndarray, key: Any) -> None:
    raise ValueError("cannot delete array elements")


if NATIVE is not None:
    NATIVE.bind("getitem", getitem, None, None, PICKED)
    NATIVE.bind("setitem", setitem, None, None, FEW)
    NATIVE.bind("delitem", _delitem, None, None, 1)
else:
    define("__getitem__", getitem)
    define("__setitem__", setitem)
    define("__delitem__", _delitem)

__all__ = ["assignable", "getitem", "is_basic", "setitem"]
