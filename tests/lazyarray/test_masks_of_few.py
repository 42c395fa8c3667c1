"""A pending mask of few elements is computed first, then NumPy picks."""

from __future__ import annotations

import numpy
import pytest

import ramba as np


@pytest.mark.parametrize("size", [40_000, 100_000, 400_000])
def test_elements_are_picked_by_a_mask_that_waits(size: int) -> None:
    rng = numpy.random.default_rng(size)
    radius, data = rng.random(size), rng.random(size)
    ours, values = np.array(radius), np.array(data)
    for low in (0.1, 0.5, 2.0):
        mask = (ours * 2 + 1 > low) & (ours < 0.9)  # a chain: it waits
        expected = data[(radius * 2 + 1 > low) & (radius < 0.9)]
        numpy.testing.assert_array_equal(values[mask], expected)
        values[mask] = low
        data[(radius * 2 + 1 > low) & (radius < 0.9)] = low
        numpy.testing.assert_array_equal(values, data)
