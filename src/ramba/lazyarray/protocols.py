"""Special methods of arrays that are neither operators nor indexing: how Python and other libraries look at them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba import config, events
from ramba.lazyarray.buffers import for_others, raise_ignored
from ramba.lazyarray.convert import snapshot, unwrap, wrap
from ramba.lazyarray.core import (
    define,
    dtype_of,
    is_compiled,
    is_lazy,
    local,
    ndarray,
    pin,
    scalar_of,
    shape_of,
    values,
)
from ramba.lazyarray.gathers import on_workers, tell_gathered
from ramba.lazyarray.methods import bind, copy
from ramba.lazyarray.signatures import described_class, described_method
from ramba.lazyarray.ufunc import UFUNC

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType


def _class_getitem(cls: type, item: object) -> GenericAlias:
    numpys: Any = np.ndarray
    numpys[item]  # raises if it takes other arguments
    return GenericAlias(cls, item)


def _contains(self: ndarray, x: object) -> bool:
    if is_lazy(self):
        return bool(UFUNC["logical_or"].reduce(self == x, axis=None))
    return unwrap(x) in values(self)


def _bool(self: ndarray) -> bool:
    return bool(values(self))


def _len(self: ndarray) -> int:
    shape = shape_of(self)
    if not shape:
        raise TypeError("len() of unsized object")
    return shape[0]


class _Rows:
    """What Python makes iterators of, as it does for NumPy's arrays."""

    def __init__(self, array: ndarray) -> None:
        self._array = array

    def __getitem__(self, n: int) -> Any:
        return self._array[n]

    def __len__(self) -> int:
        return len(self._array)


def _iter(self: ndarray) -> Iterator[Any]:
    shape = shape_of(self)
    if not shape:
        raise TypeError("iteration over a 0-d array")
    if len(shape) == 1:
        if events.listeners:
            events.tell(events.Iterated(shape[0]))
        return iter(values(self))
    return iter(_Rows(self))


def _array(self: ndarray, dtype: DType = None, *, copy: bool | None = None) -> np.ndarray:
    """NumPy's protocol: the array's own memory, or, where it lies on workers, a copy that cannot be written."""
    raise_ignored(sys._getframe(1))
    other = dtype is not None and np.dtype(dtype) != dtype_of(self)
    if copy or other:
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return np.array(values(self), dtype=dtype)
    if copy is False and on_workers(self):
        raise ValueError("Unable to avoid copy while creating an array as requested: its elements lie on workers.")
    return for_others(self)


def _wrap(self: ndarray, array: np.ndarray, context: object = None, return_scalar: bool = False) -> Any:
    """What NumPy's functions give back in place of an array that they made of this one."""
    return unwrap(array)[()] if return_scalar and not array.shape else wrap(unwrap(array))


def _copy_protocol(self: ndarray) -> ndarray:
    return copy(self, "K")


def _deepcopy(self: ndarray, memo: dict[int, object]) -> ndarray:
    return copy(self, "K") if is_lazy(self) else wrap(values(self).__deepcopy__(memo))


def _rebuild(array: np.ndarray) -> ndarray:
    large = array.size > config.current().eager_size and is_compiled(array.dtype)
    return snapshot(array, order="K") if large else local(array)


def _reduce(self: ndarray) -> Any:
    return scalar_of(values(self)).__reduce__() if self._scalar else (_rebuild, (for_others(self),))


def _conform(self: ndarray, protocol: object) -> Any:
    """sqlite3's protocol: of a lazy scalar NumPy's, else it would be kept as bytes."""
    return scalar_of(values(self)) if self._scalar else None


def _sizeof(self: ndarray) -> int:
    header, memory = np.ndarray.__basicsize__, self._np
    owned = memory.__sizeof__() if memory is not None else header + (self.nbytes if self._base is None else 0)
    return object.__sizeof__(self) + owned


def _namespace(self: ndarray, *, api_version: str | None = None) -> Any:
    """The array API's protocol."""
    check: Any = np.empty(0).__array_namespace__
    check(api_version=api_version)
    return sys.modules["ramba"]


def _to_device(self: ndarray, device: str, *, stream: object = None) -> ndarray:
    np.empty(0).to_device(device, stream=stream)  # type: ignore[arg-type]  # raises if NumPy knows no such device
    return self


def _dlpack(self: ndarray, **options: Any) -> Any:
    """The memory; of an array on workers a copy, which can be written if a copy is what was asked for.

    Who knows no arrays that can not be written, as versions of DLPack before 1 do not, makes the array the driver's.
    """
    copy = options.get("copy")
    if copy is not None and type(copy) is bool and on_workers(self):
        if not copy:
            raise BufferError("The array lies on workers: it can only be copied. Leave copy=False away.")
        return np.array(self).__dlpack__(**options | {"copy": None})
    if on_workers(self) and (options.get("max_version") or (0, 0)) < (1, 0):
        tell_gathered("ndarray.__dlpack__", self)
        return pin(self).__dlpack__(**options)
    return np.asarray(self).__dlpack__(**options)


def _hash(self: ndarray) -> int:
    if not self._scalar:
        raise TypeError("unhashable type: 'numpy.ndarray'")
    return hash(values(self)[()])


def _round(self: ndarray, ndigits: int | None = None) -> Any:
    if not self._scalar:
        raise TypeError("type numpy.ndarray doesn't define __round__ method")
    element: Any = values(self)[()]
    return round(element, ndigits)


def _trunc(self: ndarray) -> int:
    if not self._scalar:
        raise TypeError("type numpy.ndarray doesn't define __trunc__ method")
    element: Any = values(self)[()]
    return math.trunc(element)


_PROTOCOLS: dict[str, Any] = {
    "__array__": _array,
    "__array_namespace__": _namespace,
    "__array_wrap__": _wrap,
    "__conform__": _conform,
    "__class_getitem__": classmethod(_class_getitem),
    "__contains__": _contains,
    "__copy__": _copy_protocol,
    "__deepcopy__": _deepcopy,
    "__dlpack__": _dlpack,
    "__dlpack_device__": lambda self: (1, 0),
    "__hash__": _hash,
    "__reduce__": _reduce,
    "__round__": _round,
    "__sizeof__": _sizeof,
    "__trunc__": _trunc,
    "to_device": _to_device,
}
for _name, _function in _PROTOCOLS.items():
    define(_name, _function if isinstance(_function, classmethod) else described_method(_function, _name))
bind("bool", _bool)
bind("len", _len)
bind("iter", _iter)
described_class(ndarray, np.ndarray)
