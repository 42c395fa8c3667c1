"""Fourier transforms."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels import fourier
from ramba.layout.partition import partition
from tests.kernels.together import WORKERS, Operand, check, operands, together

NAMES = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from(NAMES), st.sampled_from([0, 20]))
def test_transforms_of_rows_have_numpys_bits(data: st.DataObject, workers: int, name: str, small: int) -> None:
    shape = tuple(data.draw(st.lists(st.sampled_from([2, 3, 8, 13]), min_size=1, max_size=3)))
    real = name in ("rfft", "ihfft")
    dtype = data.draw(st.sampled_from(["f4", "f8", "i4"] if real else ["f8", "c8", "c16", "i8"]))
    a = data.draw(operands(workers, shape, dtype))
    axis = data.draw(st.integers(0, len(shape) - 1))
    n = data.draw(st.sampled_from([None, 4, 9]))
    norm = data.draw(st.sampled_from([None, "ortho", "forward"]))
    outcome = together("fft", workers, small, [a], ((name, n, axis, norm),))
    check(outcome, 0, getattr(np.fft, name)(a.array, n, axis, norm), workers, small)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("shape", [(16, 18), (2, 40), (4, 6, 9), (16, 2, 2)])
def test_several_axes(workers: int, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape)
    a = Operand(array, partition(shape, workers, 0))
    axes = range(len(shape))
    steps: Any = [("rfft", None, axes[-1], None), *(("fft", None, axis, None) for axis in reversed(axes[:-1]))]
    found = together("fft", workers, 0, [a], tuple(steps)).arrays[0]
    np.testing.assert_allclose(found, np.fft.rfftn(array), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("size", [64, 90, 101, 420])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft"])
def test_long_vectors_are_transformed_together(workers: int, size: int, name: str) -> None:
    for norm in [None, "ortho", "forward"]:
        array = np.random.default_rng(0).normal(size=size)
        a = Operand(array if name == "rfft" else array + 1j, partition((size,), workers, 0))
        with mock.patch.object(fourier, "LONG", 1):
            outcome = together("fft", workers, 0, [a], ((name, None, 0, norm),))
        expected = getattr(np.fft, name)(a.array, None, 0, norm)
        np.testing.assert_allclose(outcome.arrays[0], expected, rtol=1e-12, atol=1e-12)
        assert outcome.partitions[0] == partition(expected.shape, workers, 0)


def test_a_long_vector_moves_three_times() -> None:
    a = Operand(np.zeros(1 << 16, complex), partition((1 << 16,), 4, 0))
    assert together("fft", 4, 0, [a], (("fft", None, 0, None),)).post.bytes <= 3 * a.array.nbytes
