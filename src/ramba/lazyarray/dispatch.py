"""Which function of ours stands for which of NumPy's, and what happens where there is none."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ramba import config
from ramba.engine import ENGINE, few, most_for, sizes
from ramba.graph import Stored
from ramba.lazyarray.convert import made_of, same_items, unwrap, wrap
from ramba.lazyarray.core import (
    Array,
    adopt,
    define,
    is_lazy,
    moved,
    ndarray,
    own_memory,
    pin,
    values,
    view_of_memory,
)
from ramba.lazyarray.foreign import (
    decides,
    function_of_theirs,
    has_subclass,
    is_strange,
    lent,
    loan,
    overrides_functions,
    overrides_ufuncs,
    replaced,
    ufunc_of_theirs,
)
from ramba.lazyarray.gathers import any_lazy, fell_back, many, name_of, on_workers, tell_gathered
from ramba.lazyarray.grouped_picks import OF_PICKS, REDUCE_PICKS
from ramba.lazyarray.native import NATIVE, no_method, quick
from ramba.lazyarray.operands import arguments, at_once, classified, finished, settle_few
from ramba.lazyarray.sequences import is_of_numbers
from ramba.lazyarray.signatures import described
from ramba.lazyarray.ufunc import UFUNC
from ramba.limits import FEW, MOST_ALONE, SLABBED
from ramba.runtime.pool import Block

Own: TypeAlias = Mapping[str, Callable[[Any, Any], Any]]
NO_OPTIONS: Own = {}

# they show the memory of an argument, or write to it
_KEEPERS = frozenset(("asmatrix", "assign_fields_by_name", "from_dlpack"))

_NO_ARRAYS = frozenset((bool, int, float, complex, str, bytes, type, type(None)))

# what they make of NumPy's texts is NumPy's, whatever the numbers beside them are: its `chararray` goes on with it
_OF_TEXTS = frozenset(("numpy.char", "numpy.strings"))

IMPLEMENTED: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy's functions, and ours in their place."""


BY_USERS: list[Callable[..., Any]] = []
"""What takes ufuncs of other libraries: ``(function, method, inputs, options)``. `ramba.functions` enters itself."""


