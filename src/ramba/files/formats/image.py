"""PNG and JPEG: read whole by Pillow, which refuses pictures of more pixels than its limit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ramba.files import storage, turning
from ramba.files.format import Format, Options
from ramba.files.source import Selection, Source
from ramba.files.threads import Threads

_DTYPES = {"1": "|b1", "I;16": "<u2", "I;16B": ">u2", "I": "<i4", "F": "<f4"}  # by Pillow's mode; of all others |u1


def describe(file: str, name: str, options: Options) -> Source:
    """What the picture's header says."""
    if name:
        raise ValueError(f"{file} holds one picture, without a name: {name!r} is not there")
    with storage.stream(file) as stream, storage.needed("PIL.Image").open(stream) as picture:
        bands = len(picture.getbands())
        shape = (picture.height, picture.width) + ((bands,) if bands > 1 else ())
        dtype = _DTYPES.get(picture.mode, "|u1")
    channels = options.get("channels")
    axes = turning.turned(3, channels) if bands > 1 else (0, 1)
    return Source(file, "image", "", dtype, turning.shape_of(shape, axes), (), storage.stamp(file), axes)


def read(source: Source, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """As `Format.read`."""
    storage.check_unchanged(source.file, source.stamp, storage.stamp(source.file))
    with storage.counting(source.file) as reads, storage.stream(source.file) as stream:
        try:
            with storage.needed("PIL.Image").open(stream) as picture:
                found: Any = np.asarray(picture)
        except (OSError, SyntaxError) as problem:
            raise ValueError(f"{source.file} is damaged or truncated: {problem}") from problem
        reads.append(source.stamp[0])

    def part(stored: Selection, to: np.ndarray) -> None:
        to[...] = found[stored.slices()]

    turning.as_stored(part, selection, out, source.layout)


FORMAT = Format("image", ("png", "jpg", "jpeg"), describe, read, options=("channels",))
