"""Operations of ufuncs recorded: dtypes and shapes as NumPy has them, masks, results in arrays that were given."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, assert_never

import numpy as np

from ramba.engine import ENGINE
from ramba.graph import Const, Empty, Map, Node, Ref
from ramba.layout import identity
from ramba.lazyarray import fold
from ramba.lazyarray.convert import asarray
from ramba.lazyarray.core import Array, dtype_of, is_compiled, ndarray, on_buffer, reads_in_place, ref, shape_of
from ramba.lazyarray.delivery import check_writable, deliver
from ramba.lazyarray.gathers import on_workers
from ramba.lazyarray.operands import Foreign, Lazy, Local, Operand, Scalar, operand
from ramba.lazyarray.orders import in_order_of, order_of
from ramba.lazyarray.readings import broadcast, cast
from ramba.lazyarray.shapes import broadcast_shape
from ramba.ops import Defined, Ufunc

_COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))
_NUMBERS = (int, float, complex)
_ONE_IS_SAFE = frozenset(("add", "subtract", "multiply", "divide", "power"))  # as second operand, whatever the first


@lru_cache(maxsize=4096)
def _dtypes(
    function: Any, operands: tuple[Any, ...], signature: Any, casting: str
) -> tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]:
    """The dtypes of the loop's operands and results. NumPy's own exceptions."""
    options: dict[str, Any] = {} if signature is None else {"signature": signature}
    found = function.resolve_dtypes(operands, casting=casting, **options)
    # without fixed outputs the loop gives its own dtypes; with them NumPy only checks the cast
    free = (*operands[: function.nin], *(None,) * function.nout)
    plain = function.resolve_dtypes(free, casting=casting, **options)
    return tuple(found[: function.nin]), tuple(plain[function.nin :])


def record(
    row: Ufunc | Defined, args: tuple[Operand, ...], outs: tuple[Any, ...], where: Any, options: dict[str, Any]
) -> Any:
    """Records an operation; NotImplemented if NumPy has to do it at once."""
    if set(options) - {"dtype", "casting", "subok", "order"}:
        return NotImplemented
    return _recorded(row, [_array_or_number(x) for x in args], outs, where, options)


def _array_or_number(x: Operand) -> Any:
    """An operand as an array of ours, or one of Python's numbers, which do not widen the dtypes of others."""
    match x:
        case Lazy(array):
            return array
        case Scalar(number) if type(number) in _NUMBERS:
            return number
        case Local(given, memory):
            return given if type(given) is ndarray else asarray(memory)
        case Scalar(given) | Foreign(given):
            return asarray(given)
        case _:
            assert_never(x)


def _recorded(
    row: Ufunc | Defined, operands: list[Any], outs: tuple[Any, ...], where: Any, options: dict[str, Any]
) -> Any:
    """Records an operation on arrays and numbers."""
    given: list[Any] = [type(x) if type(x) in _NUMBERS else dtype_of(x) for x in operands]
    for o in outs:
        check_writable(o) if o is not None else None  # before dtypes and shapes, as NumPy
    targets = [None if o is None else o.dtype for o in outs] or [None] * row.nout
    dtype = options.get("dtype")
    signature = None if dtype is None else (None,) * row.nin + (np.dtype(dtype),) * row.nout
    loop, results = _dtypes(row.numpy, (*given, *targets), signature, options.get("casting", "same_kind"))
    if not all(map(is_compiled, (*loop, *results, *(g for g in given if isinstance(g, np.dtype))))):
        return NotImplemented
    if row.digest == "power" and loop[0].kind in "iu" and _may_raise(operands[1], loop[1]):
        if not on_workers(operands[1]):
            return NotImplemented
        for operand, kind in zip(operands, loop, strict=True):
            np.add(np.zeros((), kind), operand) if type(operand) in _NUMBERS else None  # does the number fit?
        if bool(fold.reduce("logical_or", asarray(operands[1] < 0), None, None, False, np._NoValue, True)):
            raise ValueError("Integers to negative integer powers are not allowed.")
    if not all(o is None or is_compiled(o.dtype) for o in outs):
        return NotImplemented
    shapes = [() if type(x) in _NUMBERS else shape_of(x) for x in operands]
    shape = broadcast_shape(shapes)
    if outs:
        broadcast_shape([*shapes, *[o.shape for o in outs if o is not None]])
    mask = None if where is True else as_mask(where)
    if mask is not None:
        mask_of(mask)  # raises if it holds no bools
        shape = broadcast_shape([*shapes, mask.shape])
    order = order_of(options.get("order"), "K")
    if not outs and len(shape) > 1:
        plain = {**options, "order": "C"}
        several = [*operands, True if mask is None else mask]
        turned = in_order_of(len(shape), several, order, lambda x: _recorded(row, list(x[:-1]), (), x[-1], plain))
        if turned is not NotImplemented:
            return turned
    with ENGINE.lock:
        readings = _readings(row, operands, loop)
        if readings is NotImplemented:
            return NotImplemented
        made = tuple(broadcast(r, shape) if isinstance(r, Ref) else r for r in readings)
        if mask is not None:
            made = _harmless(row, made, mask_of(mask), shape)
        nodes = [Map(row.digest, n, made, result, shape) for n, result in enumerate(results)]
        at_once = any(map(reads_in_place, (*operands, mask)))
        return _deliver_nodes(nodes, outs, mask, at_once)