def implements(
    np_func: Callable[..., Any],
    method: str | None = None,
    *,
    always: bool = False,
    cost: float = 1,
    kind: str = "call",
    moves: bool = False,
    own: Own = NO_OPTIONS,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers the Ramba form of a NumPy function, and binds it as a method.

    The decorated body runs if an array among the arguments is lazy, or ``always``. Otherwise, and if the elements are
    there and NumPy is quick with them (`cost` is what one takes it, in additions), NumPy's own function runs on the
    memory of the arrays. `kind` is one of `native.KINDS`. A function that `moves` elements about, by assignments or a
    kernel of its own, does not fuse with what makes its arguments: few pending elements are computed first. `own` are
    keywords that NumPy's function does not have: what they make of its result.
    """
    most = most_for(cost)
    of_picks = OF_PICKS.get(np_func)

    def register(body: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            if of_picks is not None and (waiting := of_picks(args, kwargs)) is not None:
                return waiting
            if kwargs and not own.keys().isdisjoint(kwargs):
                return with_options(exposed, own, args, kwargs)
            if moves:
                settle_few(args, few(min(most, FEW)))
            if not always:
                found = _at_once(np_func, args, kwargs, _few(most, kind, args, kwargs), kind == "pairs")
                if found is not NotImplemented:
                    return found
            if overrides_functions(args) or (kwargs and overrides_functions(kwargs.values())):
                return made_of(np_func, *args, **kwargs)
            if not always and (has_subclass(args) or (kwargs and has_subclass(kwargs.values()))):
                return look(np_func, *args, **kwargs)
            if always or any_lazy(args) or (kwargs and any_lazy(kwargs.values())):
                return body(*args, **kwargs)
            result = made_of(np_func, *unwrap(args), **unwrap(kwargs)) if kwargs else made_of(np_func, *unwrap(args))
            return _ours(result, (*args, *kwargs.values()) if kwargs else args)

        described(function, np_func)
        function.body, function.own = body, own  # type: ignore[attr-defined]
        exposed = no_method(np_func, function)
        if kind != "call" or not always:
            exposed = quick(np_func, function, most, kind, SLABBED if np_func in REDUCE_PICKS else 0)
        IMPLEMENTED[np_func] = exposed
        if method is not None:
            np_method = getattr(np.ndarray, method)
            bound = _as_method(function, np_method) if always else _method(function, np_method, most, kind)
            define(method, bound)
        return exposed

    return register


def with_options(function: Callable[..., Any], own: Own, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a function that was given keywords of ours, too."""
    result = function(*args, **{name: value for name, value in kwargs.items() if name not in own})
    for name, value in kwargs.items():
        if name in own:
            result = own[name](result, value)
    return result


def _few(most: int, kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """How many elements a function computes at once: of one that folds all of its only argument there may be more."""
    return few(max(most, MOST_ALONE) if kind == "fold" and len(args) == 1 and not kwargs else most)


def _at_once(
    np_func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], most: int, pairs: bool = False
) -> Any:
    """What NumPy's function makes of few elements that are there; NotImplemented if they are not, or stay in place.

    With `pairs` it makes one of each element of the first argument and each of the second.
    """
    lazy = any_lazy(args) or (kwargs and any_lazy(kwargs.values()))  # before few elements that wait are computed
    plain = arguments(args, most)
    if plain is None or (pairs and prod([np.size(x) for x in plain[:2]]) > most):
        return NotImplemented
    options = arguments(kwargs.values(), most) if kwargs else []
    if options is None:
        return NotImplemented
    try:
        result = np_func(*plain, **dict(zip(kwargs, options, strict=True))) if kwargs else np_func(*plain)
    except TypeError:
        if kwargs:
            return NotImplemented  # perhaps a keyword of ours; else it is said again
        raise
    except ValueError as problem:
        if any_lazy(args) or any_lazy(kwargs.values()) or (lazy and "read-only" in str(problem)):
            return NotImplemented  # perhaps it writes to an argument; else it is said again
        raise
    if len(args) == 1 and not kwargs and type(result) is np.ndarray and result.base is None:
        return finished(result)
    if lazy and _is_read_only(result):
        return NotImplemented  # a view, perhaps of what lies in a buffer
    return _ours(result, (*args, *kwargs.values()) if kwargs else args)


def _is_read_only(result: Any) -> bool:
    """Whether an array that NumPy made, or one of several, may not be written."""
    if type(result) in (tuple, list):
        return any(map(_is_read_only, result))
    return type(result) is np.ndarray and not result.flags.writeable


def _method(function: Callable[..., Any], np_method: Callable[..., Any], most: int, kind: str) -> Callable[..., Any]:
    """A registered function as a method of arrays: NumPy's own method if the elements are few and there."""

    of_number = getattr(np.generic, np_method.__name__, None)

    def at_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, np.generic):  # of what NumPy would have made a scalar
            return (of_number or np_method)(self if of_number else np.asarray(self), *args, **kwargs)
        return np_method(self, *args, **kwargs)

    def bound(self: ndarray, *args: Any, **kwargs: Any) -> Any:
        found = _at_once(at_once, (self, *args), kwargs, _few(most, kind, (self, *args), kwargs))
        return function(self, *args, **kwargs) if found is NotImplemented else found

    return quick(np_method, described(bound, np_method), most, kind)


