"""Running sums, products and extremes: NumPy's, on any number of threads and for all strides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import scan
from ramba.kernels.local.fft import along_axis
from ramba.runtime.team import Team
from tests.kernels.local import KINDS, TEAMS, arrays, teams

OPS = ["add", "multiply", "maximum", "minimum", "subtract"]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays go the way of large ones."""
    monkeypatch.setattr(scan, "LONG", 1)
    monkeypatch.setattr(scan, "MANY", 1)
    monkeypatch.setattr(scan, "BLOCK", 30)
    monkeypatch.setattr("ramba.kernels.team.WORTH", 64)


@given(st.data(), teams, st.sampled_from(OPS), st.booleans())
def test_accumulate(data: st.DataObject, team: Team, op: str, exact: bool) -> None:
    a = data.draw(arrays([*KINDS, "i2", "u1"], 3))
    axis = data.draw(st.integers(-a.ndim, a.ndim - 1))
    wider = {"i": "i8", "u": "u8"}.get(a.dtype.kind)
    dtype = np.dtype(data.draw(st.sampled_from([a.dtype.str, wider or a.dtype.str])))
    with np.errstate(all="ignore"):
        expected = getattr(np, op).accumulate(a, axis, dtype)
        out = np.empty_like(expected)
        if data.draw(st.booleans()):
            out = np.empty_like(expected.T).T
        scan.accumulate(team, out, a, op, axis, exact)
    if op == "add" and dtype.kind in "fc" and not exact:
        finite = np.abs(a[np.isfinite(a)])
        tolerance = 8 * max(a.size, 1) * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance * float(finite.max(initial=0)))
    else:
        np.testing.assert_array_equal(out, expected)


@given(st.integers(1, 1000), st.sampled_from(["f4", "f8"]))
def test_sums_do_not_depend_on_the_number_of_threads(size: int, kind: str) -> None:
    a = np.random.default_rng(size).normal(size=size).astype(kind)
    sums = [np.empty_like(a) for _ in TEAMS]
    for team, out in zip(TEAMS.values(), sums, strict=True):
        scan.accumulate(team, out, a, "add", 0)
    assert len({out.tobytes() for out in sums}) == 1


@given(st.integers(1, 1000), st.sampled_from(["add", "maximum", "minimum"]))
def test_scans_in_place(size: int, op: str) -> None:
    a = np.random.default_rng(size).integers(-9, 9, size).astype("f8")
    expected = getattr(np, op).accumulate(a)
    scan.accumulate(TEAMS[2], a, a, op, 0)
    np.testing.assert_array_equal(a, expected)


@given(teams, st.integers(0, 1))
def test_fourier(team: Team, axis: int) -> None:
    a = np.random.default_rng(0).normal(size=(40, 50))
    expected = np.fft.fft(a, 64, axis)
    out = np.empty_like(expected)
    along_axis(team, np.fft.fft, a, out, 64, axis, None)
    np.testing.assert_array_equal(out, expected)
