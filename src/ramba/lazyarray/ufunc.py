"""Ramba's ufuncs: NumPy's, on arrays that may be pending."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE, few, most_for
from ramba.errors import warn
from ramba.lazyarray import fast_path, fold
from ramba.lazyarray.convert import asarray, made_of, unwrap, wrap
from ramba.lazyarray.core import (
    Array,
    is_lazy,
    memory_if_local,
    ndarray,
    own_memory,
    shape_of,
)
from ramba.lazyarray.delivery import deliver
from ramba.lazyarray.foreign import decides, lent
from ramba.lazyarray.gathers import any_lazy, on_workers, tell_gathered
from ramba.lazyarray.grouped_picks import OF_PICKS
from ramba.lazyarray.native import NATIVE
from ramba.lazyarray.operands import Foreign, Local, Operand, Scalar, arguments, at_once, classified, finished
from ramba.lazyarray.recording import record
from ramba.lazyarray.signatures import described_methods
from ramba.limits import ASKED, SLABBED
from ramba.ops import UFUNCS, Defined, Ufunc

BY_KERNELS: dict[str, Callable[..., Any]] = {}
"""What stands for a gufunc with lazy operands (`products`), and for ``ufunc.at`` on workers (`advanced_indexing`)."""

_EXTREMA = ("minimum", "maximum")
_MANY_POSITIONS = (
    "Passing more than 2 positional arguments to np.maximum and np.minimum is deprecated. If you meant to use the "
    "third argument as an output, use the `out` keyword argument instead. If you hoped to work with more than 2 "
    "inputs, combine them into a single array and get the extrema for the relevant axis."
)
_PRODUCTS = 64  # times the eager size of elements: BLAS has threads of its own
_WITHOUT_OUT = "'where' used without 'out', expect unitialized memory in output. If this is intentional, use out=None."


Function: Any = object if NATIVE is None else NATIVE.Function


class _Kind(type):
    """The type of the class of ufuncs: those of NumPy, and of other libraries, belong to it as well."""

    def __instancecheck__(cls, thing: object) -> bool:
        return super().__instancecheck__(thing) or isinstance(getattr(thing, "__wrapped__", thing), np.ufunc)


class ufunc(Function, metaclass=_Kind):  # noqa: N801 - NumPy's name
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
        self.__module__ = "ramba"
        self.__doc__ = row.numpy.__doc__
        self.gufunc = row.numpy.signature is not None
        self.most = self._most()  # times the eager size of elements are NumPy's
        self.of_picks = OF_PICKS.get(row.numpy) if isinstance(row, Ufunc) else None
        if NATIVE is not None:
            super().__init__(row.numpy, self._general, self.most, row.nin, row.digest, SLABBED if self.of_picks else 0)

    def _most(self) -> int:
        if self.gufunc:
            return _PRODUCTS
        loops = [loop for loop in getattr(self.numpy, "types", ()) if "O" not in loop]  # formulas have none
        return ASKED if loops and all(loop.endswith("?") for loop in loops) else most_for(self.row.cost)

    def __getattr__(self, name: str) -> Any:  # nin, nout, nargs, ntypes, types, identity, signature, resolve_dtypes
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.numpy, name)

    __class__ = property(lambda self: np.ufunc)  # other libraries ask isinstance(f, np.ufunc)

    @property
    def __signature__(self) -> Any:
        return self.numpy.__signature__

    def __get__(self, instance: object, owner: type | None = None) -> ufunc:
        """As NumPy's, it is no method of a class that holds it."""
        return self

    def __eq__(self, other: object) -> bool:
        """Equal to NumPy's: tables of a program's that were made of ours are asked with those that NumPy hands over."""
        return self is other or (isinstance(self.row, Ufunc) and other is self.numpy)

    def __hash__(self) -> int:
        return hash(self.numpy) if isinstance(self.row, Ufunc) else id(self)

    def __repr__(self) -> str:
        return f"<ufunc {self.__name__!r}>"

    def __reduce__(self) -> Any:
        return (ufunc, (self.row,)) if isinstance(self.row, Defined) else self.__name__

    def _general(self, *args: Any, out: Any = np._NoValue, where: Any = True, **options: Any) -> Any:
        nin = self.row.nin
        if self.of_picks is not None and out is np._NoValue and where is True:
            waiting = self.of_picks(args, options)
            if waiting is not None:
                return waiting
        if len(args) > nin and self.digest in _EXTREMA:
            warn(_MANY_POSITIONS, DeprecationWarning)
        silent = out is not np._NoValue
        if not silent:
            out = None
        if out is ...:  # an array in any case
            if any(map(decides, args)):
                return self.numpy(*lent(args), out=..., where=lent(where), **options)
            made = self._general(*args, where=where, **options)
            return tuple(map(asarray, made)) if isinstance(made, tuple) else asarray(made)
        if out is None and where is True and not options and len(args) == nin:
            return self.of(tuple(map(classified, args)), silent=silent)
        if any(map(decides, args)) or (out is not None and any(map(decides, _tuple(out)))):
            given = {"out": out} if silent else {}
            return self.numpy(*args, **given, **({} if where is True else {"where": where}), **options)
        called = args
        if len(args) > nin and out is None and len(args) <= nin + self.row.nout:
            args, out = args[:nin], args[nin:] + (None,) * (nin + self.row.nout - len(args))
        if out is not None and not self._is_plain(out):
            options = unwrap(options) if called is not args else {**unwrap(options), "out": unwrap(out)}
            return self.numpy(*[unwrap(x) for x in called], **options)  # NumPy refuses
        outs = out if isinstance(out, tuple) else (out,) * (out is not None)
        return self._general_of(tuple(map(classified, args)), outs, where, options, silent)

    def of(self, operands: tuple[Operand, ...], *, silent: bool = False) -> Any:
        """The operation on operands that have been classified: by NumPy at once, recorded, or left to who decides."""
        plain = at_once(operands, few(self.most))
        if plain is not None:
            result = self.numpy(*plain)
            return finished(result) if type(result) is not tuple else wrap(result)
        first, recorded = operands[0].given, NotImplemented
        if type(first) is ndarray and first._np is None:
            if len(operands) == 1:
                recorded = fast_path.unary(self.digest, first)
            elif len(operands) == 2:
                recorded = fast_path.binary(self.digest, first, operands[1].given)
        if recorded is not NotImplemented:
            return recorded
        if any(type(x) is Foreign and decides(x.given) for x in operands):
            return self.numpy(*[x.given for x in operands], **({"out": None} if silent else {}))
        return self._general_of(operands, (), True, {}, silent)

    def into(self, target: ndarray, operands: tuple[Operand, ...]) -> None:
        """The operation on operands that have been classified, its result written into an array."""
        if any(type(x) is Foreign and decides(x.given) for x in operands):
            self.numpy(*[x.given for x in operands], out=target)
        else:
            self._general_of(operands, (target,), True, {}, True)

    def _general_of(
        self,
        operands: tuple[Operand, ...],
        outs: tuple[Any, ...],
        where: Any,
        options: dict[str, Any],
        silent: bool,
    ) -> Any:
        """The operation on operands none of which decides: recorded, a kernel's, or NumPy's on memory."""
        plain = len(operands) == self.row.nin
        if plain and not self.gufunc and self._is_recorded(operands, (*outs, where)):
            recorded = record(self.row, operands, outs, where, options)
            if recorded is not NotImplemented:
                if where is not True and not outs and not silent:
                    warn(_WITHOUT_OUT, UserWarning)
                return recorded
        args = tuple([x.given for x in operands])
        if self.gufunc and self.digest in BY_KERNELS and set(options) <= {"dtype"} and any_lazy(args):
            result = BY_KERNELS[self.digest](*args, options.get("dtype")) if plain else NotImplemented
            if result is not NotImplemented:
                if outs:
                    _check_core(self.numpy, args, result.shape, outs[0])
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
            isinstance(o, Array | np.ndarray) or (o is None and isinstance(out, tuple)) for o in several
        )

    def _is_recorded(self, operands: tuple[Operand, ...], others: tuple[Any, ...]) -> bool:
        """Whether an operand is pending or large, or the result would be large."""
        shapes = [x.memory.shape for x in operands if type(x) is Local]
        for x in (*[x.given for x in operands if type(x) is not Scalar], *others):
            if isinstance(x, Array):
                if memory_if_local(x) is None:
                    return True
                shapes.append(shape_of(x))
            elif isinstance(x, np.ndarray):
                shapes.append(x.shape)
        if not shapes or all(shape == shapes[0] for shape in shapes):
            return bool(shapes) and prod(shapes[0]) > config.current().eager_size
        try:
            return prod(np.broadcast_shapes(*shapes)) > config.current().eager_size
        except ValueError:
            return False

    def _by_numpy(self, args: tuple[Any, ...], outs: tuple[Any, ...], where: Any, options: dict[str, Any]) -> Any:
        """NumPy's own loop, on memory."""
        tell_gathered(f"numpy.{self.__name__}", args, outs)
        if where is not True:
            options = {**options, "where": unwrap(where)}
        if not outs:
            return wrap(made_of(self.numpy, *[unwrap(x) for x in args], **options))
        with ENGINE.lock:
            options = {**options, "out": tuple(own_memory(o) if isinstance(o, Array) else o for o in outs)}
            result = made_of(self.numpy, *[unwrap(x) for x in args], **options)
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
        if out is ... and not decides(array):  # an array in any case
            return asarray(self.reduce(array, axis, dtype, None, keepdims, initial, where))
        if out is None and where is True and initial is np._NoValue and type(array) is ndarray:
            memory = arguments((array,), few(self.most))
            if memory is not None:
                return finished(self.numpy.reduce(memory[0], axis, dtype, None, keepdims))
        if decides(array):
            given = {"axis": axis, "dtype": dtype, "keepdims": keepdims, "initial": initial, "where": where}
            usual = {"axis": 0, "dtype": None, "keepdims": False, "initial": np._NoValue, "where": True}
            return self._theirs("reduce", (array,), out, {k: v for k, v in given.items() if v is not usual[k]})
        array = asarray(array)
        if (is_lazy(array) or is_lazy(out) or is_lazy(where)) and (out is None or self._is_plain(out)):
            kind = dtype
            if out is not None and dtype is None and not self.digest.startswith("logical"):
                # NumPy folds in what both hold
                (out,) = out if isinstance(out, tuple) else (out,)
                kind = np.result_type(out.dtype, array.dtype)
            result = fold.reduce(self.digest, array, axis, kind, keepdims, initial, where)
            if result is not NotImplemented:
                if out is None:
                    return result
                result = asarray(result)
                target = out[0] if isinstance(out, tuple) else out
                if target.shape != result.shape:  # NumPy refuses
                    stand_in: Any = np.broadcast_to(np.int8(0), array.shape)
                    self.numpy.reduce(stand_in, axis, out=np.empty(target.shape, np.int8), keepdims=keepdims)
                return deliver(result, target, "unsafe")
        options: dict[str, Any] = {"axis": axis, "dtype": dtype, "keepdims": keepdims}
        if initial is not np._NoValue:
            options["initial"] = unwrap(initial)
        if where is not True:
            options["where"] = unwrap(where)
        return self._method("reduce", out, (array,), options)

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """All the partial results of folding along an axis."""
        if decides(array):
            options = {"axis": axis} if axis != 0 else {}
            return self._theirs("accumulate", (array,), out, options | ({} if dtype is None else {"dtype": dtype}))
        if out is None and type(array) is ndarray:
            memory = arguments((array,), few(self.most))
            if memory is not None:
                return finished(self.numpy.accumulate(memory[0], axis, dtype))
        array = asarray(array)
        if (is_lazy(array) or is_lazy(out)) and (out is None or self._is_plain(out)):
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
        array = asarray(array) if isinstance(indices, Array) else array
        if isinstance(array, Array) and arguments((array,), few(self.most)) is None and self.digest in UFUNCS:
            if out is not None and dtype is None:
                dtype = np.result_type((out[0] if isinstance(out, tuple) else out).dtype, array.dtype)
            result = fold.reduceat(self.digest, array, indices, axis, dtype)
            if result is not NotImplemented:
                return result if out is None else deliver(result, out, "unsafe")
        return self._method("reduceat", out, (array, indices), {"axis": axis, "dtype": dtype})

    def outer(self, a: Any, b: Any, **options: Any) -> Any:
        """Applies the operation to all pairs of an element of `a` and one of `b`."""
        if not (isinstance(a, Array) or isinstance(b, Array)):
            return wrap(self.numpy.outer(a, b, **options))
        a, b = asarray(a), asarray(b)
        return self(a.reshape(a.shape + (1,) * b.ndim), b, **options)

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        """Applies the operation in place at the given indices, once for each time an index occurs."""
        if isinstance(a, Array) and on_workers(a):
            known = self.digest in UFUNCS and self.row.nin == 2
            if b is not None and known and BY_KERNELS["at"](self.digest, a, indices, b):
                return
            tell_gathered(f"numpy.{self.__name__}.at", a)
        extra = () if b is None else (unwrap(b),)
        with ENGINE.lock:
            target = own_memory(a) if isinstance(a, Array) else a
            self.numpy.at(target, unwrap(indices), *extra)

    def resolve_dtypes(self, dtypes: tuple[Any, ...], **options: Any) -> Any:
        """The dtypes that the operation would compute with."""
        return self.numpy.resolve_dtypes(dtypes, **options)

    def _theirs(self, name: str, args: tuple[Any, ...], out: Any, options: dict[str, Any]) -> Any:
        """One of NumPy's ufunc methods on an array whose class says what comes of it."""
        target = out[0] if isinstance(out, tuple) and len(out) == 1 else out
        if out is not None and not isinstance(target, Array):
            options = {**options, "out": target}
        if not isinstance(target, Array):
            return wrap(getattr(self.numpy, name)(*args, **lent(options)))
        with ENGINE.lock:
            getattr(self.numpy, name)(*args, **lent({**options, "out": own_memory(target)}))
        return target

    def _method(self, name: str, out: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """One of NumPy's own ufunc methods, on memory."""
        tell_gathered(f"numpy.{self.__name__}.{name}", args, [out])
        if isinstance(out, tuple):
            (out,) = out
        if out is None:
            return wrap(getattr(self.numpy, name)(*[unwrap(x) for x in args], **options))
        with ENGINE.lock:
            options = {**options, "out": own_memory(out) if isinstance(out, Array) else out}
            getattr(self.numpy, name)(*[unwrap(x) for x in args], **options)
        return out


described_methods(ufunc, np.ufunc)


def _check_core(function: Any, args: tuple[Any, ...], shape: tuple[int, ...], out: Any) -> None:
    """Has NumPy refuse an array for the result of a gufunc whose core dimensions are others: they do not broadcast."""
    *sources, target = [core.count(",") + bool(core) for core in re.findall(r"\(([^)]*)\)", function.signature)]
    count = target - sum(np.ndim(x) < dimensions for x, dimensions in zip(args, sources, strict=True))
    if count and out.shape[-count:] != shape[-count:]:
        function(*[np.broadcast_to(np.int8(0), np.shape(x)) for x in args], out=np.empty(out.shape, np.int8))


def _tuple(x: object) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


UFUNC: dict[str, ufunc] = {name: ufunc(row) for name, row in UFUNCS.items()}
"""Every ufunc by NumPy's name, aliases included."""
for _row in UFUNCS.values():
    for _alias in _row.aliases:
        UFUNC.setdefault(_alias, UFUNC[_row.name])

operation = ufunc
"""An operation that was defined (`ramba.ops.formula`, `ramba.ops.ir`), to be called on arrays, reduced, accumulated."""
