"""TIFF: pictures and stacks of them. Pages that are not compressed are read as they lie, others by tifffile."""

from __future__ import annotations

import lzma
import struct
import zlib
from math import prod
from typing import Any

import numpy as np

from ramba.files import chunked, plain, storage, turning
from ramba.files.format import Format, Options
from ramba.files.source import Selection, Source, named
from ramba.files.threads import Threads

_DAMAGE = (OSError, RuntimeError, IndexError, zlib.error, lzma.LZMAError, struct.error)  # what codecs raise


def describe(file: str, name: str, options: Options) -> Source:
    """What the first series of pages is."""
    if name:
        raise ValueError(f"{file} holds one picture or stack, without a name: {name!r} is not there")
    stamp = storage.stamp(file)
    with storage.stream(file) as stream, storage.needed("tifffile").TiffFile(stream) as opened:
        series = opened.series[0]
        shape, dtype = tuple(map(int, series.shape)), np.dtype(series.dtype)
        axes = tuple(range(len(shape)))
        if series.axes.endswith("S") and len(shape) > 2:
            axes = turning.turned(len(shape), options.get("channels"))
        elif options.get("channels") not in (None, "first", "last"):
            turning.turned(3, options["channels"])
        page = tuple(map(int, series.keyframe.shape))
        offset = series.dataoffset
        if offset is None:
            _check_chain(file, opened)
    leading = shape[: len(shape) - len(page)]
    chunks: tuple[int, ...] = ()
    kind, place = "library", 0
    if offset is not None:
        kind, place, dtype = "plain", int(offset), dtype.newbyteorder(opened.byteorder)
        if place + prod(shape) * dtype.itemsize > stamp[0]:
            raise storage.truncated(file, place + prod(shape) * dtype.itemsize)
    elif shape[len(leading) :] == page and prod(leading) == len(series.pages):
        kind, chunks = "pages", (*(1,) * len(leading), *page)
    chunks = turning.shape_of(chunks, axes) if chunks else ()
    return Source(file, "tiff", "", named(dtype), turning.shape_of(shape, axes), chunks, stamp, (kind, place, axes))


def _check_chain(file: str, opened: Any) -> None:
    """Refuses a file whose chain of pages breaks off: tifffile gives what comes before, and says so in its log only."""
    len(opened.pages)  # it goes through all of them
    opened.filehandle.seek(opened.pages.next_page_offset)
    following = opened.filehandle.read(opened.tiff.offsetsize)
    if any(following) or len(following) < opened.tiff.offsetsize:
        raise ValueError(f"{file} is damaged or truncated: its last pages are missing")


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`."""
    kind, place, axes = source.layout
    back = tuple(axes.index(axis) for axis in range(len(axes)))
    stored = source._replace(
        shape=turning.shape_of(source.shape, back),
        chunks=turning.shape_of(source.chunks, back) if source.chunks else (),
    )

    def part(wanted: Selection, to: np.ndarray) -> None:
        if kind == "plain":
            plain.read(stored, plain.Plain(place), wanted, to, team)
        else:
            _read_pages(stored, kind, wanted, to, team)

    turning.as_stored(part, selection, out, axes)


def _read_pages(source: Source, kind: str, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """By tifffile: what it decodes as one is a page, or the whole series."""
    storage.check_unchanged(source.file, source.stamp, storage.stamp(source.file))
    library: Any = storage.needed("tifffile")
    with (
        storage.counting(source.file) as reads,
        storage.stream(source.file) as stream,
        library.TiffFile(stream) as opened,
    ):
        series = opened.series[0]
        if kind == "library":
            reads.append(source.stamp[0])
            out[...] = series.asarray()[selection.slices()]
            return
        opened.filehandle.set_lock(True)
        leading = list(source.shape[: len(source.shape) - len(series.keyframe.shape)])

        def load(at: chunked.Place, into: np.ndarray | None) -> np.ndarray:
            page = series.pages[int(np.ravel_multi_index(at[: len(leading)], leading)) if leading else 0]
            reads.append(sum(page.databytecounts))
            try:
                return np.asarray(page.asarray(maxworkers=1)).reshape(source.chunks)
            except _DAMAGE as problem:
                raise ValueError(f"{source.file} is damaged or truncated: {problem}") from problem

        chunked.read(chunked.Chunks(source.chunks, load, 0), selection, out, team)


FORMAT = Format("tiff", ("tif", "tiff"), describe, read, options=("channels",))
