"""Ends a kernel that another thread runs, as an interrupt from the keyboard would: between two tiles. Sees it run, too.

Kernels return to Python every few milliseconds, in `team._complete`, and whatever is raised there gives up the tiles
that have not begun. So that is where an exception is planted, and nowhere else: the thread could be anywhere.
"""

from __future__ import annotations

import ctypes
import sys
from types import FrameType

from ramba.codegen.team_loop import Layout
from ramba.runtime import team

_KERNELS = team._complete.__code__
_plant = ctypes.pythonapi.PyThreadState_SetAsyncExc
_plant.argtypes = [ctypes.c_ulong, ctypes.py_object]


def raise_in_kernel(thread: int, kind: type[BaseException]) -> bool:
    """Lets an exception be raised in a thread if it runs a kernel; whether it does."""
    # the thread cannot go on meanwhile: it needs the interpreter lock, which this one holds
    frame = sys._current_frames().get(thread)
    if frame is None or frame.f_code is not _KERNELS:
        return False
    return bool(_plant(thread, kind))


def tiles_begun(frame: FrameType | None) -> int:
    """A number that grows while a thread's kernel goes from tile to tile; 0 if it runs none."""
    if frame is None or frame.f_code is not _KERNELS:
        return 0
    control = frame.f_locals["control"]  # memory that its team keeps
    taken, first = (ctypes.c_int64.from_address(control + place).value for place in (Layout.NEXT, Layout.RANGE))
    return taken + first
