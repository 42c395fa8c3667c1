"""N child processes on this machine: `RAMBA_WORKERS` of them, by default as many as there are processors."""

from __future__ import annotations

from ramba.runtime.cluster import Cluster
from ramba.runtime.sockets.processes import processes


def open() -> Cluster:
    """The backend."""
    return Cluster(processes())
