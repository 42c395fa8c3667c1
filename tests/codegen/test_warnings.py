"""Warnings of floating-point flags, as the user sees them: each function of the table at points where NumPy warns."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from ramba.ops import UFUNCS
from tests.codegen.test_special_values import flag_points
from tests.subject import mode, ramba

ROWS = [
    (row.name, dtype)
    for row in dict.fromkeys(UFUNCS.values())
    if row.numpy.signature is None and hasattr(np, row.name)
    for dtype in ("f8", "c16", "i4")
    if np.dtype(dtype).char * row.nin in {kinds.split("->")[0] for kinds in row.numpy.types}
]


def first_points(name: str, dtype: str) -> dict[frozenset[str], list[np.ndarray]]:
    """For each set of flags that NumPy tells of (underflow is not promised), the operands of one such point."""
    row, found = UFUNCS[name], {}
    args = flag_points(name, dtype)
    for i in range(args[0].size):
        told: set[str] = set()
        with np.errstate(all="call", under="ignore", call=lambda kind, _: told.add(kind)):  # noqa: B023 - at once
            try:
                row.numpy(*(np.full(1, arg[i]) for arg in args))
            except ValueError:  # an integer to a negative power
                continue
        found.setdefault(frozenset(told), [arg[i] for arg in args])
    return found


def given(module: Any, name: str, operands: list[np.ndarray]) -> frozenset[str]:
    """The flags that a function warns of."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        result = getattr(module, name)(*operands)
        for part in result if isinstance(result, tuple) else (result,):
            np.array(part)
    return frozenset(str(warning.message).partition(" encountered")[0] for warning in caught)


@pytest.mark.parametrize("how", ["compiled", "interpreted"])
@pytest.mark.parametrize(("name", "dtype"), ROWS)
def test_warns_when_numpy_warns(name: str, dtype: str, how: str) -> None:
    told = first_points(name, dtype)
    quiet = told.pop(frozenset(), None)
    with mode(how):
        for point in told.values():
            operands = [np.full(21, number) for number in quiet or point]
            for array, number in zip(operands, point, strict=True):
                array[17] = number
            want = given(np, name, operands)
            got = given(ramba, name, [ramba.array(array) for array in operands])
            # NumPy's vector functions do not always tell of overflow
            assert got == want or (got ^ want == {"overflow"} and np.isinf(getattr(np, name)(*operands)).any()), point
            with np.errstate(all="raise", under="ignore"):
                lazy = [ramba.array(array) for array in operands]
                if got:
                    with pytest.raises(FloatingPointError):
                        np.array(getattr(ramba, name)(*lazy))
