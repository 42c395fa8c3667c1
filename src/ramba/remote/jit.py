"""Functions and methods that Numba compiles: once, and whoever is sent one loads its machine code."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from ramba.codegen.object_code import Codes, Compiled, unlike
from ramba.functions.fingerprints import Unknown, fingerprint
from ramba.lazyarray import Array, unwrap
from ramba.remote.methods import Unbound, unbound


class Jitted:
    """What `jit` makes of a function; of a method, a descriptor that compiles a function of the object's fields."""

    def __init__(self, function: FunctionType, options: dict[str, Any]) -> None:
        functools.update_wrapper(self, function)
        self._plain: Any = function
        self.__wrapped__ = function
        self._options = options
        self._codes: Codes = {}
        self._lock = threading.Lock()
        self._compiled: Compiled | None = None
        self._method: Unbound | TypeError | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        try:
            self._method = unbound(self._plain, owner.__name__)
        except TypeError as problem:  # raised where it is called: in the body of a class Python would rename it
            self._method = problem

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    @property
    def py_func(self) -> Any:
        """The function in Python, as Numba calls it."""
        return self._plain

    @property
    def _numba_type_(self) -> Any:
        """What Numba takes it for, in functions that call it."""
        return self.compiled.dispatcher._numba_type_

    @property
    def compiled(self) -> Compiled:
        """The function with its machine code, made when it is called first."""
        if self._compiled is None:
            with self._lock:
                self._compiled = self._compiled or self._made()
        return self._compiled

    def __call__(self, *args: object, **named: object) -> Any:
        if self._method is not None:
            return self._call_method(*args, **named)
        for arg in args:
            if isinstance(arg, Array):
                args = tuple(map(_numpys, args))
                break
        if named:
            named = {name: _numpys(arg) for name, arg in named.items()}
        return (self._compiled or self.compiled).dispatcher(*args, **named)

    def prepare(self, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Compiles a function for arguments like these, so that whoever is sent it need not."""
        if self._method is None:
            self.compiled.prepare(self._in_order(args, named))

    def _in_order(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """Arguments by position, defaults among them, as Numba compiles for them."""
        bound = self._signature.bind(*args, **named)
        bound.apply_defaults()
        return (*map(_numpys, bound.args), *map(_numpys, bound.kwargs.values()))

    @property
    def variants(self) -> int:
        """For how many combinations of argument types there is machine code."""
        return len(self._codes)

    @functools.cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self._function())

    def _call_method(self, instance: object, *args: object, **named: object) -> Any:
        """Calls the function of the fields, and writes back what it assigned to them."""
        method = self._method
        if not isinstance(method, Unbound):
            assert method is not None
            raise method
        fields = [_numpys(getattr(instance, name)) for name in method.fields]
        given = self._in_order((*fields, *args), named)
        signature = self.compiled.prepare(given)
        if not method.written:
            return self.compiled.dispatcher(*given)
        before = dict(zip(method.fields, zip(fields, signature.args, strict=False), strict=True))
        for name, after in zip(method.written, signature.return_type.types[1].types, strict=True):
            if unlike(before[name][1], after):
                raise TypeError(
                    f"{self._plain.__qualname__} would make a {after} of field {name!r}, which is a {before[name][1]}: "
                    "a compiled method keeps the types of fields."
                )
        result, written = self.compiled.dispatcher(*given)
        for name, value in zip(method.written, written, strict=True):
            old = before[name][0]
            setattr(instance, name, type(old)(value) if isinstance(old, np.generic) else value)
        return result

    def _function(self) -> Any:
        return self._method.function if isinstance(self._method, Unbound) else self._plain

    def _made(self) -> Compiled:
        function = self._function()
        try:
            key = repr(fingerprint(function))
        except Unknown:
            key = ""
        return Compiled(function, self._options, key, self._codes)

    def __reduce__(self) -> Any:
        return _remade, (self._plain, self._options, self._method, self._codes)

    def __repr__(self) -> str:
        return f"<compiled {self.__wrapped__!r}>"


def _remade(
    function: FunctionType, options: dict[str, Any], method: Unbound | TypeError | None, codes: Codes
) -> Jitted:
    made = Jitted(function, options)
    made._method, made._codes = method, codes
    return made


def _numpys(arg: Any) -> Any:
    """NumPy's array, in place of one of ours."""
    return unwrap(arg) if isinstance(arg, Array) else arg


def jit(function: Callable[..., Any] | None = None, /, *, numba: dict[str, Any] | None = None) -> Any:
    """Compiles a function or a method by Numba, when it is called.

    It is compiled once for each combination of argument types: kept in the disk cache, so that another program finds
    it, and sent with the function where that is called remotely. While it runs, other threads run.

    Parameters
    ----------
    function : function
        Also a method in the body of a class: its fields are read before and written after. It may use ``self`` for
        nothing but fields, and they keep their types.
    numba : dict, optional
        Options of `numba.njit`, such as ``fastmath``; ``nogil`` is set.

    Returns
    -------
    callable
        To be used as the function; `remote` takes it, too.

    Raises
    ------
    TypeError
        For what is no function. Where it is called: for a method that uses ``self`` in another way, or changes the type
        of a field.
    numba.core.errors.NumbaError
        Where it is called: Numba cannot compile it.

    Examples
    --------
    >>> import ramba
    >>> @ramba.jit
    ... def collatz(n):
    ...     steps = 0
    ...     while n != 1:
    ...         n = n // 2 if n % 2 == 0 else 3 * n + 1
    ...         steps += 1
    ...     return steps
    >>> collatz(27)
    111
    """
    if function is None:
        return functools.partial(jit, numba=numba)
    if not isinstance(function, FunctionType):
        raise TypeError(f"jit takes a function that is written in Python, not {function!r}.")
    return Jitted(function, dict(numba or {}))


__all__ = ["Jitted", "jit"]