def _harmless(
    row: Ufunc | Defined, args: tuple[Ref | Const, ...], mask: Ref | Const, shape: tuple[int, ...]
) -> tuple[Ref | Const, ...]:
    """The operands with ones where nothing will be computed: NumPy raises no floating-point flags there."""
    dtype = args[-1].dtype if isinstance(args[-1], Const) else args[-1].node.dtype
    if not row.flags(dtype.str[1:]):
        return args
    first = len(args) - 1 if row.digest in _ONE_IS_SAFE else 0
    made = list(args[:first])
    for arg in args[first:]:
        dtype = arg.dtype if isinstance(arg, Const) else arg.node.dtype
        safe = Const(dtype.type(row.digest != "arctanh"), dtype)
        chosen = (broadcast(mask, shape) if isinstance(mask, Ref) else mask, arg, safe)
        made.append(Ref(Map("where", 0, chosen, dtype, shape), identity(shape)))
    return tuple(made)


def _readings(row: Ufunc | Defined, operands: list[Any], loop: tuple[np.dtype, ...]) -> Any:
    """The operands in the dtypes of the loop."""
    made: list[Ref | Const] = []
    for x, dtype in zip(operands, loop, strict=True):
        if type(x) in _NUMBERS:
            try:
                value = dtype.type(x)
            except OverflowError:
                if row.digest in _COMPARISONS:
                    return NotImplemented  # NumPy compares with the number itself
                raise
            made.append(Const(value, dtype))
        else:
            made.append(cast(operand(x), dtype))
    return made


def _may_raise(exponent: Any, dtype: np.dtype) -> bool:
    """Whether an integer power may meet a negative exponent, which NumPy refuses."""
    if dtype.kind == "u":
        return False
    if type(exponent) in _NUMBERS:
        return bool(exponent < 0)
    return True


def _deliver_nodes(nodes: list[Map], outs: tuple[Any, ...], mask: ndarray | None, at_once: bool) -> Any:
    """Arrays for the results of an operation, or the results in the arrays given for them."""
    finals: list[Node] = [
        node if mask is None else _masked(node, mask, outs[n] if n < len(outs) else None)
        for n, node in enumerate(nodes)
    ]
    if len(finals) == 1 and outs:
        results = [deliver(_reading(finals[0]), outs[0], "unsafe")]
    else:
        buffers = ENGINE.record_all(finals, nodes[0].op)
        made = [on_buffer(buffer, scalar=buffer.shape == ()) for buffer in buffers]
        pairs = list(zip(made, outs or (None,) * len(made), strict=True))
        # as NumPy: where outputs overlap, the first one wins
        results = [a if o is None else deliver(a, o, "unsafe") for a, o in reversed(pairs)][::-1]
    if at_once:
        ENGINE.flush()
    return results[0] if len(results) == 1 else tuple(results)


def _masked(node: Map, where: Any, target: Any) -> Map:
    """The result where a mask says so, and what the target held elsewhere."""
    mask = mask_of(where)
    old = Ref(Empty(node.dtype, node.shape), identity(node.shape)) if target is None else ref(asarray(target))
    dtype = old.node.dtype
    new = cast(Ref(node, identity(node.shape)), dtype)
    shape = broadcast_shape([node.shape, old.view.shape, *([mask.view.shape] if isinstance(mask, Ref) else [])])
    args = tuple(broadcast(r, shape) if isinstance(r, Ref) else r for r in (mask, new, old))
    return Map("where", 0, args, dtype, shape)


def as_mask(where: Any) -> ndarray:
    """A ``where=`` argument as an array: scalars and Python's own values become bools, as in NumPy."""
    if isinstance(where, Array) and where._scalar and dtype_of(where).kind != "b":
        return where.astype(bool)
    return asarray(where) if isinstance(where, Array | np.ndarray) else asarray(np.asarray(where, bool))


def mask_of(where: Any) -> Ref | Const:
    """A ``where=`` argument as an operand. Raises NumPy's TypeError if it is no array of bools."""
    mask = as_mask(where)
    if dtype_of(mask).kind != "b":
        raise TypeError(f"Cannot cast array data from {dtype_of(mask)!r} to dtype('bool') according to the rule 'safe'")
    return operand(mask)


def _reading(node: Node) -> Ref:
    """The whole value of a node, as an operand."""
    return Ref(node, identity(node.shape))


__all__ = ["as_mask", "mask_of", "record"]
