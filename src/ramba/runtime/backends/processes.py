"""N child processes on this machine: `RAMBA_WORKERS` of them, by default as many as there are processors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ramba import config, machine
from ramba.runtime.description import CannotStartError, Description, Start, threads_given, threads_of

if TYPE_CHECKING:
    from ramba.runtime.cluster import Cluster


def _start() -> Start:
    if os.name != "posix":
        raise CannotStartError("needs a POSIX system")
    count = config.current().workers or (1 if threads_given() else machine.processors())
    return Start(count, threads_of(count), "child processes")


BACKEND = Description("processes", _start, needs=("zmq",), starts_processes=True, order=2)


def open() -> Cluster:
    """The backend."""
    from ramba.runtime.cluster import Cluster  # here: only who uses them needs pyzmq
    from ramba.runtime.sockets.processes import processes

    return Cluster(processes())
