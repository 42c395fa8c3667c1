"""While functions of the user's run on workers the engine waits for them: those in this process must not wait for it.

They would want the engine's lock, which is held until they are done. On workers that are other processes a function has
that process's own engine, and nobody waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ramba.engine.engine import Engine
from ramba.runtime.python.aside import place
from ramba.runtime.sharing_calls import is_helping

_TEXT = (
    "A function on workers of the backend 'local' cannot use Ramba's arrays: it shares this process with the program, "
    "which waits for it. NumPy computes with its parts."
)


class _Guarded:
    """The engine's lock, refused to threads that run functions for it."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self.release: Callable[[], None] = lock.release
        self._recursion_count: Callable[[], int] = lock._recursion_count

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As the lock's own."""
        if is_helping() or place() is not None:
            raise RuntimeError(_TEXT)
        taken: bool = self._lock.acquire(blocking, timeout)
        return taken

    __enter__ = acquire

    def __exit__(self, *problem: object) -> None:
        self._lock.release()


@contextmanager
def without_guests(engine: Engine) -> Iterator[None]:
    """In which functions that workers of this process run are refused the engine; for who holds its lock."""
    lock = engine.lock
    engine.lock = _Guarded(lock)  # type: ignore[assignment]
    try:
        yield
    finally:
        engine.lock = lock


__all__ = ["without_guests"]
