"""Machine code on disk: what was compiled once loads in a millisecond in the next session.

A file is trusted only if the directory is the user's own and nobody else may write there, and if the file carries
the digest that only the holder of the user's key can compute. Every doubt and every failure is a miss; nothing is
unpickled here (`object_code` does it with what this has found to be the user's own).
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from ramba.errors import CacheWarning

_MAGIC = b"ramba object 1\n"
_DIGEST = 32  # bytes
_KEY_FILE = "key"
_SUFFIX = ".o"
_TEMPORARY = ".tmp"
_ABANDONED = 3600.0  # seconds after which a temporary file has no writer any more
_PRUNE_EVERY = 256  # stores
_TOUCH_AFTER = 3600.0  # seconds: a hit renews the age of an entry at most this often
_LARGEST = 64 << 20  # bytes: no kernel is as large


def default_directory() -> Path | None:
    """``$XDG_CACHE_HOME/ramba`` or ``~/.cache/ramba``; None for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):  # the standard says that a relative path is to be ignored
        return Path(base, "ramba")
    try:
        return Path.home() / ".cache" / "ramba"
    except RuntimeError:
        return None


class DiskCache:
    """A bounded directory of byte strings, found by their keys, that only its owner can have written."""

    def __init__(self, directory: Path, max_entries: int = 4096, max_bytes: int = 256 << 20) -> None:
        self.directory = directory
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._key: bytes | None = None  # of the digests
        self._usable = True  # until the directory turns out to be insecure
        self._stores = 0

    def get(self, key: str) -> bytes | None:
        """What was put under `key`, or None."""
        name = _name(key)
        with contextlib.suppress(OSError, ValueError), self._opened() as folder:
            entry = _read(name, folder)
            if self._is_ours(name, entry, folder):
                return entry[len(_MAGIC) + _DIGEST :]
            os.unlink(name, dir_fd=folder)  # damaged or planted: make room for a good one
        return None

    def has(self, key: str) -> bool:
        """Whether there is an entry under `key`, without reading it."""
        with contextlib.suppress(OSError, ValueError), self._opened() as folder:
            os.stat(_name(key), dir_fd=folder, follow_symlinks=False)
            return True
        return False

    def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, if that is possible."""
        name = _name(key)
        with contextlib.suppress(OSError, ValueError), self._opened() as folder:
            digest = _digest(self._secret(folder), name, content)
            _write(name, _MAGIC + digest + content, folder)
            if self._stores % _PRUNE_EVERY == 0:
                self._prune(folder)
            self._stores += 1

    def verdict(self) -> str:
        """What `python -m ramba info` says about the directory: "private", or what is wrong with it."""
        try:
            with self._opened():
                return "private"
        except (OSError, ValueError) as problem:
            return str(problem)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        """The directory as a file descriptor, checked.

        Opened anew each time: a descriptor that is kept may be closed, and its number reused, by a program that
        becomes a daemon. All access is relative to it: nobody can swap the directory after the check.
        """
        if not self._usable:
            raise ValueError("insecure")
        try:
            folder = _open_directory(self.directory)
        except FileNotFoundError:
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                self.directory.mkdir(mode=0o700)
            folder = _open_directory(self.directory)
        except ValueError as problem:
            self._refuse(problem)
            raise
        try:
            problem_found = _insecurity(os.fstat(folder))
            if problem_found:
                refusal = ValueError(f"{self.directory} {problem_found}")
                self._refuse(refusal)
                raise refusal
            yield folder
        finally:
            os.close(folder)

    def _refuse(self, problem: ValueError) -> None:
        self._usable = False
        warnings.warn(
            f"The kernel cache is not used, because {problem}. Repair it, or set RAMBA_CACHE to another directory.",
            CacheWarning,
            stacklevel=2,
        )

    def _is_ours(self, name: str, entry: bytes, folder: int) -> bool:
        if not entry.startswith(_MAGIC):
            return False
        digest, content = entry[len(_MAGIC) : len(_MAGIC) + _DIGEST], entry[len(_MAGIC) + _DIGEST :]
        return hmac.compare_digest(digest, _digest(self._secret(folder), name, content))

    def _secret(self, folder: int) -> bytes:
        """The user's key: random, made at first use, readable to nobody else."""
        if self._key is None:
            self._key = _existing_secret(folder) or _new_secret(folder)
        return self._key

    def _prune(self, folder: int) -> None:
        """Remove what was not used for longest until a quarter of the room is free again."""
        now = time.time()
        entries = []
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if name.endswith(_SUFFIX):
                    entries.append((status.st_mtime, status.st_size, name))
                elif name.endswith(_TEMPORARY) and now - status.st_mtime > _ABANDONED:
                    os.unlink(name, dir_fd=folder)
        total = sum(size for _, size, _ in entries)
        if len(entries) <= self.max_entries and total <= self.max_bytes:
            return
        count = len(entries)
        for _, size, name in sorted(entries):
            if count <= self.max_entries * 3 // 4 and total <= self.max_bytes * 3 // 4:
                return
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)
            count, total = count - 1, total - size


def _name(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=20).hexdigest() + _SUFFIX


def _digest(secret: bytes, name: str, content: bytes) -> bytes:
    # the name is part of it: an entry that was renamed is not the entry of another kernel
    return hashlib.blake2b(name.encode() + content, digest_size=_DIGEST, key=secret).digest()


def _open_directory(directory: Path) -> int:
    if directory.is_symlink():
        raise ValueError(f"{directory} is a symbolic link")
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _insecurity(status: os.stat_result) -> str | None:
    """Why a file or directory cannot be trusted; None if it can."""
    if status.st_uid != os.geteuid():
        return "belongs to another user"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"can be written by others (mode {stat.S_IMODE(status.st_mode):04o})"
    return None


def _read(name: str, folder: int) -> bytes:
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise ValueError(name)
        if time.time() - status.st_mtime > _TOUCH_AFTER:
            with contextlib.suppress(OSError):  # a read-only cache still serves
                os.utime(descriptor)
        return file.read(_LARGEST)


def _write(name: str, content: bytes, folder: int) -> None:
    """Replace a file by `content`: a reader sees all of the old or all of the new, or the digest tells."""
    temporary = f"{os.urandom(8).hex()}{_TEMPORARY}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(temporary, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(content)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _existing_secret(folder: int) -> bytes | None:
    try:
        status = os.stat(_KEY_FILE, dir_fd=folder, follow_symlinks=False)
        if _insecurity(status) or status.st_mode & (stat.S_IRGRP | stat.S_IROTH):
            return None
        secret = _read(_KEY_FILE, folder)
    except (OSError, ValueError):
        return None
    return secret if len(secret) == _DIGEST else None


def _new_secret(folder: int) -> bytes:
    """Write a key; of two processes that do so at once, the later one wins and the other's entries are misses."""
    _write(_KEY_FILE, os.urandom(_DIGEST), folder)
    secret = _existing_secret(folder)
    if secret is None:
        raise ValueError("no key")
    return secret
