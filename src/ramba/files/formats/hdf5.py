"""HDF5: what the file says of its arrays comes through h5py; their bytes are read past its one lock.

What lies in one piece, or in chunks behind filters that `codecs` knows, is read and decoded on all threads. Anything
else is read by h5py. Raw data in other files ("external storage") and links to other files are refused: with them, a
file could show any other one that its reader may read.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ramba.files import chunked, plain, storage
from ramba.files.codecs import Named, decoded, encoded
from ramba.files.format import Encoded, Format, Options, Written
from ramba.files.source import Selection, Source, named
from ramba.files.threads import Threads

NAME = "data"  # of an array that gets none
PIECE = 64 << 20  # bytes that h5py reads at once
LEVEL = 4  # of gzip

_LOCK = threading.RLock()

Item: TypeAlias = Any  # of h5py's, which has no annotations

# by the number that the HDF Group gave a filter: what it is here, from its values
_FILTERS: dict[int, Any] = {
    1: lambda values: ("zlib", *values[:1]),
    2: lambda values: ("shuffle", values[0]),
    3: lambda values: ("fletcher32",),
    32001: lambda values: ("blosc",),
    32015: lambda values: ("zstd", *values[:1]),
}


@contextmanager
def opened(file: str, mode: str = "r") -> Iterator[Any]:
    """A file, open in h5py."""
    h5py = storage.needed("h5py")
    with _LOCK:
        if storage.is_remote(file):
            with storage.stream(file) as stream, h5py.File(stream, "r") as found:
                yield found
        else:
            if mode == "r":
                os.stat(file)  # h5py's own error for a file that is not there is longer
            try:
                with h5py.File(file, mode) as found:
                    yield found
            except RuntimeError as problem:  # what a full disk is when h5py closes the file
                raise OSError(f"{file}: {problem}") from problem


def describe(file: str, name: str, options: Options) -> Source:
    """What the file says of one of its arrays."""
    with opened(file) as root:
        return described(file, _found(root, name, file), "hdf5")


def described(file: str, dataset: Item, format: str) -> Source:
    """An array of an open file."""
    if dataset.shape is None:
        raise ValueError(f"{dataset.name} in {file} has no elements: its dataspace is null")
    dtype: np.dtype = dataset.dtype
    if dtype.hasobject:
        raise ValueError(f"{dataset.name} in {file} holds texts or references of any length, which no array can hold")
    if dataset.external is not None:
        raise ValueError(f"{dataset.name} in {file} lies in other files: external storage is not read")
    if any(n < 0 for n in dataset.shape):
        raise ValueError(f"{dataset.shape} is not a shape")
    layout: tuple[Any, ...] = ("library",)
    place = None if dataset.is_virtual or dataset.chunks else dataset.id.get_offset()
    if place is not None:
        layout = ("plain", int(place))
        end = int(place) + prod(dataset.shape) * dtype.itemsize
        if end > storage.stamp(file)[0]:
            raise storage.truncated(file, end)
    elif dataset.chunks and not dataset.is_virtual:
        filters = _filters(dataset)
        layout = ("library",) if filters is None else ("chunks", filters)
    chunks = tuple(map(int, dataset.chunks or ()))
    shape = tuple(map(int, dataset.shape))
    return Source(file, format, dataset.name, named(dtype), shape, chunks, storage.stamp(file), layout)


def _found(root: Item, name: str, file: str) -> Item:
    """The array of a name; without one, the only array."""
    h5py = storage.needed("h5py")
    if name:
        _refuse_links(root, name, file)
        found = root.get(name)
        if isinstance(found, h5py.Dataset):
            return found
    names = arrays(root)
    if not name and len(names) == 1:
        return root[names[0]]
    problem = f"no array {name!r}" if name else "several arrays" if names else "no array"
    raise KeyError(f"{file} has {problem}; it has {', '.join(names) or 'none'}")


def arrays(root: Item) -> list[str]:
    """The names of all arrays of an open file."""
    h5py, names = storage.needed("h5py"), []

    def visit(name: str, item: Item) -> None:
        if isinstance(item, h5py.Dataset):
            names.append(name)

    root.visititems(visit)
    return names


def _refuse_links(root: Item, name: str, file: str) -> None:
    parts = [part for part in name.split("/") if part]
    for count in range(1, len(parts) + 1):
        link = root.get("/".join(parts[:count]), getlink=True)
        if isinstance(link, storage.needed("h5py").ExternalLink):
            raise ValueError(f"{name} in {file} is a link to another file, {link.filename}: open that one")


def _filters(dataset: Item) -> tuple[Named, ...] | None:
    """What chunks go through when they are written; None if only h5py knows."""
    properties, found = dataset.id.get_create_plist(), []
    for number in range(properties.get_nfilters()):
        code, _, values, _ = properties.get_filter(number)
        if code not in _FILTERS:
            return None
        found.append(_FILTERS[code](tuple(map(int, values))))
    return tuple(found)


@functools.lru_cache(maxsize=16)
def _index(file: str, name: str, stamp: tuple[int, ...]) -> tuple[dict[chunked.Place, tuple[int, int, int]], Any]:
    """Where the chunks of an array lie: offset, bytes and mask of filters; and what fills those that are not there."""
    with opened(file) as root:
        dataset, places = root[name], {}
        extents = dataset.chunks

        def note(chunk: Item) -> None:
            place = tuple(int(n) // e for n, e in zip(chunk.chunk_offset, extents, strict=True))
            places[place] = int(chunk.byte_offset), int(chunk.size), int(chunk.filter_mask)

        dataset.id.chunk_iter(note)
        return places, dataset.fillvalue


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`."""
    kind, *more = source.layout
    if kind == "plain":
        plain.read(source, plain.Plain(*more), selection, out, team)
        return
    with storage.opened(source.file) as held:
        storage.check_unchanged(source.file, source.stamp, held.stamp)
        if kind == "library":
            _read_by_h5py(source, selection, out)
            return
        index, fill = _index(source.file, source.name, source.stamp)
        load = functools.partial(_load, source, held, index, more[0])
        chunked.read(chunked.Chunks(source.chunks, load, fill), selection, out, team)


