"""Arrays in files: NumPy's functions for NumPy's files, by all threads or workers; loaders and writers for others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ramba import config, files
from ramba.api.io.archives import as_archive
from ramba.datasets import Dataset, by_one, reading, written
from ramba.layout.distribution import turned
from ramba.lazyarray import (
    Array,
    asarray,
    call_library,
    implements,
    is_compiled,
    look,
    ndarray,
    partition_of,
    redistribute,
)

FileLike: TypeAlias = files.Path | IO[Any]
Compression: TypeAlias = str | int | None
Extents: TypeAlias = Sequence[int] | int

_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_PICKLE = b"\x80"
_MAGIC = b"\x93NUMPY"
_NUMPYS_OPTIONS = ("mmap_mode", "allow_pickle", "fix_imports", "encoding")


@implements(np.load, always=True)
def load(file: FileLike, *args: Any, ftype: str | None = None, distribution: Any = None, **options: Any) -> Any:
    """An array from a file: NumPy's `load` for NumPy's files, whatever their ending, and a lazy array for others.

    For the others it takes what `Dataset` takes: ``load(file, name=None, *, dtype=None, ftype=None, ...)``. For all of
    them `distribution` says how the array is to lie on workers, as in `redistribute`; ``local=True`` is another word
    for ``distribution="whole"``. Arguments in the order of the first Ramba, ``load(file, dtype, local, ftype)``, are
    understood where NumPy has no such call.
    """
    if _is_first_order(file, args):
        options["local"], ftype = args[1], args[2] if len(args) > 2 else ftype
        args = args[:1]
    if options.pop("local", False):
        distribution = "whole" if distribution is None else distribution
    if not isinstance(file, str | os.PathLike):
        return _placed(call_library(np.load, file, *args, **options), distribution)
    path = files.where(file)
    own = ftype is not None or bool(set(options) - {*_NUMPYS_OPTIONS, "max_header_size"})
    named = path.endswith(".npy") and not files.is_remote(path)
    if not own and (named or _is_numpys(path) or _unpickles(args, options)):
        return _load_numpys(path, file, distribution, *args, **options)
    if not own and files.format_of(path) is None and not os.path.isfile(path):
        return call_library(np.load, file, *args, **options)  # NumPy says what is wrong
    described = {"ftype": ftype, "distribution": distribution} | options
    return Dataset(file, *args, **described)[...]


def _is_first_order(file: FileLike, args: tuple[Any, ...]) -> bool:
    """Whether arguments are dtype, local and format, not NumPy's: those begin with an mmap_mode and allow_pickle."""
    if len(args) not in (2, 3) or not isinstance(args[1], bool | np.bool) or not isinstance(file, str | os.PathLike):
        return False
    if len(args) == 3 and isinstance(args[2], str):  # NumPy's is a bool
        return True
    path = files.where(file)
    if files.format_of(path) is None or path.endswith(".npy") or _is_numpys(path) or _beginning(path)[:1] == _PICKLE:
        return False
    return len(args) == 2 or args[2] is None


def _placed(found: Any, distribution: Any) -> Any:
    """What NumPy has loaded, lying as wanted."""
    if distribution is None:
        return found
    if not isinstance(found, np.ndarray | Array):
        raise TypeError(f"distribution= says how an array lies, and {type(found).__name__} is none")
    return redistribute(found, distribution)


def _is_numpys(path: str) -> bool:
    """Whether a file is one of NumPy's by how it begins, as NumPy finds out; or is an archive by its name."""
    return path.endswith(".npz") or _beginning(path).startswith((_MAGIC, *_ARCHIVE))


