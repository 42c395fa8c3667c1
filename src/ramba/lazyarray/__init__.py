"""The array in the user's hand."""

from ramba.lazyarray import indexing, methods, operators, printing, sharing  # noqa: F401 - they give arrays their methods
from ramba.lazyarray.convert import asarray, snapshot, unwrap, wrap
from ramba.lazyarray.core import is_lazy, ndarray, own_memory
from ramba.lazyarray.create import arange1d, empty, full, where
from ramba.lazyarray.dispatch import (
    IMPLEMENTED,
    call_library,
    call_numpy,
    implements,
    raise_like_numpy,
    view_of,
)
from ramba.lazyarray.ufunc import UFUNC, deliver, ufunc

__all__ = [
    "IMPLEMENTED",
    "UFUNC",
    "arange1d",
    "asarray",
    "call_library",
    "call_numpy",
    "deliver",
    "empty",
    "full",
    "implements",
    "is_lazy",
    "ndarray",
    "own_memory",
    "raise_like_numpy",
    "snapshot",
    "ufunc",
    "unwrap",
    "view_of",
    "where",
    "wrap",
]