def _load(
    source: Source,
    held: storage.Storage,
    index: dict[chunked.Place, tuple[int, int, int]],
    filters: tuple[Named, ...],
    place: chunked.Place,
    into: np.ndarray | None,
) -> np.ndarray | None:
    """A chunk, decoded."""
    if place not in index:
        return None
    at, nbytes, mask = index[place]
    if at + nbytes > held.stamp[0]:
        raise storage.truncated(source.file, at + nbytes)
    codecs = tuple(codec for number, codec in enumerate(filters) if not mask >> number & 1)
    dtype = np.dtype(source.dtype)
    fits = into is not None and into.dtype == dtype
    target = into.reshape(-1).view(np.uint8) if into is not None and fits else None
    content = target if target is not None and not codecs and nbytes == target.nbytes else np.empty(nbytes, np.uint8)
    held.read(at, content)
    found = decoded(content, codecs, prod(source.chunks) * dtype.itemsize, target)
    return into if found is target else found.view(dtype).reshape(source.chunks)


def _read_by_h5py(source: Source, selection: Selection, out: np.ndarray) -> None:
    """Piece by piece: h5py makes an array of each."""
    rows = selection.extent[0] if selection.extent else 1
    step = max(1, PIECE * rows // max(out.nbytes, 1))
    with opened(source.file) as root:
        dataset = root[source.name]
        if not source.shape:
            out[...] = dataset[()]
            return
        chunk = source.chunks[0] if source.chunks else 1
        low = 0
        while low < rows:  # whole chunks, as each is decoded for every piece that it is in
            row = selection.start[0] + low * selection.step[0]
            end = (row + max(chunk, step * selection.step[0])) // chunk * chunk
            high = min(rows, low + max(1, (end - row) // selection.step[0]))
            count = (high - low, *selection.extent[1:])
            out[low:high] = dataset[selection.part((low, *(0,) * (len(count) - 1)), count).slices()]
            low = high


def create(path: str, what: Written, added: bool) -> Source:
    """Room for an array: in one piece, or in chunks if these or their compression are asked for."""
    h5py = storage.needed("h5py")
    name = what.name.strip("/") or NAME
    if added:
        name = f"{name}.{os.urandom(4).hex()}.part"
    codecs = _codecs(what)
    chunks = what.chunks or (chunked.suitable(what.shape, what.dtype.itemsize) if codecs else None)
    options: dict[str, Any] = {}
    if chunks and what.shape and prod(what.shape):
        chunks = tuple(min(c, n) for c, n in zip(chunks, what.shape, strict=True))
        options["chunks"] = chunks
        if codecs:
            options |= {"compression": "gzip", "compression_opts": codecs[-1][1], "shuffle": True}
    else:
        chunks, codecs = None, ()
        options["dcpl"] = properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with opened(path, "r+" if added else "w") as root:
        dataset = root.create_dataset(name, what.shape, what.dtype, **options)
        if not what.shape:  # of one element, the properties are not asked
            dataset[()] = np.zeros((), what.dtype)
        place = None if chunks else dataset.id.get_offset()
    assert place or chunks or not prod(what.shape), "early allocation gives it a place"
    layout = ("chunks", codecs) if chunks else ("plain", int(place or 0))
    return Source(path, "hdf5", name, named(what.dtype), what.shape, chunks or (), (), layout)


def _codecs(what: Written) -> tuple[Named, ...]:
    compression = what.compression
    if compression is None:
        return ()
    level = LEVEL if compression == "gzip" else compression
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 9:
        raise ValueError(f"compression={compression!r}: HDF5 files are written with 'gzip', or its level from 0 to 9")
    return ("shuffle", what.dtype.itemsize), ("zlib", level)


def write(source: Source, array: np.ndarray, start: tuple[int, ...], team: Threads) -> None:
    """As `Format.write`, for arrays in one piece."""
    plain.write(source.file, array, start, source.shape, plain.Plain(source.layout[1]), team)


def encode(source: Source, array: np.ndarray, start: tuple[int, ...], team: Threads) -> Encoded:
    """As `Format.encode`."""
    return chunked.encoded_chunks(source, array, start, team, lambda content: encoded(content, source.layout[1]))


def store(source: Source, chunks: Encoded) -> None:
    """As `Format.store`."""
    with opened(source.file, "r+") as root:
        dataset = root[source.name]
        for place, content in chunks:
            at = tuple(p * e for p, e in zip(place, source.chunks, strict=True))
            dataset.id.write_direct_chunk(at, content)


def finish(source: Source) -> None:
    """As `Format.finish`."""
    if not source.name.endswith(".part"):
        return
    with opened(source.file, "r+") as root:
        name = source.name.rsplit(".", 2)[0]
        if name in root:
            del root[name]
        root.move(source.name, name)


def give_up(source: Source) -> None:
    """As `Format.give_up`."""
    with opened(source.file, "r+") as root:
        del root[source.name]


FORMAT = Format("hdf5", ("h5", "hdf5", "h5ad", "hdf"), describe, read, create, write, encode, store, finish, give_up)
