"""The ranks of an MPI job, if this process is the first of several; else one worker in this process.

``mpiexec -n N python program.py`` runs the program once: rank 0 is the driver and executes it, ranks 1 to N - 1 are
workers. All ranks start the same file, so what stands before ``import ramba`` runs on each of them; at that line
workers begin to serve the driver, and never come back to the program. They end when the driver ends, and the job's exit
status is the driver's. ``mpiexec -n 1`` and plain ``python`` start no MPI at all.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from ramba.runtime.backend import Backend
from ramba.runtime.backends import threads
from ramba.runtime.cluster import Cluster
from ramba.runtime.member import Member, serve
from ramba.runtime.mpi import launcher


def open() -> Backend:
    """The backend."""
    if not launcher.is_driver_rank():
        return threads.open()
    from ramba.runtime.mpi.link import MpiLink  # starts MPI

    return Cluster(MpiLink())


def meet_workers() -> None:
    """On the driver, when Ramba is imported: starts MPI and waits until the workers are there."""
    from ramba.runtime.mpi.link import meet

    meet()


def serve_and_exit() -> NoReturn:
    """On a worker rank, when Ramba is imported: obeys the driver, and ends the process with it."""
    from ramba.runtime.mpi.worker import work

    # this never returns, and for Python the import of ramba would never be over: other threads that import
    # something of it would wait for ever
    sys.modules["ramba"].__spec__._initializing = False  # type: ignore[union-attr]
    work(Member, serve)
