"""Keys with index arrays: kernels pick elements; where an array lies on workers, they also change them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ramba import config
from ramba.engine import ENGINE, Buffer
from ramba.graph import Map, Stored
from ramba.layout import identity
from ramba.lazyarray.calls import call
from ramba.lazyarray.convert import asarray, unwrap
from ramba.lazyarray.core import (
    Array,
    dtype_of,
    is_compiled,
    is_lazy,
    local,
    memory_if_local,
    moved,
    ndarray,
    on_buffer,
    ref,
    shape_of,
    values,
)
from ramba.lazyarray.create import where
from ramba.lazyarray.delivery import put
from ramba.lazyarray.orders import axes_in_memory, turned, turned_back
from ramba.lazyarray.shapes import is_assignable, shape_text
from ramba.lazyarray.ufunc import BY_KERNELS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_AXIS = re.compile(r"is out of bounds for axis (\d+)")


class IndexedBy(NamedTuple):
    """What a key with index arrays chooses of an array."""

    view: ndarray  # the array through the key's slices, numbers and None; what is indexed by arrays is still whole
    indices: list[ndarray]  # of integers, or masks
    axes: list[int]  # of the view: where each array stands; a mask stands for several axes
    sources: list[int]  # of the array, for NumPy's messages
    place: int  # where the axes of the broadcast indices go in the result

    @property
    def indexed(self) -> list[int]:
        """The axes of the view that the arrays stand for."""
        return [axis + n for axis, i in zip(self.axes, self.indices, strict=True) for n in range(_width(i))]

    @property
    def mask(self) -> ndarray | None:
        """The only index array, if it is a mask."""
        return self.indices[0] if len(self.indices) == 1 and dtype_of(self.indices[0]).kind == "b" else None


def _width(i: ndarray) -> int:
    """The axes that an index array stands for."""
    return len(shape_of(i)) if dtype_of(i).kind == "b" else 1


def is_large(a: ndarray, key: object) -> bool:
    """Whether a key with index arrays is a matter for workers: the array or an index array is large, and lies there."""
    return _is_large(a, key) and ENGINE.distributed


def is_shared_out(a: ndarray, key: object) -> bool:
    """Whether elements are picked by a kernel; in one process if NumPy would leave them in C order."""
    if not _is_large(a, key):
        return False
    if ENGINE.distributed:
        return True
    if not isinstance(key, Array | np.ndarray) or not key.shape:
        return False
    return key.dtype.kind in "iu" or (key.dtype.kind == "b" and key.shape == shape_of(a))


def _is_large(a: ndarray, key: object) -> bool:
    if not is_compiled(dtype_of(a)):
        return False
    lazy = [x for x in (a, *(key if type(key) is tuple else (key,))) if isinstance(x, Array) and is_lazy(x)]
    size = config.current().eager_size
    return any(x._view.size > size for x in lazy)


def chosen(a: ndarray, key: object) -> IndexedBy | None:
    """What a key chooses; None for what only NumPy understands, or refuses."""
    parts = [_part(part) for part in (key if type(key) is tuple else (key,))]
    if any(part is NotImplemented for part in parts) or sum(part is Ellipsis for part in parts) > 1:
        return None
    if not any(isinstance(part, Array) for part in parts):
        return None
    shape = shape_of(a)
    free = len(shape) - sum(_consumed(part) for part in parts)
    if free < 0:
        return None
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    basic: list[Any] = []
    indices: list[ndarray] = []
    axes: list[int] = []
    sources: list[int] = []
    standing: list[tuple[int, int]] = []  # of what moves together: the number of the part, its axis of the view
    at = source = 0
    for number, part in enumerate(parts):
        if isinstance(part, Array):
            width = _width(part)
            if dtype_of(part).kind == "b" and shape_of(part) != shape[source : source + width]:
                return None
            indices.append(part)
            axes.append(at)
            sources += range(source, source + width)
            basic += [slice(None)] * width
            at += width
        else:
            basic.append(part)
            at += 0 if isinstance(part, int) else free if part is Ellipsis else 1
        if isinstance(part, Array | int):
            standing.append((number, at - (_width(part) if isinstance(part, Array) else 0)))
        source += free if part is Ellipsis else _consumed(part)
    together = standing[-1][0] - standing[0][0] == len(standing) - 1
    view = _viewed(a, lambda array: array[tuple(basic)])
    return IndexedBy(view, indices, axes, sources, standing[0][1] if together else 0)


def _part(part: Any) -> Any:
    """One part of a key: None, ..., a slice, a number or an array of ours; NotImplemented for all others."""
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        return unwrap(part)
    if isinstance(part, bool | np.bool_):
        return NotImplemented
    if isinstance(part, list | tuple | np.ndarray | Array):
        if isinstance(part, list | tuple):
            part = np.asarray(unwrap(part))
            part = part if part.size else part.astype(np.intp)
        array = asarray(part)
        kind = dtype_of(array).kind
        if kind not in "biu" or (kind == "b" and not shape_of(array)):
            return NotImplemented
        if not is_compiled(dtype_of(array)):  # of the other byte order
            array = local(values(array).astype(dtype_of(array).newbyteorder("=")))
        return array if shape_of(array) else index(values(array)[()])
    try:
        return index(part)
    except TypeError:
        return NotImplemented


def _consumed(part: object) -> int:
    """The axes of the array that a part of a key, other than an ellipsis, stands for."""
    if isinstance(part, Array):
        return _width(part)
    return 0 if part is None or part is Ellipsis else 1


def _viewed(a: ndarray, move: Callable[[np.ndarray], np.ndarray]) -> ndarray:
    """A view that NumPy makes, of a lazy or a local array."""
    memory = memory_if_local(a)
    if memory is not None:
        return local(move(memory))
    made: ndarray = moved(a, move)
    return made


def refuse(a: ndarray, key: object) -> None:
    """Has NumPy refuse a key; returns if it does not."""
    parts = key if type(key) is tuple else (key,)
    stand_ins = []
    for part in parts:
        lazy = isinstance(part, Array) and is_lazy(part)
        stand_ins.append(np.broadcast_to(np.zeros((), part.dtype), part.shape) if lazy else unwrap(part))
    empty = np.broadcast_to(np.zeros((), np.int8), shape_of(a))
    if any(isinstance(part, Array) for part in parts):
        stand_ins = [s[:0] if isinstance(s, np.ndarray) and s.ndim and s.dtype.kind in "iu" else s for s in stand_ins]
    empty[tuple(stand_ins)]


@contextmanager
def _axes_named(sources: list[int]) -> Iterator[None]:
    """Names the axis of the array in NumPy's complaint about an index, where a kernel counts the index arrays."""
    try:
        yield
    except IndexError as problem:
        text = _AXIS.sub(lambda found: f"is out of bounds for axis {sources[int(found[1])]}", str(problem))
        named = IndexError(text)
        for note in getattr(problem, "__notes__", ()):
            named.add_note(note)
        raise named from None