def _beginning(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(len(_MAGIC))
    except OSError:
        return b""


def _unpickles(args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    return bool(options.get("allow_pickle", args[1] if len(args) > 1 else False))


def _load_numpys(path: str, file: FileLike, distribution: Any, *args: object, **options: object) -> Any:
    """What NumPy's `load` gives; a large array in a file of its own is read by all threads or workers."""
    given = dict(zip(_NUMPYS_OPTIONS, args, strict=False)) | options
    if given.get("mmap_mode") or not os.path.isfile(path) or os.path.getsize(path) <= config.current().eager_size:
        return _placed(as_archive(call_library(np.load, file, *args, **options)), distribution)
    source = _described(path) if _beginning(path) == _MAGIC else None
    if source is None or not is_compiled(np.dtype(source.dtype)):
        return _placed(as_archive(call_library(np.load, file, *args, **options)), distribution)
    lies = partition_of(distribution, source.shape)
    offset, fortran = source.layout
    if fortran:
        source = source._replace(shape=source.shape[::-1], layout=(offset, False))
        lies = None if lies is None else turned(lies)
    made = reading(source, files.everything(source.shape), np.dtype(source.dtype), lies, now=True)
    return made.T if fortran else made


def _described(path: str) -> files.Source | None:
    """An array in NumPy's format; None for what NumPy had better refuse itself, in its words."""
    try:
        return files.formats()["npy"].describe(path, "", {})
    except (ValueError, OSError, EOFError):
        return None


@implements(np.save, always=True)
def save(
    file: FileLike,
    arr: ArrayLike,
    *args: str | bool,
    name: str | None = None,
    chunks: Extents | None = None,
    shards: Extents | None = None,
    compression: Compression = None,
    mode: str = "w",
    ftype: str | None = None,
    **options: object,
) -> None:
    """Writes an array to a file: NumPy's `save`, or another format if the file's ending, or `ftype`, names it.

    It returns when the file is there, as a whole; until then, and if anything goes wrong, there is what was there
    before. Each worker writes its own part.

    Parameters
    ----------
    file : str, path-like or file
        Where to. For what is no path, and paths of other endings, NumPy's `save`.
    arr : array_like
        What.
    name : str, optional
        Of the array in the file, where the format has names; also as third argument.
    chunks : tuple of int, optional
        Extents of what is stored as one.
    shards : tuple of int, optional
        In Zarr: extents of what becomes one file of many chunks. Each is written by one worker.
    compression : str or int, optional
        How chunks are compressed: ``"gzip"`` (or its level) in HDF5; ``"zstd"``, ``"blosc"``, ``"gzip"`` in Zarr.
    mode : {"w", "x", "a"}, optional
        Whether a file that is there is replaced, refused, or gets one more array.
    ftype : str, optional
        The format, if the ending does not say it.
    """
    if isinstance(arr, np.ma.MaskedArray) and isinstance(file, str | os.PathLike):
        arr.tofile(file)  # type: ignore[arg-type]  # NumPy refuses: the mask would be lost
    x = asarray(arr)
    row = files.format_of(os.fspath(file), ftype) if isinstance(file, str | os.PathLike) else None
    if row is None or not isinstance(file, str | os.PathLike) or (row.name in ("npy", "raw") and ftype is None):
        if mode != "w" or any(given is not None for given in (name, chunks, shards, compression)):
            raise files.unknown(str(file))
        by_one(x, lambda x: _save_numpys(file, x, *args, **options))
        return
    if args and isinstance(args[0], str) and name is None:
        name, *args = args  # type: ignore[assignment]
    if args or options:
        raise TypeError(f"save() got arguments that files of format {row.name} have no use for")
    by_one(x, lambda x: store(row, file, x, name, chunks=chunks, shards=shards, compression=compression, mode=mode))


def store(
    row: files.Format,
    file: files.Path,
    x: ndarray,
    name: str | None,
    *,
    chunks: Extents | None = None,
    shards: Extents | None = None,
    compression: Compression = None,
    mode: str = "w",
) -> None:
    """Writes an array to a file of some format."""
    if row.create is None:
        raise ValueError(f"Files of format {row.name} can be read, but not written.")
    if mode not in ("w", "x", "a"):
        raise ValueError(f"mode must be 'w', 'x' or 'a', not {mode!r}")
    if x.dtype.hasobject:
        raise ValueError("Arrays of Python objects cannot be written to such a file.")
    path = files.where(file)
    if files.is_remote(path):
        raise ValueError(f"{path}: nothing is written to URLs")
    if shards is not None and not row.sharded:
        raise ValueError(f"Files of format {row.name} have no shards.")
    what = files.Written(
        x.shape, x.dtype, name or "", _extents(chunks, x.shape), compression, shards=_extents(shards, x.shape)
    )
    if mode == "a" and os.path.exists(path):
        with files.added(row, path, what) as target:
            written(x, target)
        return
    with files.replacing(path, new=mode == "x") as draft:
        target = row.create(draft, what, False)
        written(x, target)
        if row.finish is not None:
            row.finish(target)


def _extents(chunks: Extents | None, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Extents of a chunk, as many as there are dimensions."""
    if chunks is None:
        return None
    found = tuple(map(int, chunks)) if not isinstance(chunks, int) else (chunks,) * len(shape)
    if len(found) != len(shape) or any(extent < 1 for extent in found):
        raise ValueError(f"chunks of {chunks!r} do not cut an array of shape {shape}")
    return found


def _save_numpys(file: FileLike, x: ndarray, *args: object, **options: object) -> None:
    """NumPy's `save`, into a file that appears as a whole if it is one of its own."""
    if not isinstance(file, str | os.PathLike):
        look(np.save, file, x, *args, **options)
        return
    name = os.fspath(file)
    path = files.where(name if name.endswith(".npy") else name + ".npy")
    if not files.replaceable(path):
        look(np.save, file, x, *args, **options)
        return
    row = files.formats()["npy"]
    with files.replacing(path) as draft:
        if not _is_large(x):
            with open(draft, "wb") as stream:
                look(np.save, stream, x, *args, **options)
            return
        fortran = bool(x.flags.f_contiguous and not x.flags.c_contiguous)
        x = x.T if fortran else x
        assert row.create is not None
        written(x, row.create(draft, files.Written(x.shape, x.dtype, "", None, None, fortran), False))


def _is_large(x: ndarray) -> bool:
    return is_compiled(x.dtype) and x.size > config.current().eager_size


@implements(np.fromfile, always=True)
def fromfile(
    file: FileLike,
    dtype: DTypeLike = float,
    count: int = -1,
    sep: str = "",
    offset: int = 0,
    *,
    distribution: Any = None,
    **options: object,
) -> Any:
    """An array out of the bytes of a file, which all threads or workers read if they are many."""
    plain = not sep and not options and offset >= 0 and is_compiled(np.dtype(dtype))
    if plain and isinstance(file, str | os.PathLike) and os.path.isfile(file):
        source = files.formats()["raw"].describe(files.where(file), "", {"dtype": dtype, "offset": offset})
        shape = source.shape if count < 0 else (min(count, source.shape[0]),)
        if source.shape[0] > config.current().eager_size:
            lies = partition_of(distribution, shape)
            return reading(source, files.everything(shape), np.dtype(dtype), lies, now=True)
    return _placed(call_library(np.fromfile, file, dtype, count, sep, offset, **options), distribution)


@implements(np.ndarray.tofile, method="tofile", always=True)
def tofile(a: ndarray, fid: FileLike, sep: str = "", format: str = "%s") -> None:
    """Writes the bytes of the elements, in C order."""
    if isinstance(fid, str | os.PathLike) and not sep and _is_large(a) and files.replaceable(files.where(fid)):
        raw = files.formats()["raw"]
        by_one(a, lambda a: store(raw, fid, a, None))
        return
    look(np.ndarray.tofile, a, fid, sep, format)


def from_hdf5(
    file: files.Path, name: str | None = None, *, dtype: DTypeLike | None = None, distribution: Any = None
) -> Any:
    """A lazy array of what is in an HDF5 file.

    Parameters
    ----------
    file : str or path-like
        A path, or a URL.
    name : str, optional
        Of the array in the file; without one, the only array.
    dtype : dtype, optional
        What the elements become.
    distribution : optional
        How the array is to lie on workers, as in `redistribute`.

    Returns
    -------
    ndarray
        Read when it is needed, as by ``load(file, name, ftype="hdf5")``.

    Examples
    --------
    >>> import ramba as np
    >>> np.save("run.h5", np.arange(50_000.0), "density")
    >>> float(np.from_hdf5("run.h5", "density").max())
    49999.0
    """
    return Dataset(file, name, dtype=dtype, ftype="hdf5", distribution=distribution)[...]


def to_hdf5(
    file: files.Path,
    name: str,
    x: ArrayLike,
    *,
    chunks: Extents | None = None,
    compression: Compression = None,
    mode: str = "a",
) -> None:
    """Writes an array to an HDF5 file, beside those that are there.

    Parameters
    ----------
    file : str or path-like
        A path.
    name : str
        Of the array in the file; groups on the way are made.
    x : array_like
        What.
    chunks : tuple of int, optional
        Extents of what is stored as one.
    compression : str or int, optional
        ``"gzip"``, or its level.
    mode : {"a", "w", "x"}, optional
        Whether a file that is there gets one more array, is replaced, or refused.

    Examples
    --------
    >>> import ramba as np
    >>> np.to_hdf5("all.h5", "first", np.arange(3))
    >>> np.to_hdf5("all.h5", "group/second", np.ones((200, 300)), compression="gzip")
    >>> np.Dataset("all.h5", "group/second").shape
    (200, 300)
    """
    row = files.formats()["hdf5"]
    by_one(asarray(x), lambda x: store(row, file, x, name, chunks=chunks, compression=compression, mode=mode))


def from_zarr(
    url: files.Path, component: str | None = None, *, dtype: DTypeLike | None = None, distribution: Any = None
) -> Any:
    """A lazy array of what is in a Zarr store.

    Parameters
    ----------
    url : str or path-like
        A path, or a URL.
    component : str, optional
        The array's name, if the store is a group.
    dtype : dtype, optional
        What the elements become.
    distribution : optional
        How the array is to lie on workers, as in `redistribute`.

    Returns
    -------
    ndarray
        Read when it is needed, as by ``load(url, component, ftype="zarr")``.

    Examples
    --------
    >>> import ramba as np
    >>> np.to_zarr(np.arange(50_000.0), "steps.zarr")
    >>> float(np.from_zarr("steps.zarr").sum())
    1249975000.0
    """
    return Dataset(url, component, dtype=dtype, ftype="zarr", distribution=distribution)[...]


def to_zarr(
    arr: ArrayLike,
    url: files.Path,
    component: str | None = None,
    *,
    chunks: Extents | None = None,
    shards: Extents | None = None,
    compression: Compression = "zstd",
    overwrite: bool = False,
) -> None:
    """Writes an array to a Zarr store: an array of its own, or one more of a group.

    Parameters
    ----------
    arr : array_like
        What.
    url : str or path-like
        A path.
    component : str, optional
        The array's name in a group. One of that name is replaced.
    chunks : tuple of int, optional
        Extents of a chunk.
    shards : tuple of int, optional
        Extents of what becomes one file of many chunks. Each is written by one worker.
    compression : {"zstd", "blosc", "gzip", None}, optional
        How chunks are compressed.
    overwrite : bool, optional
        Whether a store that is there is replaced; else it is refused.

    Examples
    --------
    >>> import ramba as np
    >>> np.to_zarr(np.ones((300, 200)), "run.zarr", "density", chunks=(100, 200))
    >>> np.Dataset("run.zarr", "density").chunks
    (100, 200)
    """
    mode = "a" if component else "w" if overwrite else "x"
    row = files.formats()["zarr"]
    how: dict[str, Any] = {"chunks": chunks, "shards": shards, "compression": compression, "mode": mode}
    by_one(asarray(arr), lambda x: store(row, url, x, component, **how))


__all__ = ["from_hdf5", "from_zarr", "to_hdf5", "to_zarr"]
