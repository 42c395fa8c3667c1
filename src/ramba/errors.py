"""What Ramba raises and warns, where NumPy has no exception of its own for it.

::

    Exception
    └── RambaError
        ├── ConfigError         (also a ValueError): a setting that cannot be used
        │   └── UnknownSettingError  a name that is not a setting
        ├── CompileError        (also a RuntimeError): a kernel that could not be compiled or loaded
        ├── ArrayLostError      the value of an array was lost when a computation was interrupted
        ├── WorkerLostError     (also a RuntimeError): a worker process died or does not answer
        ├── ProtocolError       (also a RuntimeError): a message that no worker of ours would send
        ├── FileChangedError    (also an OSError): a file is not what it was when its reading was recorded
        ├── VersionMismatchError  (also a RuntimeError): a worker whose Ramba or Python is another one
        └── MemoryError         (also the built-in one): what does not fit, refused before anything is touched

    UserWarning
    └── RambaWarning
        ├── FallbackWarning     NumPy computes what has no native form yet
        ├── PerformanceWarning  right, but slower than it needs to be
        ├── VersionMismatchWarning  a worker has other versions of libraries
        ├── WorkerReplacedWarning  a worker was lost, and what it held was computed again
        ├── SpillWarning           nothing can be written where memory was to be spilled
        ├── SecurityWarning     something may be reached by others than was meant
        └── CacheWarning        the kernel cache cannot be used
"""

from __future__ import annotations

import builtins
import contextlib
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any


class RambaError(Exception):
    """Every exception that is Ramba's own."""


class ConfigError(RambaError, ValueError):
    """A setting whose value cannot be used: says which, where it came from and what is allowed."""

    def __init__(self, name: str, value: object, allowed: str, source: str) -> None:
        super().__init__(name, value, allowed, source)
        self.name = name  # the setting or the environment variable
        self.value = value
        self.allowed = allowed  # a phrase: "a whole number from 1 to 4096"
        self.source = source  # a phrase: "the environment"

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} (from {self.source}) is not allowed: it must be {self.allowed}."


class UnknownSettingError(ConfigError):
    """A name that is not a setting."""

    def __init__(self, name: str, names: Sequence[str], close: str | None) -> None:
        super().__init__(name, None, f"one of {', '.join(names)}", "ramba.config.set")
        self.close = close  # the setting that was probably meant

    def __str__(self) -> str:
        hint = f" Did you mean {self.close!r}?" if self.close else ""
        return f"{self.name!r} is not a setting: it must be {self.allowed}.{hint}"


class CompileError(RambaError, RuntimeError):
    """A kernel that could not be compiled or loaded: a bug in Ramba or a damaged installation."""


class ArrayLostError(RambaError):
    """The computation that was overwriting an array did not finish: its value is lost."""


class WorkerLostError(RambaError, RuntimeError):
    """A worker is gone, or does not answer: says which one, where it ran and what is known of its end."""

    def __init__(self, rank: int, pid: int, host: str, reason: str) -> None:
        super().__init__(rank, pid, host, reason)
        self.rank = rank
        self.pid = pid
        self.host = host
        self.reason = reason  # a phrase: "killed by SIGKILL", "no heartbeat for 10 s"

    def __str__(self) -> str:
        return f"Worker {self.rank} (process {self.pid} on {self.host}) was lost: {self.reason}."


class ProtocolError(RambaError, RuntimeError):
    """A message that no worker of ours would have sent: damaged, replayed, or from somebody else."""


class FileChangedError(RambaError, OSError):
    """A file is not what it was when its reading was recorded: what would be read now is not what was asked for."""


class VersionMismatchError(RambaError, RuntimeError):
    """A worker whose Ramba, Python or protocol differs from the driver's: both are named."""


class MemoryError(RambaError, builtins.MemoryError):
    """An array that does not fit into memory."""


class RambaWarning(UserWarning):
    """Every warning that is Ramba's own."""


class FallbackWarning(RambaWarning):
    """NumPy computes this call: it has no native form yet."""


class PerformanceWarning(RambaWarning):
    """The result is right, but there is a faster way to get it."""


class VersionMismatchWarning(RambaWarning):
    """A worker has other versions of libraries than the driver: results may differ in their last bits."""


class WorkerReplacedWarning(RambaWarning):
    """A worker was lost; another one took its place, and what it held was computed again. Says what that cost."""


class SpillWarning(RambaWarning):
    """What does not fit into memory is not spilled, though it was asked for: nothing can be written there."""


class SecurityWarning(RambaWarning):
    """Something is open to others than was meant."""


class CacheWarning(RambaWarning):
    """The directory of the kernel cache cannot be trusted or used: kernels are compiled again."""


_OURS = __name__.split(".")[0]


_kept: dict[int, list[tuple[str, type[Warning]]]] = {}  # by thread


@contextlib.contextmanager
def keep_warnings() -> Iterator[list[tuple[str, type[Warning]]]]:
    """What this thread would warn of, for the thread that it works for to say: that one knows the user's line."""
    kept = _kept[threading.get_ident()] = []
    try:
        yield kept
    finally:
        del _kept[threading.get_ident()]


@contextlib.contextmanager
def filtered(filters: Any) -> Iterator[None]:
    """In which warnings are filtered as they were when these filters held."""
    others = warnings.filters
    if filters is None or filters is others:
        yield
        return
    warnings.filters = filters
    warnings._filters_mutated()  # type: ignore[attr-defined]  # else what was seen of a line counts
    try:
        yield
    finally:
        warnings.filters = others
        warnings._filters_mutated()  # type: ignore[attr-defined]


def warn(text: str, category: type[Warning]) -> None:
    """Warns, and points at the line of the user's program, not of ours."""
    kept = _kept.get(threading.get_ident())
    if kept is not None:
        kept.append((text, category))
        return
    depth, _ = caller()
    warnings.warn(text, category, stacklevel=depth)


def caller() -> tuple[int, FrameType]:
    """The frame of the user's program, and how many frames the one that asks for it lies below."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == _OURS:
        depth, frame = depth + 1, frame.f_back
    return depth, frame
