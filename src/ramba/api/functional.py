"""Functional programming: functions that call the user's function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ramba.api.creation.from_shape import zeros
from ramba.lazyarray import Array, asarray, implements, ndarray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@implements(np.piecewise)
def piecewise(
    x: ArrayLike, condlist: ArrayLike | Sequence[ArrayLike], funclist: Sequence[object], *args: object, **kw: object
) -> Any:
    """What functions give for those elements where their condition holds."""
    x = asarray(x)
    conditions, functions = _conditions(x, condlist), list(funclist)
    if len(conditions) == len(functions) - 1:
        otherwise = ~conditions[0]
        for condition in conditions[1:]:
            otherwise = otherwise & ~condition
        conditions.append(otherwise)
    elif len(conditions) != len(functions):
        count = len(conditions)
        raise ValueError(f"with {count} condition(s), either {count} or {count + 1} functions are expected")
    result = zeros(x.shape, x.dtype)
    for condition, function in zip(conditions, functions, strict=True):
        if callable(function):
            chosen = x[condition]
            if chosen.size:
                result[condition] = function(chosen, *args, **kw)
        else:
            result[condition] = function
    return result


def _conditions(x: ndarray, condlist: Any) -> list[Any]:
    """One condition for each function, as NumPy finds them in what was given."""
    single = np.isscalar(condlist) or getattr(condlist, "ndim", 1) == 0
    if single or (x.ndim and not isinstance(condlist[0], list | np.ndarray | Array)):
        condlist = [condlist]
    return [asarray(condition).astype(bool) for condition in condlist]
