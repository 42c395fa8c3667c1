"""What an array knows about itself, and the methods that are no functions of NumPy's as well."""

from __future__ import annotations

from collections.abc import Callable
from inspect import isclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Ref
from ramba.layout import ghost, identity, view_of_ghost
from ramba.lazyarray.convert import dtype_for, unwrap, wrap
from ramba.lazyarray.core import (
    alias,
    define,
    dtype_of,
    is_compiled,
    is_lazy,
    local,
    memory_if_local,
    moved,
    ndarray,
    on_buffer,
    own_memory,
    pin,
    reads_in_place,
    ref,
    shape_of,
    values,
    view_of_memory,
)
from ramba.lazyarray.create import full
from ramba.lazyarray.delivery import warn_if_discarding
from ramba.lazyarray.flags import Flags, base_of
from ramba.lazyarray.flat import flatiter
from ramba.lazyarray.gathers import tell_gathered
from ramba.lazyarray.native import NATIVE, quick
from ramba.lazyarray.orders import axes_in_memory, has_order, inverse, order_of
from ramba.lazyarray.readings import cast, whole
from ramba.lazyarray.signatures import described_method
from ramba.limits import FEW

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from ramba.lazyarray.annotations import DType, Shape


def bind(name: str, function: Callable[..., Any]) -> None:
    """Binds a function as a special method of arrays: behind the short way in C, if there is one."""
    if NATIVE is not None and name != "complex":
        NATIVE.bind(name, function, None, None, 1)
    else:
        define(f"__{name}__", function)


def method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Binds a function as a method of arrays."""
    name = function.__name__ if function.__name__.startswith("__") else function.__name__.rstrip("_")
    define(name, described_method(function, name))
    return function


def attribute(function: Callable[..., Any]) -> Callable[..., Any]:
    """Binds a function as an attribute of arrays."""
    define(function.__name__.rstrip("_"), property(function, doc=function.__doc__))
    return function


def _alias(self: ndarray, name: str) -> np.ndarray:
    """The array's memory, for others to hold, in this process."""
    tell_gathered(f"ndarray.{name}", self)
    return alias(self)


def _pinned(self: ndarray, name: str) -> np.ndarray:
    """The array's memory, which from now on stays where it is."""
    tell_gathered(f"ndarray.{name}", self)
    return pin(self)


def _set_flat(self: ndarray, elements: ArrayLike) -> None:
    with ENGINE.lock:
        own_memory(self).flat = unwrap(elements)  # type: ignore[misc]


_PROPERTIES: dict[str, Callable[[ndarray], Any]] = {
    "dtype": dtype_of,
    "ndim": lambda self: len(shape_of(self)),
    "size": lambda self: prod(shape_of(self)),
    "itemsize": lambda self: dtype_of(self).itemsize,
    "nbytes": lambda self: prod(shape_of(self)) * dtype_of(self).itemsize,
    "base": base_of,
    "flags": lambda self: Flags(self),
    "data": lambda self: _alias(self, "data"),  # no memoryview: netCDF4 takes what has one for an array of NumPy's
    "ctypes": lambda self: _pinned(self, "ctypes").ctypes,
    "flat": lambda self: flatiter(_alias(self, "flat").flat, self),
    "device": lambda self: "cpu",
    "T": lambda self: transpose(self),
}


def _set_shape(self: ndarray, shape: Shape) -> None:
    if shape is None:
        raise TypeError("Use () not None as shape arguments")
    memory = memory_if_local(self)
    if memory is not None:
        memory.shape = shape
    else:
        try:
            self._view = view_of_ghost(ghost(self._view).reshape(shape, copy=False))
        except ValueError as problem:
            if "avoid creating a copy" not in str(problem):
                raise
            raise AttributeError("Incompatible shape for in-place modification.", name="shape", obj=self) from None
        self._hand = None


_PROPERTIES["shape"] = shape_of


def _set_in_memory(name: str) -> Callable[[ndarray, Any], None]:
    """Sets what NumPy knows of memory that stays where it is."""
    return lambda self, value: setattr(_pinned(self, name), name, value)


def _refuse(name: str) -> Callable[[ndarray, Any], None]:
    def refuse(self: ndarray, value: object) -> None:
        raise AttributeError(f"attribute {name!r} of 'numpy.ndarray' objects is not writable", name=name, obj=self)

    return refuse


def _strides(self: ndarray) -> tuple[int, ...]:
    """Bytes to step in each dimension."""
    memory = memory_if_local(self)
    if memory is not None:
        return memory.strides
    scale = self._buffer.dtype.itemsize
    return tuple(stride * scale for stride in self._view.strides)


