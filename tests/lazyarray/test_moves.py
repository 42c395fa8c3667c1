"""Kernels that only move elements, among them assignments of a large array to parts of itself: NumPy's results."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ramba
from ramba.kernels.local import copy


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small arrays go the way of large ones."""
    for name in ("MANY", "ENOUGH", "ENOUGH_ODD", "ROW"):
        monkeypatch.setattr(copy, name, 1)
    with ramba.config.set(eager_size=0, kernels="auto", num_threads=2):
        yield


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_copies_and_assignments(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.sampled_from([1, 2, 9, 17, 30]), min_size=1, max_size=4)))
    dtype = data.draw(st.sampled_from(["u1", "i2", "f4", "f8", "c16", "b1"]))
    order = data.draw(st.permutations(range(len(shape))))
    key = tuple([slice(None, None, data.draw(st.sampled_from([1, 1, 1, -1, 2]))) for _ in shape])
    results = []
    for xp in (np, ramba):
        a = xp.arange(int(np.prod(shape))).astype(dtype).reshape(shape)
        turned = a.transpose(order)[tuple([key[d] for d in order])]
        parts = [turned.copy(), xp.concatenate([turned, turned]), turned.ravel("F"), xp.stack([turned, turned], -1)]
        a[..., 1:] = a[..., :-1]
        a[::-1] = a
        if len(shape) > 1 and shape[0] == shape[1]:
            a[...] = a.swapaxes(0, 1)
        b = a.copy()
        b.T[...] = a.T[::-1, ...]
        results.append([*parts, a, b])
    for wanted, found in zip(*results, strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(np.asarray(found), wanted)


@pytest.mark.one_process
def test_a_copy_runs_without_being_compiled() -> None:
    a = ramba.arange(90_000.0).reshape(300, 300)
    ramba.sync()
    ran: list[ramba.events.Ran] = []

    def note(event: object) -> None:
        if isinstance(event, ramba.events.Ran):
            ran.append(event)

    with ramba.events.subscribe(note):
        b = a.T.copy()
        ramba.sync()
    assert [event.executor for event in ran] == ["compiled"]
    np.testing.assert_array_equal(np.asarray(b), np.arange(90_000.0).reshape(300, 300).T)
