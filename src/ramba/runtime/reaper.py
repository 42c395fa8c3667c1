"""A small process that outlives its driver for seconds: ends what a Ray cluster of ours leaves behind.

Run as a file, by an interpreter without site packages: it starts in a few milliseconds, and needs nothing of Ramba.
Its standard input is a pipe whose other end only the driver has. Through it the driver names the cluster's processes,
each by its number and the time of its start, because numbers are used again. When the pipe is closed, on purpose or
because the driver is dead, these processes and what they have started are ended, and the directory is removed.

Nothing else is: what the user's program started or forked may have the cluster's files open, too.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_PATIENCE = 10.0  # s until it gives up
_PAUSE = 0.2
_QUIET = 3  # looks without finding anybody before it ends: processes that start others die last

Named = tuple[int, str]  # the number of a process, and when it was started, in the kernel's words


def main(folder: str) -> None:
    """Waits for the driver's end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    known = {named for line in sys.stdin if (named := _read(line)) is not None}
    deadline, quiet = time.monotonic() + _PATIENCE, 0
    while quiet < _QUIET and time.monotonic() < deadline:
        known |= family(known) | marked(folder)
        found = [process for process, start in known if started(process) == start]
        quiet = 0 if found else quiet + 1
        for process in found:
            _kill(process)
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_PAUSE)
    shutil.rmtree(folder, ignore_errors=True)


def started(process: int) -> str | None:
    """When a process was started; None if there is none of that number, or only its exit status."""
    fields = _status(process)
    return fields[19] if fields and fields[0] not in "ZX" else None


def family(roots: Iterable[Named]) -> set[Named]:
    """The living among these processes, and all that descend from them."""
    children: dict[int, list[int]] = {}
    for process in _processes():
        if fields := _status(process):
            children.setdefault(int(fields[1]), []).append(process)
    left = [process for process, start in roots if started(process) == start]
    found = set()
    while left:
        process = left.pop()
        start = started(process)
        if start is not None and (process, start) not in found:
            found.add((process, start))
            left += children.get(process, [])
    return found


def marked(folder: str) -> set[Named]:
    """Processes whose command and variables tell of the directory: the cluster's own, until Ray renames them."""
    found = set()
    for process in _processes():
        try:
            told = [Path(f"/proc/{process}/{what}").read_bytes() for what in ("cmdline", "environ")]
        except OSError:  # gone meanwhile, or somebody else's
            continue
        if all(folder.encode() in text for text in told) and (start := started(process)) is not None:
            found.add((process, start))
    return found


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _status(process: int) -> list[str]:
    """What the kernel says of a process, from its state on; empty if it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _read(line: str) -> Named | None:
    process, _, start = line.strip().partition(" ")
    return (int(process), start) if process.isdigit() and start else None


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        return


if __name__ == "__main__":
    main(sys.argv[1])
