"""All ranks of an MPI job run the program, and share its arrays: ``RAMBA_SPMD=1 mpiexec -n N python program.py``.

There is no driver, and hence no time that it takes; in exchange, everything the program does outside arrays is done N
times, printing included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ramba import config
from ramba.runtime.backends.mpi import starting
from ramba.runtime.description import CannotStartError, Description, Start, threads_of
from ramba.runtime.mpi import launcher

if TYPE_CHECKING:
    from ramba.runtime.cluster import Cluster


def _start() -> Start:
    place = launcher.place()
    if place is None:
        raise CannotStartError("no MPI launcher, as in: RAMBA_SPMD=1 mpiexec -n 3 python program.py")
    return Start(place.size, threads_of(place.size), "if on one host; every rank runs the program")


def _meant() -> bool:
    return config.current().spmd and launcher.place() is not None


BACKEND = Description("spmd", _start, needs=("mpi4py",), extra="mpi", meant=_meant, by_name=False, order=5)


def open() -> Cluster:
    """The backend of one rank."""
    from ramba.runtime.cluster import Cluster  # here: what clusters need takes a tenth of a second to import

    return Cluster(starting("peers").PeerLink())


def join() -> None:
    """When Ramba is imported on a rank: the ranks meet."""
    starting("peers").join()
