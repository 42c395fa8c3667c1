"""What ``@numba.vectorize`` makes, on our arrays: operations that fuse, with Numba's own types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ramba import config
from ramba.functions.arguments import Each
from ramba.functions.compiling import Compiled, Refused, compiled
from ramba.functions.mapping import stretched
from ramba.functions.purity import impurity, python_function
from ramba.functions.roads import raise_errors
from ramba.lazyarray import BY_USERS, asarray
from ramba.ops import ELEMENT


def take(function: Callable[..., Any], method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What such a function gives for arrays of ours; NotImplemented if Numba has to call it on their memory."""
    plain = python_function(function)
    known = method == "__call__" and set(options) <= {"out", "where"} and len(inputs) == getattr(function, "nin", -1)
    if plain is None or not known or getattr(function, "signature", None) or impurity(plain):
        return NotImplemented
    if config.current().functions not in ("auto", "compile"):
        return NotImplemented
    try:
        loop, result = _loop(function, inputs)
        made = compiled(plain, loop, function.__name__)
        operands = [asarray(x).astype(kind, copy=False) for x, kind in zip(inputs, loop, strict=True)]
        if made.status is not None:
            shape = np.broadcast_shapes(*(x.shape for x in operands))
            arguments = [Each(stretched(x, shape)) for x in operands]
            raise_errors(plain, arguments, shape, made.status(*operands), "numba.vectorize", ())
    except Refused:
        return NotImplemented
    return _called(made, operands, result, options)


def _called(made: Compiled, operands: list[Any], result: str, options: dict[str, Any]) -> Any:
    if options:
        return made.value(*operands, **options)
    values = made.value(*operands)
    return values if not result or values.dtype == np.dtype(result) else values.astype(result)


def _loop(function: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[tuple[str, ...], str]:
    """The dtypes that Numba computes in, and the one that was declared for the result, if one was."""
    given = tuple(type(x) if type(x) in (int, float, complex) else asarray(x).dtype for x in inputs)
    try:
        ufunc: np.ufunc = function.ufunc  # type: ignore[attr-defined]
        *loop, result = ufunc.resolve_dtypes((*given, None))
        names, declared = tuple(each.str[1:] for each in loop), result.str[1:]
    except (TypeError, AttributeError):  # a function that is compiled for what it is called with
        if getattr(function, "_frozen", True):
            raise Refused("no loop takes these operands") from None
        names, declared = tuple(asarray(x).dtype.str[1:] for x in inputs), ""
    if not {*names, declared} - {""} <= set(ELEMENT):
        raise Refused("its dtypes are not compiled here")
    return names, declared


BY_USERS.append(take)


__all__ = ["take"]
