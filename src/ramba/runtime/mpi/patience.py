"""Waiting without burning a core, and without making others wait: spin for a moment, then sleep for longer and longer.

A sleep is a fixed share of the time already waited. So a message that comes after t is seen at most t / 8 later, while
a rank that has nothing to do soon sleeps nearly all of the time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

BUSY = 200e-6  # s to spin in the middle of a command: the others are at the same place
IDLE = 50e-6  # s to spin between commands
_SHARE = 1 / 8
_SHORTEST = 20e-6  # s; the system adds its timer slack
_LONGEST = 1e-3


def wait_until(ready: Callable[[], bool], spin: float, limit: float | None = None) -> bool:
    """Waits until `ready` says so; False if that took longer than `limit` seconds."""
    if ready():
        return True
    start = time.perf_counter()
    while not ready():
        waited = time.perf_counter() - start
        if limit is not None and waited > limit:
            return False
        if waited < spin:
            os.sched_yield()  # where there are more ranks than cores, the one that we wait for may go on
        else:
            time.sleep(min(max(waited * _SHARE, _SHORTEST), _LONGEST))
    return True
