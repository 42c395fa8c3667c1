"""Members of NumPy's archives that are not compressed: read and checked on all threads."""

from __future__ import annotations

import io
import zipfile
import zlib

import numpy as np

from ramba.files.formats import npy
from ramba.files.storage import opened
from ramba.files.threads import Threads

PIECE = 4 << 20  # bytes that one thread reads at once
_HEAD = 30  # bytes of a member's own header, before its name
_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31  # of polynomials as CRC-32 writes them, the constant one last


def read(path: str, member: zipfile.ZipInfo, team: Threads) -> np.ndarray:
    """The array of a member, in order of memory as it is stored.

    Raises
    ------
    zipfile.BadZipFile
        If its bytes are not those that were written, as Python's own reader has it.
    """
    with opened(path) as held:
        head = np.empty(_HEAD, np.uint8)
        held.read(member.header_offset, head)
        name, extra = (int.from_bytes(head[at : at + 2].tobytes(), "little") for at in (26, 28))
        begin = member.header_offset + _HEAD + name + extra
        start = np.empty(min(member.file_size, 1 << 16), np.uint8)
        held.read(begin, start)
        shape, dtype, fortran, offset = npy.header(io.BytesIO(start.tobytes()))
        out = np.empty(shape, dtype, order="F" if fortran else "C")
        content = out.T.reshape(-1).view(np.uint8) if fortran else out.reshape(-1).view(np.uint8)
        if offset + content.nbytes != member.file_size:
            raise ValueError(f"{member.filename} has {member.file_size} bytes, not {offset + content.nbytes}")
        pieces = [content[at : at + PIECE] for at in range(0, content.nbytes, PIECE)]
        sums = [0] * len(pieces)

        def one(n: int) -> None:
            held.read(begin + offset + n * PIECE, pieces[n])
            sums[n] = zlib.crc32(pieces[n])

        team.map(one, len(pieces))
    found = zlib.crc32(start[:offset])
    for piece, part in zip(pieces, sums, strict=True):
        found = joined(found, part, piece.nbytes)
    if found != member.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
    return out


def joined(first: int, second: int, nbytes: int) -> int:
    """The CRC-32 of bytes whose first part has one, and whose second part, of so many bytes, has another one."""
    power, base = _ONE, _ONE >> 8
    while nbytes:
        if nbytes & 1:
            power = _times(base, power)
        base = _times(base, base)
        nbytes >>= 1
    return _times(power, first) ^ second


def _times(a: int, b: int) -> int:
    """The product of two polynomials over bits, modulo that of CRC-32."""
    product, bit = 0, _ONE
    while bit:
        if a & bit:
            product ^= b
        bit >>= 1
        b = (b >> 1) ^ (_POLYNOMIAL if b & 1 else 0)
    return product


__all__ = ["joined", "read"]
