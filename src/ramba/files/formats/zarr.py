"""Zarr 2 and 3: what a store says of its arrays comes through zarr; chunks and shards are read past it.

What is stored in a way that `codecs` knows is read, decoded and written on all threads. Anything else is read by zarr.
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ramba.files import chunked, shards, storage
from ramba.files.codecs import Named, decoded, encoded
from ramba.files.format import Format, Options, Written
from ramba.files.source import Selection, Source, named
from ramba.files.threads import Threads

NAME = "data"  # of an array that is added to a group and gets none
METADATA = ("zarr.json", ".zarray")

Array: TypeAlias = Any  # of zarr's, which is imported at the first use


class Stored(NamedTuple):
    """How the chunks of an array are stored: the layout of a `Source`."""

    prefix: str  # of their names: "c" in Zarr 3
    separator: str
    order: tuple[int, ...]  # of the axes within a chunk
    codecs: tuple[Named, ...]
    shard: tuple[int, ...]  # extents of what is one file; () if that is a chunk
    side: str  # "start" or "end" of a shard; "" if there are none
    checked: bool  # whether the index of a shard has a checksum
    fill: str  # of chunks that nobody wrote, in hexadecimal digits


def describe(file: str, name: str, options: Options) -> Source:
    """What a store says of one of its arrays."""
    zarr = storage.needed("zarr")
    if not storage.is_remote(file) and not os.path.exists(file):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    found = zarr.open(file, mode="r", path=name.strip("/") or None)
    if isinstance(found, zarr.Group):
        names = sorted(key for key, member in found.members(max_depth=None) if isinstance(member, zarr.Array))
        if name or len(names) != 1:
            problem = f"{name!r} is a group" if name else "several arrays" if names else "no array"
            raise KeyError(f"{file}: {problem}; it has {', '.join(names) or 'none'}")
        name, found = names[0], found[names[0]]
    return _described(file, name.strip("/"), found)


def _described(file: str, name: str, found: Array) -> Source:
    dtype, facts = np.dtype(found.dtype), found.metadata.to_dict()
    if dtype.hasobject or dtype.kind in "OT":
        raise ValueError(
            f"{name or 'the array'} in {file} holds texts or objects of any length, which no array can hold"
        )
    stored, chunks = None, tuple(map(int, found.chunks))
    try:
        stored, chunks, dtype = (_second if facts["zarr_format"] == 2 else _third)(facts, dtype)
    except (KeyError, LookupError):  # of something that zarr alone knows
        stored = None
    layout: tuple[Any, ...] = ("library",)
    if stored is not None:
        fill = found.fill_value if found.fill_value is not None else 0
        layout = ("chunks", *stored._replace(fill=np.asarray(fill, dtype).tobytes().hex()))
    stamp = next(s for n in METADATA if (s := _stamp(_joined(file, name, n))) is not None)
    return Source(file, "zarr", name, named(dtype), tuple(map(int, found.shape)), chunks, stamp, layout)


def _second(facts: Mapping[str, Any], dtype: np.dtype) -> tuple[Stored, tuple[int, ...], np.dtype]:
    """An array of Zarr 2; LookupError if it is stored in a way that is unknown here."""
    codecs = [_config(each["id"], each, dtype) for each in facts.get("filters") or ()]
    if facts.get("compressor"):
        codecs.append(_config(facts["compressor"]["id"], facts["compressor"], dtype))
    axes = tuple(range(len(facts["shape"])))
    order = axes[::-1] if facts["order"] == "F" else axes
    stored = Stored("", facts["dimension_separator"], order, tuple(codecs), (), "", False, "")
    return stored, tuple(facts["chunks"]), dtype


def _third(facts: Mapping[str, Any], dtype: np.dtype) -> tuple[Stored, tuple[int, ...], np.dtype]:
    """An array of Zarr 3; LookupError if it is stored in a way that is unknown here."""
    if facts["chunk_grid"]["name"] != "regular":
        raise LookupError
    keys, codecs = facts["chunk_key_encoding"], list(facts["codecs"])
    chunks = tuple(map(int, facts["chunk_grid"]["configuration"]["chunk_shape"]))
    prefix = {"default": "c", "v2": ""}[keys["name"]]
    separator = keys["configuration"]["separator"]
    shard: tuple[int, ...] = ()
    index, checked = "", False
    if len(codecs) == 1 and codecs[0]["name"] == "sharding_indexed":
        sharding = codecs[0]["configuration"]
        names = [each["name"] for each in sharding["index_codecs"]]
        if names not in (["bytes"], ["bytes", "crc32c"]) or _endian(sharding["index_codecs"][0]) == ">":
            raise LookupError
        shard, chunks = chunks, tuple(map(int, sharding["chunk_shape"]))
        index, checked, codecs = sharding["index_location"], len(names) == 2, list(sharding["codecs"])
    order = tuple(range(len(chunks)))
    if codecs[0]["name"] == "transpose":
        order = tuple(codecs.pop(0)["configuration"]["order"])
    if codecs[0]["name"] != "bytes":
        raise LookupError
    dtype = dtype.newbyteorder(_endian(codecs.pop(0)))
    known = tuple(_config(each["name"], each.get("configuration", {}), dtype) for each in codecs)
    return Stored(prefix, separator, order, known, shard, index, checked, ""), chunks, dtype


def _endian(codec: Mapping[str, Any]) -> Any:
    given = codec.get("configuration", {}).get("endian")
    return {"big": ">", "little": "<", None: "="}[getattr(given, "value", given)]


def _config(name: str, facts: Mapping[str, Any], dtype: np.dtype) -> Named:
    """A codec by the name and the parameters that Zarr has for it; KeyError if it is unknown here."""
    shuffles = {"noshuffle": 0, "shuffle": 1, "bitshuffle": 2}
    found: dict[str, Any] = {
        "gzip": lambda: (facts["level"],),
        "zlib": lambda: (facts["level"],),
        "zstd": lambda: (facts["level"],),
        "lz4": lambda: (),
        "crc32c": lambda: (),
        "shuffle": lambda: (facts["elementsize"],),
        "blosc": lambda: (
            facts["cname"],
            facts["clevel"],
            shuffles.get(facts["shuffle"], facts["shuffle"]),
            facts.get("typesize") or dtype.itemsize,
        ),
    }
    return (name, *found[name]())


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        return storage.stamp(path)
    except OSError:
        return None


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`."""
    now = next((s for n in METADATA if (s := _stamp(_joined(source.file, source.name, n))) is not None), ())
    storage.check_unchanged(source.file, source.stamp, now)
    if source.layout[0] == "library":
        zarr = storage.needed("zarr")
        found = zarr.open_array(source.file, mode="r", path=source.name or None)
        out[...] = found[selection.slices()]
        return
    stored = Stored(*source.layout[1:])
    dtype = np.dtype(source.dtype)
    fill = np.frombuffer(bytes.fromhex(stored.fill), dtype)[0]
    indexes = None
    if stored.shard:
        path = functools.partial(_path, source, stored)
        indexes = shards.Indexes(_counts(stored.shard, source.chunks), stored.side == "start", stored.checked, path)
    with storage.counting(source.file) as reads:
        load = functools.partial(_load, source, stored, indexes, reads)
        chunked.read(chunked.Chunks(source.chunks, load, fill), selection, out, team)


