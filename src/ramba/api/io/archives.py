"""Input and output: archives. They appear as a whole, and are compressed, or read if they are not, on all threads."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from ramba import config, files
from ramba.files import archives
from ramba.lazyarray import implements, look, unwrap, wrap
from ramba.runtime.team import current


class Archive(NpzFile):
    """NumPy's archive, whose members are Ramba arrays; large ones that are not compressed are read on all threads."""

    def __getitem__(self, key: str) -> Any:
        member = self._large(key)
        if member is None or self.zip is None:
            return wrap(super().__getitem__(key))
        try:
            return wrap(archives.read(str(self.zip.filename), member, current()))
        except (ValueError, NotImplementedError):
            return wrap(super().__getitem__(key))  # NumPy reads it, or says in its words what is wrong

    def _large(self, key: str) -> zipfile.ZipInfo | None:
        """A member that is worth the threads, and as it lies in memory."""
        if key not in self or self.zip is None or not os.path.isfile(self.zip.filename or ""):
            return None
        names = {info.filename: info for info in self.zip.infolist()}
        info = names.get(key) if key in names else names.get(f"{key}.npy")
        if info is None or not info.filename.endswith(".npy") or info.flag_bits & 1:
            return None
        large = info.file_size > 8 * config.current().eager_size
        return info if large and info.compress_type == zipfile.ZIP_STORED else None


def as_archive(found: object) -> Any:
    """What NumPy loaded, if that is an archive as one of ours."""
    if type(found) is NpzFile:
        found.__class__ = Archive
    return found


def _written(np_function: Callable[..., None], file: object, args: tuple[object, ...], kwds: dict[str, object]) -> None:
    """Has NumPy write an archive; into a file that appears as a whole if it is one of its own."""
    if not isinstance(file, str | os.PathLike):
        look(np_function, file, *args, **kwds)
        return
    name = os.fspath(file)
    path = files.where(name if name.endswith(".npz") else name + ".npz")
    if not files.replaceable(path):
        look(np_function, file, *args, **kwds)
        return
    with files.replacing(path) as draft, open(draft, "w+b") as stream:
        look(np_function, stream, *args, **kwds)


@implements(np.savez, always=True)
def savez(file: object, *args: object, **kwds: object) -> None:
    """Writes several arrays to one file."""
    _written(np.savez, file, args, kwds)


@implements(np.savez_compressed, always=True)
def savez_compressed(file: object, *args: object, **kwds: object) -> None:
    """Writes several arrays to one compressed file; large ones are compressed on all threads."""
    allow_pickle, members = bool(kwds.get("allow_pickle", True)), {k: v for k, v in kwds.items() if k != "allow_pickle"}
    names = [f"arr_{n}" for n in range(len(args))]
    large = 8 * config.current().eager_size
    if not isinstance(file, str | os.PathLike) or not members.keys().isdisjoint(names):
        _written(np.savez_compressed, file, args, kwds)
        return
    members |= zip(names, args, strict=True)
    arrays = {name: np.asanyarray(unwrap(each)) for name, each in members.items()}
    if not any(_packs_well(each, large) for each in arrays.values()):
        _written(np.savez_compressed, file, args, kwds)
        return
    name = os.fspath(file)
    path = files.where(name if name.endswith(".npz") else name + ".npz")
    if not files.replaceable(path):
        _written(np.savez_compressed, file, args, kwds)
        return
    with files.replacing(path) as draft:
        archives.write(draft, arrays, large, allow_pickle, current())


def _packs_well(array: np.ndarray, large: int) -> bool:
    """Whether it is worth the threads, and its header one that every version of the format has."""
    return array.nbytes > large and array.dtype.kind in "biufcSUmM"
