"""Private directories for sockets and the like, gone with their owner; the next start sweeps what a crash left."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path

_PREFIX = "ramba-"
_LOCK = "lock"  # a file that the owner holds a lock on: the kernel releases it with the process
_LONGEST = 48  # characters of the parent: the path of a Unix socket has 107, and Ray needs most of them

log = logging.getLogger("ramba.sockets")


class Folder:
    """A fresh directory that only this user can enter."""

    def __init__(self, kind: str = "", within: Path | None = None) -> None:
        parent = within or _parent()
        if within is None:
            _sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX + kind, dir=parent))  # mode 0700
        self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._owner = os.getpid()
        _folders.add(self)

    def close(self) -> None:
        """Removes it with all that is in it."""
        if self._lock < 0 or self._owner != os.getpid():
            return
        remove(self.path)
        self.abandon()

    def abandon(self) -> None:
        """Leaves it to others; in a forked child, to the parent."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1


def remove(path: Path) -> None:
    """Removes a directory; several processes may do so at once."""
    shutil.rmtree(path, ignore_errors=True)


def _parent() -> Path:
    """The user's own runtime directory, or the one for temporary files."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and len(runtime) <= _LONGEST and _private(Path(runtime)):
        return Path(runtime)
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= _LONGEST else "/tmp")


def _private(path: Path) -> bool:
    """Whether it is a directory of this user that nobody else can enter."""
    try:
        facts = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o077


def _sweep(parent: Path) -> None:
    """Removes directories of ours whose owners are dead: nobody holds their locks."""
    for path in parent.glob(_PREFIX + "*"):
        if not _private(path):
            continue
        with contextlib.suppress(OSError):
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                log.debug("removing %s: its owner is dead", path)
                remove(path)
            finally:
                os.close(lock)


_folders: weakref.WeakSet[Folder] = weakref.WeakSet()


def _after_fork() -> None:
    for folder in list(_folders):
        folder.abandon()


os.register_at_fork(after_in_child=_after_fork)
