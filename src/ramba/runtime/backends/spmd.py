"""All ranks of an MPI job run the program, and share its arrays: ``RAMBA_SPMD=1 mpiexec -n N python program.py``.

There is no driver, and hence no time that it takes; in exchange, everything the program does outside arrays is done N
times, printing included.
"""

from __future__ import annotations

from ramba.runtime.backends.mpi import starting
from ramba.runtime.cluster import Cluster


def open() -> Cluster:
    """The backend of one rank."""
    return Cluster(starting("peers").PeerLink())


def join() -> None:
    """When Ramba is imported on a rank: the ranks meet."""
    starting("peers").join()
