"""What takes the place of functions that ask for NumPy's own class: they get NumPy's arrays, and the like, of ours."""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ramba.lazyarray.core import dtype_of, is_array, ndarray, pin, values
from ramba.lazyarray.derived import view_as
from ramba.lazyarray.foreign import lent, loan, replaced
from ramba.lazyarray.gathers import on_workers, tell_gathered

Function = Callable[..., Any]
Adapter = Callable[[Function], Function]  # of a function to what takes its place


def giving(replace: Callable[[ndarray], Any]) -> Adapter:
    """How a function is taught that gets something in the place of our arrays, also of those in lists and dicts."""

    def adapter(function: Function) -> Function:
        @functools.wraps(function)
        def with_others(*args: Any, **kwargs: Any) -> Any:
            return function(*replaced(args, replace), **replaced(kwargs, replace))

        return with_others

    return adapter


def own_copy(a: ndarray) -> Any:
    """A copy, for who keeps it and would not see it changed."""
    return values(a)[()] if a._scalar else np.array(values(a))


def to_read(a: ndarray) -> Any:
    """An array for who only reads it, but will not have one that can not be written, as copies of workers' are."""
    return own_copy(a) if on_workers(a) else loan(a)


def stand_in(a: ndarray) -> Any:
    """What has NumPy's class and the array's dtype, for who asks for nothing else."""
    return np.empty(0, dtype_of(a))


lending = giving(loan)
reading = giving(to_read)


def writing(*names: str) -> Adapter:
    """How a function is taught that writes into arrays which it is given by these names.

    On workers that is a function that makes an array the driver's, as `x.ctypes` does.
    """

    def adapter(function: Function) -> Function:
        parameters = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def with_loans(*args: Any, **kwargs: Any) -> Any:
            told = f"writing by {function.__qualname__}"
            loans = [
                to_write(x, told) if name in names else lent(x)
                for name, x in itertools.zip_longest(parameters[: len(args)], args)
            ]
            named = {name: to_write(x, told) if name in names else lent(x) for name, x in kwargs.items()}
            return function(*loans, **named)

        return with_loans

    return adapter


def keeping(*names: str) -> Adapter:
    """How a constructor is taught whose objects share the memory that it is given, unless it is asked for a `copy`."""

    def adapter(function: Function) -> Function:
        parameters, sharing = inspect.signature(function).parameters, writing(*names)(function)
        place, usual = list(parameters).index("copy"), parameters["copy"].default

        @functools.wraps(function)
        def with_own(*args: Any, **kwargs: Any) -> Any:
            copies = args[place] if len(args) > place else kwargs.get("copy", usual)
            ours = any(map(is_array, args)) or any(map(is_array, kwargs.values()))
            return (sharing if ours and not copies else function)(*args, **kwargs)

        return with_own

    return adapter


def to_write(x: Any, told: str) -> Any:
    """An array to be written, as NumPy's; what is none is lent."""
    if not is_array(x) or not on_workers(x):
        return lent(x)
    tell_gathered(told, x)
    return pin(x)


