"""Where scripts run."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import pytest

MEMORY_GROUPS = [pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")]  # of the older kind, and newer


@pytest.fixture
def place() -> Iterator[pathlib.Path]:
    """A folder of a script; pytest's own have paths that are too long for sockets in them."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ft", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def short_of_memory() -> Iterator[pathlib.Path]:
    """A control group with little memory, where this user may make one."""
    for parent in MEMORY_GROUPS:
        group = parent / f"ramba-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        for name in ("memory.limit_in_bytes", "memory.max"):
            if (group / name).exists():
                (group / name).write_text(str(300 << 20))
                with contextlib.suppress(OSError):
                    (group / "memory.swap.max").write_text("0")
                yield group
                group.rmdir()
                return
        group.rmdir()
    pytest.skip("no control group can be made here")
