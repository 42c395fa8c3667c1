"""The array in the user's hand: either a real NumPy array, or a view of a buffer whose value may still be pending.

An array is *local* when ``_np`` is set: that NumPy array then is its memory, and NumPy itself does everything on it.
Small arrays are local, and so are arrays of dtypes that no kernel is compiled for. All others show a buffer through a
view: operations on them are recorded, unless they are small and read only what is *settled*, see `settled`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from ramba import config
from ramba.engine import ENGINE, Buffer, is_few_picked, shown
from ramba.graph import Const, Map, Ref, Storage, Stored, Update
from ramba.layout import View, ghost, identity, view_of_ghost
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.readings import whole
from ramba.lazyarray.subclass import ArrayType
from ramba.ops import COMPILED
from ramba.runtime.pool import Block
from ramba.runtime.sharded import Sharded

MOST_KEPT = 64 << 20  # bytes: a view of more does not hold on to memory that its buffer may leave
MOST_COPIED = 1 << 20  # elements that are copied in order to assign to few of them at once

_COMPILED = frozenset(np.dtype(name) for name in COMPILED)


def is_compiled(dtype: np.dtype) -> bool:
    """Whether kernels are compiled for a dtype; arrays of all others are always local."""
    return dtype in _COMPILED


if TYPE_CHECKING:
    from ramba.lazyarray import bound

    _Base = bound.Bound  # what other files of this floor and of `api` define
elif NATIVE is not None:
    _Base = NATIVE.Array
else:

    class _Base:
        """What an array knows."""

        __slots__ = ("__weakref__", "_base", "_buffer", "_hand", "_locked", "_np", "_part", "_scalar", "_seen", "_view")


class ndarray(_Base, metaclass=ArrayType):  # noqa: N801 - NumPy's name
    """A NumPy array that computes in parallel, and only what is asked for.

    It is made by `ramba.array`, `ramba.zeros` and the other functions of NumPy, and behaves as `numpy.ndarray` does:
    slices are views that share memory, operators follow NumPy's rules of broadcasting and promotion, and errors are
    NumPy's own. Operations on large arrays are recorded and run when a value is looked at, or at `ramba.sync`.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.arange(6).reshape(2, 3)
    >>> a[:, 1] = 0
    >>> a
    array([[0, 0, 2],
           [3, 0, 5]])
    """

    if not TYPE_CHECKING:
        __slots__ = ()

    _np: np.ndarray | None  # the memory, if the array is local
    _hand: np.ndarray | None  # what the array showed of its buffer's memory when that was `_seen`, see `settled`
    _seen: np.ndarray | None  # None, if there is a `_hand`: nobody has asked for a buffer yet
    _buffer: Buffer  # this and the view are made when somebody asks for them
    _view: View
    _part: str  # "real" or "imag" of a complex buffer, else ""
    _base: ndarray | None  # the array that this one is a view of
    _locked: bool  # may not be written: NumPy made the view so
    _scalar: bool  # result of a reduction or of 0-d arithmetic: NumPy would have given a scalar

    __array_priority__ = 100.0
    __hash__ = None

    def __new__(
        cls, shape: Any, dtype: Any = None, buffer: Any = None, offset: int = 0, strides: Any = None, order: Any = None
    ) -> Any:
        """An array of arbitrary values, or over the memory of a buffer: NumPy's constructor."""
        buffer = alias(buffer) if isinstance(buffer, Array) else buffer
        if cls is not ndarray:  # a class that was derived from it
            make: Any = np.ndarray.__new__
            return make(cls, shape, dtype, buffer, offset, strides, order)
        return adopt(np.ndarray(shape, dtype, buffer, offset, strides, order))

    if not TYPE_CHECKING:  # no name is an attribute because of this

        def __getattr__(self, name: str) -> Any:
            """The buffer and the view of one that has only shown its elements; what NumPy's scalars know."""
            if name == "_view":
                return _find_view(self)
            if name == "_buffer":
                return _find_buffer(self)
            if name[0] != "_" and self._scalar and hasattr(dtype_of(self).type, name):  # `is_integer`, `hex`, ...
                return getattr(scalar_of(values(self)), name)
            kind = dtype_of(self).type.__name__ if self._scalar else "ndarray"
            raise AttributeError(f"'numpy.{kind}' object has no attribute {name!r}", name=name, obj=self)


if TYPE_CHECKING:
    Array = ndarray
else:
    Array = _Base  # what is an array of ours; NumPy's arrays are instances of `ndarray`, too, see `ArrayType`

_new = _Base.__new__
_slot: Any = vars(_Base).get("_buffer")  # asked as an attribute, it would make a buffer


