"""The files that memory goes to: without names, readable by nobody else, gone with the process however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import tempfile
import warnings

from ramba import config
from ramba.errors import SpillWarning
from ramba.runtime.spilling import system

_MODE = 0o600
_PIECE = 8 << 20  # bytes written in one call, between two looks for signals
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Folder:
    """A directory for such files."""

    def __init__(self, path: str) -> None:
        """Raises OSError if nothing can be written there."""
        self.path = path
        os.makedirs(path, mode=0o700, exist_ok=True)
        self.direct = hasattr(os, "O_DIRECT")  # past the page cache: what gives way shall not take memory there
        self.nameless = hasattr(os, "O_TMPFILE")
        os.close(self._open())

    def room(self) -> int:
        """Bytes that may still be written."""
        try:
            found = os.statvfs(self.path)
        except OSError:
            return 0
        return found.f_bavail * found.f_frsize

    def write(self, address: int, nbytes: int) -> int:
        """A file with a copy of whole pages of memory. Raises OSError, and leaves nothing behind then."""
        while True:
            file = self._open()
            try:
                self._fill(file, address, nbytes)
            except BaseException as problem:
                os.close(file)
                if self.direct and isinstance(problem, OSError) and problem.errno == errno.EINVAL:
                    self.direct = False
                    continue
                raise
            return file

    def _fill(self, file: int, address: int, nbytes: int) -> None:
        done = 0
        while done < nbytes:
            part = (ctypes.c_char * min(_PIECE, nbytes - done)).from_address(address + done)
            written = os.pwrite(file, part, done)
            if not written:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            done += written - (written % system.PAGE if done + written < nbytes else 0)
            if written < system.PAGE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_DIRECT if self.direct else 0)
        if self.nameless:
            try:
                return os.open(self.path, flags | os.O_TMPFILE, _MODE)
            except OSError as problem:
                if problem.errno == errno.EINVAL and self.direct:
                    self.direct = False
                    return self._open()
                if problem.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
                    raise
                self.nameless = False
        file, name = tempfile.mkstemp(prefix="ramba-", dir=self.path)  # of mode 0600
        with contextlib.suppress(OSError):
            os.unlink(name)
        self.direct = False
        return file


def is_full(problem: OSError) -> bool:
    """Whether that is what a disk says that has no room left."""
    return problem.errno in _FULL


def folder() -> Folder | None:
    """The directory that the settings name; None if there is none or nothing can be written there."""
    named = config.current().spill
    return None if named == "off" else _folder(named)


@functools.lru_cache(maxsize=8)
def _folder(path: str) -> Folder | None:
    try:
        if not system.can_move():
            raise OSError(errno.ENOSYS, "that needs 64-bit Linux")
        return Folder(path)
    except OSError as problem:
        text = f"Memory is not spilled: {problem.strerror or problem} in {path!r}, which RAMBA_SPILL names."
        warnings.warn(SpillWarning(text), stacklevel=2)
        return None


__all__ = ["Folder", "folder", "is_full"]