def pick(a: ndarray, key: object) -> Any:
    """``a[key]`` for a key with index arrays; NotImplemented if NumPy has to do it."""
    choice = chosen(a, key)
    if choice is None:
        refuse(a, key)
        return NotImplemented
    if choice.mask is not None:
        (made,) = call("compress", [_led(choice), choice.mask])
        return _placed(made, 1, 0, choice.place)
    if len(choice.indices) == 1:
        (axis,), (numbers,) = choice.axes, choice.indices
        if axis == 0 and not _lies_in_order(choice):
            return _taken_in_order(choice)
        with _axes_named([choice.sources[0]] * (axis + 1)):
            (made,) = call("take", [choice.view, numbers], axis)
        return _placed(made, len(shape_of(numbers)), axis, choice.place)
    arrays, shape = _numbers(choice)
    with _axes_named(choice.sources):
        (made,) = call("gather_points", [_led(choice), *arrays])
    return _placed(made, len(shape), 0, choice.place)


def _orders(choice: IndexedBy) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of the only index array, and those of the view behind the first, as they lie in memory."""
    rest = [axis for axis in axes_in_memory(choice.view, "K") if axis]
    return axes_in_memory(choice.indices[0], "C" if rest else "K"), tuple(rest)  # as NumPy does it


def _lies_in_order(choice: IndexedBy) -> bool:
    """Whether what an index array picks of the first axis lies in C order, as the array and the index do."""
    outer, rest = _orders(choice)
    return outer == tuple(range(len(outer))) and rest == tuple(range(1, len(rest) + 1))


def _taken_in_order(choice: IndexedBy) -> Any:
    """What an index array picks of the first axis, lying in memory as the index and the rest of the array do."""
    outer, rest = _orders(choice)
    with _axes_named(choice.sources):
        (made,) = call("take", [turned(choice.view, (0, *rest)), turned(choice.indices[0], outer)], 0)
    return turned_back(made, (*outer, *[len(outer) + axis - 1 for axis in rest]))


def _numbers(choice: IndexedBy) -> tuple[list[ndarray], tuple[int, ...]]:
    """Arrays of integers alone, and their broadcast shape."""
    arrays: list[ndarray] = []
    for i in choice.indices:
        arrays += positions(i) if dtype_of(i).kind == "b" else [i]
    try:
        return arrays, np.broadcast_shapes(*map(shape_of, arrays))
    except ValueError:
        shown = " ".join(shape_text(shape_of(i)) for i in arrays)
        text = f"shape mismatch: indexing arrays could not be broadcast together with shapes {shown} "
        raise IndexError(text) from None


def positions(mask: ndarray) -> list[ndarray]:
    """Where an array is not zero: ``np.nonzero``."""
    memory = memory_if_local(mask)
    if memory is not None:
        return [local(found) for found in np.nonzero(memory)]
    return call("nonzero", [mask])


def _led(choice: IndexedBy) -> ndarray:
    """The view with the indexed axes in front."""
    axes = choice.indexed
    return _viewed(choice.view, lambda array: np.moveaxis(array, axes, range(len(axes))))


def _placed(made: ndarray, width: int, source: int, target: int) -> ndarray:
    """A result whose axes for the broadcast indices are moved to where NumPy has them."""
    if source == target:
        return made
    axes, places = range(source, source + width), range(target, target + width)
    result = _viewed(made, lambda array: np.moveaxis(array, axes, places))
    result._base = None
    return result


# --- writing


def place(a: ndarray, key: object, value: ndarray) -> bool:
    """``a[key] = value`` for a key with index arrays; False if NumPy has to do it."""
    choice = chosen(a, key)
    if choice is None:
        refuse(a, key)
        return False
    target, extra = _led(choice), len(choice.indexed)
    rest, mask = shape_of(target)[extra:], choice.mask
    if mask is not None and not rest and type(key) is not tuple and len(shape_of(value)) > 1:
        ndim = len(shape_of(value))
        text = "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has"
        raise TypeError(f"{text} {ndim} dimension{'s' * (ndim != 1)}")
    if mask is not None:
        result = (*rest[: choice.place], 1, *rest[choice.place :])
        if is_assignable(shape_of(value), result):  # the same for each element under the mask
            new = _aligned(value, result, 1, choice.place).reshape(rest if value.size > 1 else ())
            old_shape = shape_of(mask) + (1,) * len(rest)
            put(target, where(mask.reshape(old_shape), new.astype(dtype_of(a), copy=False), target))
            return True
    arrays, shape = _numbers(choice)
    result = (*rest[: choice.place], *shape, *rest[choice.place :])
    if not is_assignable(shape_of(value), result):
        if mask is not None and not rest and type(key) is not tuple:
            text = "NumPy boolean array indexing assignment cannot assign"
            raise ValueError(f"{text} {value.size} input values to the {shape[0]} output values where the mask is true")
        text = f"shape mismatch: value array of shape {shape_text(shape_of(value))} could not be broadcast"
        raise ValueError(f"{text} to indexing result of shape {shape_text(result)}")
    with _axes_named(choice.sources):
        put_at(target, arrays, _aligned(value, result, len(shape), choice.place))
    return True


def at(op: str, a: ndarray, key: object, value: ArrayLike) -> bool:
    """``op.at(a, key, value)``; False if NumPy has to do it."""
    value = asarray(value)
    choice = chosen(a, key) if is_compiled(dtype_of(a)) and is_compiled(dtype_of(value)) else None
    if choice is None or a._locked:
        return False
    one, place = np.ones(1, dtype_of(a)), np.zeros(1, np.intp)
    getattr(np, op).at(one, place, np.ones(1, dtype_of(value)))  # NumPy's checks
    target = _led(choice)
    rest = shape_of(target)[len(choice.indexed) :]
    arrays, shape = _numbers(choice)
    result = (*rest[: choice.place], *shape, *rest[choice.place :])
    if len(shape_of(value)) > len(result) or not is_assignable(shape_of(value), result):
        raise ValueError("array is not broadcastable to correct shape")
    with _axes_named(choice.sources):
        put_at(target, arrays, _aligned(value, result, len(shape), choice.place), op)
    return True


BY_KERNELS["at"] = at


def _aligned(value: ndarray, result: tuple[int, ...], width: int, at: int) -> ndarray:
    """The value as it is assigned to the result whose axes for the index arrays come first."""
    shape = shape_of(value)
    if at == 0 or len(shape) <= len(result) - at - width:
        return value
    full = value.reshape((1,) * (len(result) - len(shape)) + shape[max(len(shape) - len(result), 0) :])
    return _viewed(full, lambda array: np.moveaxis(array, range(at, at + width), range(width)))


def put_at(target: ndarray, indices: list[ndarray], value: ndarray, op: str = "") -> None:
    """``target[i, j, ...] = value`` for arrays of integers, or ``op.at(target, (i, j, ...), value)``."""
    with ENGINE.lock:
        others = [ENGINE.operand(ref(x)) for x in (*indices, value)]
        buffer = target._buffer
        direct = not target._part and target._view == identity(buffer.shape) and not buffer.lent
        ENGINE.flush([buffer, *(other for other, _ in others)])  # whatever was recorded before reads the old values
        free = direct and _has_one_holder(buffer)
        source = buffer if free else _copied(target)
        (made,) = ENGINE.call("put", [(source, identity(source.shape)), *others], (op,), 1)
        if direct:
            assert isinstance(made.node, Stored)
            ENGINE.settle(buffer, made.node)
        else:
            put(target, on_buffer(made))


def _has_one_holder(buffer: Buffer) -> bool:
    """Whether a buffer's value may be written over now: nothing that is recorded reads it, no other array shares it."""
    if buffer.hold is None or ENGINE.pending or any(r() is not None for r in ENGINE.postponed):
        return False
    return isinstance(buffer.node, Stored) and not buffer.node.storage.foreign and buffer.node.storage.holders() == 1


def _copied(a: ndarray) -> Buffer:
    """A new buffer with an array's elements, whose memory nothing else holds."""
    reading = ref(a)
    made = ENGINE.record(Map("cast", 0, (reading,), reading.node.dtype, reading.view.shape), "copy")
    ENGINE.flush([made])
    return made


__all__ = ["is_large", "pick", "place", "positions", "put_at"]