_PROPERTIES["strides"] = _strides
_SETTERS: dict[str, Callable[[ndarray, Any], None]] = {
    "dtype": _set_in_memory("dtype"),
    "flat": _set_flat,
    "shape": _set_shape,
    "strides": _set_in_memory("strides"),
}
for _name, _getter in _PROPERTIES.items():
    _setter = _SETTERS.get(_name) or _refuse(_name)
    if NATIVE is not None and _name in ("T", "dtype", "itemsize", "nbytes", "ndim", "shape", "size", "strides"):
        NATIVE.attribute(_name, _getter, _setter)
    else:
        define(_name, property(_getter, _setter, doc=getattr(np.ndarray, _name).__doc__))


@attribute
def mT(self: ndarray) -> ndarray:  # noqa: N802 - NumPy's name
    """The matrix transpose: the last two dimensions swapped."""
    if len(shape_of(self)) < 2:
        raise ValueError("matrix transpose with ndim < 2 is undefined")
    return swap_last(self)


def swap_last(self: ndarray) -> ndarray:
    """A view with the last two dimensions swapped."""
    made: ndarray = _moved(self, lambda array: array.swapaxes(-1, -2))
    return made


def _moved(self: ndarray, move: Callable[[np.ndarray], Any]) -> Any:
    """A view made by NumPy, of a local array or of a ghost."""
    memory = memory_if_local(self)
    return moved(self, move) if memory is None else view_of_memory(self, move(memory))


def _part(self: ndarray, part: str) -> Any:
    if dtype_of(self).kind != "c":
        if part == "real":
            return self
        zeros = np.zeros(shape_of(self), dtype_of(self))
        zeros.flags.writeable = False
        return zeros[()] if self._scalar else local(zeros)
    memory = memory_if_local(self)
    if memory is not None:
        return view_of_memory(self, getattr(memory, part))
    made = on_buffer(self._buffer, self._view, part, self._scalar)
    made._locked = self._locked
    made._base = self if self._base is None else self._base
    return made


def _set_part(part: str) -> Callable[[ndarray, Any], None]:
    def setter(self: ndarray, value: ArrayLike) -> None:
        target = _part(self, part)
        if part == "imag" and dtype_of(self).kind != "c":
            raise TypeError("cannot set imaginary part of a real array")  # NumPy's exception type differs by dtype
        target[...] = value

    return setter


define("real", property(lambda self: _part(self, "real"), _set_part("real")))
define("imag", property(lambda self: _part(self, "imag"), _set_part("imag")))


@method
def transpose(self: ndarray, *axes: Any) -> ndarray:
    """A view with the dimensions in another order."""
    made: ndarray = _moved(self, lambda array: array.transpose(*axes))
    return self if self._scalar else made


@method
def reshape(self: ndarray, *shape: Any, order: str = "C", copy: bool | None = None) -> ndarray:
    """The same elements in another shape: a view if that is possible."""
    wanted = shape[0] if len(shape) == 1 else shape
    memory = memory_if_local(self)
    if memory is not None:
        options = {} if copy is None else {"copy": copy}
        return view_of_memory(self, memory.reshape(wanted, order=order, **options))  # type: ignore[call-overload]
    if copy:
        return reshape(copy_(self, "C"), wanted, order=order)
    try:
        result = moved(self, lambda array: array.reshape(wanted, order=order, copy=False))  # type: ignore
    except ValueError as problem:
        if "avoid creating a copy" not in str(problem) or copy is False:
            raise
        if order == "F" or (order == "A" and Flags(self).fnc):
            target = np.empty(shape_of(self), "V0").reshape(wanted).shape
            return transpose(reshape(copy_(transpose(self), "C"), target[::-1]))
        return reshape(copy_(self, "C"), wanted)
    return result


@method
def reshape_copy(self: ndarray, *shape: Any) -> ndarray:
    """A copy in another shape: what `reshape` gives, with memory of its own.

    Examples
    --------
    >>> import ramba as np
    >>> np.arange(6).reshape_copy(2, 3)
    array([[0, 1, 2],
           [3, 4, 5]])
    """
    return copy_(reshape(self, *shape))


@method
def asarray(self: ndarray) -> np.ndarray:
    """The whole array as one of NumPy's, in memory of its own, gathered from wherever it lies.

    Examples
    --------
    >>> import ramba as np
    >>> type(np.ones(3).asarray()).__module__
    'numpy'
    """
    return np.array(values(self))


