"""Values as they travel between drivers and workers: typed and checked where they can be, else pickled.

Numbers, texts, bytes, None, arrays of plain numbers, and lists, tuples and dicts of them keep their types and are
decoded by msgspec. Whatever else a program hands over is a pickle, which only an open `Door` reads.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeAlias

import msgspec
import numpy as np

from ramba.errors import ProtocolError
from ramba.runtime.transport import decoder

Refer: TypeAlias = Callable[[object], int | None]  # the number of what stays where it is, and is only named
_AS_THEY_ARE = frozenset({int, float, bool, str, bytes, type(None)})
_KINDS = "biufcmMSU"  # of dtypes whose elements are plain memory
_DEEPEST = 100


class _Code:
    """Msgpack's extensions."""

    TUPLE = 1
    DICT = 2
    COMPLEX = 3
    ARRAY = 4
    SCALAR = 5
    REFERENCE = 6


class Value(msgspec.Struct, array_like=True, frozen=True):
    """One value."""

    content: bytes
    pickled: bool = False


class _NotTypedError(Exception):
    """The value needs a pickle."""


def _refer_to_nothing(value: object) -> None:
    return None


def pack(value: object, refer: Refer = _refer_to_nothing) -> Value:
    """A value, ready to travel."""
    try:
        return Value(_encoder.encode(_typed(value, refer, 0)))
    except (_NotTypedError, OverflowError, UnicodeEncodeError):
        return Value(dumped(value, refer), True)


@decoder("A value")
def typed(value: Value, parts: Sequence[object] = ()) -> Any:
    """What a typed value is; references become the parts."""
    return _reader(parts).decode(value.content)


def dumped(value: object, refer: Refer = _refer_to_nothing) -> bytes:
    """A pickle, with functions and classes by value where they cannot be found by name.

    Raises
    ------
    TypeError
        For what cannot be pickled: pickle's own exceptions are of many kinds.
    """
    file = io.BytesIO()
    pickler = _cloudpickle().Pickler(file, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.persistent_id = refer
    try:
        pickler.dump(value)
    except (pickle.PicklingError, AttributeError, RecursionError) as problem:
        raise TypeError(f"A {type(value).__name__} that cannot travel to workers: {problem}") from problem
    return file.getvalue()


def loaded(content: bytes, parts: Sequence[object] = ()) -> Any:
    """What was pickled. Only for `carriage.Door` and for answers of workers."""
    unpickler = pickle.Unpickler(io.BytesIO(content))
    unpickler.persistent_load = lambda number: parts[number]  # type: ignore[method-assign]
    return unpickler.load()


def _cloudpickle() -> ModuleType:
    try:
        import cloudpickle  # here: optional, and only for who has functions travel
    except ModuleNotFoundError:
        text = "Functions and objects of Python travel to workers by cloudpickle: pip install 'ramba[remote]'"
        raise ImportError(text) from None
    module: ModuleType = cloudpickle
    return module


def _typed(value: Any, refer: Refer, depth: int) -> Any:
    """The value in msgpack's types and our extensions."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if depth > _DEEPEST:
        raise _NotTypedError
    if kind is list or kind is tuple:
        if not set(map(type, value)) <= _AS_THEY_ARE:
            value = [_typed(item, refer, depth + 1) for item in value]
        return value if kind is list else msgspec.msgpack.Ext(_Code.TUPLE, _encoder.encode(list(value)))
    if kind is dict:
        pairs = [[_typed(key, refer, depth + 1), _typed(item, refer, depth + 1)] for key, item in value.items()]
        return msgspec.msgpack.Ext(_Code.DICT, _encoder.encode(pairs))
    if kind is complex:
        return msgspec.msgpack.Ext(_Code.COMPLEX, _encoder.encode([value.real, value.imag]))
    if isinstance(value, np.generic) or kind is np.ndarray:
        if value.dtype.kind not in _KINDS or value.dtype.metadata:
            raise _NotTypedError
        code = _Code.ARRAY if kind is np.ndarray else _Code.SCALAR
        return msgspec.msgpack.Ext(code, _encoder.encode([value.dtype.str, value.shape, value.tobytes()]))
    number = refer(value)
    if number is None:
        raise _NotTypedError
    return msgspec.msgpack.Ext(_Code.REFERENCE, _encoder.encode(number))


def _reader(parts: Sequence[object]) -> msgspec.msgpack.Decoder[Any]:
    def extension(code: int, content: memoryview) -> Any:
        inner = reader.decode(content)
        match code:
            case _Code.TUPLE:
                return tuple(inner)
            case _Code.DICT:
                return dict(map(tuple, inner))
            case _Code.COMPLEX:
                return complex(*inner)
            case _Code.ARRAY | _Code.SCALAR:
                return _elements(code, *inner)
            case _Code.REFERENCE if 0 <= inner < len(parts):
                return parts[inner]
        raise ProtocolError(f"A value of kind {code}.")

    reader: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(ext_hook=extension)
    return reader


def _elements(code: int, name: str, shape: list[int], content: bytes) -> Any:
    dtype = np.dtype(name)
    if dtype.kind not in _KINDS:
        raise ProtocolError(f"Elements of dtype {name[:20]!r} do not travel.")
    array = np.frombuffer(bytearray(content), dtype) if dtype.itemsize else np.empty(np.prod(shape, dtype=int), dtype)
    return array.reshape(shape) if code == _Code.ARRAY else array[0]


_encoder = msgspec.msgpack.Encoder()

__all__ = ["Refer", "Value", "dumped", "loaded", "pack", "typed"]
