"""NumPy's archives: members are compressed, and read and checked if they are not, on all threads."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np

from ramba.files.formats import npy
from ramba.files.storage import opened
from ramba.files.threads import Threads

PIECE = 4 << 20  # bytes that one thread reads at once
DEFLATED = 1 << 20  # bytes that one thread compresses at once
_WINDOW = 1 << 15  # bytes before a piece that it may refer to
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
            sums[n] = zlib.crc32(pieces[n].data)

        team.map(one, len(pieces))
    found = zlib.crc32(start[:offset].data)
    for piece, part in zip(pieces, sums, strict=True):
        found = joined(found, part, piece.nbytes)
    if found != member.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {member.filename!r}")
    return out


def write(path: str, members: Mapping[str, np.ndarray], large: int, allow_pickle: bool, team: Threads) -> None:
    """A new archive of compressed arrays; those of more bytes than ``large`` are compressed on all threads.

    What is written differs from NumPy's in where one block of compressed bytes ends and another one begins.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, array in members.items():
            if array.nbytes > large and array.dtype.kind in "biufcSUmM":
                _put(archive, f"{name}.npy", array, team)
            else:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, array, allow_pickle=allow_pickle)


def _put(archive: zipfile.ZipFile, name: str, array: np.ndarray, team: Threads) -> None:
    """One member, as `zipfile` writes it: a header, which is written once more when it is known, and its bytes."""
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    ordered = array.T if fortran else np.ascontiguousarray(array)
    content = ordered.reshape(-1).view(np.uint8)
    facts = np.lib.format.header_data_from_array_1_0(array)
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, facts)
    start = np.frombuffer(head.getvalue(), np.uint8)
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.file_size, info.compress_size, info.CRC = len(start) + content.nbytes, 0, 0
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    stream = archive.fp
    assert stream is not None
    stream.seek(archive.start_dir)
    info.header_offset = stream.tell()
    stream.write(info.FileHeader(zip64=True))
    begin = stream.tell()
    step = DEFLATED * 4 * team.size
    for low in range(0, content.nbytes, step):
        for packed, checksum, nbytes in _deflated(start if not low else start[:0], content, low, low + step, team):
            stream.write(packed)
            info.CRC = joined(info.CRC, checksum, nbytes)
    archive.start_dir = stream.tell()
    info.compress_size = archive.start_dir - begin
    stream.seek(info.header_offset)
    stream.write(info.FileHeader(zip64=True))
    stream.seek(archive.start_dir)
    archive.filelist.append(info)
    archive.NameToInfo[name] = info


def _deflated(
    before: np.ndarray, content: np.ndarray, low: int, high: int, team: Threads
) -> list[tuple[bytes, int, int]]:
    """The bytes between two places, and some before them, in compressed pieces: with checksum and length of each."""
    places = range(low, min(high, content.nbytes), DEFLATED)
    found = [(b"", 0, 0)] * len(places)

    def one(n: int) -> None:
        at = places[n]
        piece = content[at : at + DEFLATED]
        if at == 0:
            piece = np.concatenate([before, piece])
        window = content[max(at - _WINDOW, 0) : at].data
        last = at + DEFLATED >= content.nbytes
        packing = zlib.compressobj(wbits=-15, zdict=window) if at else zlib.compressobj(wbits=-15)
        packed = packing.compress(piece.data) + packing.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
        found[n] = packed, zlib.crc32(piece.data), piece.nbytes

    team.map(one, len(places))
    return found


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


__all__ = ["joined", "read", "write"]