def define(name: str, member: object) -> None:
    """Gives arrays a method or an attribute; type checkers find it in `bound.pyi`, which `make stubs` writes."""
    setattr(ndarray, name, member)


def is_array(x: object) -> TypeGuard[ndarray]:
    """Whether something is an array of ours."""
    return isinstance(x, Array)


def local(array: np.ndarray) -> ndarray:
    """An array whose memory is this NumPy array."""
    made = _new(ndarray)
    made._np = array
    made._base = None
    made._scalar = False
    return made


def on_buffer(buffer: Buffer, view: View | None = None, part: str = "", scalar: bool = False) -> ndarray:
    """An array that shows a buffer."""
    made = _new(ndarray)
    made._np = made._hand = None
    made._buffer = buffer
    made._view = identity(buffer.shape) if view is None else view
    made._part = part
    made._base = None
    made._locked = False
    made._scalar = scalar
    return made


def in_hand(array: np.ndarray) -> ndarray:
    """An array whose elements are these, in C order, and nobody else's; it gets a buffer when one is asked for."""
    made = _new(ndarray)
    made._np = made._seen = made._base = None
    made._hand = array
    made._part = ""
    made._locked = made._scalar = False
    return made


def has_buffer(a: ndarray) -> bool:
    """Whether an array shows a buffer; if it is local nevertheless, its memory is the buffer's, pinned."""
    try:
        _slot.__get__(a)
    except AttributeError:
        return False
    return True


def _find_buffer(a: ndarray) -> Buffer:
    """Gives an array that only has elements a buffer for them."""
    with ENGINE.lock:
        if a._seen is None:
            memory = a._hand
            assert memory is not None
            buffer = ENGINE.stored(memory)
            buffer.memory = memory
            a._view = identity(memory.shape)
            a._buffer = buffer
            a._seen = memory  # last: whoever is interrupted before it begins anew
        return a._buffer


