"""Which processes share memory and folders, and under which address other hosts reach this one."""

from __future__ import annotations

import functools
import os
import socket
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
