"""Where extremes are first met."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition
from tests.kernels.together import WORKERS, Operand, check, operands, together


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 6]), st.booleans())
def test_places_are_numpys(data: st.DataObject, workers: int, small: int, largest: bool) -> None:
    dtype = data.draw(st.sampled_from(["?", "i1", "u8", "f4", "f8", "c16"]))
    a = data.draw(operands(workers, dtype=dtype, low=0, high=3))
    if dtype[0] in "fc" and a.array.size and data.draw(st.booleans()):
        a.array.reshape(-1)[data.draw(st.integers(0, a.array.size - 1))] = np.nan
    function = np.argmax if largest else np.argmin
    for axis in (None, *range(a.array.ndim)):
        if (a.array.size if axis is None else a.array.shape[axis]) > 0:
            found = together("argextreme", workers, small, [a], axis, largest)
            check(found, 0, function(a.array, axis), workers, small)


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_only_ends_travel(axis: int | None) -> None:
    a = Operand(np.arange(64 * 1000.0).reshape(64, 1000), Partition((64, 1000), (4, 1)))
    assert together("argextreme", 4, 0, [a], axis, True).post.bytes <= 4 * 2 * 8 * 1000
