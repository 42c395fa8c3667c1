"""Masks and what they select."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kernels.together import WORKERS, check, operands, together


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 6, 1000]))
def test_compress_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(operands(workers))
    leading = data.draw(st.integers(1, a.array.ndim))
    mask = data.draw(operands(workers, a.array.shape[:leading], "?", 0, 2))
    check(together("compress", workers, small, [a, mask]), 0, a.array[mask.array], workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 6]))
def test_places_of_what_is_not_zero_are_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(operands(workers, low=-1, high=2))
    outcome = together("nonzero", workers, small, [a])
    for n, expected in enumerate(np.nonzero(a.array)):
        check(outcome, n, expected, workers, small)
    check(together("argwhere", workers, small, [a]), 0, np.argwhere(a.array), workers, small)
