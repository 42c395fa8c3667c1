"""Several workers in this process, who take turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ramba import config
from ramba.runtime.description import Description, Start

if TYPE_CHECKING:
    from ramba.runtime.cluster import Cluster


def _start() -> Start:
    settings = config.current()
    return Start(settings.workers or 2, settings.num_threads, "they take turns in this process: for tests")


BACKEND = Description("local", _start, order=1)


def open() -> Cluster:
    """The backend."""
    from ramba.runtime.cluster import Cluster  # here: what clusters need takes a tenth of a second to import
    from ramba.runtime.local import LocalLink

    return Cluster(LocalLink(config.current().workers or 2))
