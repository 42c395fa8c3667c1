"""One worker in this process, with a team of threads: nothing to start, no port, no child process."""

from __future__ import annotations

from ramba.runtime.team import current
from ramba.runtime.worker import Worker


class Threads(Worker):
    """The worker itself is the backend."""

    def close(self) -> None:
        """Stops the threads."""
        current().close()


def open() -> Threads:
    """The backend."""
    return Threads()
