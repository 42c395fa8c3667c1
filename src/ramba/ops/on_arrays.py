"""An operation called on NumPy arrays: what NumPy's ufuncs do for theirs."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ramba.ops.op import Op, Operand

_NO_VALUE = np._NoValue
_NUMBERS = (int, float, complex)
_WIDTH = 64  # elements that a scan takes one after the other before it looks at the carries


class OnArrays:
    """An operation, with as much of the interface of a NumPy ufunc as kernels and lazy arrays use."""

    signature = None

    def __init__(self, op: Op) -> None:
        self.op = op
        self.nin, self.nout, self.nargs = op.nin, op.nout, op.nin + op.nout
        self.__name__ = self.__qualname__ = op.name
        self.__doc__ = f"The operation {op.digest}, element by element."

    def __repr__(self) -> str:
        return f"<operation {self.__name__!r}>"

    @property
    def identity(self) -> Any:
        """The value that changes nothing, or None."""
        found = self.op.identity("f8")
        return found if found is not None else self.op.identity("i8")

    def resolve_dtypes(
        self, dtypes: tuple[Operand | None, ...], *, casting: Any = "same_kind", signature: Any = None
    ) -> tuple[np.dtype, ...]:
        """The dtypes of the loop: operands, then results."""
        if signature is not None:
            raise TypeError(
                f"{self.__name__} computes in the dtypes of its operands: cast them instead of giving dtype."
            )
        operands = tuple(np.dtype(bool) if d is bool else d for d in dtypes[: self.nin] if d is not None)
        loop, results = self.op.resolve(operands)
        for found, wanted in zip(results, dtypes[self.nin :], strict=False):
            if wanted is not None and not np.can_cast(found, wanted, casting):
                text = f"Cannot cast the result of {self.__name__} from {found!r} to {wanted!r} with casting rule"
                raise TypeError(f"{text} {casting!r}")
        return (*loop, *results)

    def __call__(
        self, *args: Any, out: Any = None, where: Any = True, casting: Any = "same_kind", **options: Any
    ) -> Any:
        if len(args) != self.nin:
            raise TypeError(f"{self.__name__}() takes {self.nin} operands but {len(args)} were given")
        unknown = {name for name, value in options.items() if value is not None} - {"subok", "order"}
        if unknown:
            raise TypeError(f"{self.__name__}() does not take {', '.join(sorted(unknown))}")
        operands = [a if type(a) in _NUMBERS else np.asarray(a) for a in args]
        given = tuple(type(a) if type(a) in _NUMBERS else a.dtype for a in operands)
        found = self.resolve_dtypes((*given, *(None,) * self.nout), casting=casting)
        loop, results = found[: self.nin], found[self.nin :]
        made = [np.asarray(a, d) for a, d in zip(operands, loop, strict=True)]
        outs = out if isinstance(out, tuple) else (out,) * (out is not None)
        shape = np.broadcast_shapes(*(a.shape for a in made), *(o.shape for o in outs if o is not None))
        shape = np.broadcast_shapes(shape, np.shape(where))
        values = [np.broadcast_to(v, shape) for v in self.op.interpret(made, results[0])]
        given_out = list(outs) or [None] * self.nout
        for n, (value, target) in enumerate(zip(values, given_out, strict=True)):
            kept = np.empty(shape, results[n]) if target is None else target
            np.copyto(kept, value, casting=casting, where=where)
            given_out[n] = kept if target is not None or shape else kept[()]
        return given_out[0] if self.nout == 1 else tuple(given_out)

    def folding_dtype(self, dtype: np.dtype, wanted: Any = None) -> np.dtype:
        """What elements are folded in: a dtype that the operation does not leave."""
        kind = np.dtype(wanted) if wanted is not None else dtype
        if self.nin == 2 and self.nout == 1:
            for _ in range(2):
                *loop, result = self.resolve_dtypes((kind, kind, None))
                if loop[0] == loop[1] == result:
                    return result
                kind = result
        raise TypeError(f"{self.__name__} does not fold elements of {dtype!r}: its result has another dtype.")

    def reduce(
        self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
        initial: Any = _NO_VALUE, where: Any = True,
    ) -> Any:  # fmt: skip
        """Folds the elements along one or several axes into one."""
        array = np.asarray(array)
        kind = self.folding_dtype(array.dtype, dtype)
        neutral = self.op.identity(kind.str[1:])
        several = range(array.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(np.lib.array_utils.normalize_axis_index(a, array.ndim) for a in several) if array.ndim else ()
        if where is not True and neutral is None:
            raise ValueError(
                f"reduction operation {self.__name__!r} does not have an identity, so it takes no 'where'."
            )
        chosen = array.astype(kind) if where is True else np.asarray(np.where(where, array, neutral), kind)
        left = tuple(d for d in range(array.ndim) if d not in axes)
        kept = tuple(array.shape[d] for d in left)
        rows = chosen.transpose(*axes, *left).reshape(prod(array.shape[d] for d in axes), *kept)
        if initial is not _NO_VALUE and initial is not None:
            rows = np.concatenate([np.full((1, *kept), initial, kind), rows])
        if not len(rows) and neutral is None:
            raise ValueError(f"zero-size array to reduction operation {self.__name__} which has no identity")
        result = self._folded(rows, neutral) if len(rows) else np.full(kept, neutral, kind)
        if keepdims:
            result = result.reshape(tuple(1 if d in axes else e for d, e in enumerate(array.shape)))
        if out is None:
            return result if result.ndim else result[()]
        (out,) = out if isinstance(out, tuple) else (out,)
        out[...] = result
        return out

    def _folded(self, rows: np.ndarray, neutral: Any) -> np.ndarray:
        """The fold of the first axis: in pairs if the order does not matter."""
        while len(rows) > 1 and neutral is not None:
            even = len(rows) // 2 * 2
            folded = self(rows[0:even:2], rows[1:even:2])
            rows = folded if even == len(rows) else np.concatenate([folded, rows[-1:]])
        result = rows[0]
        for row in rows[1:]:
            result = self(result, row)
        return np.asarray(result)

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """All the partial results of folding along an axis."""
        array = np.asarray(array)
        kind = self.folding_dtype(array.dtype, dtype)
        moved = np.moveaxis(array, axis, -1)
        rows = moved.astype(kind, order="C").reshape(prod(moved.shape[:-1]), moved.shape[-1])
        self._scan(rows)
        result = np.moveaxis(rows.reshape(moved.shape), -1, axis)
        if out is None:
            return np.ascontiguousarray(result)
        (out,) = out if isinstance(out, tuple) else (out,)
        out[...] = result
        return out

    def _scan(self, rows: np.ndarray) -> None:
        """Scans contiguous rows in place: short pieces first, then the last elements of these, then all of it."""
        count, length = rows.shape
        if not self.op.associative or length <= _WIDTH or count >= length:
            for n in range(1, length):
                rows[:, n] = self(rows[:, n - 1], rows[:, n])
            return
        whole = length // _WIDTH * _WIDTH
        pieces = rows[:, :whole].reshape(count, -1, _WIDTH)
        columns = np.ascontiguousarray(
            pieces.transpose(2, 0, 1)
        )  # the first elements of all pieces, the second ones...
        for n in range(1, _WIDTH):
            columns[n] = self(columns[n - 1], columns[n])
        carries = columns[-1].copy()
        self._scan(carries)
        columns[..., 1:] = self(carries[:, :-1], columns[..., 1:])
        rows[:, :whole] = columns.transpose(1, 2, 0).reshape(count, whole)
        for n in range(whole, length):
            rows[:, n] = self(rows[:, n - 1], rows[:, n])

    def _refuse(self, *args: Any, **options: Any) -> Any:
        raise TypeError(f"{self.__name__} is called, reduced and accumulated; it has no other methods of a ufunc.")

    at = outer = reduceat = _refuse
