"""Says which rank of this host was lost, before the launcher ends the job.

Hydra names the process and the host, other launchers less. Each rank watches the next one of its host, in a ring, with
a thread that sleeps until that process is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 2.0  # s for the launcher to end the job, before we do

log = logging.getLogger("ramba.mpi")


class Neighbour(NamedTuple):
    """The rank that this one watches."""

    rank: int
    pid: int
    host: str


class Watch:
    """Watches a process until it ends or nobody wants to know any more.

    Parameters
    ----------
    neighbour : Neighbour
        Who is watched. Where the system cannot do that, nobody is.
    abort : callable
        Ends the job, if the launcher does not.
    """

    def __init__(self, neighbour: Neighbour, abort: Callable[[], object]) -> None:
        self._neighbour = neighbour
        self._abort = abort
        self._stopped = False
        with contextlib.suppress(AttributeError, OSError):  # not Linux, or an old one
            process = os.pidfd_open(neighbour.pid)
            threading.Thread(target=self._wait, args=(process,), name="ramba-watch", daemon=True).start()

    def stop(self) -> None:
        """From now on the neighbour may end."""
        self._stopped = True

    def _wait(self, process: int) -> None:
        waiting = select.poll()
        waiting.register(process, select.POLLIN)
        waiting.poll()
        if self._stopped:
            return
        rank, pid, host = self._neighbour
        log.error("Rank %d (process %d on %s) was lost: %s. The job ends.", rank, pid, host, _end_of(pid))
        time.sleep(_PATIENCE)
        self._abort()


def _end_of(pid: int) -> str:
    """How a process ended, as long as its parent has not asked; a phrase."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[-1])
        if os.WIFSIGNALED(status):
            return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"it ended with status {os.WEXITSTATUS(status)}"
    return "its process is gone"
