"""Objects of `numpy.vectorize` on our arrays: traced or compiled where that gives what NumPy gives, else by NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.functions.blockwise import by_blocks
from ramba.functions.compiling import Refused, compiled
from ramba.functions.mapping import stretched
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.functions.purity import computes_alone, impurity, python_function
from ramba.functions.python_numbers import EachNumber, NumberTrace
from ramba.functions.roads import raise_errors
from ramba.functions.rows import by_signature
from ramba.functions.tracing import Untraceable, trace
from ramba.lazyarray import asarray, call_numpy, fell_back, many, ndarray

_NUMBERS = (bool, int, float)


def vectorized(function: np.vectorize, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What an object of NumPy's class `vectorize` gives for arrays of ours."""
    pyfunc: Any = function.pyfunc
    plain = not kwargs and not function.excluded and function.signature is None and callable(pyfunc)
    if plain and many(args) and not impurity(pyfunc):
        made = _by_a_road(function, pyfunc, args)
        if made is not NotImplemented:
            return made
    if not kwargs and not function.excluded and function.signature is not None and many(args):
        made = by_signature(function, args)
        if made is not NotImplemented:
            return made
    return call_numpy(functools.partial(np.vectorize.__call__, function), *args, **kwargs)


def _by_a_road(function: np.vectorize, pyfunc: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a function that only computes gives; NotImplemented if NumPy has to call it."""
    arrays = [asarray(x) for x in args]
    try:
        shape = np.broadcast_shapes(*(x.shape for x in arrays))
    except ValueError:
        return NotImplemented
    if 0 in shape or any(x.dtype.kind not in "iuf" and x.shape for x in arrays):
        return NotImplemented
    dtype = _first_dtype(function, pyfunc, arrays)
    if dtype is None:
        return NotImplemented
    road = config.current().functions
    if road in ("auto", "trace"):
        made = _traced(pyfunc, arrays, shape, dtype)
        if made is not None:
            return made
    if road in ("auto", "compile"):
        made = _compiled(pyfunc, arrays, shape, dtype)
        if made is not None:
            return made
    if not ENGINE.distributed:
        return NotImplemented
    operands = [stretched(x, shape) for x in arrays]
    called = f"numpy.vectorize of {getattr(pyfunc, '__qualname__', pyfunc)}"
    if road != "python":
        fell_back(called, "user function", "runs in Python, element by element, on the workers.", operands)
    return by_blocks(OnElements(pyfunc, dtype.char), operands, shape, called, dtypes=(dtype,))[0]


class OnElements:
    """NumPy's own `vectorize`, for blocks."""

    def __init__(self, pyfunc: Callable[..., Any], otypes: str) -> None:
        self.pyfunc, self.otypes = pyfunc, otypes

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> Any:
        made = np.vectorize(self.pyfunc, otypes=self.otypes)
        try:
            return made(*blocks)
        except Exception as problem:
            where = ", ".join(f"{s}:{s + e}" for s, e in zip(start, extent, strict=True))
            problem.add_note(f"In numpy.vectorize, for the block [{where}].")
            raise


def _first_dtype(function: np.vectorize, pyfunc: Callable[..., Any], arrays: Sequence[ndarray]) -> np.dtype | None:
    """The dtype of the results: the given one, else that of the first; None for several results and objects."""
    if function.otypes is not None:
        several = [np.dtype(each) for each in function.otypes]
    else:
        first = pyfunc(*(np.asarray(x[(0,) * x.ndim])[()] for x in arrays))
        several = [np.asarray(each).dtype for each in (first if isinstance(first, tuple) else (first,))]
    return several[0] if len(several) == 1 and several[0].kind in "biuf" else None


def _traced(pyfunc: Callable[..., Any], arrays: Sequence[ndarray], shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """The results, if Python raises no exception for them: where NumPy raises no flag."""
    ENGINE.sync()  # what waits may raise flags of its own
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            made = trace(with_numpys_meaning(pyfunc), [_argument(x, shape) for x in arrays], shape, NumberTrace)
            fits = made.dtype.kind == dtype.kind and (dtype.kind == "f" or dtype.itemsize == 8 or made.dtype == dtype)
            if not fits and not (made.dtype.kind in "bi" and dtype == np.float64):
                return None
            result = made.astype(dtype, copy=False)
            ENGINE.sync()
    except (Untraceable, FloatingPointError):
        return None
    return result


def _argument(array: ndarray, shape: tuple[int, ...]) -> Any:
    """What stands for an argument: the numbers of Python's that its elements become."""
    if not array.shape:
        number = np.asarray(array).item()
        if type(number) not in _NUMBERS:
            raise Untraceable(f"an argument is {type(number).__name__!r}")
        return number
    if array.dtype.kind == "f":
        return EachNumber(stretched(array.astype(np.float64, copy=False), shape), 0)
    low, high = (int(x) for x in (array.min(), array.max()))
    if high >= 1 << 63:
        raise Untraceable("its integers are too large")
    return EachNumber(stretched(array.astype(np.int64, copy=False), shape), max(-low, high))


def _compiled(pyfunc: Callable[..., Any], arrays: Sequence[ndarray], shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """The results by Numba, of functions that mean the same for it: of floats, and without names that may raise."""
    if dtype.itemsize != 8 or not computes_alone(pyfunc) or any(x.dtype.kind != "f" for x in arrays):
        return None
    operands = [stretched(x.astype(np.float64, copy=False), shape) for x in arrays]
    try:
        made = compiled(pyfunc, ["f8"] * len(operands), getattr(pyfunc, "__name__", "function"), "python")
    except Refused:
        return None
    if made.value.numpy.resolve_dtypes((*(np.dtype("f8") for _ in operands), None))[-1] != dtype:
        return None
    if made.status is not None:
        try:
            plain = python_function(pyfunc) or pyfunc
            status = made.status(*operands)
            raise_errors(
                _on_python_numbers(plain), [EachNumber(x, 0) for x in operands], shape, status, "numpy.vectorize", ()
            )
        except Refused:
            return None
    return made.value(*operands)


def _on_python_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, called with Python's numbers: the first that fails raises what it raises."""

    @functools.wraps(function)
    def called(*numbers: Any) -> Any:
        return function(*(number.item() for number in numbers))

    return called


__all__ = ["vectorized"]
