"""The three ways to run a user's function of elements, of which the first that works is taken: trace, compile, Python.

All give the same values: operations mean what they mean for NumPy's scalars. A division by zero is not an exception,
integers wrap around, dtypes promote as NumPy's do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ramba import config
from ramba.functions import by_python
from ramba.functions.arguments import FOR_EACH, Each
from ramba.functions.blockwise import by_blocks
from ramba.functions.compiling import MOST_OPERANDS, Argument, Refused, compiled
from ramba.functions.numpy_math import with_numpys_meaning
from ramba.functions.purity import impurity, python_function, stays
from ramba.functions.remembered import Attempt
from ramba.functions.tracing import Raises, Untraceable, trace
from ramba.lazyarray import asarray, fell_back, many, ndarray, on_workers

_COMPILED = frozenset(("f8", "i8"))  # of other dtypes Numba promotes otherwise than NumPy does


def elementwise(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    shape: tuple[int, ...],
    name: str,
    origin: tuple[int, ...] = (),
) -> Any:
    """What a function gives for each element, as an array.

    Parameters
    ----------
    arguments
        Of the function: those of `arguments.FOR_EACH` are other ones for each element, all else is passed on as it is.
    name
        Of the public function that was called, for warnings.
    origin
        The index of the first element, if it is not 0: exceptions say where they came.
    """
    attempt = Attempt(function, arguments, shape)
    made = attempt.repeated()
    if made is not None:
        return made
    road, reasons, raises = config.current().functions, [], False
    unclean = impurity(function)
    if unclean:
        reasons.append(unclean)
    else:
        if road in ("auto", "trace"):
            try:
                return attempt.done(trace(with_numpys_meaning(function), arguments, shape))
            except Untraceable as problem:
                reasons.append(str(problem))
                raises = isinstance(problem, Raises)
        if road in ("auto", "compile"):
            try:
                return _by_machine(function, arguments, shape, name, raises, origin, attempt)
            except Refused as problem:
                reasons.append(str(problem))
    called = f"{name} of {getattr(function, '__qualname__', repr(function))}"
    arrays = [array for x in arguments if isinstance(x, FOR_EACH) for array in x.arrays()]
    if road != "python" and many(arrays):
        fell_back(called, "user function", f"runs in Python, element by element: {'; '.join(reasons)}.", arrays)
    plain = python_function(function) or function
    if arrays and shape and on_workers(*arrays) and many(arrays) and not stays(plain):
        loop = by_python.Loop(plain, not unclean, arguments, called, origin)
        return by_blocks(loop, arrays, shape, called)[0]
    return by_python.elementwise(plain if unclean else with_numpys_meaning(plain), arguments, shape, called, origin)


def _by_machine(
    function: Callable[..., Any], arguments: Sequence[Any], shape: tuple[int, ...], name: str, raises: bool,
    origin: tuple[int, ...], attempt: Attempt,
) -> Any:  # fmt: skip
    operands: list[Any] = []
    kinds: list[Argument] = []
    for x in (*arguments, *_defaults(function, len(arguments))):
        if not isinstance(x, FOR_EACH):
            if type(x) not in (int, float, np.int64, np.float64) or (type(x) is int and not -(1 << 63) <= x < 1 << 63):
                raise Refused(f"an argument is {type(x).__name__!r}")
            x = Each(asarray(x))
        other = {array.dtype.str[1:] for array in x.arrays()} - _COMPILED
        if other:
            raise Refused(
                f"for {', '.join(sorted(str(np.dtype(d)) for d in other))} Numba promotes otherwise than NumPy"
            )
        kinds.append(x.kind())
        operands += x.arrays()
    if not 1 <= len(operands) <= MOST_OPERANDS:
        raise Refused(f"it reads {len(operands)} numbers, where 1 to {MOST_OPERANDS} can be compiled")
    made = compiled(function, kinds, getattr(function, "__name__", name))
    if made.status is None and raises:
        raise Refused("Numba's form of it raises no exception")
    if made.status is None:
        return attempt.done(made.value(*operands))
    if np.prod(shape):
        raise_errors(function, arguments, shape, made.status(*operands), name, origin)
    return made.value(*operands)


def _defaults(function: Callable[..., Any], given: int) -> tuple[Any, ...]:
    """The defaults of arguments that are not given."""
    plain = python_function(function)
    if plain is None:
        raise Refused("it is not written in Python")
    missing = plain.__code__.co_argcount - given
    return (plain.__defaults__ or ())[-missing:] if missing > 0 else ()


def raise_errors(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    shape: tuple[int, ...],
    status: ndarray,
    name: str,
    origin: tuple[int, ...],
) -> None:
    """Looks whether the function raises for an element; if so, calls it in Python for the first of these."""
    failed = status != 0
    if not bool(failed.any()):
        return
    place = int(np.asarray(failed).reshape(-1).argmax())
    index = tuple(map(int, np.unravel_index(place, shape)))
    single = [x.at(index) if isinstance(x, FOR_EACH) else x for x in arguments]
    plain = python_function(function) or function
    called = f"{name} of {getattr(function, '__qualname__', repr(function))}"
    by_python.elementwise(plain, single, (1,) * len(shape), called, by_python.moved(index, origin))
    raise Refused("Numba raises exceptions for it where NumPy does not")


__all__ = ["elementwise", "raise_errors"]
