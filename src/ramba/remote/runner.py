"""Who runs what is called elsewhere: as the backend says."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol

from ramba.engine import ENGINE
from ramba.engine.keeper import KEEPER
from ramba.remote.options import Options
from ramba.remote.pool import OnThreads
from ramba.runtime.backend import chosen


class Runner(Protocol):
    """Runs calls."""

    def submit(
        self, function: Callable[..., Any], options: Options, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """Has a function called; a future."""

    def start(self, kind: type, options: Options, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Makes an actor; its handle."""


_ROOMS = {"processes": "on_workers", "mpi": "on_workers", "ray": "on_ray"}  # of backends with processes of their own
_for: object = None  # the backend of the runner
_runner: Runner = OnThreads()


def current() -> Runner:
    """Who runs calls now: another one for another backend."""
    backend = KEEPER.backend
    return _runner if backend is _for and backend is not None else _found()


def _found() -> Runner:
    global _for, _runner
    with ENGINE.lock:
        backend = ENGINE.backend
        if backend is not _for:
            room = _ROOMS.get(chosen())
            made: Runner = (
                OnThreads() if room is None else importlib.import_module(f"ramba.remote.{room}").open_on(backend)
            )
            _runner, _for = made, backend
        return _runner


__all__ = ["Runner", "current"]
