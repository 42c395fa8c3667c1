"""Known index arrays are lazy: what one picks along an axis waits, because what reads it may need less.

So do questions where that is nan, and what has a number in the place of nan: the way to leave nan out of a sum.
`grouped_picks` makes something of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.graph import Const, Fill, Library, Map, Ref, Storage, Stored
from ramba.layout import View, identity
from ramba.lazyarray.core import dtype_of, is_compiled, ndarray, on_buffer, reads_in_place, ref, shape_of
from ramba.limits import SLABBED
from ramba.runtime.pool import Block

FEW = 4  # parts of the eager size: NumPy picks so few elements at once
SLABS = 8  # of which the array could have as many: what a slice shows of it is taken for a pick
_ALL = slice(None)


class Pick(NamedTuple):
    """What waits: elements that an index array, or a slice, picks along an axis; perhaps something made of them."""

    node: Library  # the pick
    axis: int  # of the array that shows it
    kind: str = ""  # "isnan", "proper" (not nan), "zeroed" or "oned" (with 0 or 1 in the place of nan)

    def same(self, other: Pick) -> bool:
        """Whether both pick the same."""
        mine, theirs = self.node, other.node
        if mine is theirs:
            return True
        if self.axis != other.axis or mine.args[0] != theirs.args[0] or mine.shape != theirs.shape:
            return False
        return bool(np.array_equal(places_of(mine), places_of(theirs)))


def picked_later(a: ndarray, key: Any) -> ndarray | None:
    """``a[:, ..., index, ...]``, recorded; None if it is not to be: few elements, or an index that is not inside."""
    found = _index(key)
    if found is None or not is_compiled(dtype_of(a)):
        return None
    axis, index = found
    shape = shape_of(a)
    if axis >= len(shape) or reads_in_place(a):
        return None
    if index.dtype.kind == "b":
        index = np.flatnonzero(index) if len(index) == shape[axis] and len(shape) > 1 else index[:0]
    if not index.size:
        return None
    size = index.size * prod(shape[:axis]) * prod(shape[axis + 1 :])
    settings = config.current()
    if size <= settings.eager_size // FEW or settings.exact or 4 * index.size > max(size, prod(shape)):
        return None
    numbers = _inside(index, shape[axis])
    if numbers is None:
        return None
    with ENGINE.lock:
        node, view = ref(a)
        turned = moved(view, axis, 0)  # in memory the index comes first, as NumPy has it
        made = (len(numbers), *turned.shape[1:])
        args = Ref(node, turned), stored_index(numbers)
        types = ((node.dtype.str[1:], made),)
        buffer = ENGINE.record(Library("pick", args, (0,), 0, types, node.dtype, made), "pick", part=True)
    return on_buffer(buffer, moved(identity(made), 0, axis))


def _inside(index: np.ndarray, extent: int) -> np.ndarray | None:
    """The places that an index names, counted from 0, in memory of their own; None if one is not there."""
    numbers = index.astype(np.int64)
    if int(numbers.view(np.uint64).max()) < extent:  # a number below zero is a huge one
        return numbers
    lowest, highest = int(index.min()), int(index.max())
    if lowest < -extent or highest >= extent:
        return None
    numbers[numbers < 0] += extent
    return numbers


def _index(key: Any) -> tuple[int, np.ndarray] | None:
    """The only index array of a key that has nothing else but whole slices, and its axis."""
    if type(key) is not tuple:
        key = (key,)
    axis = 0
    for part in key:
        if type(part) is np.ndarray:
            break
        if type(part) is not slice or part != _ALL:
            return None
        axis += 1
    else:
        return None
    rest = key[axis + 1 :]
    if part.ndim != 1 or part.dtype.kind not in "biu":
        return None
    if any(each is not Ellipsis and (type(each) is not slice or each != _ALL) for each in rest):
        return None
    return axis, part


@lru_cache(maxsize=4096)
def moved(view: View, source: int, target: int) -> View:
    """A view with an axis elsewhere."""
    order = [d for d in range(len(view.shape)) if d != source]
    order.insert(target, source)
    return View(view.offset, tuple([view.shape[d] for d in order]), tuple([view.strides[d] for d in order]))


def stored_index(numbers: np.ndarray) -> Ref:
    """Integers, which are ours from now on, as an operand."""
    return Ref(Stored(Storage(Block.over(numbers)), numbers.dtype, numbers.shape), identity(numbers.shape))


def places_of(node: Library) -> np.ndarray:
    """What a pick, or a reduction of one, has for an index array."""
    index = node.args[1].node
    assert isinstance(index, Stored)
    assert type(index.storage.block) is Block
    return index.storage.block.array(np.dtype(np.int64), index.shape)


def pick_of(a: object) -> Pick | None:
    """What an array shows, if that is a pick, or is made of one, or a slab of an array that is computed."""
    if type(a) is not ndarray or a._np is not None or a._part or (a._hand is not None and a._seen is None):
        return None
    buffer = a._buffer
    node = buffer.node
    if buffer.hold is not None:
        return _slab(a, node) if type(node) is Stored else None
    kind, pick = _kind(node)
    if pick is None:
        return None
    view = a._view
    axis = next((d for d, extent in enumerate(view.shape) if view == moved(identity(node.shape), 0, d)), None)
    return None if axis is None else Pick(pick, axis, kind)


def _kind(node: object) -> tuple[str, Library | None]:
    """What is made of a pick, and the pick; None if it is something else."""
    if type(node) is Library:
        return ("", node) if node.function == "pick" and node.params == (0,) else ("", None)
    if type(node) is not Map or node.op not in ("isnan", "logical_not", "where"):
        return "", None
    first = node.args[0]
    if type(first) is not Ref or first.view != identity(node.shape):
        return "", None
    kind, pick = _kind(first.node)
    match node.op, kind:
        case "isnan", "":
            return "isnan", pick
        case "logical_not", "isnan":
            return "proper", pick
        case "where", "isnan":
            _, value, last = node.args
            if type(last) is Ref and last.node is pick and last.view == first.view:
                return {0: "zeroed", 1: "oned"}.get(_value(value), ""), pick if _value(value) in (0, 1) else None
    return "", None


def _value(x: Ref | Const) -> Any:
    """The number that an operand has everywhere; None if it has several."""
    if type(x) is Const:
        return x.value
    return x.node.value if type(x) is Ref and type(x.node) is Fill else None


def _slab(a: ndarray, node: Stored) -> Pick | None:
    """What a slice along one axis shows of a large array, as a pick."""
    shape, view, whole = node.shape, a._view, identity(node.shape)
    if len(view.shape) != len(shape) or view.strides != whole.strides or not is_compiled(node.dtype):
        return None
    cut = [d for d in range(len(shape)) if view.shape[d] != shape[d]]
    if len(cut) != 1:
        return None
    (axis,) = cut
    extent, settings = view.shape[axis], config.current()
    start, past = divmod(view.offset, max(whole.strides[axis], 1))
    large = prod(shape) > SLABBED * settings.eager_size and SLABS * extent <= shape[axis]
    if past or not extent or not large or settings.exact or settings.eager or start + extent > shape[axis]:
        return None
    turned = moved(whole, axis, 0)
    made = (extent, *turned.shape[1:])
    args = Ref(node, turned), stored_index(np.arange(start, start + extent))
    return Pick(Library("pick", args, (0,), 0, ((node.dtype.str[1:], made),), node.dtype, made), axis)


# --- what is made of picks


def _made(op: str, pick: Pick, args: tuple[Any, ...], dtype: np.dtype) -> ndarray:
    with ENGINE.lock:
        buffer = ENGINE.record(Map(op, 0, args, dtype, pick.node.shape), "pick", part=True)
    return on_buffer(buffer, moved(identity(pick.node.shape), 0, pick.axis))


def isnan_later(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """Where a pick of floats is nan, recorded."""
    pick = None if len(args) != 1 or options else pick_of(args[0])
    if pick is None or pick.kind or pick.node.dtype.kind != "f":
        return None
    return _made("isnan", pick, (Ref(pick.node, identity(pick.node.shape)),), np.dtype(bool))


def proper_later(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """Where a pick is not nan, of where it is; recorded."""
    pick = None if len(args) != 1 or options else pick_of(args[0])
    if pick is None or pick.kind != "isnan":
        return None
    return _made("logical_not", pick, (Ref(args[0]._buffer.node, identity(pick.node.shape)),), np.dtype(bool))


def where_later(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """A pick with 0 or 1 in the place of nan, recorded; None if it is something else."""
    mask = None if len(args) != 3 or options else pick_of(args[0])
    if mask is None or mask.kind != "isnan":
        return None
    pick, number = pick_of(args[2]), _number(args[1], args[0])
    if pick is None or pick.kind or number is None or not pick.same(mask):
        return None
    picked = next(iter(args[0]._buffer.node.args))  # the pick that the mask is made of
    value = Const(pick.node.dtype.type(number), pick.node.dtype)
    known = Ref(args[0]._buffer.node, identity(pick.node.shape))
    return _made("where", pick, (known, value, picked), pick.node.dtype)


def alike_later(number: int, args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """An array of a pick's shape and dtype with one number everywhere."""
    pick = None if len(args) != 1 or options else pick_of(args[0])
    if pick is None or pick.kind:
        return None
    dtype, shape = pick.node.dtype, pick.node.shape
    with ENGINE.lock:
        buffer = ENGINE.record(Fill(dtype.type(number), dtype, shape), "pick", part=True)
    return on_buffer(buffer, moved(identity(shape), 0, pick.axis))


def same_later(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """What is made of a pick, in the dtype that it has."""
    pick = None if len(args) != 2 or not options.keys() <= {"copy"} else pick_of(args[0])
    if pick is None or not pick.kind or np.dtype(args[1]) != dtype_of(args[0]):
        return None
    with ENGINE.lock:
        return on_buffer(ENGINE.record(args[0]._buffer.node, "pick", part=True), args[0]._view)


def _number(x: object, like: ndarray) -> int | None:
    """0 or 1, if an operand that does not change the dtype is that everywhere."""
    if type(x) is ndarray and shape_of(x) == shape_of(like):
        if x._np is None and type(x._buffer.node) is Fill:
            x = x._buffer.node.value
        elif x._np is not None and x._np.size and x._np.dtype.kind == "f":
            first = x._np.flat[0]
            x = first if (x._np == first).all() else None
    if type(x) is int or type(x) is float or isinstance(x, np.floating):
        return int(x) if x in (0, 1) and not np.signbit(x) else None
    return None


__all__ = [
    "Pick",
    "alike_later",
    "isnan_later",
    "moved",
    "pick_of",
    "picked_later",
    "places_of",
    "proper_later",
    "same_later",
    "stored_index",
    "where_later",
]
