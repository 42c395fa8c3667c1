"""How long do operations on arrays take that are on a disk, beside a plain program that moves as many bytes?"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable
from operator import truediv
from statistics import median
from time import perf_counter
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_least
from ramba.engine import ENGINE
from ramba.runtime.spilling import Spill, system

_LIMIT = 256 << 20  # bytes: each of three arrays takes as many
_ROUNDS = 5
_PIECE = 8 << 20
_LEAST = 0.5  # of the disk's speed
_BYTE = numpy.dtype("u1")


def answers() -> list[Answer]:
    """A sum of products of three arrays, which only reads; and two added, where another one has to give way."""
    settings: dict[str, Any] = {"memory_limit": _LIMIT, "backend": "threads", "kernels": "compiled"}
    place = os.environ.get("TMPDIR", "/var/tmp")
    with tempfile.TemporaryDirectory(dir=place) as folder, ramba.config.set(spill=folder, **settings):
        a = ramba.arange(_LIMIT // 8) * 1.0
        b = a * 2 + 1
        c = a - b
        ramba.sync()
        return [
            _compared("a sum over arrays of three times the limit", folder, lambda: float((a * b + c).sum())),
            _compared("two arrays added, beside a third one", folder, lambda: _computed(a + b)),
        ]


def _computed(x: Any) -> None:
    ramba.sync()
    del x


def _compared(question: str, folder: str, work: Callable[[], object]) -> Answer:
    spill: Any = ENGINE.backend.pool.spill
    ours, plain = [], []
    work()
    for _ in range(_ROUNDS):
        _forget(spill)
        before, begin = spill.counts, perf_counter()
        work()
        ours.append(perf_counter() - begin)
        moved = spill.counts
        plain.append(_disk(folder, moved.written - before.written, moved.read - before.read))
    times = median(map(truediv, plain, ours))
    return at_least(question, times * median(ours), median(ours), _LEAST)


def _forget(spill: Spill) -> None:
    """Drops what the system has cached of what was spilled: of pages that nobody looks at, it would drop nothing."""
    for held in spill._held.values():
        block = held.block()
        block.array(_BYTE, (block.nbytes,))[:: system.PAGE].sum()
        system.leave_to_system(held.low, held.segments[-1].high - held.low)
        for segment in held.segments:
            segment.ahead = False


def _disk(folder: str, written: int, read: int) -> float:
    """Seconds that a plain program takes for as many bytes, past the page cache."""
    piece = mmap.mmap(-1, _PIECE)
    piece[:] = b"\1" * _PIECE
    file = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_DIRECT, 0o600)
    try:
        for place in range(0, read, _PIECE):
            os.pwrite(file, piece, place)
        begin = perf_counter()
        for place in range(0, written, _PIECE):
            os.pwrite(file, piece, read + place)
        for place in range(0, read, _PIECE):
            os.preadv(file, [piece], place)
        return perf_counter() - begin
    finally:
        os.close(file)
