"""Picking and placing elements: NumPy's results and complaints, on any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import copy, gather, scatter
from ramba.runtime.team import Team
from tests.kernels.local import KINDS, REALS, TEAMS, arrays, filled, memory, teams


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays go the way of large ones."""
    monkeypatch.setattr(gather, "FEW", 1)
    monkeypatch.setattr(gather, "FEW_IN_ROWS", 1)
    monkeypatch.setattr(gather, "MANY", 1)
    monkeypatch.setattr(gather, "PIECE", 100)
    monkeypatch.setattr(gather, "TILE", 100)
    monkeypatch.setattr(gather, "TILE_BYTES", 500)
    monkeypatch.setattr(scatter, "FEW", 1)
    monkeypatch.setattr(copy, "MANY", 1)
    monkeypatch.setattr(copy, "ENOUGH", 1)
    monkeypatch.setattr(copy, "ENOUGH_ODD", 1)
    monkeypatch.setattr(copy, "ROW", 16)
    monkeypatch.setattr(copy, "PIECE", 200)
    monkeypatch.setattr(copy, "SIDE", 24)
    monkeypatch.setattr("ramba.kernels.team.WORTH", 64)


indices = st.sampled_from(["i1", "i4", "i8", "u1", "u8"])


def drawn_index(data: st.DataObject, extent: int) -> np.ndarray:
    kind = data.draw(indices)
    shape = data.draw(st.sampled_from([(0,), (1,), (7,), (1000,), (30, 20)]))
    info, reach = np.iinfo(kind), extent + data.draw(st.sampled_from([0, 0, 0, 2]))
    low, high = max(info.min, -reach), min(info.max, max(reach - 1, 0))
    return np.random.default_rng(data.draw(st.integers(0, 99))).integers(low, high, shape, kind, endpoint=True)


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the text of its IndexError."""
    try:
        return call()
    except IndexError as problem:
        return str(problem)


@given(st.data(), teams)
def test_take(data: st.DataObject, team: Team) -> None:
    a = data.draw(arrays([*KINDS, "b1", "i2"], 3))
    axis = data.draw(st.integers(0, a.ndim - 1))
    index = drawn_index(data, a.shape[axis])
    key = (*(slice(None),) * axis, index)
    expected = outcome(lambda: a[key])
    if isinstance(expected, str):
        assert outcome(lambda: gather.take(team, memory, a, index, axis)) == expected
        return
    out = gather.take(team, memory, a, index, axis)
    assert out.dtype == expected.dtype
    np.testing.assert_array_equal(out, expected)


@given(st.data(), teams)
def test_masks(data: st.DataObject, team: Team) -> None:
    a = data.draw(arrays([*KINDS, "b1"], 3))
    mask = np.random.default_rng(0).random(a.shape) < data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    np.testing.assert_array_equal(gather.compress(team, memory, a, mask), a[mask])
    for found, expected in zip(gather.nonzero(team, memory, a), np.nonzero(a), strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(gather.flat_nonzero(team, memory, a), np.flatnonzero(a))


@given(st.data(), teams, st.sampled_from(["", "add", "subtract", "maximum", "minimum", "multiply"]))
def test_scatter(data: st.DataObject, team: Team, op: str) -> None:
    kind = data.draw(st.sampled_from([*REALS[1:], "f2", "c16"]))
    length = data.draw(st.integers(0, 200))
    index = drawn_index(data, length)
    rng = np.random.default_rng(length)
    out, values = filled(rng, (length,), kind), filled(rng, data.draw(st.sampled_from([(), index.shape])), kind)
    expected = out.copy()

    def ours() -> None:
        if op:
            scatter.add_at(team, out, index, values, op)
        else:
            scatter.put(team, out, index, values)

    def numpys() -> None:
        if op:
            getattr(np, op).at(expected, index, values)
        else:
            expected[index] = values

    with np.errstate(all="ignore"):
        assert outcome(ours) == outcome(numpys)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("streamed", [1, 1 << 60])
@given(data=st.data(), team=teams)
def test_copy(streamed: int, data: st.DataObject, team: Team) -> None:
    a = data.draw(arrays([*KINDS, "b1", "i2"], 3))
    out = data.draw(st.sampled_from([np.empty(a.shape, a.dtype), np.empty(a.shape[::-1], a.dtype).T]))
    copy.copy(team, [(out, a), (out[:0], a[:0])])
    np.testing.assert_array_equal(out, a)
    whole = np.zeros((*a.shape[:-1], a.shape[-1] + 5), a.dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copy, "STREAMED", streamed)
        copy.copy(team, [(whole[..., 2:-3], a)])
    np.testing.assert_array_equal(whole[..., 2:-3], a)
    assert not whole[..., :2].any()
    assert not whole[..., -3:].any()


def test_copies_of_objects() -> None:
    a = np.array([[None, "a"], [1, 2.0]])
    out = np.empty_like(a)
    copy.copy(TEAMS[2], [(out, a.T)])
    assert out.tolist() == a.T.tolist()