def _as_method(function: Callable[..., Any], np_method: Callable[..., Any]) -> Callable[..., Any]:
    """A registered function as a method of arrays, which runs it in any case."""

    def bound(self: ndarray, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    made: Callable[..., Any] = described(bound, np_method)
    return made


def _ours(result: Any, args: tuple[Any, ...]) -> Any:
    """NumPy's results as ours: an argument itself, if it was given for the result, or a view of one."""
    if type(result) is not np.ndarray:
        if type(result) in (tuple, list):
            return same_items(result, [_ours(item, args) for item in result])
        return wrap(result)
    base = result.base
    for x in args:
        if isinstance(x, Array) and x._np is not None:
            if x._np is result:
                return x
            if base is not None and (base is x._np or base is x._np.base):
                return view_of_memory(x, result)
    return adopt(result) if base is None else view_of_memory(adopt(result), result)


def view_of(np_func: Callable[..., Any], a: ndarray, *args: Any, **kwargs: Any) -> Any:
    """What a NumPy function that only makes views makes of an array of ours."""
    if not is_lazy(a):
        return _ours(np_func(a._np, *args, **kwargs), (a,))
    if not a.shape and isinstance(np_func(np.zeros((), a.dtype), *args, **kwargs), np.generic):
        return values(a)[()]  # NumPy makes a scalar of it, which needs the element
    return moved(a, lambda ghost: np_func(ghost, *args, **kwargs))


def broadcast(arrays: list[ndarray]) -> tuple[Any, ...]:
    """Views of arrays, broadcast against each other as NumPy's `broadcast_arrays` does."""
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    return tuple([a if a.shape == shape else view_of(_writeable_broadcast, a, shape) for a in arrays])


def _writeable_broadcast(a: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    result = np.broadcast_arrays(a, np.broadcast_to(np.uint8(0), shape))[0]
    result.flags.writeable = a.flags.writeable  # said explicitly, it does not warn
    return result


def call_library(np_func: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """Calls NumPy (or BLAS, or LAPACK beneath it) on whole arrays: there is nothing better to do in one process."""
    tell_gathered(name_of(np_func), *args, *kwargs.values())
    return look(np_func, *args, **kwargs)


def call_here(np_func: Callable[..., Any], *args: object) -> Any:
    """NumPy's function on arrays of this process, where it is the fastest; NotImplemented if some lie on workers."""
    return NotImplemented if on_workers(*args) else call_library(np_func, *args)


def look(np_func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function of NumPy's that shows or saves values, on whole arrays."""
    places = _places(np_func) if len(args) > 1 else {}
    given = {name: args[place] for name, place in places.items() if place < len(args)} | kwargs
    # a permission: others may read the memory that it allows to be changed
    instead: dict[str, Any] = {"overwrite_input": False} if "overwrite_input" in given else {}

    def looked() -> Any:
        plain, options = list(unwrap(args)), unwrap(kwargs)
        for name, value in instead.items():
            if name in kwargs:
                options[name] = value
            else:
                plain[places[name]] = value
        return made_of(np_func, *plain, **options)

    out = given.get("out")
    if not isinstance(out, Array):
        return wrap(_own(looked()))
    with ENGINE.lock:
        instead["out"] = own_memory(out)
        looked()
    return out


@lru_cache(maxsize=1024)
def _places(np_func: Callable[..., Any]) -> dict[str, int]:
    """Where a function takes, without their names, what says which arrays it may write."""
    try:
        names = list(inspect.signature(np_func).parameters)
    except (TypeError, ValueError):  # a function in C that does not say
        return {}
    return {name: names.index(name) for name in ("out", "overwrite_input") if name in names}


def _own(result: Any) -> Any:
    """NumPy's results with memory of their own: views of our memory, which are read-only, are copied."""
    if type(result) is np.ndarray and isinstance(result.base, np.ndarray) and not result.flags.writeable:
        return result.copy()
    if type(result) in (tuple, list):
        return type(result)([_own(item) for item in result])
    return result


def call_numpy(np_func: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """Calls NumPy on the values, for what has no native form yet; warns once per call site if they are many."""
    if not kwargs and all(type(x) in _NO_ARRAYS for x in args):
        return wrap(np_func(*args))
    if getattr(np_func, "__name__", "") in _KEEPERS:
        return _call_holder(np_func, *args, **kwargs)
    _tell_fallback(np_func, args, kwargs)
    return look(np_func, *args, **kwargs)


def call_keeper(np_func: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """Calls a function of NumPy's whose results may hold the memory of its arguments, and write to it."""
    _tell_fallback(np_func, args, kwargs)
    return wrap(made_of(np_func, *lent(args), **lent(kwargs)))


def _call_holder(np_func: Callable[..., Any], *args: object, **kwargs: object) -> Any:
    """Calls a function of NumPy's that holds the memory of its arguments: of those on workers it makes the driver's."""
    _tell_fallback(np_func, args, kwargs)
    return wrap(made_of(np_func, *replaced(args, _held), **replaced(kwargs, _held)))


def _held(a: ndarray) -> Any:
    return pin(a) if on_workers(a) and not a._scalar else loan(a)


def _tell_fallback(np_func: Callable[..., Any], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    if many((*args, *kwargs.values())):
        name = name_of(np_func)
        if ENGINE.distributed:
            tell_gathered(name, *args, *kwargs.values())
        else:
            text = "has no native form in Ramba yet: NumPy computes it on one core, from the values in memory."
            fell_back(name, "no native form", text, (*args, *kwargs.values()))


def raise_like_numpy(np_func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Has NumPy refuse arguments of these shapes and dtypes, with its own exception."""
    options = _stand_in(kwargs)
    if isinstance(kwargs.get("out"), Array):
        options["out"] = np.empty(kwargs["out"].shape, kwargs["out"].dtype)
    np_func(*_stand_in(args), **options)
    raise AssertionError(f"{np_func} was expected to refuse these arguments")


def _stand_in(x: Any) -> Any:
    """The argument with memory-less arrays of zeros in place of ours."""
    if isinstance(x, Array):
        return np.broadcast_to(np.zeros((), x.dtype), x.shape) if is_lazy(x) else x._np
    if isinstance(x, list | tuple):
        return type(x)([_stand_in(item) for item in x])
    if isinstance(x, dict):
        return {key: _stand_in(item) for key, item in x.items()}
    return x


def array_function(self: ndarray, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's protocol: ``numpy.f(x)`` on an array of ours is ``ramba.f(x)``."""
    if any(map(is_strange, types)):
        return function_of_theirs(func, types, args, kwargs)
    args = tuple([_searched(x) for x in args])
    if func.__module__ in _OF_TEXTS and args and not isinstance(args[0], Array):
        return made_of(func, *unwrap(args), **unwrap(kwargs))
    ours = IMPLEMENTED.get(func)
    return call_numpy(func, *args, **kwargs) if ours is None else ours(*args, **kwargs)


def _searched(x: Any) -> Any:
    """A long list that begins with a number, in which NumPy found an array of ours, as what is searched for arrays."""
    return tuple(x) if is_of_numbers(x) and any(isinstance(item, Array) for item in x) else x


def array_ufunc(self: ndarray, function: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """NumPy's protocol: ``numpy.sin(x)`` on an array of ours is ``ramba.sin(x)``."""
    if not hasattr(function, "nin"):  # Numba's are no `np.ufunc`
        raise TypeError("__array_ufunc__ takes a ufunc")
    if method == "__call__" and not options:
        operands = at_once(map(classified, inputs), config.current().eager_size)
        if operands is not None:
            result = function(*operands)
            return wrap(result) if type(result) is tuple else finished(result)
    deciding = [x for x in (*inputs, *options.get("out", ())) if decides(x)]
    if any(map(overrides_ufuncs, deciding)):
        return ufunc_of_theirs(deciding, function, method, inputs, options)
    ours = UFUNC.get(function.__name__)
    if ours is not None and ours.numpy is function and not deciding:
        if "out" in options and method != "__call__":
            (options["out"],) = options["out"]
        return (ours if method == "__call__" else getattr(ours, method))(*inputs, **options)
    for take in BY_USERS:
        made = take(function, method, inputs, options)
        if made is not NotImplemented:
            return made
    out = options.get("out")
    tell_gathered(f"{function.__name__}.{method}" if method != "__call__" else function.__name__, inputs, out or ())
    if out is None:
        return wrap(getattr(function, method)(*unwrap(inputs), **unwrap(options)))
    with ENGINE.lock:
        options["out"] = tuple(own_memory(o) if isinstance(o, Array) else o for o in out)
        result = getattr(function, method)(*unwrap(inputs), **unwrap(options))
    if len(out) == 1:
        return out[0]
    return tuple(wrap(made) if given is None else given for given, made in zip(out, result, strict=True))


define("__array_function__", array_function)
if NATIVE is not None:
    NATIVE.ufuncs({own.numpy: own for own in UFUNC.values()})
    NATIVE.begin(ndarray, Stored, Block, vars(config), sizes, finished, view_of_memory, _ours, array_ufunc)
else:
    define("__array_ufunc__", array_ufunc)
