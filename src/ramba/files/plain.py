"""Arrays whose bytes lie in a file as they do in memory: read and written piece by piece, on all threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple

import numpy as np

from ramba.files.source import Selection, Source
from ramba.files.storage import Storage, check_unchanged, opened
from ramba.files.threads import Threads

PIECE = 4 << 20  # bytes that one thread reads at once
GAP = 4096  # bytes between wanted ones that are read over rather than left out
ROWS = 256  # short rows that one thread reads in a row


class Plain(NamedTuple):
    """Where in a file an array lies."""

    offset: int
    fortran: bool = False


class Rows(NamedTuple):
    """A selection as runs of bytes: the elements of the inner dimensions are read together."""

    outer: int  # dimensions that are walked through
    first: int  # byte of the first element
    strides: tuple[int, ...]  # in bytes, between the selected elements
    cover: int  # bytes from the first element of a run to the end of its last


def read(source: Source, plain: Plain, selection: Selection, out: np.ndarray, team: Threads) -> None:
    """Reads what is selected into an array of its shape and of the source's dtype in any order of bytes."""
    if plain.fortran:
        turned = Selection(selection.start[::-1], selection.extent[::-1], selection.step[::-1])
        read(source._replace(shape=source.shape[::-1]), Plain(plain.offset), turned, out.T, team)
        return
    if out.size == 0:
        return
    with opened(source.file) as storage:
        check_unchanged(source.file, source.stamp, storage.stamp)
        dtype = np.dtype(source.dtype)
        rows = _rows(selection, source.shape, dtype.itemsize, plain.offset)
        tasks = list(_tasks(rows, selection.extent))
        team.map(lambda n: tasks[n](lambda at, to: _fill(storage, rows, at, to, dtype), out), len(tasks))


def _rows(selection: Selection, shape: tuple[int, ...], itemsize: int, offset: int) -> Rows:
    """The longest runs that have no wide gaps."""
    units = [itemsize * prod(shape[d + 1 :]) for d in range(len(shape))]
    first = offset + sum(s * u for s, u in zip(selection.start, units, strict=True))
    strides = tuple(u * t for u, t in zip(units, selection.step, strict=True))
    outer, cover = len(shape), itemsize
    while outer:
        count, stride = selection.extent[outer - 1], strides[outer - 1]
        if count > 1 and (stride - cover > GAP or (stride > cover and stride * count > PIECE)):
            break
        outer -= 1
        cover += (count - 1) * stride
    while outer < len(shape) and cover > PIECE and (strides[outer] > PIECE or selection.extent[outer] == 1):
        cover -= (selection.extent[outer] - 1) * strides[outer]  # the pieces of a run are those of a shorter dimension
        outer += 1
    return Rows(outer, first, strides, cover)


Fill = Callable[[int, np.ndarray], None]
Task = Callable[[Fill, np.ndarray], None]


def _tasks(rows: Rows, count: tuple[int, ...]) -> Iterator[Task]:
    """Calls that each read some rows, or a part of a long one."""
    places = prod(count[: rows.outer])
    if rows.cover > PIECE and rows.outer < len(count):
        extent, step = count[rows.outer], PIECE // rows.strides[rows.outer]
        for place in range(places):
            for low in range(0, extent, step):
                yield _task(rows, count, range(place, place + 1), slice(low, min(low + step, extent)))
        return
    each = max(1, min(ROWS, PIECE // max(rows.cover, 1)))
    for place in range(0, places, each):
        yield _task(rows, count, range(place, min(place + each, places)), None)


def _task(rows: Rows, count: tuple[int, ...], places: range, part: slice | None) -> Task:
    def run(fill: Fill, out: np.ndarray) -> None:
        for place in places:
            index = np.unravel_index(place, count[: rows.outer]) if rows.outer else ()
            at = rows.first + sum(int(i) * s for i, s in zip(index, rows.strides, strict=False))
            to = out[tuple(int(i) for i in index)] if rows.outer < len(count) else out[(*index, None)]
            if part is not None:
                to, at = to[part], at + part.start * rows.strides[rows.outer]
            fill(at, to)

    return run


def _fill(storage: Storage, rows: Rows, at: int, to: np.ndarray, dtype: np.dtype) -> None:
    """Reads a run of bytes, and takes out of it what is wanted."""
    strides = rows.strides[rows.outer :] or (dtype.itemsize,)
    cover = dtype.itemsize + sum((n - 1) * s for n, s in zip(to.shape, strides, strict=True))
    if cover == to.nbytes and to.flags.c_contiguous and to.dtype == dtype:
        storage.read(at, to.reshape(-1).view(np.uint8))
        return
    held = np.empty(cover, np.uint8)
    storage.read(at, held)
    to[...] = np.ndarray(to.shape, dtype, held, 0, strides)


def write(
    path: str, array: np.ndarray, start: tuple[int, ...], shape: tuple[int, ...], plain: Plain, team: Threads
) -> None:
    """Writes a box of an array of some shape where it lies in a file that is there."""
    if plain.fortran:
        write(path, array.T, start[::-1], shape[::-1], Plain(plain.offset), team)
        return
    if array.size == 0:
        return
    whole = Selection(start, array.shape, (1,) * array.ndim)
    rows = _rows(whole, shape, array.itemsize, plain.offset)
    while rows.cover > prod(array.shape[rows.outer :]) * array.itemsize:  # nothing is written over
        rows = rows._replace(
            outer=rows.outer + 1,
            cover=rows.cover - (array.shape[rows.outer] - 1) * rows.strides[rows.outer],
        )
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        tasks = list(_tasks(rows, array.shape))
        team.map(lambda n: tasks[n](lambda at, part: _put(descriptor, at, part), array), len(tasks))
    finally:
        os.close(descriptor)


def _put(descriptor: int, at: int, part: np.ndarray) -> None:
    content = np.ascontiguousarray(part).reshape(-1).view(np.uint8)
    done = 0
    while done < content.nbytes:
        done += os.pwrite(descriptor, content[done:].data, at + done)


__all__ = ["Plain", "read", "write"]