@method
def ravel(self: ndarray, order: str = "C") -> ndarray:
    """All elements in one dimension: a view if that is possible."""
    memory = memory_if_local(self)
    if memory is not None:
        return view_of_memory(self, memory.ravel(order))  # type: ignore[arg-type]
    order = order_of(order, "C")
    if order == "K":
        axes = axes_in_memory(self, "K")
        return ravel(self if axes == tuple(range(len(axes))) else transpose(self, axes), "C")
    flags = Flags(self)
    if not (flags.f_contiguous if order == "F" or (order == "A" and flags.fnc) else flags.c_contiguous):
        return _owner(reshape(copy_(self, "C"), -1, order=order))  # NumPy copies here, even where a view would do
    return reshape(self, -1, order=order)


@method
def flatten(self: ndarray, order: Any = "C") -> ndarray:
    """A copy of all elements in one dimension."""
    memory = memory_if_local(self)
    return local(memory.flatten(order)) if memory is not None else copy_(ravel(self, order))


def _owner(a: ndarray) -> ndarray:
    """The only view of a new buffer, as its owner."""
    a._base = None
    return a


def _turned(self: ndarray, order: str, copied: Callable[[ndarray], ndarray]) -> ndarray | None:
    """A copy whose axes lie in memory as an order says; None if that is as in C."""
    axes = axes_in_memory(self, order)
    if axes == tuple(range(len(axes))):
        return None
    return _owner(transpose(copied(transpose(self, axes)), inverse(axes)))


def copy_(self: ndarray, order: Any = "C") -> ndarray:
    """An array with the same values and memory of its own."""
    memory = memory_if_local(self)
    if memory is not None:
        return local(memory.copy(order))
    turned = _turned(self, order_of(order, "C"), copy_)
    if turned is not None:
        return turned
    with ENGINE.lock:
        reading, at_once = ref(self), reads_in_place(self)
        if reading.view == identity(self._buffer.shape) and not self._part and not at_once:
            return on_buffer(ENGINE.share(self._buffer))
        shape = reading.view.shape
        whole_in_order = reading.view == identity(shape) and prod(shape) == prod(self._buffer.shape)
        if whole_in_order and not (self._part or at_once or ENGINE.distributed):
            return _owner(on_buffer(ENGINE.share(self._buffer)).reshape(shape))
        made = on_buffer(ENGINE.record(whole(reading, shape), "copy"))
        if at_once:
            ENGINE.flush()
        return made


@method
def copy(self: ndarray, order: Any = "C") -> ndarray:
    """An array with the same values and memory of its own; of a scalar, which nobody can write, itself."""
    return self if self._scalar else copy_(self, order)


