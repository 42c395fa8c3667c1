"""Functions of rows, which NumPy calls one after the other: shared out among workers if they only compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.functions.blockwise import by_blocks
from ramba.functions.gufuncs import EACH, dimensions
from ramba.functions.row_purity import only_computes
from ramba.lazyarray import Array, asarray, ndarray
from ramba.ops import COMPILED


def along_axis(
    func1d: Callable[..., Any], axis: int, arr: ndarray, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What `numpy.apply_along_axis` gives; NotImplemented if NumPy has to call the function, in its order."""
    axis = np.lib.array_utils.normalize_axis_index(axis, arr.ndim)
    others = (*args, *kwargs.values())
    if any(isinstance(x, Array) for x in others) or not _is_known(func1d, [arr]):
        return NotImplemented
    move: Any = np.moveaxis
    rows = move(arr, axis, -1)
    loop = rows.shape[:-1]
    if not prod(loop):
        return NotImplemented
    first = np.asanyarray(func1d(np.asarray(rows[(0,) * len(loop)]), *args, **kwargs))
    if type(first) is not np.ndarray or first.dtype.str[1:] not in COMPILED:
        return NotImplemented
    called = f"numpy.apply_along_axis of {getattr(func1d, '__qualname__', func1d)}"
    function = AlongRows(func1d, args, kwargs, first.shape, first.dtype)
    (made,) = by_blocks(function, [rows], loop, called, dtypes=(first.dtype,), each=EACH)
    tail = tuple(range(len(loop), made.ndim))
    return move(made, tail, tuple(range(axis, axis + len(tail))))


class AlongRows:
    """Calls a function for each row of blocks; results have the shape and the dtype of the first one."""

    def __init__(
        self, func1d: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...],
        dtype: np.dtype,
    ) -> None:  # fmt: skip
        self.func1d, self.args, self.kwargs, self.shape, self.dtype = func1d, args, kwargs, shape, dtype

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], block: np.ndarray) -> np.ndarray:
        made = np.empty((*extent, *self.shape), self.dtype)
        for index in np.ndindex(*extent):
            try:
                made[index] = np.asanyarray(self.func1d(block[index], *self.args, **self.kwargs))
            except Exception as problem:
                place = tuple(s + i for s, i in zip(start, index, strict=True))
                problem.add_note(f"In numpy.apply_along_axis, for the row at {place if len(place) != 1 else place[0]}.")
                raise
        return made


def by_signature(function: np.vectorize, args: Sequence[Any]) -> Any:
    """What an object of `numpy.vectorize` with a signature gives; NotImplemented if NumPy has to call the function."""
    pyfunc, signature = function.pyfunc, str(function.signature)
    arrays = [asarray(x) for x in args]
    found = dimensions(signature, [x.shape for x in arrays]) if _is_known(pyfunc, arrays) else None
    if found is None or not prod(found[0]):
        return NotImplemented
    loop, cores = found
    stretch: Any = np.broadcast_to
    operands = [stretch(x, (*loop, *core)) for x, core in zip(arrays, cores, strict=True)]
    first = pyfunc(*(np.asarray(x[(0,) * len(loop)]) for x in operands))
    results = [np.asarray(x) for x in (first if isinstance(first, tuple) else (first,))]
    otypes = function.otypes or "".join(x.dtype.char for x in results)
    known = all(np.dtype(char).str[1:] in COMPILED for char in otypes)
    if not known or len(otypes) != len(results) or len(results) != signature.split("->")[1].count("("):
        return NotImplemented
    called = f"numpy.vectorize of {getattr(pyfunc, '__qualname__', pyfunc)}"
    made = by_blocks(
        WithSignature(pyfunc, signature, otypes), operands, loop, called, results=len(results),
        dtypes=[np.dtype(char) for char in otypes], each=EACH,
    )  # fmt: skip
    return made[0] if len(made) == 1 else tuple(made)


class WithSignature:
    """NumPy's own `vectorize`, for blocks."""

    def __init__(self, pyfunc: Callable[..., Any], signature: str, otypes: str) -> None:
        self.pyfunc, self.signature, self.otypes = pyfunc, signature, otypes

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> Any:
        return np.vectorize(self.pyfunc, otypes=self.otypes, signature=self.signature)(*blocks)


def _is_known(function: Callable[..., Any], arrays: Sequence[ndarray]) -> bool:
    return only_computes(function) and all(x.dtype.str[1:] in COMPILED for x in arrays)


__all__ = ["along_axis", "by_signature"]
