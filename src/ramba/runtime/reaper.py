"""A small process that outlives its driver for seconds: ends what a Ray cluster of ours leaves behind.

Run as a file, by an interpreter without site packages: it starts in a few milliseconds, and needs nothing of Ramba.
Its standard input is a pipe whose other end only the driver has. When that is closed, on purpose or because the driver
is dead, every process of this user that has a file open in the cluster's private directory is ended, and the
directory is removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

_PATIENCE = 10.0  # s until it gives up
_PAUSE = 0.2
_QUIET = 3  # looks without finding anybody before it ends: processes that start others die last


def main(folder: str, driver: int) -> None:
    """Waits for the driver's end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while os.read(0, 1):
        pass
    deadline, quiet = time.monotonic() + _PATIENCE, 0
    while quiet < _QUIET and time.monotonic() < deadline:
        found = inhabitants(folder) - {os.getpid(), driver}
        quiet = 0 if found else quiet + 1
        for process in found:
            _kill(process)
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_PAUSE)
    shutil.rmtree(folder, ignore_errors=True)


def inhabitants(folder: str) -> set[int]:
    """Processes of this user that have a file open in a directory, or work there."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if entry.stat().st_uid == os.getuid() and _lives_in(entry, folder):
                found.add(int(entry.name))
        except OSError:  # gone meanwhile
            continue
    return found


def _lives_in(process: Path, folder: str) -> bool:
    if folder in (process / "cmdline").read_text(errors="replace"):
        return True
    for link in (process / "fd").iterdir():
        try:
            if os.readlink(link).startswith(folder):
                return True
        except OSError:
            continue
    return False


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
