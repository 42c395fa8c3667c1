"""Numbers as text, read and written without Python's lock: what `native/text.c` does, if it was compiled."""

from __future__ import annotations

import contextlib
import functools
import importlib
from typing import Any

import numpy as np

from ramba import config

_LEAST, _GREATEST = -342, 308  # powers of ten that a double may need
KINDS = ("f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")  # as C counts them


@functools.cache
def code() -> Any:
    """The functions in C; None if they were not compiled, or the setting `native` leaves them out."""
    if not config.at_import("native"):
        return None
    with contextlib.suppress(ImportError):
        found = importlib.import_module("ramba.files._text")
        powers = [_leading(power) for power in range(_LEAST, _GREATEST + 1)]
        found.know(np.array([(bits >> 64, bits & (1 << 64) - 1) for bits in powers], np.uint64))
        return found
    return None


def kind(dtype: np.dtype) -> int | None:
    """The number that C has for elements of a dtype; None if it does not know them."""
    name = dtype.str[1:]
    return KINDS.index(name) if name in KINDS and dtype.isnative else None


def _leading(power: int) -> int:
    """The first 128 bits of a power of five; of a negative one, of the next greater number of so many bits."""
    five: int = 5 ** abs(power)
    length = five.bit_length()
    if power >= 0:
        return five << 128 - length if length <= 128 else five >> length - 128
    width = (five - 1).bit_length()
    inverse: int = (1 << (width + 127 if power >= -27 else 2 * width + 128)) // five + 1
    return inverse >> max(inverse.bit_length() - 128, 0)


__all__ = ["KINDS", "code", "kind"]
