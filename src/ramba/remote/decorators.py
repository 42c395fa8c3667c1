"""The decorator for functions and classes."""

from __future__ import annotations

from typing import Any

from ramba.remote.actors import ActorClass
from ramba.remote.functions import RemoteFunction
from ramba.remote.jit import jit
from ramba.remote.options import Options


def remote(thing: Any = None, /, *, numba: Any = None, ray: Any = None, **options: Any) -> Any:
    """Makes a function or a class one that runs elsewhere.

    That is on other threads of this process, on worker processes, on MPI ranks, or as Ray's own tasks and actors.

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

    Examples
    --------
    >>> import ramba
    >>> @ramba.remote
    ... def square(x):
    ...     return x * x
    >>> ramba.get([square.remote(i) for i in range(4)])
    [0, 1, 4, 9]

    An object of a remote class has its own thread, or lives on a worker:

    >>> @ramba.remote
    ... class Counter:
    ...     n = 0
    ...     def add(self, k):
    ...         self.n += k
    ...         return self.n
    >>> counter = Counter.remote()
    >>> ramba.get([counter.add.remote(k) for k in (1, 2, 3)])
    [1, 3, 6]
    """
    chosen = Options(ray=ray or {}).changed(options)

    def decorate(thing: Any) -> Any:
        if isinstance(thing, type):
            if numba:
                raise TypeError("Methods are compiled one by one: with ramba.jit.")
            return ActorClass(thing, chosen)
        if not callable(thing):
            raise TypeError(f"remote takes a function or a class, not {thing!r}.")
        if numba:
            thing = jit(numba={} if numba is True else numba)(thing)
        return RemoteFunction(thing, chosen)

    return decorate if thing is None else decorate(thing)


__all__ = ["remote"]
