"""`spmd`: a function of the user's that runs on every worker, each with its own parts of arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.engine.guests import without_guests
from ramba.functions.local_array import LocalArray, part_of
from ramba.layout.overlap import Box
from ramba.lazyarray import IMPLEMENTED, Array
from ramba.lazyarray.visiting import Given, mapped, own_view, visiting
from ramba.runtime.python.aside import place

_NOTHING: Any = object()


def spmd(func: Callable[..., Any], *args: object) -> list[Any]:
    """Run a function of your own on every worker, each with its own parts of arrays.

    On threads there is one worker, this process, which has all of each array.

    Parameters
    ----------
    func : callable
        Called on each worker. For each array of Ramba's it gets a `LocalArray`. All workers run it at the same time;
        `rank`, `size` and `barrier` are there for it.
    *args : object
        Arrays, also in lists, tuples and dicts; everything else is passed on as it is, and has to be what can be
        pickled where workers are other processes.

    Returns
    -------
    list
        What the function gave on each worker, by rank.

    Raises
    ------
    Exception
        What the function raised on one of the workers; a note says on which, and has its traceback.

    See Also
    --------
    map_blocks : For functions that need not know where they are.
    redistribute : To choose where parts lie.

    Notes
    -----
    ``x.local()`` is a NumPy array over the worker's memory of `x`: what is written to it is written to `x`. Of a view,
    it shows the elements of the view only. Arrays that are whole on every worker can only be read.

    Examples
    --------
    >>> import ramba as np
    >>> x = np.arange(6.0)
    >>> def scale(x, factor):
    ...     x.local()[...] *= factor
    ...     return float(x.local().sum())
    >>> sum(np.spmd(scale, x[::2], 10))
    60.0
    >>> x
    array([ 0.,  1., 20.,  3., 40.,  5.])
    """
    if not callable(func):
        raise TypeError(f"a function is expected, not {type(func).__name__!r}")
    if not ENGINE.distributed:
        return [func(*mapped(list(args), _whole))]
    with visiting() as visit, without_guests(ENGINE):
        given = mapped(list(args), lambda value: visit.give(value) if isinstance(value, Array) else value)
        found: list[Any] = ENGINE.backend.everywhere(_run, (func, given), {}, visit.refer, visit.blocks)
    return found


def _whole(value: object) -> Any:
    """In one process: all of an array."""
    if not isinstance(value, Array):
        return value
    memory = own_view(value)
    return LocalArray(memory.shape, Box((0,) * memory.ndim, memory.shape), memory)


def _run(func: Callable[..., Any], given: Sequence[Any]) -> Any:
    """On a worker: calls the function with its parts."""
    return func(*mapped(given, lambda value: part_of(value) if isinstance(value, Given) else value))


def rank() -> int:
    """Return the number of the worker on which the function that `spmd` runs calls this; outside of one it is 0.

    Returns
    -------
    int
        From 0 to ``size() - 1``.

    See Also
    --------
    size : How many workers there are.

    Examples
    --------
    >>> import ramba as np
    >>> np.spmd(np.rank) == list(range(np.size()))
    True
    """
    here = place()
    return here.group.rank if here is not None else 0


def size(a: Any = _NOTHING, axis: int | tuple[int, ...] | None = None) -> Any:
    """Return how many workers there are; of an array, as NumPy's function of this name, how many elements.

    Parameters
    ----------
    a : array_like, optional
        Without it, workers are counted; a process that computes by itself is one.
    axis : int or tuple of int, optional
        Axes along which elements are counted.

    Returns
    -------
    int
        The number.

    See Also
    --------
    rank : The number of this worker.

    Examples
    --------
    >>> import ramba as np
    >>> np.size() == len(np.spmd(np.rank))
    True
    >>> np.size(np.zeros((2, 3)))
    6
    """
    if a is not _NOTHING:
        return IMPLEMENTED[np.size](a, axis)
    here = place()
    if here is not None:
        return here.group.size
    return int(getattr(ENGINE.backend, "size", 1)) if ENGINE.distributed else 1


size.__signature__ = inspect.signature(np.size)  # type: ignore[attr-defined]


def barrier() -> None:
    """Wait until all workers are here; outside of a function that `spmd` runs, until they have done everything.

    See Also
    --------
    spmd : Functions that all workers run at the same time.

    Examples
    --------
    >>> import ramba as np
    >>> np.spmd(lambda: np.barrier())
    [None]
    """
    here = place()
    if here is not None:
        here.ask(here.group.gather(np.zeros(1, np.int8)))
    elif ENGINE.distributed:
        ENGINE.sync()


__all__ = ["barrier", "rank", "size", "spmd"]
