"""A function of Python on a thread of its own, within a worker's generator.

A worker waits for others by yielding, which a plain function cannot. So the function runs aside; when it needs
something of other workers, it hands a generator to the worker's own thread (`ask`), and sleeps until that is done. Only
one of the two threads works at a time. An interrupt reaches the function as an exception; compiled code that does not
end is left behind, and the worker goes on.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from ramba.kernels.group import Group, Waiting
from ramba.runtime.python.carriage import Door
from ramba.runtime.transport import Abandoned, Cancelled, Transport

_LOOK = 0.02  # s between two looks whether the result is still wanted
_PATIENCE = 1.0  # s that an interrupted function may take to end, before it is left behind

R = TypeVar("R")


class Interrupted(BaseException):
    """Raised within a function whose result nobody wants any more."""


class Place(NamedTuple):
    """Where a function runs."""

    group: Group  # the workers that run it together
    transport: Transport
    door: Door
    ask: Callable[[Waiting[Any]], Any]  # has the worker's own thread do what waits for other workers


class _Here(threading.local):
    place: Place | None = None


_here = _Here()


def place() -> Place | None:
    """Where this function runs, if all workers were made to call it."""
    return _here.place


def aside(function: Callable[[], R], group: Group, transport: Transport, door: Door) -> Waiting[R]:
    """Calls a function on a thread of its own; gives or raises what it does."""
    # no SimpleQueue: amid signals (MPI's ranks have a timer), its `get` may miss its timeout, and wait for ever
    said: queue.Queue[tuple[str, Any]] = queue.Queue()
    thread = _Thread(function, said)
    thread.place = Place(group, transport, door, thread.ask)
    thread.start()
    try:
        while True:
            try:
                kind, content = said.get(timeout=_LOOK)
            except queue.Empty:
                transport.examine()
                continue
            if kind == "joined":
                yield from thread.answer(content)
            elif kind == "returned":
                return content
            else:
                raise content
    except BaseException:
        thread.interrupt()
        raise


class _Thread(threading.Thread):
    """Calls the function."""

    place: Place

    def __init__(self, function: Callable[[], Any], said: queue.Queue[tuple[str, Any]]) -> None:
        super().__init__(name="ramba-function", daemon=True)
        self._function = function
        self._said = said
        self._answers: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._over = False

    def run(self) -> None:
        """The life of the thread."""
        _here.place = self.place
        try:
            result = self._function()
        except BaseException as problem:
            self._over = True
            self._said.put(("raised", problem))
        else:
            self._over = True
            self._said.put(("returned", result))

    def answer(self, work: Waiting[Any]) -> Waiting[None]:
        """Does what the function needs of others, on the worker's own thread."""
        try:
            result = yield from work
        except (Abandoned, Cancelled):
            raise
        except Exception as problem:
            self._answers.put((False, problem))
        else:
            self._answers.put((True, result))

    def interrupt(self) -> None:
        """Ends the function, as far as Python can."""
        if self._over:
            return
        self._answers.put((False, Interrupted()))  # if it waits for that
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), ctypes.py_object(Interrupted))
        self.join(_PATIENCE)

    def ask(self, work: Waiting[Any]) -> Any:
        """On this thread: has the worker's own do what waits for other workers."""
        self._said.put(("joined", work))
        worked, content = self._answers.get()
        if not worked:
            raise content
        return content


__all__ = ["Interrupted", "Place", "aside", "place"]
