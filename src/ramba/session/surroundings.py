"""Who computes for this program: names that programs of the first Ramba ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ramba.engine.keeper import KEEPER
from ramba.runtime.backend import chosen
from ramba.runtime.backends import descriptions
from ramba.runtime.description import CannotStartError, Start
from ramba.runtime.mpi import launcher
from ramba.runtime.python.aside import place


def in_driver() -> bool:
    """Whether this is the program itself, and no function of it that a worker runs.

    Returns
    -------
    bool

    Examples
    --------
    >>> import ramba as np
    >>> np.in_driver()
    True
    """
    return not launcher.is_worker_rank() and place() is None


def _expected() -> Start | None:
    """What is, or would be, started."""
    try:
        return descriptions()[chosen()].expected()
    except (CannotStartError, KeyError):
        return None


def num_workers() -> int:
    """How many workers there are, or would be if they were needed; 1 if this process computes by itself."""
    started = int(getattr(KEEPER.backend, "size", 0))
    found = None if started else _expected()
    return started or (found.workers if found is not None else 1)


def num_threads() -> int:
    """How many threads each worker has, or would have."""
    found = _expected()
    return found.threads if found is not None else 1


def num_nodes() -> int:
    """How many hosts the workers are on; 1 until they are started."""
    link = getattr(KEEPER.backend, "link", None)
    return len({facts.host for facts in getattr(link, "members", ())}) or 1


attributes: Mapping[str, Callable[[], object]] = {
    "is_main_thread": in_driver,
    "num_workers": num_workers,
    "num_threads": num_threads,
    "num_nodes": num_nodes,
}
"""Attributes of the module `ramba` that are asked for anew each time."""


def attribute(name: str) -> object:
    """What one of them is now."""
    return attributes[name]()


__all__ = ["attribute", "attributes", "in_driver"]