def _find_view(a: ndarray) -> View:
    """What an array shows of its buffer, read off the addresses of what NumPy showed."""
    if a._seen is None:
        _find_buffer(a)
        return a._view
    shown, memory, size = a._hand, a._seen, a._buffer.dtype.itemsize
    assert shown is not None
    start = 0  # where nothing lies does not matter
    if shown.size:
        start = shown.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    a._view = View(start // size, shown.shape, tuple([stride // size for stride in shown.strides]))
    return a._view


def view_of_memory(a: ndarray, array: np.ndarray) -> ndarray:
    """An array over what NumPy made of the memory of a local one; its base is as true as NumPy's."""
    made = local(array)
    base, memory = array.base, a._np
    if memory is None:  # an alias
        made._base = a if a._base is None else a._base
    elif base is not None:
        if base is memory or base is memory.base:
            made._base = a if a._base is None else a._base
        else:
            made._base = local(base if isinstance(base, np.ndarray) else array)
    return made


def view_on(a: ndarray, view: View, locked: bool = False) -> ndarray:
    """A view of the buffer that an array shows."""
    made = on_buffer(a._buffer, view, a._part)
    made._base = a if a._base is None else a._base
    made._locked = locked or a._locked
    return made


def memory_if_local(a: ndarray) -> np.ndarray | None:
    """The NumPy array of a local array; a small array whose value has been computed becomes local here."""
    if a._np is not None:
        return a._np
    if a._hand is not None and a._seen is None:
        return None
    buffer = a._buffer
    if buffer.hold is not None and (buffer.pinned or buffer.size <= config.current().eager_size):
        if not buffer.pinned:
            with ENGINE.lock:
                # copies and equal expressions share memory: a small array's is its own
                ENGINE.settle_alone(buffer)
                buffer.pinned = True  # for all its views, whatever the settings say by then
        a._np = _as_allowed(through(ENGINE.memory(buffer), a), a)
        return a._np
    return None


def _as_allowed(memory: np.ndarray, a: ndarray) -> np.ndarray:
    """Memory that NumPy refuses to write if the array may not be written."""
    if a._locked:
        memory = memory.view()
        memory.flags.writeable = False
    return memory


def is_lazy(x: object) -> bool:
    """Whether something is an array of ours that is not local."""
    return isinstance(x, Array) and memory_if_local(x) is None


def through(memory: np.ndarray, a: ndarray) -> np.ndarray:
    """A buffer's memory as the array shows it."""
    memory = shown(memory, a._view)
    return getattr(memory, a._part) if a._part else memory


def values(a: ndarray) -> np.ndarray:
    """The array's elements as a NumPy array over its memory, computed if need be. Only to be read."""
    memory = memory_if_local(a)
    if memory is None:
        memory = through(ENGINE.memory(a._buffer), a)
    return memory


def part(a: ndarray) -> np.ndarray:
    """The elements that a view shows, only to be read: as `values`, but of an array on workers no more is fetched."""
    memory = memory_if_local(a)
    if memory is not None:
        return memory
    found = ENGINE.part(a._buffer, a._view)
    return getattr(found, a._part) if a._part else found


def own_memory(a: ndarray) -> np.ndarray:
    """The array's memory, computed and free to be written: no other array's value lives in it.

    Whoever writes holds the engine's lock, from before this call on: another thread would record something that reads
    the memory, or have it copied, while NumPy is in the middle of it.
    """
    memory = memory_if_local(a)
    if memory is not None:
        return memory
    return _as_allowed(through(ENGINE.own_memory(a._buffer), a), a)


def alias(a: ndarray) -> np.ndarray:
    """A NumPy array over the array's own memory, for others to hold and to write.

    While it or a view of it is alive, operations on the array run in the call: see `Buffer.lent`.
    """
    memory = memory_if_local(a)
    if memory is not None:
        return memory
    return _as_allowed(through(ENGINE.lend(a._buffer), a), a)


def pin(a: ndarray) -> np.ndarray:
    """Makes a buffer's memory its value for good: whoever has its address may use it as long as the array lives."""
    with ENGINE.lock:
        memory = own_memory(a)
        if a._np is None:
            a._buffer.pinned = True
            a._np = memory
        return memory


def view_of_alias(a: ndarray, move: Callable[[np.ndarray], np.ndarray]) -> ndarray:
    """An array over what NumPy makes of the array's own memory; while it is alive, the memory is lent."""
    return view_of_memory(a, move(alias(a)))


def dtype_of(a: ndarray) -> np.dtype:
    """The dtype of an array, local or not."""
    memory = a._np if a._np is not None else a._hand
    if memory is not None:
        return memory.dtype
    if a._part:
        return a._buffer.dtype.type(0).real.dtype
    return a._buffer.dtype


def shape_of(a: ndarray) -> tuple[int, ...]:
    """The shape of an array, local or not."""
    memory = a._np if a._np is not None else a._hand
    return a._view.shape if memory is None else memory.shape


def adopt(array: np.ndarray) -> ndarray:
    """An array over the memory of a NumPy array that nobody else will use."""
    if array.size > config.current().eager_size and array.dtype in _COMPILED and array.base is None:
        flags = array.flags
        if flags.c_contiguous and flags.writeable and type(array) is np.ndarray:
            return in_hand(array)
    made = local(array)
    if array.base is not None and isinstance(array.base, np.ndarray):
        made._base = local(array.base)  # nobody's: but not the owner
    return made


def ref(a: ndarray) -> Ref:
    """What an operation recorded now reads: the current value. Memory that may change at once is copied."""
    memory = memory_if_local(a)
    if memory is not None:
        # a large local array is read in place: whoever records such an operand runs it at once
        if memory.size <= max(config.current().eager_size, 1):
            return Ref(ENGINE.snapshot(memory), identity(memory.shape))
        borrowed = memory.flags.c_contiguous
        held = memory if borrowed else np.array(memory, order="C", copy=True)
        return Ref(Stored(Storage(Block.over(held), borrowed), held.dtype, held.shape), identity(held.shape))
    ENGINE.turn()
    if not a._part:
        return Ref(a._buffer.node, a._view)
    dtype, shape = dtype_of(a), a._view.shape
    return Ref(Map(a._part, 0, (Ref(a._buffer.node, a._view),), dtype, shape), identity(shape))


def scalar_of(array: np.ndarray) -> np.generic:
    """The one element of an array of no dimensions."""
    element: Any = array[()]
    return element


def reads_in_place(x: object) -> bool:
    """Whether `ref` gave memory of an array that somebody else may write: what reads it runs in the call."""
    if not isinstance(x, Array):
        return False
    memory = x._np
    if memory is None:
        return x._buffer.lent
    return memory.size > max(config.current().eager_size, 1) and memory.flags.c_contiguous


def assign(a: ndarray, value: Ref | Const) -> None:
    """Gives all elements of a lazy array new values, of the array's dtype and shape (or one for all)."""
    if a._locked:
        raise ValueError("assignment destination is read-only")
    buffer, view = a._buffer, a._view
    with ENGINE.lock:
        ENGINE.turn()
        if buffer.lent:  # whoever has the memory sees what is written
            elements = source(value)  # first: it is recorded before anything runs
            np.copyto(own_memory(a), elements)
            return
        if a._part:
            other = Ref(buffer.node, view)
            parts = [Map(p, 0, (other,), dtype_of(a), view.shape) for p in ("real", "imag")]
            pair: list[Ref | Const] = [Ref(p, identity(view.shape)) for p in parts]
            pair[a._part == "imag"] = value
            value = Ref(Map("complex", 0, tuple(pair), buffer.dtype, view.shape), identity(view.shape))
        if view == identity(view.shape) and view.size == buffer.size:  # all of it, perhaps in another shape
            node = whole(value, view.shape)
            if isinstance(node, Stored):
                ENGINE.settle(buffer, node)
            else:
                ENGINE.assign(buffer, node, "assign")
        else:
            ENGINE.assign(buffer, Update(buffer.node, view, value, buffer.dtype, buffer.shape), "update")


def source(value: Ref | Const) -> np.ndarray | np.generic:
    """The elements of an operand, computed."""
    if isinstance(value, Const):
        return value.value
    return values(on_buffer(ENGINE.record(whole(value, value.view.shape), "assign")))


def moved(a: ndarray, move: Callable[[np.ndarray], Any]) -> Any:
    """The views that a function makes of an array: NumPy's own function, on a ghost. Tuples and lists stay so."""
    memory = settled(a)
    if memory is not None:
        shown = move(memory)
        if type(shown) is np.ndarray and (shown.base is memory or (shown.base is memory.base is not None)):
            made = settled_view(a, memory, shown)
            if made is not None:
                return made
    return _back(a, move(ghost(a._view)))


def settled(a: ndarray) -> np.ndarray | None:
    """The elements of an array that is not local, if they are computed and lie here: NumPy may read them, at once."""
    memory = a._hand
    if memory is not None:
        seen = a._seen
        if (seen is None or seen is a._buffer.memory) and a._hand is memory:  # else another thread has just looked
            return memory
    return _look(a)


def _look(a: ndarray) -> np.ndarray | None:
    buffer = a._buffer
    node = buffer.node
    if buffer.hold is None and is_few_picked(node) and not ENGINE.distributed:
        ENGINE.store(buffer)  # it waited for somebody who needs less
        node = buffer.node
    if buffer.hold is None or type(node) is not Stored or isinstance(node.storage.block, Sharded):
        return None
    memory, view = ENGINE.memory(buffer), a._view
    if 0 in view.shape:  # addresses of nothing say nothing
        return None
    found = _as_allowed(through(memory, a), a)
    if memory.nbytes <= MOST_KEPT:
        with ENGINE.lock:  # of two threads that look, the one that saw an older value must not come in between
            if buffer.memory is memory:
                a._hand = None  # whoever interrupts this, or asks meanwhile, must not take the old one for valid
                a._seen = memory
                a._hand = found
    return found


def settled_view(a: ndarray, memory: np.ndarray, shown: np.ndarray) -> ndarray | None:
    """A view of a settled array, made by NumPy of what `settled` gave; None if that is not kept."""
    buffer = a._buffer
    if a._hand is not memory:  # it is so large that a view must not hold it
        return None
    seen = a._seen
    if a._hand is not memory:  # another thread has changed the array
        return None
    made = _new(ndarray)
    made._np = None
    made._hand = shown
    made._seen = seen
    made._buffer = buffer
    made._part = a._part
    made._base = a if a._base is None else a._base
    made._locked = a._locked or not shown.flags.writeable
    made._scalar = False
    return made


def writable(a: ndarray) -> np.ndarray | None:
    """The elements of a settled array, if they may be changed where they lie: under the lock, as in `own_memory`."""
    memory = settled(a)
    if memory is None or a._locked:
        return None
    unplaced = a._hand is not None and a._seen is None
    if unplaced or a._buffer.exclusive:
        return memory
    buffer = a._buffer
    node = buffer.node
    if isinstance(node, Stored) and node.storage.holders() > 1 and buffer.size <= MOST_COPIED and not buffer.lends:
        ENGINE.settle_alone(buffer)  # a copy that was put off until now
        return settled(a)
    return None


def _back(a: ndarray, result: Any) -> Any:
    """Moved ghosts as views of the array."""
    if isinstance(result, np.ndarray):
        made = view_on(a, view_of_ghost(result), not result.flags.writeable)
        if result.base is not None and not isinstance(result.base, np.ndarray):
            made._base = view_on(a, a._view)  # as NumPy: strides were set by hand, on a stand-in
        return made
    if isinstance(result, tuple | list):
        return type(result)([_back(a, item) for item in result])
    return result
