"""Folds over segments on threads: NumPy's bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import segments
from ramba.runtime.team import Team
from tests.kernels.local import KINDS, arrays, teams


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays go the way of large ones."""
    monkeypatch.setattr(segments, "WORTH", 1)
    monkeypatch.setattr("ramba.kernels.team.WORTH", 64)


@given(st.data(), teams, st.sampled_from(["add", "multiply", "maximum", "subtract"]), st.booleans())
def test_reduceat(data: st.DataObject, team: Team, op: str, ordered: bool) -> None:
    a = data.draw(arrays([*KINDS, "i2", "u1"], 3))
    axis = data.draw(st.integers(0, a.ndim - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    count = data.draw(st.integers(0, 200)) if a.shape[axis] else 0
    starts = rng.integers(0, max(a.shape[axis], 1), count)
    starts = np.sort(starts) if ordered else starts
    if a.dtype.kind == "b" and op == "subtract":
        return
    dtype = getattr(np, op).reduceat(np.ones(1, a.dtype), [0]).dtype
    with np.errstate(all="ignore"):
        expected = getattr(np, op).reduceat(a, starts, axis, dtype)
        out = np.empty_like(expected)
        segments.reduceat(team, a, starts, op, axis, out)
    np.testing.assert_array_equal(out, expected)
