"""Workers as Ray actors: on the cluster that the settings or `RAY_ADDRESS` name, else on one of our own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ramba import config
from ramba.runtime.description import Description, Start, threads_of

if TYPE_CHECKING:
    from ramba.runtime.cluster import Cluster


def _start() -> Start:
    settings = config.current()
    count = settings.workers or 1
    address = settings.ray_address or os.environ.get("RAY_ADDRESS")
    if address in (None, "", "local"):
        how = "on a cluster of its own, with a token"
    else:
        how = "on that cluster" if settings.workers else "on each node of that cluster, if all are alike"
    return Start(count, threads_of(count), how)


BACKEND = Description(
    "ray",
    _start,
    needs=("ray", "zmq"),
    starts_processes=True,
    meant=lambda: config.current().ray_address is not None,
    order=4,
)


def open() -> Cluster:
    """The backend."""
    from ramba.runtime.cluster import Cluster  # here: only who uses it needs Ray
    from ramba.runtime.sockets.actors import rays

    return Cluster(rays())
