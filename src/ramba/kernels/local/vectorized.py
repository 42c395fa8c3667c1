"""Where NumPy's sort compares many elements at once: it is several times faster than ours then, else slower."""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np

_COUNT = 1 << 12  # elements that are sorted to see how long it takes
_ROUNDS = 3
_TIMES = 3  # how much faster vectors are, at least; measured: 8 to 12 times where there are any, 1.2 where not


@cache
def is_vectorized(dtype: np.dtype) -> bool:
    """Whether NumPy sorts numbers of this dtype with vectors on this processor.

    It says so nowhere in public, so the first call tries it, for a millisecond: there are no vectors of long doubles.
    """
    if dtype.kind not in "iuf" or dtype.itemsize not in (2, 4, 8) or not dtype.isnative or dtype == np.float16:
        return False
    numbers = (np.arange(_COUNT) * 40503 % 65521).astype(dtype)
    return _TIMES * _seconds(numbers) < _seconds(numbers.astype(np.longdouble))


def _seconds(numbers: np.ndarray) -> float:
    """The shortest of some sorts: whatever else the machine does can only make one longer."""
    found = []
    for _ in range(_ROUNDS):
        copy = numbers.copy()
        start = perf_counter()
        copy.sort()
        found.append(perf_counter() - start)
    return min(found)
