"""What all soaks watch for: hangs, children that are left, and noise from finalizers."""

from __future__ import annotations

import contextlib
import faulthandler
import sys
import time
from collections.abc import Iterator
from typing import Any

import psutil

import ramba
from ramba.engine import ENGINE

HANG = 60  # s


@contextlib.contextmanager
def watched(backend: str, workers: int) -> Iterator[None]:
    """A session on some backend; fails if it leaves a child, or if a finalizer failed and was not just interrupted."""
    noise: list[Any] = []
    before, sys.unraisablehook = sys.unraisablehook, noise.append  # written in C: no interrupt falls into it
    if backend == "threads":
        ramba.init(backend=backend)
    else:
        ramba.init(backend=backend, workers=workers, num_threads=1)
    try:
        alive()
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        ramba.shutdown()
        sys.unraisablehook = before
    told = [f"{told.exc_value!r} in {told.object!r}" for told in noise if told.exc_type is not KeyboardInterrupt]
    assert not told, told[:5]
    deadline = time.monotonic() + 10
    while left := [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < deadline, f"children are left: {left}"
        time.sleep(0.05)


def alive() -> None:
    """If this is not called again within a minute, the process ends and says where it was."""
    faulthandler.dump_traceback_later(HANG, exit=True)


def pids() -> list[int]:
    """Of the workers."""
    link = getattr(ENGINE.backend, "link", None)
    return [facts.pid for facts in link.members] if link is not None else []


__all__ = ["alive", "pids", "watched"]
