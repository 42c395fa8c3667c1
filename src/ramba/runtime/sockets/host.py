"""Which processes share memory and folders, and under which address other hosts reach this one."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Iterator
from pathlib import Path


@functools.cache
def identity() -> str:
    """The same text in two processes if one can open the other's sockets and memory.

    That takes the same running kernel, the same user, and no container between them.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        spaces = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("pid", "mnt")]
    except OSError:
        boot, spaces = socket.gethostname(), []
    return " ".join([boot, *spaces, str(os.getuid())])


def name() -> str:
    """What people call this host."""
    return socket.gethostname()


@functools.cache
def shares_memory() -> bool:
    """Whether others can map memory of this process: by a descriptor without a name, found through /proc."""
    if not hasattr(os, "memfd_create"):
        return False
    try:
        descriptor = os.memfd_create("ramba")
    except OSError:
        return False
    try:
        os.close(os.open(f"/proc/{os.getpid()}/fd/{descriptor}", os.O_RDONLY))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


class MemoryKills:
    """How often the kernel kills for want of memory in the control group of a process, from now on.

    It counts before it kills. The group is found now: of a process that is gone nobody knows it any more.
    """

    def __init__(self, process: int, processes: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> None:
        self._counter = next((path for path in _counters(processes / str(process), groups) if _kills(path) >= 0), None)
        self._before = _kills(self._counter) if self._counter is not None else 0

    def told(self) -> str:
        """What to add to the story of a process's end; nothing if the kernel tells nothing."""
        more = _kills(self._counter) - self._before if self._counter is not None else 0
        if more <= 0:
            return ""
        what = "a process" if more == 1 else f"{more} processes"
        return f"; meanwhile the kernel has killed {what} of its control group for want of memory"


def _counters(process: Path, groups: Path) -> Iterator[Path]:
    """Files in which the kernel may count: of the older kind of control groups, and of the newer one.

    In a container the group's own directory may be the root of what is seen.
    """
    try:
        lines = (process / "cgroup").read_text().splitlines()
    except OSError:
        return
    for _, kinds, path in (line.split(":", 2) for line in lines):
        inner = path.lstrip("/")
        if "memory" in kinds.split(","):
            yield from (groups / "memory" / inner / "memory.oom_control", groups / "memory" / "memory.oom_control")
        elif not kinds:
            yield from (groups / inner / "memory.events", groups / "memory.events")


def _kills(counter: Path) -> int:
    """What it says; -1 if it says nothing."""
    try:
        words = counter.read_text().split()
        return int(words[words.index("oom_kill") + 1])
    except (OSError, ValueError, IndexError):
        return -1
