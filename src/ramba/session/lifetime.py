"""Who runs the work: starting and ending backends from Python."""

from __future__ import annotations

import inspect
from typing import Any

from ramba import config
from ramba.api.manipulation.resizing import resize as numpys_resize
from ramba.engine import ENGINE
from ramba.engine.resizing import resize as resize_session
from ramba.runtime.python.aside import place

_NOTHING: Any = inspect.Parameter.empty


def init(backend: str | None = None, workers: int | None = None, **settings: object) -> None:
    """Choose who runs the work, and start it now rather than at first use.

    It does from Python what ``RAMBA_BACKEND``, ``RAMBA_WORKERS`` and the other variables do. Whatever ran before is
    shut down first: see `shutdown` for what that means for its arrays.

    Parameters
    ----------
    backend : {"auto", "threads", "local", "processes", "mpi", "ray"}, optional
        ``threads``: this process, with all its cores. ``processes``: worker processes on this machine. ``mpi``: the
        ranks that ``mpiexec`` started. ``ray``: workers on the nodes of a Ray cluster. ``local``: several workers that
        take turns in this process, for tests. ``auto``: as the program was started.
    workers : int, optional
        How many workers; what suits the backend if not given.
    **settings
        Any other setting, such as ``num_threads`` (of each worker) or ``ray_address``.

    Raises
    ------
    ConfigError
        For a setting that does not exist or cannot be used.

    Examples
    --------
    >>> import ramba as np
    >>> np.init(backend="local", workers=2)
    >>> float(np.ones(100_000).sum())
    100000.0
    >>> np.shutdown()
    """
    shutdown()
    if backend is not None:
        settings["backend"] = backend
    if workers is not None:
        settings["workers"] = workers
    config.set(**settings)
    ENGINE.start()


def shutdown() -> None:
    """End the workers that this program started, if there are any.

    Arrays that lie on workers are lost, those in this process keep their values. The next operation that needs workers
    starts them again.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.ones(10)
    >>> np.shutdown()
    >>> float(a.sum())
    10.0
    """
    ENGINE.close()


def resize(a: object = _NOTHING, new_shape: object = _NOTHING, *, workers: object = _NOTHING) -> Any:
    """Go on with more workers, or with fewer: ``resize(workers=4)``; or NumPy's function of this name.

    Arrays keep their values. What is pending is computed first; then workers are started or ended, and blocks move
    from worker to worker until all arrays lie as so many workers would have laid them. If that cannot be, everything
    is as it was before.

    Parameters
    ----------
    a, new_shape
        NumPy's: the elements of `a`, again and again, in a new shape.
    workers : int or None
        How many there will be. None: as many as the backend would start by itself; on ``ray`` that is one on each node
        that the cluster has by now. On ``threads``, which has one worker, it is the number of its threads.

    Returns
    -------
    int or ndarray
        How many workers there are now, or threads; with `a`, NumPy's result.

    Raises
    ------
    RuntimeError
        Under MPI, where the number of ranks is fixed.
    MemoryError
        If fewer workers have no room for all arrays.

    Notes
    -----
    Blocks that a ``distribution`` asked for stay as they are, as long as there are as many workers. Calls (`remote`)
    that run on workers which end are waited for; actors on them are lost, as if these had been.

    Examples
    --------
    >>> import ramba as np
    >>> np.init(backend="local", workers=2)
    >>> a = np.arange(100_000.0)
    >>> np.resize(workers=3)
    3
    >>> float(a.sum())
    4999950000.0
    >>> np.shutdown()

    NumPy's:

    >>> np.resize([1, 2], 3)
    array([1, 2, 1])
    """
    given = {name: value for name, value in (("a", a), ("new_shape", new_shape)) if value is not _NOTHING}
    if workers is _NOTHING:
        return numpys_resize(**given)
    if given:
        raise TypeError("resize takes an array and a shape, or a number of workers")
    if place() is not None:
        raise RuntimeError("Only the program itself can change the number of workers, no function of it on a worker.")
    with config.set(workers=workers) as settings:
        count = settings.workers
    return resize_session(ENGINE, count)


resize.__signature__ = inspect.signature(numpys_resize)  # type: ignore[attr-defined]

__all__ = ["init", "resize", "shutdown"]
