"""The programs that loop agree with NumPy, and their inputs are the same in every call."""

from __future__ import annotations

import numpy
import pytest

from benchmarks.loops.table import LOOPS, Loop
from benchmarks.loops.turns import Times, geometric_mean, measured
from tests.subject import ramba


@pytest.mark.filterwarnings("ignore::ramba.errors.RambaWarning")  # what NumPy computes for Ramba is right, too
@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.name)
def test_agrees_with_numpy(loop: Loop) -> None:
    inputs = loop.at(0.15)
    expected = numpy.asarray(loop.run(numpy, *inputs))
    own = [ramba.asarray(value.copy()) if isinstance(value, numpy.ndarray) else value for value in inputs]
    actual = numpy.asarray(loop.run(ramba, *own))
    assert (actual.dtype, actual.shape) == (expected.dtype, expected.shape)
    assert numpy.isfinite(expected).all()
    assert numpy.any(expected)
    numpy.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)


def test_inputs_are_the_same_in_every_call() -> None:
    for loop in LOOPS:
        for one, other in zip(loop.at(0.2), loop.at(0.2), strict=True):
            numpy.testing.assert_array_equal(one, other)


def test_a_scale_lengthens_the_sides() -> None:
    for loop in LOOPS:
        small, large = (
            sum(numpy.size(value) + float(numpy.max(value)) for value in loop.at(scale)) for scale in (0.5, 1)
        )
        assert large > small


def test_turns() -> None:
    turns = measured(LOOPS[0], 0.1, ramba)
    assert turns.agrees
    assert turns.ratio == turns.numpy.best / turns.ramba.best
    assert Times.of([9.0, 3.0, 1.0, 2.0]) == (9.0, 1.0, 2.0)
    assert geometric_mean([4.0, 0.25]) == pytest.approx(1.0)
