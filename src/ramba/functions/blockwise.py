"""A function in Python that is called for blocks of arrays: on all threads, and on workers where the blocks lie."""

from __future__ import annotations

import copy
import itertools
import os
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.engine.guests import without_guests
from ramba.functions.numpy_math import copied
from ramba.kernels import Piece, alone
from ramba.kernels.calling import FAILURES, FUNCTIONS, Blocks, call_function, remember
from ramba.kernels.group import Alone
from ramba.layout import replicated
from ramba.lazyarray import call, fell_back, ndarray
from ramba.lazyarray.calls import snapshot_of, stored
from ramba.lazyarray.core import values
from ramba.lazyarray.everywhere import everywhere
from ramba.runtime.python.aside import place
from ramba.runtime.team import current

_names = (f"{os.getpid()}.{number}" for number in itertools.count())


def by_blocks(
    function: Callable[..., Any], arrays: Sequence[ndarray], shape: tuple[int, ...], called: str, *,
    margins: tuple[int, ...] = (), results: int = 1, dtypes: Sequence[Any] = (), each: int = 1,
) -> list[ndarray]:  # fmt: skip
    """What a function gives for blocks, put together; computed now.

    Parameters
    ----------
    function
        Called as ``function(start, extent, *blocks)``: where the block begins, and its shape without margins. It gives
        an array for the block, with further axes at the end if it likes, or a tuple of several.
    arrays
        The leading axes of each are cut into blocks; all others are whole in each.
    shape
        Of the leading axes, without margins.
    called
        How to name the function in a warning.
    margins
        How many elements more the arrays have, at either end of each axis.
    dtypes
        Of the results, if they are not what the function gives.
    each
        Blocks for each thread.
    """
    how = Blocks(shape, margins or (0,) * len(shape), results, tuple(np.dtype(d).str for d in dtypes), each)
    name = next(_names)
    remember(FUNCTIONS, name, function)
    try:
        if ENGINE.distributed:
            try:
                everywhere(_learn, name, _by_value(function))
            except (TypeError, ImportError) as problem:
                fell_back(called, "user function", f"runs in the driver: {problem}.", arrays)
                return _in_this_process(name, arrays, how)
            return _on_workers(name, arrays, how)
        return _in_this_process(name, arrays, how)
    finally:
        FUNCTIONS.pop(name, None)
        FAILURES.pop(f"{name} 0", None)


def _on_workers(name: str, arrays: Sequence[ndarray], how: Blocks) -> list[ndarray]:
    try:
        with ENGINE.lock, without_guests(ENGINE):
            return call("call_function", arrays, name, *how, now=True)
    except Exception:
        everywhere(_fail, name)  # the exception itself, with its traceback and the worker that it came on
        raise


def _in_this_process(name: str, arrays: Sequence[ndarray], how: Blocks) -> list[ndarray]:
    """Without the engine's lock: the function may use arrays of ours."""
    held = [snapshot_of(array) for array in arrays]  # what others assign to the arrays meanwhile lies elsewhere
    pieces = [Piece(values(array), replicated(array.shape)) for array in held]
    made = alone(call_function(Alone(current(), ENGINE.backend.pool.memory), 0, pieces, name, *how))
    return [stored(piece.array) for piece in made]


def _by_value(function: Callable[..., Any]) -> Callable[..., Any]:
    """The caller of a user's function, with the globals that this has now."""
    made = copy.copy(function)
    for name, value in vars(function).items():
        if isinstance(value, FunctionType):
            setattr(made, name, copied(value))
    return made


def _learn(name: str, function: Callable[..., Any]) -> None:
    """On a worker: the function that will be called under this name."""
    remember(FUNCTIONS, name, function)


def _fail(name: str) -> None:
    """On a worker: raises what the function raised here, if it did."""
    FUNCTIONS.pop(name, None)
    here = place()
    problem = FAILURES.pop(f"{name} {here.group.rank if here else 0}", None)
    if problem is not None:
        raise problem


__all__ = ["by_blocks"]
