"""Arrays joined along an axis."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kernels.together import WORKERS, check, operands, together


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 6, 1000]))
def test_concatenate_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    first = data.draw(operands(workers))
    axis = data.draw(st.integers(0, first.array.ndim - 1))
    parts = [first]
    for _ in range(data.draw(st.integers(0, 3))):
        shape = list(first.array.shape)
        shape[axis] = data.draw(st.integers(0, 5))
        parts.append(data.draw(operands(workers, tuple(shape), first.array.dtype.str[1:])))
    expected = np.concatenate([part.array for part in parts], axis)
    check(together("concatenate", workers, small, parts, axis), 0, expected, workers, small)
