"""Linear algebra on one matrix that lies on workers: NumPy's results and refusals, and nothing is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes
pytest.importorskip("scipy")

rng = numpy.random.default_rng(0)
SQUARE = rng.standard_normal((40, 40))
ARRAYS: dict[str, Any] = {
    "a": SQUARE + 20 * numpy.eye(40),
    "b": rng.standard_normal((40, 3)),
    "v": rng.standard_normal(40),
    "s": SQUARE @ SQUARE.T + 40 * numpy.eye(40),
    "c": SQUARE + 1j * SQUARE.T + 30 * numpy.eye(40),
    "t": rng.standard_normal((90, 6)),
    "w": rng.standard_normal((90, 2)),
    "i": rng.integers(-5, 6, (40, 40)) + 100 * numpy.eye(40, dtype=int),
    "f": (SQUARE + 30 * numpy.eye(40)).astype("f4"),
    "z": numpy.ones((40, 40)),
    "m": rng.standard_normal((90, 3000)),
    "r": numpy.outer(rng.standard_normal(90), rng.standard_normal(6)),
}
SAME = """
np.linalg.solve(a, b); np.linalg.solve(a, v); np.linalg.solve(c, b); np.linalg.solve(f, f); np.linalg.solve(i, i)
np.linalg.inv(a); np.linalg.inv(c); np.linalg.inv(i); np.linalg.inv(f); np.linalg.inv(a.T); np.linalg.inv(a[::2, ::2])
np.linalg.det(f / 30); np.linalg.slogdet(a); np.linalg.slogdet(c); np.linalg.slogdet(z); np.linalg.det(z)
np.linalg.cholesky(s); np.linalg.cholesky(s, upper=True); np.linalg.cholesky(s + np.triu(a, 1))
np.linalg.svd(t, compute_uv=False); np.linalg.svdvals(t); np.linalg.svdvals(t.T); np.linalg.cond(t)
np.linalg.cond(t, -2)
np.linalg.matrix_rank(t); np.linalg.matrix_rank(r); np.linalg.matrix_rank(t, tol=11.0)
np.linalg.matrix_rank(t, rtol=0.8)
np.linalg.pinv(t); np.linalg.pinv(t.T); np.linalg.pinv(r, rcond=1e-9); np.linalg.pinv(t, rtol=0.9)
np.linalg.lstsq(t, w)[0]; np.linalg.lstsq(t, w)[1]; np.linalg.lstsq(t, w[:, 0])[0]; np.linalg.lstsq(t, w, 0.9)[2]
np.linalg.lstsq(r, w, 1e-9)[0]; np.linalg.lstsq(r, w, 1e-9)[1]; np.linalg.lstsq(t.T, w[:6])[0]; np.linalg.lstsq(t, w)[3]
np.linalg.lstsq(t + 1j * w[:, :1], w)[0]; np.linalg.lstsq(t + 1j * w[:, :1], w)[1]; np.linalg.lstsq(i[:, :5], v)[0]
np.linalg.lstsq(t.astype('f4'), w.astype('f4'))[1]; np.linalg.lstsq(t, w)[2]
np.linalg.lstsq(t, m)[0]; np.linalg.lstsq(t, m)[1]; np.linalg.lstsq(t[:7, :1], m[:7])[1]; np.polyfit(v, m[:40], 1)
np.linalg.norm(t, 2); np.linalg.norm(t, 'nuc'); np.linalg.matrix_power(a / 20, -2); np.linalg.tensorsolve(a, v)
np.linalg.qr(a)[0] @ np.linalg.qr(a)[1]; abs(np.linalg.qr(t).R); abs(np.linalg.qr(a, 'r')); abs(np.linalg.qr(t.T).Q)
(lambda u, s, v: u * s @ v)(*np.linalg.svd(t, full_matrices=False))
(lambda u, s, v: u * s @ v)(*np.linalg.svd(t.T, full_matrices=False))
"""
REFUSED = """
np.linalg.inv(z); np.linalg.solve(z, b); np.linalg.cholesky(-s); np.linalg.inv(t); np.linalg.det(t)
np.linalg.solve(t, w)
np.linalg.solve(a, w); np.linalg.cholesky(t); np.linalg.qr(a, 'nothing'); np.linalg.lstsq(t, b)
np.linalg.pinv(t, 1, rtol=1)
np.linalg.matrix_rank(t, tol=1, rtol=1)
"""


@pytest.fixture(scope="module", params=counts(1, 2, 3, 4, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(backend="local", workers=request.param, eager_size=4, kernels="interpreted", verify=True):
        ramba.shutdown()
        yield request.param
    ramba.shutdown()


def lines(text: str) -> list[str]:
    return [part.strip() for line in text.strip().splitlines() for part in line.split("; ")]


def evaluated(text: str, np: Any) -> Any:
    return eval(text, {"np": np, **{name: np.array(x) for name, x in ARRAYS.items()}})


@pytest.mark.parametrize("text", lines(SAME))
def test_results_are_numpys(text: str) -> None:
    expected = evaluated(text, numpy)
    with ramba.config.set(on_fallback="raise"):  # nothing is gathered
        found = evaluated(text, ramba)
    for ours, theirs in zip(*[x if isinstance(x, tuple) else (x,) for x in (found, expected)], strict=True):
        ours, theirs = numpy.asarray(ours), numpy.asarray(theirs)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        precision = 2e-4 if theirs.dtype.char in "fF" else 1e-9
        numpy.testing.assert_allclose(ours, theirs, rtol=precision, atol=precision)


@pytest.mark.parametrize("text", lines(REFUSED))
def test_refusals_are_numpys(text: str) -> None:
    with pytest.raises(Exception) as theirs:
        evaluated(text, numpy)
    with pytest.raises(theirs.type) as ours:
        evaluated(text, ramba)
    assert str(ours.value) == str(theirs.value)


def test_the_largest_singular_values() -> None:
    matrix = ARRAYS["s"] / 40
    u, s, vh = ramba.linalg.svd_compressed(ramba.array(matrix), 5, n_power_iter=12, rng=0)
    numpy.testing.assert_allclose(s, numpy.linalg.svdvals(matrix)[:5], rtol=1e-6)
    numpy.testing.assert_allclose(u.T @ u, numpy.eye(5), atol=1e-9)
    numpy.testing.assert_allclose(vh @ vh.T, numpy.eye(5), atol=1e-9)
    with pytest.raises(ValueError, match="41 singular values"):
        ramba.linalg.svd_compressed(ramba.array(matrix), 41)
