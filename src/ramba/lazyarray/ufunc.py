"""Ramba's ufuncs: NumPy's, on arrays that may be pending."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.errors import warn
from ramba.graph import Const, Empty, Map, Node, Ref
from ramba.layout import View, identity, repeats
from ramba.lazyarray import fast_path, fold
from ramba.lazyarray.convert import asarray, unwrap, wrap
from ramba.lazyarray.core import (
    assign,
    broadcast,
    cast,
    dtype_of,
    is_compiled,
    is_lazy,
    memory_if_local,
    ndarray,
    on_buffer,
    own_memory,
    reads_in_place,
    ref,
    scalar_of,
    shape_of,
    source,
)
from ramba.lazyarray.gathers import any_lazy, on_workers, tell_gathered
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.operands import arguments, at_once, finished, most_for
from ramba.lazyarray.orders import in_order_of, order_of
from ramba.lazyarray.shapes import shape_text
from ramba.ops import UFUNCS, Defined, Ufunc

BY_KERNELS: dict[str, Callable[..., Any]] = {}
"""What stands for a gufunc with lazy operands (`products`), and for ``ufunc.at`` on workers (`advanced_indexing`)."""

_COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"))
_NUMBERS = (int, float, complex)
_ONE_IS_SAFE = frozenset(("add", "subtract", "multiply", "divide", "power"))  # as second operand, whatever the first
_WITHOUT_OUT = "'where' used without 'out', expect unitialized memory in output. If this is intentional, use out=None."


Function: Any = object if NATIVE is None else NATIVE.Function


class ufunc(Function):  # noqa: N801 - NumPy's name
    """A NumPy ufunc that also takes Ramba arrays.

    Small arrays are computed by NumPy at once; operations on large ones are recorded, and fused with their neighbours
    when a value is asked for.

    Examples
    --------
    >>> import ramba as np
    >>> np.add(np.arange(3), 1)
    array([1, 2, 3])
    >>> np.add.reduce(np.arange(4))
    np.int64(6)
    """

    def __init__(self, row: Ufunc | Defined) -> None:
        self.row = row
        self.digest = row.digest
        self.numpy: Any = row.numpy
        self.__name__ = self.__qualname__ = row.numpy.__name__
        self.__doc__ = row.numpy.__doc__
        self.gufunc = row.numpy.signature is not None
        self.most = most_for(1 if self.gufunc else row.cost)  # times the eager size of elements are NumPy's
        if NATIVE is not None:
            super().__init__(row.numpy, self._general, self.most, row.nin)

    def __getattr__(self, name: str) -> Any:  # nin, nout, nargs, ntypes, types, identity, signature, resolve_dtypes
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.numpy, name)

    @property
    def __signature__(self) -> Any:
        return self.numpy.__signature__

    def __repr__(self) -> str:
        return f"<ufunc {self.__name__!r}>"

    def __reduce__(self) -> Any:
        return (ufunc, (self.row,)) if isinstance(self.row, Defined) else self.__name__

    def _general(self, *args: Any, out: Any = np._NoValue, where: Any = True, **options: Any) -> Any:
        nin = self.row.nin
        silent = out is not np._NoValue
        if not silent:
            out = None
        if out is None and where is True and not options and len(args) == nin:
            operands = at_once(args, config.current().eager_size * self.most)
            if operands is not None:
                result = self.numpy(*operands)
                return finished(result) if type(result) is not tuple else wrap(result)
            if type(args[0]) is ndarray and args[0]._np is None and nin <= 2:
                recorded = (fast_path.unary if nin == 1 else fast_path.binary)(self.digest, *args)
                if recorded is not NotImplemented:
                    return recorded
        if len(args) > nin and out is None and len(args) <= nin + self.row.nout:
            args, out = args[:nin], args[nin:]
        if out is not None and not self._is_plain(out):
            return self.numpy(*[unwrap(x) for x in args], out=unwrap(out), **unwrap(options))  # NumPy refuses
        outs = out if isinstance(out, tuple) else (out,) * (out is not None)
        if len(args) == nin and not self.gufunc and self._is_recorded((*args, *outs, where), args):
            recorded = _record(self, args, outs, where, options)
            if recorded is not NotImplemented:
                if where is not True and not outs and not silent:
                    warn(_WITHOUT_OUT, UserWarning)
                return recorded
        if self.gufunc and self.digest in BY_KERNELS and set(options) <= {"dtype"} and any_lazy(args):
            result = BY_KERNELS[self.digest](*args, options.get("dtype")) if len(args) == nin else NotImplemented
            if result is not NotImplemented:
                return deliver(result, outs[0]) if outs else result
        if where is not True and not outs and silent:
            options = {**options, "out": None}
        return self._by_numpy(args, outs, where, options)

    if NATIVE is None:
        __call__ = _general

    def _is_plain(self, out: Any) -> bool:
        """Whether `out` is what NumPy takes: an array, or a tuple of one array or None for each result."""
        several = out if isinstance(out, tuple) else (out,)
        return len(several) == self.row.nout and all(
            isinstance(o, ndarray | np.ndarray) or (o is None and isinstance(out, tuple)) for o in several
        )

    def _is_recorded(self, everything: tuple[Any, ...], args: tuple[Any, ...]) -> bool:
        """Whether an operand is pending or large, or the result would be large."""
        shapes = []
        for x in everything:
            if isinstance(x, ndarray):
                if memory_if_local(x) is None:
                    return True
                shapes.append(shape_of(x))
            elif isinstance(x, np.ndarray):
                shapes.append(x.shape)
        if not shapes or all(shape == shapes[0] for shape in shapes):
            return bool(shapes) and prod(shapes[0]) > config.current().eager_size and len(everything) > len(args)
        try:
            return prod(np.broadcast_shapes(*shapes)) > config.current().eager_size
        except ValueError:
            return False

    def _by_numpy(self, args: tuple[Any, ...], outs: tuple[Any, ...], where: Any, options: dict[str, Any]) -> Any:
        """NumPy's own loop, on memory."""
        tell_gathered(f"numpy.{self.__name__}", args, outs)
        if where is not True:
            options = {**options, "where": unwrap(where)}
        if outs:
            options = {**options, "out": tuple(own_memory(o) if isinstance(o, ndarray) else o for o in outs)}
        result = self.numpy(*[unwrap(x) for x in args], **options)
        if not outs:
            return wrap(result)
        given = [o if o is not None else wrap(r) for o, r in zip(outs, _tuple(result), strict=True)]
        return given[0] if len(given) == 1 else tuple(given)

    def reduce(
        self,
        array: Any,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = np._NoValue,
        where: Any = True,
    ) -> Any:
        """Folds the elements along one or several axes into one."""
        if out is None and where is True and initial is np._NoValue and type(array) is ndarray:
            memory = arguments((array,), config.current().eager_size * self.most)
            if memory is not None:
                return finished(self.numpy.reduce(memory[0], axis, dtype, None, keepdims))
        array = asarray(array)
        if is_lazy(array) or is_lazy(out) or is_lazy(where):
            if out is not None and dtype is None:  # NumPy folds in what both hold
                (out,) = out if isinstance(out, tuple) else (out,)
                dtype = np.result_type(out.dtype, array.dtype)
            result = fold.reduce(self.digest, array, axis, dtype, keepdims, initial, where)
            if result is not NotImplemented:
                if out is None:
                    return result
                result = asarray(result)
                return deliver(result, _fold_target(self, result, out), "unsafe")
        options: dict[str, Any] = {"axis": axis, "dtype": dtype, "keepdims": keepdims}
        if initial is not np._NoValue:
            options["initial"] = unwrap(initial)
        if where is not True:
            options["where"] = unwrap(where)
        return self._method("reduce", out, (array,), options)

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """All the partial results of folding along an axis."""
        array = asarray(array)
        if is_lazy(array) or is_lazy(out):
            result = fold.accumulate(self.digest, array, axis, dtype)
            if result is not NotImplemented:
                if out is not None:
                    (out,) = out if isinstance(out, tuple) else (out,)
                    if out.shape != result.shape:  # NumPy refuses
                        self.numpy.accumulate(np.broadcast_to(np.int8(0), array.shape), axis, out=np.empty(out.shape))
                return result if out is None else deliver(result, out, "unsafe")
        return self._method("accumulate", out, (array,), {"axis": axis, "dtype": dtype})

    def reduceat(self, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """Folds over slices that start at the given indices."""
        return self._method("reduceat", out, (array, indices), {"axis": axis, "dtype": dtype})

    def outer(self, a: Any, b: Any, **options: Any) -> Any:
        """Applies the operation to all pairs of an element of `a` and one of `b`."""
        if not (isinstance(a, ndarray) or isinstance(b, ndarray)):
            return wrap(self.numpy.outer(a, b, **options))
        a, b = asarray(a), asarray(b)
        return self(a.reshape(a.shape + (1,) * b.ndim), b, **options)

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        """Applies the operation in place at the given indices, once for each time an index occurs."""
        if isinstance(a, ndarray) and on_workers(a):
            known = self.digest in UFUNCS and self.row.nin == 2
            if b is not None and known and BY_KERNELS["at"](self.digest, a, indices, b):
                return
            tell_gathered(f"numpy.{self.__name__}.at", a)
        extra = () if b is None else (unwrap(b),)
        target = own_memory(a) if isinstance(a, ndarray) else a
        self.numpy.at(target, unwrap(indices), *extra)

    def _method(self, name: str, out: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """One of NumPy's own ufunc methods, on memory."""
        tell_gathered(f"numpy.{self.__name__}.{name}", args, [out])
        if isinstance(out, tuple):
            (out,) = out
        if out is not None:
            options = {**options, "out": own_memory(out) if isinstance(out, ndarray) else out}
        result = getattr(self.numpy, name)(*[unwrap(x) for x in args], **options)
        return wrap(result) if out is None else out


def _fold_target(own: ufunc, result: Any, out: Any) -> Any:
    """The array given for a fold, if it has the result's dimensions."""
    (out,) = out if isinstance(out, tuple) else (out,)
    if out.ndim != result.ndim:
        text = f"output parameter for reduction operation {own.numpy.__name__} has the wrong number of dimensions"
        raise ValueError(f"{text}: Found {out.ndim} but expected {result.ndim}")
    return out


def _tuple(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


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


def _record(own: ufunc, args: tuple[Any, ...], outs: tuple[Any, ...], where: Any, options: dict[str, Any]) -> Any:
    """Records an operation; NotImplemented if NumPy has to do it at once."""
    if set(options) - {"dtype", "casting", "subok", "order"}:
        return NotImplemented
    operands = [x if type(x) in _NUMBERS else asarray(x) for x in args]
    given: list[Any] = [type(x) if type(x) in _NUMBERS else dtype_of(x) for x in operands]
    for o in outs:
        _check_writable(o) if o is not None else None  # before dtypes and shapes, as NumPy
    targets = [None if o is None else o.dtype for o in outs] or [None] * own.row.nout
    dtype = options.get("dtype")
    signature = None if dtype is None else (None,) * own.row.nin + (np.dtype(dtype),) * own.row.nout
    loop, results = _dtypes(own.numpy, (*given, *targets), signature, options.get("casting", "same_kind"))
    if not all(map(is_compiled, (*loop, *results, *(g for g in given if isinstance(g, np.dtype))))):
        return NotImplemented
    if own.digest == "power" and loop[0].kind in "iu" and _may_raise(operands[1], loop[1]):
        if not on_workers(operands[1]):
            return NotImplemented
        for operand, kind in zip(operands, loop, strict=True):
            np.add(np.zeros((), kind), operand) if type(operand) in _NUMBERS else None  # does the number fit?
        if bool(UFUNC["logical_or"].reduce(operands[1] < 0, axis=None)):
            raise ValueError("Integers to negative integer powers are not allowed.")
    if not all(o is None or is_compiled(o.dtype) for o in outs):
        return NotImplemented
    shapes = [() if type(x) in _NUMBERS else shape_of(x) for x in operands]
    shape = broadcast_shape(shapes, own.numpy)
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
        turned = in_order_of(len(shape), several, order, lambda x: _record(own, tuple(x[:-1]), (), x[-1], plain))
        if turned is not NotImplemented:
            return turned
    with ENGINE.lock:
        readings = _readings(own, operands, loop)
        if readings is NotImplemented:
            return NotImplemented
        made = tuple(broadcast(r, shape) if isinstance(r, Ref) else r for r in readings)
        if mask is not None:
            made = _harmless(own, made, mask_of(mask), shape)
        nodes = [Map(own.digest, n, made, result, shape) for n, result in enumerate(results)]
        at_once = any(map(reads_in_place, (*operands, mask)))
        return _deliver_nodes(nodes, outs, mask, at_once)


def _harmless(
    own: ufunc, args: tuple[Ref | Const, ...], mask: Ref | Const, shape: tuple[int, ...]
) -> tuple[Ref | Const, ...]:
    """The operands with ones where nothing will be computed: NumPy raises no floating-point flags there."""
    dtype = args[-1].dtype if isinstance(args[-1], Const) else args[-1].node.dtype
    if not own.row.flags(dtype.str[1:]):
        return args
    first = len(args) - 1 if own.digest in _ONE_IS_SAFE else 0
    made = list(args[:first])
    for arg in args[first:]:
        dtype = arg.dtype if isinstance(arg, Const) else arg.node.dtype
        safe = Const(dtype.type(own.digest != "arctanh"), dtype)
        chosen = (broadcast(mask, shape) if isinstance(mask, Ref) else mask, arg, safe)
        made.append(Ref(Map("where", 0, chosen, dtype, shape), identity(shape)))
    return tuple(made)


def _readings(own: ufunc, operands: list[Any], loop: tuple[np.dtype, ...]) -> Any:
    """The operands in the dtypes of the loop."""
    made: list[Ref | Const] = []
    for x, dtype in zip(operands, loop, strict=True):
        if type(x) in _NUMBERS:
            try:
                value = dtype.type(x)
            except OverflowError:
                if own.digest in _COMPARISONS:
                    return NotImplemented  # NumPy compares with the number itself
                raise
            made.append(Const(value, dtype))
        else:
            made.append(cast(operand(x), dtype))
    return made


def operand(x: ndarray) -> Ref | Const:
    """What an operation reads of an array; local 0-d arrays are scalars."""
    memory = memory_if_local(x)
    if memory is not None and memory.ndim == 0:
        return Const(scalar_of(memory), memory.dtype)
    return ref(x)


def _may_raise(exponent: Any, dtype: np.dtype) -> bool:
    """Whether an integer power may meet a negative exponent, which NumPy refuses."""
    if dtype.kind == "u":
        return False
    if type(exponent) in _NUMBERS:
        return bool(exponent < 0)
    return True


def broadcast_shape(shapes: list[tuple[int, ...]], function: np.ufunc | None = None) -> tuple[int, ...]:
    """The common shape; NumPy's complaint if there is none."""
    first = shapes[0]
    if all(shape == first or not shape for shape in shapes[1:]):
        return first if first or len(shapes) == 1 else max(shapes, key=len)
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        words = " ".join("(" + ",".join(map(str, s)) + ("," if len(s) == 1 else "") + ")" for s in shapes)
        raise ValueError(f"operands could not be broadcast together with shapes {words} ") from None


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
    """A ``where=`` argument as an array: Python's own values become bools, as in NumPy."""
    return asarray(where) if isinstance(where, ndarray | np.ndarray | np.generic) else asarray(np.asarray(where, bool))


def mask_of(where: Any) -> Ref | Const:
    """A ``where=`` argument as an operand. Raises NumPy's TypeError if it is no array of bools."""
    mask = as_mask(where)
    if dtype_of(mask).kind != "b":
        raise TypeError(f"Cannot cast array data from {dtype_of(mask)!r} to dtype('bool') according to the rule 'safe'")
    return operand(mask)


def _reading(node: Node) -> Ref:
    """The whole value of a node, as an operand."""
    return Ref(node, identity(node.shape))


def deliver(result: Any, out: Any, casting: str = "same_kind") -> Any:
    """Writes a result into `out`, with NumPy's checks."""
    if isinstance(out, tuple):
        (out,) = out
    shape, dtype = (result.view.shape, result.node.dtype) if isinstance(result, Ref) else (result.shape, result.dtype)
    if broadcast_shape([shape, out.shape]) != out.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {shape_text(out.shape)} doesn't match the broadcast shape "
            f"{shape_text(broadcast_shape([shape, out.shape]))}"
        )
    if not np.can_cast(dtype, out.dtype, casting):  # type: ignore[arg-type]
        raise TypeError(f"Cannot cast output from {dtype!r} to {out.dtype!r} with casting rule {casting!r}")
    _check_writable(out)
    put(out, result)
    return out


def _check_writable(out: Any) -> None:
    memory = memory_if_local(out) if isinstance(out, ndarray) else out
    if out._locked if memory is None else not memory.flags.writeable:
        raise ValueError("output array is read-only")


def warn_if_discarding(source: np.dtype, target: np.dtype) -> None:
    """Gives NumPy's warning about a cast of complex numbers to real ones."""
    if source.kind == "c" and target.kind in "iuf":
        warn("Casting complex values to real discards the imaginary part", np.exceptions.ComplexWarning)


def put(target: Any, value: Any) -> None:
    """Assigns to all elements of an array: ours or NumPy's, lazy or local."""
    if not is_lazy(target):
        elements = source(value) if isinstance(value, Ref) else unwrap(value)
        np.copyto(unwrap_writable(target), elements, casting="unsafe")
        return
    if repeats(target._view, target._buffer.shape) and not target._locked:
        # which of the values stays is decided by the order in which NumPy writes
        tell_gathered("assignment through a view that repeats elements", target)
        elements = source(value) if isinstance(value, Ref) else unwrap(value)
        np.copyto(own_memory(target), elements, casting="unsafe")
        return
    with ENGINE.lock:
        if not isinstance(value, Ref) and not is_compiled(dtype_of(asarray(value))):
            value = asarray(unwrap(value).astype(dtype_of(target)))
        reading = value if isinstance(value, Ref) else operand(asarray(value))
        at_once = reads_in_place(value)
        warn_if_discarding((reading if isinstance(reading, Const) else reading.node).dtype, dtype_of(target))
        reading = cast(reading, dtype_of(target))
        if isinstance(reading, Ref):
            reading = broadcast(_without_leading_ones(reading, target._view.shape), target._view.shape)
        assign(target, reading)
        if at_once:
            ENGINE.flush()


def _without_leading_ones(reading: Ref, shape: tuple[int, ...]) -> Ref:
    """An operand without axes of extent one that the target does not have: assignment drops them."""
    view = reading.view
    extra = len(view.shape) - len(shape)
    if extra <= 0:
        return reading
    return Ref(reading.node, View(view.offset, view.shape[extra:], view.strides[extra:]))


def unwrap_writable(x: Any) -> Any:
    """The NumPy array behind an array that is written."""
    return own_memory(x) if isinstance(x, ndarray) else x


UFUNC: dict[str, ufunc] = {name: ufunc(row) for name, row in UFUNCS.items()}
"""Every ufunc by NumPy's name, aliases included."""
for _row in UFUNCS.values():
    for _alias in _row.aliases:
        UFUNC.setdefault(_alias, UFUNC[_row.name])

operation = ufunc
"""An operation that was defined (`ramba.ops.formula`, `ramba.ops.ir`), to be called on arrays, reduced, accumulated."""
