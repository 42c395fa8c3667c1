"""How much memory there is, and how NumPy says that it is not enough."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ramba import config, machine
from ramba.errors import MemoryError

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
MOST_DIMENSIONS = 64
_LARGEST = np.iinfo(np.intp).max
_ASKED = 16 << 20  # bytes from which the system is asked what is free: that takes 50 us


def available(held: int = 0, waiting: int = 0) -> int:
    """Bytes that new arrays may take now, when ours hold `held` bytes, and so many are `waiting` to be used again."""
    room = machine.free_memory()
    space = machine.address_space()
    if space is not None:
        room = min(room, space)
    room += waiting
    limit = config.current().memory_limit
    if limit is not None:
        room = min(room, limit - held)
    return max(0, room)


def check(shape: tuple[int, ...], dtype: np.dtype, room: Callable[[], int] = available) -> int:
    """The bytes of an array, or NumPy's own complaint that there is no room for it."""
    # Python's integers: the product may be larger than any of NumPy's
    nbytes = math.prod(shape) * dtype.itemsize
    if nbytes > _LARGEST or len(shape) > MOST_DIMENSIONS:
        raise refusal(shape, dtype)
    asked = nbytes > _ASKED or config.current().memory_limit is not None
    if asked and nbytes > room():
        raise refusal(shape, dtype)
    return nbytes


def refusal(shape: tuple[int, ...], dtype: np.dtype) -> ValueError | MemoryError:
    """NumPy's complaint about an array that nobody can have, or for which there is no room."""
    nbytes = math.prod(shape) * dtype.itemsize
    if len(shape) > MOST_DIMENSIONS:
        return ValueError(f"maximum supported dimension for an ndarray is currently 64, found {len(shape)}")
    if max(shape, default=0) > _LARGEST:
        return ValueError("Maximum allowed dimension exceeded")
    if nbytes > _LARGEST:
        return ValueError("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.")
    size = show_size(nbytes)
    return MemoryError(f"Unable to allocate {size} for an array with shape {shape} and data type {dtype}")


def show_size(nbytes: int) -> str:
    """A number of bytes as NumPy writes it: three digits and a unit."""
    unit = min(max(nbytes.bit_length() - 1, 1) // 10, len(_UNITS) - 1)
    number = nbytes / (1 << 10 * unit)
    if round(number) == 1024 and unit + 1 < len(_UNITS):
        unit, number = unit + 1, number / 1024
    if unit == 0:
        return f"{number:.0f} {_UNITS[unit]}"
    return f"{number:#.3g} {_UNITS[unit]}" if round(number) < 1000 else f"{number:#.0f} {_UNITS[unit]}"
