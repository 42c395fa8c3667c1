"""Convolutions and interpolation."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kernels.together import WORKERS, Operand, check, partitions, together


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]), st.sampled_from(["f8", "i4", "c8", "?"]))
def test_parts_of_a_convolution(data: st.DataObject, workers: int, small: int, dtype: str) -> None:
    size, taps = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    size, taps = max(size, taps), min(size, taps)
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    a, v = (rng.integers(-4, 5, extent).astype(dtype) for extent in (size, taps))
    start = data.draw(st.integers(0, size + taps - 2))
    count = data.draw(st.integers(1, size + taps - 1 - start))
    lying = [Operand(x, data.draw(partitions(x.shape, workers))) for x in (a, v)]
    expected = np.convolve(a, v)[start : start + count]
    check(together("convolve", workers, small, lying, start, count), 0, expected, workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]), st.booleans())
def test_interpolation(data: st.DataObject, workers: int, small: int, is_complex: bool) -> None:
    shape = tuple(data.draw(st.lists(st.sampled_from([1, 2, 5, 13]), min_size=1, max_size=3)))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    x, places = rng.standard_normal(shape), np.sort(rng.standard_normal(9))
    heights = rng.standard_normal(9) + (1j if is_complex else 0)
    lying = [Operand(a, data.draw(partitions(a.shape, workers))) for a in (x, places, heights)]
    left = data.draw(st.sampled_from([None, 7.0]))
    expected = np.interp(x, places, heights, left)
    check(together("interp", workers, small, lying, left, None), 0, expected, workers, small)
