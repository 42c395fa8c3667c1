"""A user's function that Ramba runs may itself compute with Ramba; where it cannot, it is told so. Nobody hangs."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

import ramba as np
from tests.subject import mode

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(60)]

X = numpy.random.default_rng(0).random((400, 500))


def lazily(block: Any) -> Any:
    """Operations on more elements than NumPy's at once."""
    wide = np.concatenate([np.asarray(block).ravel()] * 4)
    return numpy.asarray(np.sqrt(np.sort(wide) + 1)).sum() + block


def test_blocks_on_threads() -> None:
    def whole(block: Any) -> Any:
        return lazily(block) * 0 + block

    with mode("default"):
        x = np.array(X)
        found = np.map_blocks(whole, x, dtype=float)
        numpy.testing.assert_allclose(found, X)
        x[...] = 0
        numpy.testing.assert_allclose(found, X)


def test_the_array_that_is_read_may_be_changed_by_the_function() -> None:
    with mode("threads"):
        x = np.array(X) * 1.0

        def change(block: Any) -> Any:
            x[0, 0] += 1
            return block * 2

        numpy.testing.assert_array_equal(np.map_blocks(change, x, dtype=float), X * 2)
        assert float(x[0, 0]) > X[0, 0]


def test_workers_of_this_process_refuse() -> None:
    with mode("3 workers"):
        x = np.array(X)
        with pytest.raises(RuntimeError, match="backend 'local'"):
            np.map_blocks(lazily, x, dtype=float)
        with pytest.raises(RuntimeError, match="backend 'local'"):
            np.spmd(lambda part: lazily(part.local()), x)
        assert np.spmd(lambda part: float(part.local().sum() > 0), x) == [1.0, 1.0, 1.0]
        numpy.testing.assert_allclose(np.map_blocks(lambda block: numpy.sort(block) * 0, x, dtype=float), X * 0)
