"""What the bytes of a chunk go through: undone, and done, on our threads.

A codec is named by plain data, ``("gzip", level)``. What is decoded never becomes larger than the chunk that it belongs
to: more than that is refused before it is unpacked.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ramba.files.storage import needed

_CHECKSUMS = ("crc32c", "fletcher32")
_CHECKSUM = 4  # bytes

Bytes = np.ndarray  # of uint8, one-dimensional
Named = tuple[Any, ...]  # a codec: its name, then its parameters


class Codec(NamedTuple):
    """A way to write bytes as other ones."""

    decode: Callable[[Bytes, int, Named], Any]  # (content, bytes that it must become, codec)
    encode: Callable[[Bytes, Named], Any]


def decoded(content: Bytes, codecs: Sequence[Named], nbytes: int, into: Bytes | None = None) -> Bytes:
    """The bytes before they were encoded by one codec after the other; perhaps in memory that is given.

    Raises
    ------
    ValueError
        If they are damaged, or not so many.
    """
    try:
        for number, codec in reversed(list(enumerate(codecs))):
            if number == 0 and into is not None and codec[0] in _INTO:
                _INTO[codec[0]](content, into)
                return into
            room = nbytes + _CHECKSUM * sum(before[0] in _CHECKSUMS for before in codecs[:number])
            content = _bytes(CODECS[codec[0]].decode(content, room, codec))
    except (RuntimeError, ValueError, TypeError, IndexError, zlib.error, struct.error) as problem:
        raise ValueError(f"a chunk is damaged, or larger than it says: {problem}") from problem
    if content.nbytes != nbytes:
        raise ValueError(f"a chunk has {content.nbytes} bytes, not {nbytes}")
    return content


def encoded(content: Bytes, codecs: Sequence[Named]) -> Bytes:
    """The bytes, encoded by one codec after the other."""
    for codec in codecs:
        content = _bytes(CODECS[codec[0]].encode(content, codec))
    return content


def _bytes(found: bytes | bytearray | np.ndarray) -> Bytes:
    return found if isinstance(found, np.ndarray) else np.frombuffer(found, np.uint8)


def _inflate(content: Bytes, nbytes: int, wbits: int) -> bytes:
    unpacking = zlib.decompressobj(wbits)
    found = unpacking.decompress(content.data, nbytes + 1)
    if len(found) > nbytes or not unpacking.eof:
        raise ValueError("its compressed bytes are more than a chunk, or not all there")
    return found


def _deflate(content: Bytes, level: int, wbits: int) -> bytes:
    packing = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return packing.compress(content.data) + packing.flush()


def _unshuffle(content: Bytes, itemsize: int) -> Bytes:
    count = content.nbytes // itemsize
    out = np.empty(content.nbytes, np.uint8)
    out[: count * itemsize].reshape(count, itemsize)[...] = content[: count * itemsize].reshape(itemsize, count).T
    out[count * itemsize :] = content[count * itemsize :]
    return out


def _shuffle(content: Bytes, itemsize: int) -> Bytes:
    count = content.nbytes // itemsize
    body = np.ascontiguousarray(content[: count * itemsize].reshape(count, itemsize).T).reshape(-1)
    return np.concatenate([body, content[count * itemsize :]])


def _zstd_into(content: Bytes, into: Bytes) -> None:
    says = _zstd_size(content)
    if says is not None and says != into.nbytes:
        raise ValueError(f"it has {says} bytes, not {into.nbytes}")
    needed("numcodecs.zstd").decompress(content, into)


def _zstd_size(content: Bytes) -> int | None:
    """What the header of a Zstandard frame says of its content (RFC 8878, 3.1.1.1)."""
    described = int(content[4])
    single, width = described >> 5 & 1, (0, 2, 4, 8)[described >> 6]
    at = 5 + (not single) + (0, 1, 2, 4)[described & 3]
    width = width or single
    if not width:
        return None
    return int.from_bytes(content[at : at + width].tobytes(), "little") + 256 * (width == 2)


def _blosc_into(content: Bytes, into: Bytes) -> None:
    if content.nbytes < 16:
        raise ValueError("it is no Blosc chunk")
    (says,) = struct.unpack_from("<I", content.data, 4)
    (packed,) = struct.unpack_from("<I", content.data, 12)
    if says != into.nbytes or packed > content.nbytes:
        raise ValueError(f"it has {says} bytes in {packed}, not {into.nbytes} in {content.nbytes}")
    needed("numcodecs.blosc").decompress(content, into)


def _lz4_into(content: Bytes, into: Bytes) -> None:
    (says,) = struct.unpack_from("<I", content.data, 0)
    if says != into.nbytes:
        raise ValueError(f"it has {says} bytes, not {into.nbytes}")
    needed("numcodecs.lz4").decompress(content, into)


_INTO: dict[str, Callable[[Bytes, Bytes], None]] = {
    "zstd": _zstd_into,
    "blosc": _blosc_into,
    "lz4": _lz4_into,
}


def _given_room(name: str) -> Callable[[Bytes, int, Named], Bytes]:
    def decode(content: Bytes, nbytes: int, codec: Named) -> Bytes:
        into = np.empty(nbytes, np.uint8)
        _INTO[name](content, into)
        return into

    return decode


def _blosc(content: Bytes, codec: Named) -> bytes:
    _, name, level, shuffle, itemsize = codec
    blosc: Any = needed("numcodecs.blosc")
    found: bytes = blosc.compress(content.view(f"V{itemsize}"), name.encode(), level, shuffle)
    return found


def _without_checksum(content: Bytes, nbytes: int, codec: Named) -> Bytes:
    body, stored = content[:-4], struct.unpack_from("<I", content.data, content.nbytes - 4)[0]
    if needed("google_crc32c").value(body.tobytes()) != stored:
        raise ValueError("its checksum is wrong")
    return body


def _with_checksum(content: Bytes, codec: Named) -> bytes:
    body = content.tobytes()
    return body + struct.pack("<I", needed("google_crc32c").value(body))


CODECS: dict[str, Codec] = {
    "gzip": Codec(lambda c, n, codec: _inflate(c, n, 31), lambda c, codec: _deflate(c, codec[1], 31)),
    "zlib": Codec(lambda c, n, codec: _inflate(c, n, 15), lambda c, codec: _deflate(c, codec[1], 15)),
    "shuffle": Codec(lambda c, n, codec: _unshuffle(c, codec[1]), lambda c, codec: _shuffle(c, codec[1])),
    "zstd": Codec(_given_room("zstd"), lambda c, codec: needed("numcodecs.zstd").compress(c, codec[1])),
    "blosc": Codec(_given_room("blosc"), _blosc),
    "lz4": Codec(_given_room("lz4"), lambda c, codec: needed("numcodecs.lz4").compress(c)),
    "crc32c": Codec(_without_checksum, _with_checksum),
    "fletcher32": Codec(
        lambda c, n, codec: needed("numcodecs").Fletcher32().decode(c),
        lambda c, codec: needed("numcodecs").Fletcher32().encode(c),
    ),
}  # by name; to add one, add a row


__all__ = ["CODECS", "Named", "decoded", "encoded"]
