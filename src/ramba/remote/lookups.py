"""The values of futures."""

from __future__ import annotations

import collections
import inspect
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ramba import config
from ramba.api.indexing.inserting import put as numpys_put
from ramba.remote.decorators import remote
from ramba.remote.functions import RemoteFunction
from ramba.remote.futures import FINISHED, Ref, ready
from ramba.remote.runner import current

_NOTHING: Any = object()
_TOGETHER = 500  # calls
_MOMENT = 2e-3  # s that those before them may wait for nothing
_AHEAD = 4  # calls of `map` for each processor, before the first of them is looked at


def get(refs: object, *, timeout: float | None = None) -> Any:
    """The value of a future, or the values of several.

    Parameters
    ----------
    refs : future or sequence of futures
        What ``.remote`` and `put` gave; on Ray, its own are among them.
    timeout : float, optional
        Seconds after which it gives up.

    Returns
    -------
    object or list
        A list for a sequence.

    Raises
    ------
    TimeoutError
        When the time is over: the call goes on.
    TypeError
        For what is no future.
    WorkerLostError
        If the worker is gone that ran the call.
    Exception
        What the call raised is raised here, with its traceback.

    Examples
    --------
    >>> import ramba
    >>> ramba.get([ramba.put(1), ramba.put("two")])
    [1, 'two']
    """
    if isinstance(refs, Ref):
        return refs.result(timeout)
    if not isinstance(refs, list | tuple):
        return _theirs(refs).get(refs, timeout)
    if not all(isinstance(ref, Ref) for ref in refs):
        strange = next(ref for ref in refs if not isinstance(ref, Ref))
        return _theirs(strange).get(list(refs), timeout)
    if timeout is None:
        return _values(refs)
    end = time.monotonic() + timeout
    return [ref.result(max(0.0, end - time.monotonic())) for ref in refs]


def _values(refs: Sequence[Ref]) -> list[Any]:
    """The values of many: where each is ready just after the one before, it would be slow to wake up for each."""
    found = []
    for place, ref in enumerate(refs):
        if ref._state is not FINISHED and place and place + _TOGETHER < len(refs):
            refs[place + _TOGETHER].wait_for(_MOMENT)
        found.append(ref.result())
    return found


def put(a: object, ind: object = _NOTHING, v: object = _NOTHING, mode: object = _NOTHING) -> Any:
    """A future of a value that is here, to hand it to several calls; or NumPy's function of this name.

    Parameters
    ----------
    a : object
        If it is the only argument, the value. Else the array that NumPy's `put` changes.
    ind, v, mode
        NumPy's: the elements at the positions `ind` of the flattened array become `v`.

    Returns
    -------
    future or None
        On Ray, the value lies in its object store, and each node fetches it once.

    Examples
    --------
    >>> import ramba
    >>> ramba.get(ramba.put([1, 2]))
    [1, 2]

    NumPy's:

    >>> a = ramba.zeros(3)
    >>> ramba.put(a, 1, 5)
    >>> a
    array([0., 5., 0.])
    """
    given = {name: value for name, value in (("ind", ind), ("v", v), ("mode", mode)) if value is not _NOTHING}
    if given:
        return numpys_put(a, **given)
    theirs = getattr(current(), "put", None)
    return ready(a) if theirs is None else theirs(a)


put.__signature__ = inspect.signature(numpys_put)  # type: ignore[attr-defined]


def wait(refs: Sequence[Any], *, num_returns: int = 1, timeout: float | None = None) -> tuple[list[Any], list[Any]]:
    """Waits until some of several futures are settled.

    Parameters
    ----------
    refs : sequence of futures
        All different.
    num_returns : int
        How many to wait for.
    timeout : float, optional
        Seconds after which it gives up.

    Returns
    -------
    settled, others : list
        In the order of `refs`. There are at most `num_returns` of the settled ones, and fewer after the timeout.

    Raises
    ------
    ValueError
        If there are fewer than `num_returns`.

    Examples
    --------
    >>> import ramba
    >>> refs = [ramba.put(i) for i in range(3)]
    >>> done, left = ramba.wait(refs, num_returns=2)
    >>> len(done), len(left)
    (2, 1)
    """
    refs = list(refs)
    if len({id(ref) for ref in refs}) != len(refs):
        raise ValueError("wait takes each future once.")
    if not 0 < num_returns <= len(refs):
        raise ValueError(f"num_returns={num_returns} of {len(refs)} futures.")
    strange = next((ref for ref in refs if not isinstance(ref, Ref)), None)
    if strange is not None:
        found: tuple[list[Any], list[Any]] = _theirs(strange).wait(refs, num_returns, timeout)
        return found
    _wait_for(refs, num_returns, timeout)
    done = list(itertools.islice((ref for ref in refs if ref.done()), num_returns))
    chosen = {id(ref) for ref in done}
    return done, [ref for ref in refs if id(ref) not in chosen]


def _wait_for(refs: list[Ref], count: int, timeout: float | None) -> None:
    """Returns when so many are settled, or when the time is over."""
    if sum(ref.done() for ref in refs) >= count:
        return
    settled, end = threading.Semaphore(0), None if timeout is None else time.monotonic() + timeout

    def tell(_: object) -> None:
        settled.release()

    for ref in refs:
        ref.add_done_callback(tell)
    try:
        for _ in range(count):
            if not settled.acquire(timeout=None if end is None else max(0.0, end - time.monotonic())):
                return
    finally:
        for ref in refs:
            ref.remove_done_callback(tell)


def map(func: Callable[..., Any], iterable: Iterable[Any], *, ahead: int | None = None) -> Iterator[Any]:
    """What a function gives for each item, in order, computed elsewhere.

    Parameters
    ----------
    func : callable
        A function, or what `remote` made of one.
    iterable : iterable
        It is read as far as calls are made.
    ahead : int, optional
        Most calls that are made before their results are looked at, by default four for each processor: however many
        items there are, few are in memory.

    Returns
    -------
    iterator
        Calls begin when it is asked for the first result.

    Raises
    ------
    ValueError
        If `ahead` is less than one.

    Examples
    --------
    >>> import ramba
    >>> list(ramba.map(abs, range(-3, 1)))
    [3, 2, 1, 0]
    """
    if ahead is not None and ahead < 1:
        raise ValueError(f"ahead={ahead} must be at least 1.")
    called = func if isinstance(func, RemoteFunction) else remote(func)
    return _mapped(called, iterable, ahead)


def _mapped(func: RemoteFunction, iterable: Iterable[Any], ahead: int | None) -> Iterator[Any]:
    items = iter(iterable)
    most = ahead or _AHEAD * getattr(current(), "processors", config.current().num_threads)
    refs = collections.deque(func.remote(item) for item in itertools.islice(items, most))
    try:
        while refs:
            yield get(refs.popleft())
            refs.extend(func.remote(item) for item in itertools.islice(items, 1))
    finally:
        for ref in refs:  # nobody looks at them
            if isinstance(ref, Ref):
                ref.cancel()


def _theirs(ref: object) -> Any:
    """Who knows the futures of another library."""
    runner = current()
    if not hasattr(runner, "get") or type(ref).__module__.partition(".")[0] not in ("ray", "builtins"):
        raise TypeError(f"A future is wanted, what .remote or put gave, not {ref!r}.")
    return runner


__all__ = ["get", "map", "put", "wait"]
