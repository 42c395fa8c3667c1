"""The decorator for functions and classes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ramba.remote.actors import ActorClass
from ramba.remote.functions import RemoteFunction
from ramba.remote.jit import jit
from ramba.remote.options import Options


def remote(
    thing: Callable[..., Any] | type | None = None,
    /,
    *,
    numba: dict[str, Any] | bool | None = None,
    ray: dict[str, Any] | None = None,
    **options: object,
) -> Any:
    """Makes a function or a class one that runs elsewhere: on threads, on workers, as Ray's own tasks and actors.

    Parameters
    ----------
    thing : function or class
        It is not changed: calling the result calls it here.
    numba : dict or bool, optional
        Compile the function by Numba, with these options, as `jit` does.
    ray : dict, optional
        What else `ray.remote` takes. It means nothing on other backends.
    **options
        ``num_cpus``: processors that one call takes, by default one; an actor takes none while it does nothing.
        ``max_restarts``: how often a call or an actor is begun anew when its worker is lost, by default never; -1:
        always. ``resources``: of Ray's nodes. ``f.options(...)`` gives the same function with others.

    Returns
    -------
    RemoteFunction or ActorClass
        ``f.remote(...)`` gives a future: a `concurrent.futures.Future` that can be awaited, on Ray a `ray.ObjectRef`.
        Futures may be arguments; the call waits for their values. ``C.remote(...)`` gives a handle: its methods have
        ``remote``, and run one after the other.

    Raises
    ------
    TypeError
        For what is neither, and for options that do not exist.

    Examples
    --------
    >>> import collections, ramba
    >>> @ramba.remote
    ... def square(x):
    ...     return x * x
    >>> ramba.get([square.remote(i) for i in range(4)])
    [0, 1, 4, 9]

    An object of a remote class has its own thread, or lives on a worker:

    >>> total = ramba.remote(collections.Counter).remote()
    >>> ramba.get([total.update.remote("aab"), total.most_common.remote()])[1]
    [('a', 2), ('b', 1)]
    """
    decorate = functools.partial(_decorated, Options(ray=ray or {}).changed(options), numba)
    return decorate if thing is None else decorate(thing)


def _decorated(options: Options, numba: dict[str, Any] | bool | None, thing: Callable[..., Any] | type) -> Any:
    if isinstance(thing, type):
        if numba:
            raise TypeError("Methods are compiled one by one: with ramba.jit.")
        return ActorClass(thing, options)
    if not callable(thing):
        raise TypeError(f"remote takes a function or a class, not {thing!r}.")
    if numba:
        thing = jit(numba=None if numba is True else numba)(thing)
    return RemoteFunction(thing, options)


__all__ = ["remote"]
