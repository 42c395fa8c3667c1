"""The ranks of an MPI job, if this process is the first of several; else one worker in this process.

``mpiexec -n N python program.py`` runs the program once: rank 0 is the driver and executes it, ranks 1 to N - 1 are
workers. All ranks start the same file, so what stands before ``import ramba`` runs on each of them; at that line
workers begin to serve the driver, and never come back to the program. They end when the driver ends, and the job's exit
status is the driver's. ``mpiexec -n 1`` and plain ``python`` start no MPI at all.

With ``RAMBA_BACKEND=threads`` (or any other) every rank runs the program by itself, as it would without a launcher.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from ramba.runtime.backends import threads
from ramba.runtime.description import CannotStartError, Description, Start, threads_of
from ramba.runtime.mpi import launcher

if TYPE_CHECKING:
    from ramba.runtime.cluster import Cluster


def _start() -> Start:
    place = launcher.place()
    if place is None:
        raise CannotStartError("no MPI launcher, as in: mpiexec -n 3 python program.py")
    count = place.size - 1
    return Start(count, threads_of(count), "if on one host")


BACKEND = Description("mpi", _start, needs=("mpi4py",), meant=launcher.is_driver_rank, order=3)


def open() -> Cluster | threads.Threads:
    """The backend."""
    if not launcher.is_driver_rank():
        return threads.open()
    from ramba.runtime.cluster import Cluster  # here: what clusters need takes a tenth of a second to import

    link = starting("link")
    link.meet()
    return Cluster(link.MpiLink())


def join() -> None:
    """When Ramba is imported on a rank: the ranks meet, and workers obey until the job ends, without returning."""
    if launcher.is_driver_rank():
        starting("link").meet()
    if launcher.is_worker_rank():
        from ramba.runtime.member import Member, serve

        # for Python the import of ramba would never be over: threads that import something of it would wait for ever
        sys.modules["ramba"].__spec__._initializing = False  # type: ignore[union-attr]
        starting("worker").work(Member, serve)


def starting(name: str) -> Any:
    """A module whose import starts MPI."""
    try:
        return importlib.import_module(f"ramba.runtime.mpi.{name}")
    except ModuleNotFoundError as missing:
        raise ImportError(
            f"This process is one of several that an MPI launcher started. To join them, Ramba needs {missing.name}: "
            "pip install 'ramba[mpi]'. With RAMBA_BACKEND=threads each of them works for itself."
        ) from missing
