"""What a call gives at once: a future of `concurrent.futures`, which can be awaited.

Most of these are made, settled and read without anybody waiting in between, a hundred thousand times a second. So there
is no lock before somebody waits, and what two threads may do at once is one step of the interpreter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from concurrent import futures
from concurrent.futures import _base
from threading import Condition
from typing import Any, NoReturn

_PENDING, _RUNNING, FINISHED = _base.PENDING, _base.RUNNING, _base.FINISHED
_LATE: dict[str, Callable[[], Any]] = {"_condition": Condition, "_waiters": list, "_done_callbacks": list}
_ENDED = (FINISHED, _base.CANCELLED, _base.CANCELLED_AND_NOTIFIED)

Waits = Callable[[], Callable[[], None]]
_waits: list[Waits] = []


def when_one_waits(tell: Waits) -> None:
    """Has a function called on each thread that begins to wait for a future; what it gives, at the end of that."""
    _waits.append(tell)


class Ref(futures.Future):
    """The result of a remote call, or a value that was put: `ramba.get` and ``await`` give it."""

    # what `concurrent.futures.Future` makes for each of its own, here only if it is needed: see `__getattr__`
    _state = _PENDING
    _result: Any = None
    _exception: BaseException | None = None

    def __init__(self) -> None:
        """Nothing, yet."""

    def __getattr__(self, name: str) -> Any:
        make = _LATE.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.__dict__.setdefault(name, make())  # of two that are made at once, one is kept

    def begin(self) -> bool:
        """Takes the call, to run it; False if it was cancelled. For one thread."""
        if self.__dict__.setdefault("_taken", _RUNNING) is _RUNNING:
            self._state = _RUNNING
            return True
        return False

    def cancel(self) -> bool:
        """Calls it off, if it has not begun; whether that could be done."""
        if self.__dict__.setdefault("_taken", _base.CANCELLED) is not _base.CANCELLED:
            return False
        if not self.cancelled() and super().cancel():
            self.set_running_or_notify_cancel()
        return True

    def set_result(self, result: object) -> None:
        """Settles it: for who runs the call."""
        self._result = result
        # first: who makes the condition afterwards looks at the state before he sleeps
        self._state = FINISHED
        if "_condition" in self.__dict__:
            self._tell()

    def set_exception(self, exception: BaseException | None) -> None:
        """Settles it: for who runs the call."""
        self._exception = exception
        self._state = FINISHED
        if "_condition" in self.__dict__:
            self._tell()

    def remove_done_callback(self, function: Callable[[Any], object]) -> None:
        """Does not call a function any more that was to be called when it is settled."""
        with self._condition, contextlib.suppress(ValueError):
            self._done_callbacks.remove(function)

    def _tell(self) -> None:
        """Wakes who waits, and calls whom somebody wanted to be called."""
        with self._condition:
            for waiter in self._waiters:
                waiter.add_exception(self) if self._exception is not None else waiter.add_result(self)
            self._condition.notify_all()
        self._invoke_callbacks()

    def result(self, timeout: float | None = None) -> Any:
        """The value; what the call raised is raised."""
        if self._state is FINISHED:
            if self._exception is not None:
                raise self._exception
            return self._result
        return self._awaited(super().result, timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the call raised, or None."""
        return self._awaited(super().exception, timeout)

    def wait_for(self, seconds: float) -> None:
        """Returns when it is settled, or after so many seconds."""
        with self._condition:
            if self._state not in _ENDED:
                self._condition.wait(seconds)

    def _awaited(self, wait: Callable[[float | None], Any], timeout: float | None) -> Any:
        if self._state in _ENDED:
            return wait(timeout)
        over = [tell() for tell in _waits]
        try:
            return wait(timeout)
        finally:
            for end in over:
                end()

    def __await__(self) -> Generator[Any, None, Any]:
        import asyncio  # here: who awaits has it; nobody else needs it

        return asyncio.wrap_future(self).__await__()

    def __reduce__(self) -> NoReturn:
        raise TypeError("A future travels as an argument of its own, not within another object: get its value first.")


def ready(value: object) -> Ref:
    """A future of a value that is here."""
    made = Ref()
    made.begin()
    made.set_result(value)
    return made


def after(refs: list[Ref], then: Callable[[], None]) -> None:
    """Calls a function when all these are settled: on the thread that settles the last one."""
    left = [None] * (len(refs) - 1)

    def one(_: object) -> None:
        try:
            left.pop()
        except IndexError:
            then()

    for ref in refs:
        ref.add_done_callback(one)


def failure_of(refs: list[Ref]) -> BaseException | None:
    """The first exception among futures that are settled."""
    for ref in refs:
        if ref.cancelled():
            return futures.CancelledError("A call was called off whose result is an argument.")
        if (problem := ref.exception()) is not None:
            return problem
    return None


__all__ = ["FINISHED", "Ref", "after", "failure_of", "ready", "when_one_waits"]
