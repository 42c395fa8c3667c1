"""Whether workers that are waited for get on. Heartbeats prove that a process lives, not that its work goes on.

A driver that has waited for a while asks everybody how far it is. The thread that owns the sockets answers, whatever
the member's own thread does. Who has not moved for a minute is named in the log, with what its thread is in the middle
of. Nobody is given up for that: a long call of a library looks the same as a hang, and a loss costs all arrays.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from ramba.codegen.team_loop import Layout
from ramba.runtime import team
from ramba.runtime.sockets.io_thread import IOThread
from ramba.runtime.sockets.wire import State

EVERY = 10.0  # s of waiting between two questions
STUCK = 60.0  # s without headway after which a worker is named
_PAUSE = 15.0  # s without a sleeper that looks (they do each second): nobody waits any more
_CALLS = 8  # of a thread that are told, the innermost ones
_MOST = 8  # workers that are named at a time
_KERNELS = team._complete.__code__
_ATTEND = IOThread.attend.__code__

log = logging.getLogger("ramba.sockets")


class Position(NamedTuple):
    """Where a thread is."""

    tiles: int  # of the kernel that it runs
    waits: bool  # for others
    calls: str  # innermost first


def position(thread: int) -> Position:
    """Where another thread, or this one, is just now."""
    frame = sys._current_frames().get(thread)
    tiles, waits = tiles_begun(frame), False
    calls: list[str] = []
    while frame is not None:
        calls.append(_call(frame))
        if frame.f_code is _ATTEND:
            waits = True
            calls.clear()  # how it waits is always the same
        frame = frame.f_back
    return Position(tiles, waits, ", in ".join(calls[:_CALLS]))


def tiles_begun(frame: FrameType | None) -> int:
    """A number that grows while a thread's kernel goes from tile to tile; 0 if it runs none."""
    if frame is None or frame.f_code is not _KERNELS:
        return 0
    control = frame.f_locals["control"]  # memory that its team keeps
    taken, first = (ctypes.c_int64.from_address(control + place).value for place in (Layout.NEXT, Layout.RANGE))
    return taken + first


def _call(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    return f"{frame.f_code.co_qualname} ({path.parent.name}/{path.name}:{frame.f_lineno})"


class _Known(NamedTuple):
    """What is known of a worker."""

    state: State | None  # its last answer
    moved: float  # when it was last seen to have got on
    answered: float


class Headway:
    """The driver's side: `waits` and `news` are for those that wait, `heard` for the thread that owns the sockets."""

    def __init__(
        self,
        size: int,
        ask: Callable[[], None],
        who: Callable[[int], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size = size
        self._ask = ask
        self._who = who
        self._clock = clock
        self._known: list[_Known] = []  # by worker, while nothing comes
        self._asked = 0.0
        self._waited = 0.0  # when somebody waited last
        self._named: set[int] = set()

    def news(self) -> None:
        """Something came that was waited for."""
        if self._known:
            self._known, self._named = [], set()

    def waits(self) -> None:
        """Nothing came for a while: asks from time to time, and names those who do not get on."""
        now, before, known = self._clock(), self._waited, self._known
        self._waited = now
        if not known or now - before > _PAUSE:  # nobody waited in between
            self._known, self._named, self._asked = [_Known(None, now, now)] * self._size, set(), now
            return
        if now - self._asked < EVERY:
            return
        self._asked = now
        stuck = sorted(_stuck(known, now) - self._named)
        self._named.update(stuck)
        for rank in stuck[:_MOST]:
            self._tell(rank, known[rank], now)
        if len(stuck) > _MOST:
            log.warning("So it is with %d more workers.", len(stuck) - _MOST)
        self._ask()

    def heard(self, rank: int, state: State) -> None:
        """A worker's answer."""
        known = self._known  # others may begin a new list meanwhile
        if rank < len(known):
            now, before = self._clock(), known[rank]
            same = before.state is None or _mark(before.state) == _mark(state)
            known[rank] = _Known(state, before.moved if same else now, now)

    def _tell(self, rank: int, known: _Known, now: float) -> None:
        state = known.state
        if state is None or now - known.answered > STUCK:
            does = "does not say how far it is: its interpreter is occupied"
        else:
            does = f"has not got on since: {'it waits' if state.waits else 'it is'} in {state.calls or 'no call'}"
            does += f", at command {state.begun} of {state.received}"
        log.warning("%s, which was waited for these %.0f s, %s.", self._who(rank), now - known.moved, does)


def _stuck(known: list[_Known], now: float) -> set[int]:
    """Who does not get on: those that wait for others are not to blame, unless nobody does anything else."""
    still = {rank for rank, each in enumerate(known) if now - each.moved > STUCK}
    busy = {rank for rank in still if (state := known[rank].state) is None or not state.waits}
    silent = {rank for rank, each in enumerate(known) if now - each.answered > STUCK}
    return still if len(still) == len(known) and not busy else busy | silent


def _mark(state: State) -> tuple[int, ...]:
    """Changes when a worker gets on."""
    return state.received, state.begun, state.sent, state.tiles


__all__ = ["EVERY", "STUCK", "Headway", "Position", "position"]
