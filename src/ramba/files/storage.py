"""Where the bytes of a file are: in a local file, read past Python's lock, or behind a URL that fsspec knows."""

from __future__ import annotations

import errno
import importlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

import numpy as np

from ramba import events
from ramba.errors import FileChangedError

Path: TypeAlias = str | os.PathLike[str]
LONGEST_READ = 1 << 30  # bytes: Linux gives at most 2 GiB at once


class Storage(Protocol):
    """Bytes by their place; may be asked by several threads at once."""

    file: str
    stamp: tuple[int, ...]
    reads: list[int]  # bytes of each read so far

    def read(self, at: int, into: np.ndarray) -> None:
        """Fills an array of bytes with those from a place on; ValueError if the file ends before."""


class _Local:
    """A file of this host."""

    def __init__(self, path: str) -> None:
        self.file = path
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.stamp = _stamp(os.fstat(self._descriptor))
        self.reads: list[int] = []

    def read(self, at: int, into: np.ndarray) -> None:
        """As `Storage.read`."""
        done = 0
        while done < into.nbytes:
            found = os.preadv(self._descriptor, [into[done : done + LONGEST_READ].data], at + done)
            if not found:
                raise truncated(self.file, at + into.nbytes)
            done += found
        self.reads.append(done)

    def close(self) -> None:
        os.close(self._descriptor)


class _Remote:
    """A file behind a URL."""

    def __init__(self, url: str) -> None:
        self.file = url
        self._system, self._path = _filesystem(url)
        self.stamp = _remote_stamp(self._system.info(self._path))
        self.reads: list[int] = []

    def read(self, at: int, into: np.ndarray) -> None:
        """As `Storage.read`."""
        content = self._system.cat_file(self._path, start=at, end=at + into.nbytes) if into.nbytes else b""
        if len(content) != into.nbytes:
            raise truncated(self.file, at + into.nbytes)
        into[...] = np.frombuffer(content, np.uint8)
        self.reads.append(into.nbytes)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def opened(file: str, reads: list[int] | None = None) -> Iterator[Storage]:
    """The bytes of a file, for the length of a block; listeners are told at its end how many were read.

    If a list for them is given, whoever gave it tells that.
    """
    begin = time.perf_counter()
    storage = _Remote(file) if is_remote(file) else _Local(file)
    if reads is None:
        _tell_of(file)
    try:
        yield storage
    finally:
        storage.close()
        if reads is None:
            _tell(file, sum(storage.reads), begin)
        else:
            reads += storage.reads


@contextmanager
def counting(file: str) -> Iterator[list[int]]:
    """A list for the bytes that are read of many files; listeners are told of them as of one."""
    begin, reads = time.perf_counter(), list[int]()
    _tell_of(file)
    try:
        yield reads
    finally:
        _tell(file, sum(reads), begin)


def _tell_of(file: str) -> None:
    if events.listeners:
        events.tell(events.Working(f"reading {file.rpartition('/')[2]}"))


def _tell(file: str, nbytes: int, begin: float) -> None:
    if events.listeners:
        events.tell(events.FileRead(file, nbytes, time.perf_counter() - begin))


def read_all(file: str) -> bytes:
    """All bytes of a file."""
    if is_remote(file):
        system, path = _filesystem(file)
        content: bytes = system.cat_file(path)
        return content
    with open(file, "rb") as local:
        return local.read()


@contextmanager
def stream(file: str) -> Iterator[IO[bytes]]:
    """A file as Python's, for libraries that want one."""
    if is_remote(file):
        system, path = _filesystem(file)
        with system.open(path, "rb") as remote:
            yield remote
    else:
        with open(file, "rb") as local:
            yield local


def where(file: Path) -> str:
    """An absolute path, or a URL: what workers can open, wherever the program has gone to."""
    text = os.fsdecode(os.fspath(file))
    if text.startswith("file://"):
        return unquote(urlsplit(text).path)
    return text if is_remote(text) else os.path.abspath(text)


def is_remote(file: str) -> bool:
    """Whether it is a URL."""
    return "://" in file


def stamp(file: str) -> tuple[int, ...]:
    """Size and time of the last change of a file or directory: what says whether it is still the same one."""
    if is_remote(file):
        system, path = _filesystem(file)
        return _remote_stamp(system.info(path))
    return _stamp(os.stat(file))


def reserve(path: str, nbytes: int) -> None:
    """Makes a file as long as it will be, with room on the disk where the file system can promise it: OSError if not.

    What is not reserved may still be missing when it is written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        if nbytes:
            try:
                os.posix_fallocate(descriptor, 0, nbytes)
            except OSError as problem:
                if problem.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                    raise OSError(problem.errno, problem.strerror, path) from None
                os.ftruncate(descriptor, nbytes)
    finally:
        os.close(descriptor)


def check_unchanged(file: str, then: tuple[int, ...], now: tuple[int, ...]) -> None:
    """Raises FileChangedError if a file is not what it was when its reading was recorded."""
    if now != then:
        raise FileChangedError(f"{file} has changed since its reading was recorded: open it again.")


def truncated(file: str, end: int) -> ValueError:
    """What is raised of a file that is shorter than it says."""
    return ValueError(f"{file} is truncated: its data should reach to byte {end}.")


def needed(module: str) -> Any:
    """A library that some format needs, or an ImportError with the remedy."""
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        text = f"This file needs the package {module.partition('.')[0]}: pip install 'ramba[files]' brings it."
        raise ImportError(text, name=module) from problem


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns


def _remote_stamp(facts: dict[str, Any]) -> tuple[int, ...]:
    return (int(facts.get("size") or 0),)


def _filesystem(url: str) -> tuple[Any, str]:
    system, path = needed("fsspec.core").url_to_fs(url)
    return system, path


__all__ = [
    "Path",
    "Storage",
    "check_unchanged",
    "counting",
    "is_remote",
    "needed",
    "opened",
    "read_all",
    "reserve",
    "stamp",
    "stream",
    "truncated",
    "where",
]
