"""A user's reducer: as one of NumPy's ufuncs if it amounts to one, else by halves."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ramba.functions.arguments import Each
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.functions.purity import impurity
from ramba.functions.remembered import key_of, remember
from ramba.functions.roads import elementwise
from ramba.functions.tracing import Element, Trace
from ramba.lazyarray import UFUNC, Array, asarray, full, ndarray, ufunc

_OPERATORS = {
    operator.add: "add", operator.mul: "multiply", operator.and_: "bitwise_and", operator.or_: "bitwise_or",
    operator.xor: "bitwise_xor",
}  # fmt: skip
_OF_INTEGERS = {builtins.max: "maximum", builtins.min: "minimum"}  # of floats they differ where one is nan
_FOLDS = frozenset(
    "add multiply maximum minimum fmax fmin bitwise_and bitwise_or bitwise_xor logical_and logical_or logical_xor "
    "logaddexp logaddexp2 hypot gcd lcm".split()
)
_operations: dict[Any, str] = {}  # what reducers amount to
LANES = 64  # results that one lane of a reducer in two parts takes, one after the other


class SreduceReducer:
    """A reducer in two parts: one for the elements of a block, one for the results of blocks.

    Parameters
    ----------
    worker_func : callable
        Called as ``worker_func(so_far, element)``, beginning with the identity.
    driver_func : callable
        Combines two results of `worker_func`; it has to be associative, and the identity neutral for it.

    See Also
    --------
    sreduce : What takes it.

    Examples
    --------
    >>> import ramba as np
    >>> count = np.SreduceReducer(lambda n, x: n + (x > 2), lambda a, b: a + b)
    >>> np.sreduce(lambda x: x, count, 0, np.arange(6))
    np.int64(3)
    """

    def __init__(self, worker_func: Callable[..., Any], driver_func: Callable[..., Any]) -> None:
        self.worker_func, self.driver_func = worker_func, driver_func

    def __repr__(self) -> str:
        return f"SreduceReducer({self.worker_func!r}, {self.driver_func!r})"


def reduced(
    array: ndarray,
    reducer: Callable[..., Any] | SreduceReducer,
    identity: object,
    axis: int | tuple[int, ...] | None,
    keepdims: bool,
) -> Any:
    """Folds elements with a user's reducer."""
    identity = identity() if callable(identity) else identity
    if isinstance(identity, Array):
        identity = np.asarray(identity)[()]
    axes = _axes(axis, array.ndim)
    kept = tuple(e for d, e in enumerate(array.shape) if d not in axes)
    count = prod(array.shape[d] for d in axes)
    shown = tuple(1 if d in axes else e for d, e in enumerate(array.shape)) if keepdims else kept
    folds = None if isinstance(reducer, SreduceReducer) else as_ufunc(reducer, array.dtype)
    if folds is not None and (count or identity is None):
        made = folds.reduce(array, axis=tuple(axes), keepdims=keepdims)
        return made if identity is None else folds(_typed(identity), made)
    if not count:
        if identity is None:
            raise ValueError("sreduce of no elements needs an identity")
        return _scalar(asarray(np.broadcast_to(np.asarray(identity), shown).copy()))
    left = [d for d in range(array.ndim) if d not in axes]
    rows = array.transpose(*axes, *left).reshape((count, *kept))
    if isinstance(reducer, SreduceReducer):
        made = _halves(_lanes(rows, reducer.worker_func, identity), reducer.driver_func)
    else:
        made = _halves(rows, reducer)
        if identity is not None:
            made = pairs(reducer, full(kept, identity, np.asarray(identity).dtype), made)
    return _scalar(made.reshape(shown))


def _typed(identity: object) -> Any:
    return identity if isinstance(identity, bool | int | float | complex | np.generic) else asarray(identity)


def _axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted(np.lib.array_utils.normalize_axis_tuple(axis, ndim)))


def _scalar(array: ndarray) -> Any:
    return array if array.shape else array[()]


def as_ufunc(function: Callable[..., Any], dtype: np.dtype) -> ufunc | None:
    """The ufunc that a function of two elements amounts to, if it can be folded with."""
    name = getattr(function, "__name__", "")
    if isinstance(function, np.ufunc):
        return UFUNC.get(name) if name in _FOLDS else None
    try:
        name = _OPERATORS.get(function) or (_OF_INTEGERS.get(function, "") if dtype.kind in "biu" else "")
    except TypeError:  # not hashable
        name = ""
    name = name or _traced(function, dtype)
    return UFUNC[name] if name in _FOLDS else None


def _traced(function: Callable[..., Any], dtype: np.dtype) -> str:
    """The one operation that a function of two elements does, if it does nothing else."""
    key = key_of(function, dtype.str)
    found = _operations.get(key)
    if found is None:
        found = _one_operation(function, dtype)
        if key is not None:
            remember(_operations, key, found)
    return found


def _one_operation(function: Callable[..., Any], dtype: np.dtype) -> str:
    if impurity(function):
        return ""
    call = Trace((), [], [3])
    call.told = []
    a, b = (Element(asarray(np.ones((), dtype)), call) for _ in range(2))
    try:
        found = with_numpys_meaning(function)(a, b)
    except Exception:
        return ""
    if len(call.told) != 1 or call.answers:
        return ""
    name, inputs, result = call.told[0]
    both = len(inputs) == 2 and {id(x) for x in inputs} == {id(a), id(b)}
    return name if found is result and both else ""


def pairs(function: Callable[..., Any], a: ndarray, b: ndarray) -> Any:
    """A function of two elements, on two arrays of one shape."""
    return elementwise(function, [Each(a), Each(b)], a.shape, "ramba.sreduce")


def _halves(rows: ndarray, function: Callable[..., Any]) -> Any:
    """The fold of the first axis: neighbours first, so that the order of elements is kept."""
    while len(rows) > 1:
        even = len(rows) // 2 * 2
        made = pairs(function, rows[0:even:2], rows[1:even:2])
        if even < len(rows):
            join: Any = np.concatenate
            made = join([made, rows[-1:]])
        rows = made
    return rows[0]


def _lanes(rows: ndarray, function: Callable[..., Any], identity: object) -> Any:
    """Folds consecutive elements, one after the other, beginning with the identity; results along the first axis."""
    if identity is None:
        raise ValueError("a reducer in two parts begins with an identity: None is none")
    count = len(rows)
    lanes, made = -(-count // LANES), None
    for n in range(min(count, LANES)):
        part = rows[n * lanes : (n + 1) * lanes] if lanes == 1 else rows[n::LANES]
        before = full(part.shape, identity, np.asarray(identity).dtype) if made is None else made[: len(part)]
        now = pairs(function, before, part)
        join: Any = np.concatenate
        made = now if made is None or len(now) == len(made) else join([now, made[len(now) :].astype(now.dtype)])
    return made


__all__ = ["SreduceReducer", "as_ufunc", "pairs", "reduced"]