@method
def astype(
    self: ndarray, dtype: DType, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> ndarray:
    """An array of another dtype with the same values."""
    wanted, own = dtype_for(dtype), dtype_of(self)
    order = order_of(order, "K")
    if wanted == own and not copy and has_order(self, order):
        return self
    memory = memory_if_local(self)
    if memory is None and is_compiled(wanted):
        if not np.can_cast(own, wanted, casting):  # type: ignore[arg-type]
            np.empty(0, own).astype(wanted, casting=casting)  # type: ignore[call-overload]
        if wanted == own:
            return copy_(self, order)
        turned = _turned(self, order, lambda array: astype(array, wanted, "C"))
        if turned is not None:
            return turned
        warn_if_discarding(own, wanted)
        with ENGINE.lock:
            reading = cast(ref(self), wanted)
            assert isinstance(reading, Ref)
            made = on_buffer(ENGINE.record(whole(reading, reading.view.shape), "cast"), scalar=self._scalar)
            if reads_in_place(self):
                ENGINE.flush()
            return made
    tell_gathered(f"ndarray.astype to {wanted}", self)
    result = values(self).astype(wanted, order=order, casting=casting, subok=subok)  # type: ignore[call-overload]
    return result[()] if self._scalar else wrap(result)


@method
def view(self: ndarray, dtype: DType = None, type: type | None = None) -> Any:
    """A view of the same memory, perhaps as another dtype, or of a class that is derived from NumPy's."""
    if isclass(dtype) and issubclass(dtype, ndarray):
        dtype, type = None, dtype
    if type is np.ndarray:
        type = None
    if type is not None and type is not ndarray:
        memory = _alias(self, "view")
        return memory.view(type) if dtype is None else memory.view(dtype, type)
    if dtype is None or np.dtype(dtype) == dtype_of(self):
        return self if self._scalar else _moved(self, lambda array: array[...])
    return view_of_memory(self, _alias(self, "view").view(dtype))


@method
def fill(self: ndarray, value: ArrayLike) -> None:
    """Sets all elements to one value."""
    memory = memory_if_local(self)
    if memory is not None:
        memory.fill(unwrap(value))
        return
    scalar = np.empty((), dtype_of(self))
    scalar.fill(unwrap(value))
    self[...] = scalar[()]


@method
def item(self: ndarray, *args: Any) -> Any:
    """One element as a Python scalar."""
    if args and is_lazy(self) and len(args) == len(shape_of(self)):
        return self[tuple(args)].item()
    return values(self).item(*args)


def _by_value(name: str) -> Callable[..., Any]:
    """A method that only reads the values: NumPy's own."""

    def function(self: ndarray, *args: object, **kwargs: object) -> Any:
        return getattr(values(self), name)(*unwrap(args), **unwrap(kwargs))

    function.__name__ = name
    return function


def _in_place(name: str) -> Callable[..., Any]:
    """A method that changes the array in place: NumPy's own, on memory that is ours alone."""

    def function(self: ndarray, *args: object, **kwargs: object) -> Any:
        tell_gathered(f"ndarray.{name}", self)
        with ENGINE.lock:
            return getattr(own_memory(self), name)(*unwrap(args), **unwrap(kwargs))

    function.__name__ = name
    return function


def _on_memory(name: str) -> Callable[..., Any]:
    """A method that changes what NumPy knows of the array: NumPy's own, on memory that stays where it is."""

    def function(self: ndarray, *args: object, **kwargs: object) -> Any:
        return wrap(getattr(_pinned(self, name), name)(*unwrap(args), **unwrap(kwargs)))

    function.__name__ = name
    return function


for _name in ("tobytes", "tolist", "dump", "dumps"):
    method(_by_value(_name))
for _name in ("int", "float", "complex", "index"):
    bind(_name, _by_value(f"__{_name}__"))
for _name in ("sort", "partition", "put", "setfield"):
    method(_in_place(_name))
method(_on_memory("setflags"))


@method
def resize(self: ndarray, *new_shape: Any, refcheck: bool = True) -> None:
    """Changes the shape in place: zeros follow what was there, or its last elements are gone."""
    memory = memory_if_local(self)
    if memory is not None and (memory.flags.owndata or not memory.itemsize):
        del memory  # NumPy counts who holds it
        assert self._np is not None
        self._np.resize(*unwrap(new_shape), refcheck=refcheck)
        return
    if not new_shape or new_shape == (None,):
        return
    np.empty(0, np.int8).resize(1, refcheck=refcheck)  # NumPy's complaints
    shape = np.empty(new_shape[0] if len(new_shape) == 1 else new_shape, "V0").shape
    flags = Flags(self)
    if not (flags.c_contiguous or flags.f_contiguous):
        raise ValueError("resize only works on single-segment arrays")
    if prod(shape) == prod(shape_of(self)):
        _set_shape(self, shape)
        return
    if self._base is not None or (memory is not None and not hasattr(self, "_buffer")):
        raise ValueError("cannot resize this array: it does not own its data")
    order = "F" if flags.fnc else "C"
    kept = ravel(self, order)[: prod(shape)]
    made = full((prod(shape),), 0, dtype_of(self))
    made[: kept.size] = kept
    made = copy_(reshape(made, shape, order=order), order)
    self._hand = None
    if made._np is None:
        self._buffer, self._view, self._part = made._buffer, made._view, ""
    self._np = made._np


@method
def getfield(self: ndarray, dtype: DTypeLike, offset: int = 0) -> ndarray:
    """A view of some of the bytes of each element, as another dtype."""
    return view_of_memory(self, _alias(self, "getfield").getfield(dtype, offset))


@method
def byteswap(self: ndarray, inplace: bool = False) -> ndarray:
    """The elements with their bytes in reverse order: a copy, or the array itself."""
    if inplace:
        _in_place("byteswap")(self, True)
    return self if inplace else wrap(values(self).byteswap())


for _name, _times, _kind in (
    ("astype", FEW, "call"),
    ("copy", FEW, "call"),
    ("fill", FEW, "call"),
    ("flatten", FEW, "call"),
    ("item", 1, "call"),
    ("ravel", FEW, "view"),
    ("reshape", FEW, "view"),
    ("transpose", FEW, "view"),
):
    define(_name, quick(getattr(np.ndarray, _name), getattr(ndarray, _name), _times, _kind))
