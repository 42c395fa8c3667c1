"""What this process may use of the machine it runs on: processors and memory."""

from __future__ import annotations

import _imp
import contextlib
import functools
import importlib
import os
import sys
from pathlib import Path
from typing import Any

_UNLIMITED = 1 << 60  # cgroup v1 writes "no limit" as the largest multiple of the page size
_PROC_CGROUP = Path("/proc/self/cgroup")
_CGROUP = Path("/sys/fs/cgroup")
_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


def processors() -> int:
    """Physical cores in the affinity mask, or fewer if a cgroup quota grants less."""
    logical = _affinity()
    # two hyper-threads share the units that kernels keep busy: a second thread on a core only adds cache misses
    cores = {_read(Path(_TOPOLOGY.format(cpu))) or str(cpu) for cpu in logical}
    quota = _cpu_quota()
    return max(1, len(cores) if quota is None else min(len(cores), int(quota + 0.5)))


def free_memory() -> int:
    """Bytes that can be allocated now without swapping, on the machine and within the cgroup."""
    free = _meminfo("MemAvailable")
    limits = [limit - used for limit, used in _memory_groups()]
    return max(0, min([free, *limits]))


def total_memory() -> int:
    """Bytes of memory of the machine, or of the cgroup if that is less."""
    return min([_meminfo("MemTotal"), *(limit for limit, _ in _memory_groups())])


def address_space() -> int | None:
    """Bytes that RLIMIT_AS still leaves to this process; None where there is no such limit."""
    if sys.platform == "win32":
        return None
    resource = _load("resource")
    soft: int = resource.getrlimit(resource.RLIMIT_AS)[0]
    if soft == resource.RLIM_INFINITY:
        return None
    statm = _read(Path("/proc/self/statm"))
    used = int(statm.split()[0]) * resource.getpagesize() if statm else 0
    return max(0, soft - used)


def _affinity() -> list[int]:
    if sys.platform == "linux":
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _cpu_quota() -> float | None:
    """Processors that the tightest cgroup around this process grants."""
    quotas = []
    for group in _groups("", ""):
        words = (_read(group / "cpu.max") or "max").split()
        if words[0] != "max":
            quotas.append(int(words[0]) / int(words[1]))
    for group in _groups("cpu", "cpu"):
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
        if quota and period and int(quota) > 0:
            quotas.append(int(quota) / int(period))
    return min(quotas, default=None)


def _memory_groups() -> list[tuple[int, int]]:
    """(limit, used) of every cgroup around this process that limits memory."""
    return [(limit, _used(group / current, group, field)) for limit, group, current, field in _limited_groups()]


@functools.cache
def _limited_groups() -> list[tuple[int, Path, str, str]]:
    """Limit, folder, file of the use, field of what can be reclaimed, of every cgroup that limits memory."""
    found = [(_number(group / "memory.max"), group, "memory.current", "inactive_file") for group in _groups("", "")]
    for group in _groups("memory", "memory"):
        limit = _number(group / "memory.limit_in_bytes")
        found.append((limit, group, "memory.usage_in_bytes", "total_inactive_file"))
    return [row for row in found if row[0] < _UNLIMITED]


def _groups(controller: str, folder: str) -> list[Path]:
    """Folders of the cgroups around this process, innermost first; the empty controller means cgroup version 2."""
    for line in (_read(_PROC_CGROUP) or "").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            inner = _CGROUP / folder / path.lstrip("/")
            top = _CGROUP / folder
            return [inner, *(parent for parent in inner.parents if parent == top or top in parent.parents)]
    return []


def _used(current: Path, group: Path, reclaimable: str) -> int:
    """Bytes in use in a cgroup, without the page cache that gives way."""
    used = _number(current)
    for line in (_read(group / "memory.stat") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == reclaimable:
            used -= int(value)
    return max(0, used) if used < _UNLIMITED else 0


def _number(path: Path) -> int:
    text = _read(path)
    return int(text) if text and text.isdigit() else _UNLIMITED


def _meminfo(field: str) -> int:
    """Bytes of one row of /proc/meminfo, or what psutil says where there is none."""
    # psutil says the same, but takes 15 ms to import
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    memory = _load("psutil").virtual_memory()
    return int(memory.available if field == "MemAvailable" else memory.total)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _load(name: str) -> Any:
    """A module that only some platforms have or only some need."""
    return importlib.import_module(name)


def free_import_lock() -> None:
    """Lets other threads import: an interrupt of an import may have left the interpreter's own lock with this one.

    CPython takes that lock for a moment of each import, and an exception that a signal handler raises there leaves it
    taken: this thread does not notice, all others wait for ever. Who calls this is in no such moment.
    """
    with contextlib.suppress(RuntimeError):  # it is not ours
        while True:
            _imp.release_lock()
