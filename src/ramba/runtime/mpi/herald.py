"""Says which rank of this host was lost: launchers kill all the others at once, and name the process at best.

A small process of its own, which the launcher does not know, sleeps until one of the ranks is gone; there is one on
each host, the child of its last worker. This file is also its program, and imports nothing of Ramba.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping

_STOP = b"stop"
_LAST_WORDS = 1000  # ms for the kernel to report a death, after the parent's end of the pipe was closed


class Herald:
    """Watches processes, given by rank, until it is stopped."""

    def __init__(self, processes: Mapping[int, int]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if not hasattr(os, "pidfd_open"):
            return
        command = [sys.executable, "-I", "-S", __file__, *(f"{rank}:{pid}" for rank, pid in processes.items())]
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
            )

    def stop(self) -> None:
        """From now on the ranks may end."""
        if self._process is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self._process.communicate(_STOP, timeout=1)


def watch(processes: Mapping[int, int]) -> str | None:
    """Waits until a process is gone: a sentence; None if that is no news."""
    ranks: dict[int, int] = {}
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    for rank, pid in processes.items():
        with contextlib.suppress(OSError):  # it has ended already, or belongs to a container
            descriptor = os.pidfd_open(pid)
            ranks[descriptor] = rank
            waiting.register(descriptor, select.POLLIN)
    ready = {descriptor for descriptor, _ in waiting.poll()}
    if ready == {0}:
        if os.read(0, len(_STOP)):
            return None
        waiting.unregister(0)  # the parent has closed it: with its life?
        ready = {descriptor for descriptor, _ in waiting.poll(_LAST_WORDS)}
    lost = sorted(ranks[descriptor] for descriptor in ready if descriptor in ranks)
    if not lost:
        return None
    who = " or ".join(f"rank {rank} (process {processes[rank]})" for rank in lost)
    return f"ramba: {who} on host {socket.gethostname()} was lost{_reason(processes[lost[0]])}, and the job ends.\n"


def _reason(pid: int) -> str:
    """How a process ended, as long as its parent has not asked."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/stat") as stat:
            status = int(stat.read().rpartition(")")[2].split()[-1])
        if os.WIFSIGNALED(status):
            return f" (killed by {signal.Signals(os.WTERMSIG(status)).name})"
        return f" (it ended with status {os.WEXITSTATUS(status)})"
    return ""


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    news = watch({int(rank): int(pid) for rank, _, pid in (pair.partition(":") for pair in sys.argv[1:])})
    if news is not None:
        sys.stderr.write(news)
