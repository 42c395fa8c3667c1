"""The demo's programs agree with NumPy, at sizes where they are lazy."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from benchmarks import inputs
from benchmarks.programs import PROGRAMS, Program, baseline, next_generation
from tests.subject import ramba


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_agrees_with_numpy(program: Program) -> None:
    # in this order: in-place programs carry their arrays from step to step
    theirs, ours = program.setup(baseline(), program.small), program.setup(_with_sync(ramba), program.small)
    for _ in range(2):
        expected, actual = theirs(), ours()
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert (a.dtype, a.shape) == (e.dtype, e.shape)
            scale = numpy.abs(e).max() or 1.0
            tolerance = 1e-5 if e.dtype == numpy.float32 else 1e-12
            numpy.testing.assert_allclose(numpy.asarray(a), e, rtol=0, atol=tolerance * scale)


def test_gun_shoots() -> None:
    board = numpy.zeros((60, 60), dtype=numpy.int32)
    gun = inputs.pattern("gosper_gun")
    assert gun.shape == (9, 36)
    assert gun.sum() == 36
    board[5:14, 5:41] = gun
    for _ in range(30):
        next_generation(board)
    assert board.sum() == 36 + 5  # the gun again, and its first glider


def test_r_pentomino_settles_after_1103_generations() -> None:
    board = numpy.zeros((700, 700), dtype=numpy.int32)
    board[348:351, 348:351] = inputs.pattern("r_pentomino")
    for _ in range(1103):
        next_generation(board)
    assert board.sum() == 116


def test_cluster_is_at_rest() -> None:
    mass, position, velocity = inputs.plummer(400)
    assert mass.sum() == pytest.approx(1)
    assert numpy.abs(position.mean(axis=1)).max() < 1e-12
    assert numpy.abs(velocity.mean(axis=1)).max() < 1e-12


def _with_sync(module: Any) -> Any:
    return module if hasattr(module, "sync") else baseline()
