"""Who runs the work: starting and ending backends from Python."""

from __future__ import annotations

from ramba import config
from ramba.engine import ENGINE


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


__all__ = ["init", "shutdown"]
