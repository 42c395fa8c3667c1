"""Files that appear as a whole or not at all: written beside their place, and renamed."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator


@contextlib.contextmanager
def replacing(path: str, *, new: bool = False) -> Iterator[str]:
    """A name beside a file, for what takes its place at the end of the block; after an exception nothing is left.

    Parameters
    ----------
    path
        Where the file is wanted. A link stays: what it leads to is replaced. A directory is moved aside first: for a
        moment there is none.
    new
        Whether nothing may be there: FileExistsError.
    """
    path = os.path.realpath(path)
    if new and os.path.lexists(path):
        raise FileExistsError(17, "File exists", path)
    base, name = os.path.split(path)
    draft = os.path.join(base, f".{name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        yield draft
        if os.path.lexists(path):
            _take_place(draft, path)
        else:
            os.rename(draft, path)
    except BaseException:
        _remove(draft)
        raise


def _take_place(draft: str, path: str) -> None:
    if os.path.isdir(path) and not os.path.isdir(draft):
        raise IsADirectoryError(21, "Is a directory", path)
    if os.path.isdir(path):
        aside = f"{draft}.old"
        os.rename(path, aside)
        try:
            os.rename(draft, path)
        except BaseException:
            os.rename(aside, path)
            raise
        shutil.rmtree(aside, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        os.chmod(draft, stat.S_IMODE(os.stat(path).st_mode))
    os.replace(draft, path)


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if os.path.isdir(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def replaceable(path: str) -> bool:
    """Whether a file can be written beside its place and renamed: it is no device, and its directory is ours."""
    folder = os.path.dirname(os.path.realpath(path))
    return (os.path.isfile(path) or not os.path.lexists(path)) and os.access(folder, os.W_OK | os.X_OK)


__all__ = ["replaceable", "replacing"]
