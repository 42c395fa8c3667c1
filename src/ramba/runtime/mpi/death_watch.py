"""Says which rank of this host was lost: launchers kill all the others at once, and name the process at best.

A small process of its own, which the launcher does not know, sleeps until one of the ranks is gone; there is one on
each host, the child of its last worker. This file is also its program, and imports nothing of Ramba.

A rank's *life line* is a pipe that the kernel closes when the process ends, a moment before the launcher hears of it;
at that moment nobody else has been killed yet.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

_STOP = b"stop"
_PATIENCE = 0.2  # s for the kernel to say how a process ended


class Watched(NamedTuple):
    """A rank of this host."""

    rank: int
    pid: int
    line: int  # number of the reading end of its life line, in its own process


class DeathWatch:
    """Watches ranks until it is stopped. Where the system cannot do that, nobody does."""

    def __init__(self, ranks: Sequence[Watched]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if not hasattr(os, "pidfd_open"):
            return
        command = [sys.executable, "-I", "-S", __file__, *(f"{each.rank}:{each.pid}:{each.line}" for each in ranks)]
        with contextlib.suppress(OSError):
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            assert self._process.stdout is not None
            self._process.stdout.readline()  # it watches

    def stop(self) -> None:
        """From now on the ranks may end."""
        if self._process is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self._process.communicate(_STOP, timeout=1)


def watch(ranks: Sequence[Watched]) -> str | None:
    """Waits until a rank is gone: a sentence; None if that is no news."""
    lines: dict[int, Watched] = {}
    processes: dict[int, int] = {}
    for each in ranks:
        with contextlib.suppress(OSError):  # it has ended already
            processes[each.rank] = os.pidfd_open(each.pid)
            lines[os.open(f"/proc/{each.pid}/fd/{each.line}", os.O_RDONLY | os.O_NONBLOCK)] = each
    waiting = select.poll()
    for descriptor in (0, *lines, *processes.values()):
        waiting.register(descriptor, select.POLLIN)
    os.write(1, b"watching\n")
    ready = {descriptor for descriptor, _ in waiting.poll()}
    if ready == {0} and os.read(0, len(_STOP)):
        return None
    waiting.unregister(0)  # its other end was closed: with the parent's life
    ready |= {descriptor for descriptor, _ in waiting.poll(_PATIENCE * 1e3)}
    gone = [each for line, each in lines.items() if line in ready or processes[each.rank] in ready]
    ends = {each: _end_of(processes[each.rank], each.pid) for each in gone}
    # the launcher kills with SIGKILL: whoever ended in another way ended first
    first = [each for each in gone if "SIGKILL" not in ends[each]] or gone
    if not first:
        return None
    who = " or ".join(f"rank {each.rank} (process {each.pid})" for each in first)
    how = ends[first[0]] if len(first) == 1 else ""
    return f"ramba: {who} on host {socket.gethostname()} was lost{how}; the job ends.\n"


def _end_of(process: int, pid: int) -> str:
    """How a process ended, if its parent has not asked yet."""
    select.select([process], (), (), _PATIENCE)
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(f"/proc/{pid}/stat") as stat:
            status = int(stat.read().rpartition(")")[2].split()[-1])
        if os.WIFSIGNALED(status):
            return f" (killed by {signal.Signals(os.WTERMSIG(status)).name})"
        return f" (it ended with status {os.WEXITSTATUS(status)})"
    return ""


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    news = watch([Watched(*map(int, text.split(":"))) for text in sys.argv[1:]])
    if news is not None:
        sys.stderr.write(news)


if __name__ == "__main__":
    _main()