def _load(
    source: Source,
    stored: Stored,
    indexes: shards.Indexes | None,
    reads: list[int],
    place: chunked.Place,
    into: np.ndarray | None,
) -> np.ndarray | None:
    """A chunk, decoded."""
    content = indexes.content(place, reads) if indexes is not None else _content(_path(source, stored, place), reads)
    if content is None:
        return None
    dtype = np.dtype(source.dtype)
    straight = stored.order == tuple(range(len(source.chunks)))
    fits = into is not None and straight and into.dtype == dtype
    target = into.reshape(-1).view(np.uint8) if into is not None and fits else None
    try:
        found = decoded(content, stored.codecs, prod(source.chunks) * dtype.itemsize, target)
    except ValueError as problem:
        raise ValueError(f"{_path(source, stored, place)}: {problem}") from problem
    if found is target:
        return into
    inside = found.view(dtype).reshape([source.chunks[axis] for axis in stored.order])
    return inside.transpose(np.argsort(stored.order)) if stored.order else inside


def _path(source: Source, stored: Stored, place: chunked.Place) -> str:
    """The file of a chunk, or of the shard that it is in."""
    if stored.shard:
        place = tuple(p * c // s for p, c, s in zip(place, source.chunks, stored.shard, strict=True))
    numbers = stored.separator.join(map(str, place))
    if stored.prefix:
        numbers = stored.separator.join([stored.prefix, numbers]) if place else stored.prefix
    return _joined(source.file, source.name, numbers or "0")


def _counts(shard: tuple[int, ...], chunks: tuple[int, ...]) -> tuple[int, ...]:
    """Chunks along each dimension of a shard."""
    return tuple(s // c for s, c in zip(shard, chunks, strict=True))


def _content(path: str, reads: list[int]) -> np.ndarray | None:
    """All of a file; None if there is none."""
    try:
        content = storage.read_all(path)
    except FileNotFoundError:
        return None
    reads.append(len(content))
    return np.frombuffer(content, np.uint8)


def create(path: str, what: Written, added: bool) -> Source:
    """Metadata of an array whose chunks are still to be written: one of its own, or one of a group.

    Its chunks are what one worker writes as a whole: shards, if there are any.
    """
    zarr = storage.needed("zarr")
    name = what.name.strip("/")
    if added:
        name = f"{name or NAME}.{os.urandom(4).hex()}.part"
    chunks = what.chunks or chunked.suitable(what.shards or what.shape, what.dtype.itemsize)
    options: dict[str, Any] = {"shape": what.shape, "dtype": what.dtype, "compressors": _compressors(what)}
    if what.shards:
        if not what.chunks:
            chunks = tuple(
                max(n for n in range(1, c + 1) if s % n == 0) for c, s in zip(chunks, what.shards, strict=True)
            )
        if any(s % c for s, c in zip(what.shards, chunks, strict=True)):
            raise ValueError(f"shards of {what.shards} cannot be cut into chunks of {chunks}")
        options["shards"] = what.shards
    options["chunks"] = chunks
    if name:
        found = zarr.open_group(path, mode="a").create_array(name, **options)
    else:
        found = zarr.create_array(path, **options)
    made = _described(path, name, found)
    if made.layout[0] != "chunks":
        raise ValueError(f"Arrays of dtype {what.dtype} cannot be written to Zarr stores.")
    stored = Stored(*made.layout[1:])
    return made._replace(chunks=stored.shard or made.chunks, layout=(made.chunks, *made.layout[1:]))


def _compressors(what: Written) -> Any:
    codecs = storage.needed("zarr.codecs")
    known: dict[Any, Any] = {
        None: lambda: None,
        "zstd": lambda: codecs.ZstdCodec(level=1),
        "gzip": lambda: codecs.GzipCodec(level=4),
        "blosc": lambda: codecs.BloscCodec(cname="lz4", clevel=5, shuffle="shuffle", typesize=what.dtype.itemsize),
    }
    if what.compression not in known:
        raise ValueError(f"compression={what.compression!r}: Zarr stores are written with 'zstd', 'blosc' or 'gzip'")
    return known[what.compression]()


def write(source: Source, array: np.ndarray, start: tuple[int, ...], team: Threads) -> None:
    """As `Format.write`."""
    inner, stored = source.layout[0], Stored(*source.layout[1:])
    files = stored._replace(shard=())  # which are named after their places in the grid of what one worker writes

    def encode(content: np.ndarray) -> np.ndarray:
        return encoded(content, stored.codecs)

    def put(place: chunked.Place, content: np.ndarray) -> None:
        with shards.opened(_path(source, files, place)) as stream:
            stream.write(content.data)

    dtype = np.dtype(source.dtype)
    array = array if array.dtype == dtype else array.astype(dtype)
    if not stored.shard:
        chunked.encoded_chunks(source, array, start, team, encode, put)
        return
    chunks, counts = source._replace(chunks=inner), _counts(stored.shard, inner)
    for place, part in chunked.cut(array, start, stored.shard):
        shards.write(_path(source, files, place), chunks, counts, part, team, encode)


def finish(source: Source) -> None:
    """As `Format.finish`."""
    if not source.name.endswith(".part"):
        return
    made = _joined(source.file, source.name)
    place = made.rsplit(".", 2)[0]
    if os.path.lexists(place):
        aside = f"{made}.old"
        os.rename(place, aside)
        os.rename(made, place)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        os.rename(made, place)


def give_up(source: Source) -> None:
    """As `Format.give_up`."""
    shutil.rmtree(_joined(source.file, source.name), ignore_errors=True)


FORMAT = Format("zarr", ("zarr",), describe, read, create, write, finish=finish, give_up=give_up, sharded=True)