def frame_of_columns(init: Function) -> Function:
    """The constructor of a frame: columns of ours are series, but an array that is all the data has no name."""

    @functools.wraps(init)
    def with_series(self: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        return init(self, own_copy(data) if is_array(data) else replaced(data, as_series), *args, **kwargs)

    return with_series


def as_series(a: ndarray) -> Any:
    """What polars makes of an array by Arrow's protocol, which copies nothing and never changes; else a copy."""
    return sys.modules["polars"].Series(a) if a.ndim == 1 else own_copy(a)


def named_series(init: Function) -> Function:
    """The constructor of a series, which overlooks names and types beside an array that comes by Arrow's protocol."""

    @functools.wraps(init)
    def with_series(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and is_array(args[0]) and not kwargs:
            return init(self, args[0])
        if args and is_array(args[0]):
            args = (None, *args)
        return init(self, *replaced(args, as_series), **replaced(kwargs, as_series))

    return with_series


def masked_arrow(array: Function) -> Function:
    """The constructor of Arrow's arrays, which refuses its own protocol beside a mask or a size."""

    @functools.wraps(array)
    def with_copies(*args: Any, **kwargs: Any) -> Any:
        if args and is_array(args[0]) and len(args) < 3 and kwargs.get("mask") is None and kwargs.get("size") is None:
            return array(*args, **kwargs)
        return array(*replaced(args, own_copy), **replaced(kwargs, own_copy))

    return with_copies


def one_frame_deeper(function: Function) -> Function:
    """A function of numexpr's, which looks for variables in the frame that calls it, and returns `out`."""
    depth = inspect.signature(function).parameters["_frame_depth"].default

    @functools.wraps(function)
    def with_loans(*args: Any, **kwargs: Any) -> Any:
        kwargs["_frame_depth"] = kwargs.get("_frame_depth", depth) + 1
        loans = lent(args)
        named = {name: to_write(x, "writing by numexpr") if name == "out" else lent(x) for name, x in kwargs.items()}
        result = function(*loans, **named)
        pairs = zip((*args, *kwargs.values()), (*loans, *named.values()), strict=True)
        return next((given for given, loan in pairs if result is loan), result)

    return with_loans


def as_json(default: Function) -> Function:
    """What the encoder makes of an object that it does not know: of a lazy scalar what it makes of NumPy's."""

    @functools.wraps(default)
    def with_scalars(self: Any, o: Any) -> Any:
        value = lent(o)
        return value if is_array(o) and isinstance(value, float) else default(self, value)

    return with_scalars


def positional_indexing(as_indexable: Function) -> Function:
    """How xarray indexes our arrays: as NumPy's, by several index arrays at once, not as the array API has it."""
    theirs = sys.modules[as_indexable.__module__]

    @functools.wraps(as_indexable)
    def ours_too(array: Any) -> Any:
        return theirs.NdArrayLikeIndexingAdapter(array) if is_array(array) else as_indexable(array)

    return ours_too


def namespace_of_ours(array_namespace: Function) -> Function:
    """Which namespace computes with arrays of ours and NumPy's: ours, which takes NumPy's arrays."""

    @functools.wraps(array_namespace)
    def without_numpys(*arrays: Any, **kwargs: Any) -> Any:
        if any(map(is_array, arrays)):
            arrays = tuple([x for x in arrays if not isinstance(x, np.ndarray | np.generic)])
        return array_namespace(*arrays, **kwargs)

    return without_numpys


def showing_ours(view: Function) -> Function:
    """The method by which an array of a class of NumPy's is seen as one of another class, which may be ours."""

    @functools.wraps(view)
    def with_ours(self: Any, *args: Any, **kwargs: Any) -> Any:
        return view_as(functools.partial(view, self), *args, **kwargs)

    return with_ours


def teach(module: ModuleType, adapters: Mapping[str, Adapter]) -> None:
    """Puts what takes our arrays in the place of a module's functions, wherever its package has them by now."""
    replaced: dict[Function, Function] = {}
    for path, adapter in adapters.items():
        *owners, name = path.split(".")
        owner: Any = module
        for part in owners:
            owner = vars(owner).get(part)
            if owner is None:
                break
        member = None if owner is None else inspect.getattr_static(owner, name, None)
        if member is None:
            continue
        if isinstance(member, classmethod | staticmethod):
            setattr(owner, name, type(member)(adapter(member.__func__)))
        else:
            replaced[member] = adapter(member)
            setattr(owner, name, replaced[member])
    if any(isinstance(member, FunctionType) for member in replaced):
        _replace_copies(module.__name__.partition(".")[0], replaced)


def _replace_copies(package: str, replaced: Mapping[Function, Function]) -> None:
    """Functions that other modules of a package have imported by name."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != package or not isinstance(module, ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and value in replaced:
                setattr(module, key, replaced[value])


__all__ = [
    "Adapter",
    "as_json",
    "as_series",
    "frame_of_columns",
    "giving",
    "keeping",
    "lending",
    "masked_arrow",
    "named_series",
    "namespace_of_ours",
    "one_frame_deeper",
    "own_copy",
    "positional_indexing",
    "reading",
    "showing_ours",
    "stand_in",
    "teach",
    "writing",
]
