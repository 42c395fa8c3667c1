"""Known index arrays are lazy: what one picks along an axis waits, because what reads it may need less.

A reduction along that axis needs only the elements that are picked, and no array of them. Reductions of several such
picks of one array, stacked, are one reduction of groups, if the index arrays have nothing in common: one pass over the
array. What a program does with what it picked, and in which library, does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.graph import Library, Ref, Storage, Stored
from ramba.kernels import KERNELS, Type
from ramba.layout import View, identity
from ramba.lazyarray.calls import call
from ramba.lazyarray.core import dtype_of, is_compiled, ndarray, on_buffer, reads_in_place, ref, shape_of, values
from ramba.lazyarray.operands import finished
from ramba.runtime.pool import Block

FEW = 4  # parts of the eager size: NumPy picks so few elements at once
REDUCTIONS = "sum nansum prod nanprod mean nanmean min max nanmin nanmax any all var nanvar std nanstd".split()
_ALL = slice(None)


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
        turned = _moved(view, axis, 0)  # in memory the index comes first, as NumPy has it
        made = (len(numbers), *turned.shape[1:])
        args = Ref(node, turned), _stored(numbers)
        types = ((node.dtype.str[1:], made),)
        buffer = ENGINE.record(Library("pick", args, (0,), 0, types, node.dtype, made), "pick", part=True)
    return on_buffer(buffer, _moved(identity(made), 0, axis))


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
def _moved(view: View, source: int, target: int) -> View:
    """A view with an axis elsewhere."""
    order = [d for d in range(len(view.shape)) if d != source]
    order.insert(target, source)
    return View(view.offset, tuple([view.shape[d] for d in order]), tuple([view.strides[d] for d in order]))


def _stored(numbers: np.ndarray) -> Ref:
    return Ref(Stored(Storage(Block.over(numbers)), numbers.dtype, numbers.shape), identity(numbers.shape))


def _reduced(name: str, args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """A reduction of what was picked, along the axis of the index array; None if it is something else."""
    a = args[0] if args else None
    if type(a) is not ndarray or a._np is not None or a._buffer.hold is not None or a._part or len(args) > 2:
        return None
    node = a._buffer.node
    if type(node) is not Library or node.function != "pick" or node.params != (0,):
        return None
    given = {key: value for key, value in options.items() if value is not None and value is not np._NoValue}
    axis = args[1] if len(args) == 2 else given.pop("axis", None)
    ddof = given.pop("ddof", 0)
    if type(axis) is tuple and len(axis) == 1:
        (axis,) = axis
    ndim = len(node.shape)
    plain = type(axis) is int and -ndim <= axis < ndim and isinstance(ddof, int | float) and not given
    if (
        not plain
        or a._view != _moved(identity(node.shape), 0, axis % ndim)
        or (ddof and name[-3:] not in ("var", "std"))
    ):
        return None
    params = name, 0, float(ddof)
    types, dtype = _result(node.dtype, node.args[0].view.shape, params)
    shape = types[0][1]
    with ENGINE.lock:
        if a._buffer.node is not node:  # another thread has computed it
            return None
        made_of = Library("reduce_picked", node.args, params, 0, types, dtype, shape)
        buffer = ENGINE.record(made_of, "pick", part=True)
    return on_buffer(buffer, scalar=not shape)


@lru_cache(maxsize=1024)
def _result(
    dtype: np.dtype, shape: tuple[int, ...], params: tuple[str, int, float]
) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], np.dtype]:
    """The types of what `reduce_picked` gives, as nodes have them, and its dtype."""
    (made,) = KERNELS["reduce_picked"].infer([Type(dtype, shape)], *params)
    assert made.shape is not None
    return ((made.dtype.str[1:], made.shape),), made.dtype


def _stacked(args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """Reductions of picks of one array, stacked: a reduction of groups; None if they are something else."""
    if not args or len(args) > 2 or not options.keys() <= {"axis"}:
        return None
    arrays, axis = args[0], args[1] if len(args) == 2 else options.get("axis", 0)
    if not isinstance(arrays, list | tuple) or len(arrays) < 2 or type(axis) is not int:
        return None
    if type(arrays[0]) is not ndarray:
        return None
    nodes = [_waiting(a) for a in arrays]
    first = next((node for node in nodes if node is not None), None)
    if first is None or not -len(first.shape) - 1 <= axis <= len(first.shape):
        return None
    together = [n for n, node in enumerate(nodes) if node is not None and _alike(node, first)]
    codes = _codes([nodes[n] for n in together], first.args[0].view.shape[0])
    if codes is None or 2 * len(together) < len(arrays):
        return None
    name, _, ddof = first.params
    shape = (len(together), *first.shape)
    given, params = (first.args[0], _stored(codes)), (name, 0, len(together), ddof)
    types = ((first.dtype.str[1:], shape),)
    with ENGINE.lock:
        buffer = ENGINE.record(Library("reduce_groups", given, params, 0, types, first.dtype, shape), "reduce_groups")
    made: ndarray | None = on_buffer(buffer)
    if len(together) < len(arrays):
        made = _with_others(on_buffer(buffer), arrays, together)
    if made is None or axis % (len(shape)) == 0:
        return made
    found = on_buffer(made._buffer, _moved(identity((len(arrays), *shape[1:])), 0, axis % len(shape)))
    return found.copy()


def _rows(axis: int, args: Sequence[Any], options: dict[str, Any]) -> ndarray | None:
    """As `_stacked`, for functions that join arrays of one dimension along a new axis."""
    if len(args) != 1 or options or not isinstance(args[0], list | tuple) or not args[0]:
        return None
    first = args[0][0]
    if type(first) is not ndarray or len(shape_of(first)) != 1:  # a list of numbers may be long
        return None
    return _stacked((args[0], axis), {})


def _alike(node: Library, other: Library) -> bool:
    """Whether two reductions are one, of picks of one array."""
    mine, theirs = node.args[0], other.args[0]
    return node.params == other.params and mine.node is theirs.node and mine.view == theirs.view


def _codes(nodes: Sequence[Any], extent: int) -> np.ndarray | None:
    """Which of the nodes picks each place of an axis, -1: none does; None if something is picked twice."""
    codes, total = np.full(extent, -1, np.int64), 0
    for number, node in enumerate(nodes):
        index = node.args[1]
        block = index.node.storage.block
        if type(block) is not Block:
            return None
        places = block.array(np.dtype(np.int64), index.view.shape)
        codes[places] = number
        total += len(places)
    return codes if np.count_nonzero(codes >= 0) == total else None


def _with_others(made: ndarray, arrays: Sequence[Any], together: list[int]) -> ndarray | None:
    """The groups among other arrays that are stacked with them, in order; None if these do not fit."""
    left = sorted(set(range(len(arrays))) - set(together))
    others = [arrays[n] for n in left]
    shape, dtype = shape_of(made)[1:], dtype_of(made)
    if any(type(a) is not ndarray or shape_of(a) != shape or dtype_of(a) != dtype for a in others):
        return None
    rest = finished(np.stack([values(a) for a in others]))
    order = np.empty(len(arrays), np.int64)
    order[[*together, *left]] = np.arange(len(arrays))
    (joined,) = call("concatenate", [made, rest], 0)
    return call("pick", [joined, finished(order)], 0)[0]


def _waiting(a: Any) -> Library | None:
    """The node of a reduction of a pick that nobody has looked at."""
    if type(a) is not ndarray or a._np is not None or a._hand is not None or a._buffer.hold is not None or a._part:
        return None
    node = a._buffer.node
    if type(node) is not Library or node.function != "reduce_picked" or a._view != identity(node.shape):
        return None
    return node


OF_PICKS: dict[Any, Callable[[Sequence[Any], dict[str, Any]], ndarray | None]] = {
    getattr(np, name): partial(_reduced, name) for name in REDUCTIONS
}
"""What functions of NumPy's make of picks that wait; None if they are given something else."""

OF_PICKS[np.stack] = _stacked
OF_PICKS |= {np.array: partial(_rows, 0), np.vstack: partial(_rows, 0), np.column_stack: partial(_rows, 1)}

__all__ = ["OF_PICKS", "picked_later"]
