"""Every other name of NumPy: what has no native form here is NumPy's own, with Ramba arrays in and out.

A *door* is a module of ours that has the names of a module of NumPy's: the native forms, and for all others what
:func:`counterpart` makes of NumPy's object at the first use.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ramba.lazyarray import IMPLEMENTED, UFUNC, call_numpy, described, described_class, is_lazy, no_method, unwrap

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import NumPyFunction

Caller = Callable[..., Any]  # call_numpy, which warns, or call_library, which does not

# classes of NumPy's whose methods take and give arrays; all other classes are passed on as they are
_ARRAY_CLASSES = ("poly1d", "Polynomial", "Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre")


_SEEDED = ("SeedSequence", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")  # those whose constructors take arrays


class Called:
    """Something of NumPy's that is called and has attributes, such as a ufunc, with Ramba arrays in and out."""

    def __init__(self, np_object: NumPyFunction, call: Caller, module: str) -> None:
        self._call = call
        described(self, np_object, module)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self._call(self.__wrapped__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.__wrapped__, name)
        return fallback(value, self._call, self.__module__) if callable(value) else value

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return self.__qualname__

    __wrapped__: Any
    __qualname__: str


def fallback(np_func: Callable[..., Any], call: Caller = call_numpy, module: str = "ramba") -> Callable[..., Any]:
    """NumPy's function, with Ramba arrays in and out."""
    if not hasattr(np_func, "__get__") and not isinstance(np_func, BuiltinFunctionType):  # it is no function
        return Called(np_func, call, module)

    def function(*args: object, **kwargs: object) -> Any:
        return call(np_func, *args, **kwargs)

    return no_method(np_func, described(function, np_func, module))


def _method(np_method: Callable[..., Any], call: Caller) -> Callable[..., Any]:
    """A method that takes and gives Ramba arrays."""

    def method(self: object, *args: object, **kwargs: object) -> Any:
        return call(functools.partial(np_method, self), *args, **kwargs)

    return functools.wraps(np_method)(method)


def _values(np_class: Any, call: Caller) -> Callable[..., Any]:
    """What an object of a class makes of arguments; polynomials add and multiply, and may do so with lazy arrays."""
    by_numpy, evaluate = _method(np_class.__call__, call), cast(Any, np.polyval)

    def method(self: Any, argument: Any) -> Any:
        if not is_lazy(argument):
            return by_numpy(self, argument)
        if np_class is np.poly1d:
            return evaluate(self.coeffs, argument)
        offset, scale = self.mapparms()
        return self._val(offset + scale * argument, self.coef)

    return functools.wraps(np_class.__call__)(method)


def _array_class(np_class: type, call: Caller, module: str) -> type:
    """A subclass whose call and public methods take and give Ramba arrays."""
    members: dict[str, Any] = {"__module__": module, "__doc__": np_class.__doc__}
    if "poly" not in np_class.__name__:  # NumPy's own code calls the public methods of poly1d on itself
        for name in ("linspace", "roots"):
            if hasattr(np_class, name):
                members[name] = _method(getattr(np_class, name), call)
    members["__call__"] = _values(np_class, call)
    return standing(np_class, members)


class _Standing(type):
    """The type of classes that stand for NumPy's, whose instances are theirs, too."""

    def __instancecheck__(cls, thing: object) -> bool:
        np_class = vars(cls).get("_stands_for")
        return super().__instancecheck__(thing) or (np_class is not None and isinstance(thing, np_class))


def standing(np_class: type, members: dict[str, Any]) -> type:
    """A subclass that stands for a class of NumPy's."""
    kind = type(np_class)
    metaclass = _Standing if kind is type else type("_Standing", (_Standing, kind), {})
    return metaclass(np_class.__name__, (np_class,), members | {"_stands_for": np_class})


def _seeded_class(np_class: type, module: str) -> type:
    """A subclass that is made of what Ramba arrays hold."""
    begin: Any = np_class.__init__  # type: ignore[misc]

    def __init__(self: object, *args: object, **kwargs: object) -> None:  # noqa: N807 - it becomes a method
        begin(self, *unwrap(args), **unwrap(kwargs))

    members = {"__module__": module, "__doc__": np_class.__doc__, "__init__": __init__}
    made = standing(np_class, members)
    described_class(made, np_class)
    return made


def counterpart(np_object: Any, module: str, call: Caller = call_numpy) -> Any:
    """What stands for an object of NumPy's in Ramba's namespace."""
    try:
        native = IMPLEMENTED.get(np_object)
    except TypeError:  # not hashable: a constant
        return np_object
    if native is not None:
        native.__module__ = np_object.__module__.replace("numpy", "ramba", 1)  # where pickle finds it
        return native
    if isinstance(np_object, np.ufunc):
        ours = UFUNC.get(np_object.__name__)
        return (
            ours
            if ours is not None and getattr(np, np_object.__name__, None) is np_object
            else fallback(np_object, call, module)
        )
    if isinstance(np_object, type):
        if np_object.__name__ in _SEEDED:
            return _seeded_class(np_object, module)
        return _array_class(np_object, call, module) if np_object.__name__ in _ARRAY_CLASSES else np_object
    if callable(np_object) and not isinstance(np_object, ModuleType):
        return fallback(np_object, call, module)
    return np_object


def public_names(np_module: ModuleType) -> list[str]:
    """The names that a module of NumPy's offers."""
    names = set(getattr(np_module, "__all__", ()))
    listed = names or {name for name in dir(np_module) if not name.startswith("_")}
    return sorted(listed)


def _own_door(name: str, attribute: str) -> ModuleType | None:
    """The module of ours that stands for a module of NumPy's, if there is one."""
    own = f"{name}.{attribute}"
    package = hasattr(sys.modules[name], "__path__")
    return importlib.import_module(own) if package and importlib.util.find_spec(own) else None


def door(
    name: str, np_module: ModuleType, call: Caller = call_numpy, own: Mapping[str, Any] | None = None
) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """``__all__``, ``__getattr__`` and ``__dir__`` of the module that stands for a module of NumPy's."""
    own = own or {}
    names = sorted({*public_names(np_module), *own})

    def get(attribute: str) -> Any:
        if attribute in own:
            value = own[attribute]
        elif attribute == "__path__":  # it would make a package of us
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        else:
            try:
                np_object = getattr(np_module, attribute)
            except AttributeError as error:  # in NumPy's words: they say what to use instead
                raise AttributeError(str(error).replace(repr(np_module.__name__), repr(name)), name=attribute) from None
            if isinstance(np_object, ModuleType):
                return _own_door(name, attribute) or np_object
            value = counterpart(np_object, name, call)
        setattr(sys.modules[name], attribute, value)
        return value

    def listing() -> list[str]:
        return sorted({*vars(sys.modules[name]), *names, *(set(dir(np_module)) - {"__path__"})})

    return names, get, listing
