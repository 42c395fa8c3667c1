"""What ``@numba.guvectorize`` makes, on our arrays: loop dimensions are shared out, core dimensions stay whole."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.engine import ENGINE
from ramba.functions.blockwise import by_blocks
from ramba.lazyarray import BY_USERS, asarray, deliver, many
from ramba.ops import COMPILED

EACH = 4  # blocks for each thread: some may take longer than others

_NAME, _SIGNATURE = re.compile(r"\w+"), re.compile(r"\(([\w,]*)\)")
_owners: dict[int, tuple[np.ufunc, Any]] = {}


def take(function: Callable[..., Any], method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What such a function gives for arrays of ours; NotImplemented if NumPy has to call it on their memory."""
    signature = getattr(function, "signature", None)
    if not isinstance(function, np.ufunc) or not signature or method != "__call__" or not set(options) <= {"out"}:
        return NotImplemented
    if len(inputs) != function.nin or not many(inputs):
        return NotImplemented
    lengths, told = map(set, map(_NAME.findall, signature.split("->")))
    if not told <= lengths:  # a length that only an array for the result can say
        return NotImplemented
    arrays = [asarray(x) for x in inputs]
    if any(x.dtype.str[1:] not in COMPILED for x in arrays):
        return NotImplemented
    found = dimensions(signature, [x.shape for x in arrays])
    if found is None:
        return NotImplemented
    loop, cores = found
    stretch: Any = np.broadcast_to
    operands = [
        x if x.shape == (*loop, *core) else stretch(x, (*loop, *core)) for x, core in zip(arrays, cores, strict=True)
    ]
    called = OnRows(_owner(function) if ENGINE.distributed else function)
    name = f"numba.guvectorize of {function.__name__}"
    made = by_blocks(called, operands, loop, name, results=function.nout, each=EACH)
    outs = options.get("out") or (None,) * len(made)
    given = [x if out is None else deliver(x, out) for x, out in zip(made, outs, strict=True)]
    return given[0] if len(given) == 1 else tuple(given)


class OnRows:
    """Calls a function of arrays with leading loop dimensions for blocks of these."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, start: tuple[int, ...], extent: tuple[int, ...], *blocks: np.ndarray) -> Any:
        return self.function(*blocks)


def dimensions(signature: str, shapes: list[tuple[int, ...]]) -> tuple[tuple[int, ...], list[tuple[int, ...]]] | None:
    """The loop dimensions, and the core dimensions of each operand; None if NumPy has to say what is wrong."""
    operands = [part.split(",") if part else [] for part in _SIGNATURE.findall(signature.split("->")[0])]
    if re.sub(r"[\w,()>\-]", "", signature) or len(operands) != len(shapes):
        return None
    lengths: dict[str, int] = {}
    cores, loops = [], []
    for names, shape in zip(operands, shapes, strict=True):
        if len(shape) < len(names):
            return None
        split = len(shape) - len(names)
        cores.append(shape[split:])
        loops.append(shape[:split])
        for name, length in zip(names, shape[split:], strict=True):
            if name.isdigit() or lengths.setdefault(name, length) != length:
                return None
    try:
        return np.broadcast_shapes(*loops), cores
    except ValueError:
        return None


def _owner(function: np.ufunc) -> Any:
    """Numba's object of which this is the ufunc: it can travel, what it hands over to arrays cannot."""
    known = _owners.get(id(function))
    if known is None:
        kind = getattr(sys.modules.get("numba.np.ufunc.gufunc"), "GUFunc", None)
        owners = [x for x in gc.get_objects() if kind is not None and type(x) is kind and x.ufunc is function]
        known = _owners[id(function)] = function, owners[0] if owners else function
    return known[1]


BY_USERS.append(take)

__all__ = ["EACH", "OnRows", "dimensions", "take"]
