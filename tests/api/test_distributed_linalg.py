"""Linear algebra on stacks that lie on threads or on workers: NumPy's results and refusals, and nothing is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree
from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes

rng = numpy.random.default_rng(0)
ARRAYS: dict[str, Any] = {"a": rng.standard_normal((9, 4, 4)), "b": rng.standard_normal((9, 4, 2))}
ARRAYS["s"] = ARRAYS["a"] @ ARRAYS["a"].swapaxes(1, 2) + 4 * numpy.eye(4)
ARRAYS["t"] = rng.standard_normal((2, 5, 4, 3))
ARRAYS["v"] = rng.standard_normal(4)
ARRAYS["c"] = ARRAYS["s"] + 1j * numpy.triu(ARRAYS["a"], 1) - 1j * numpy.triu(ARRAYS["a"], 1).swapaxes(1, 2)
ARRAYS["i"] = rng.integers(-5, 5, (9, 3, 3)) + 20 * numpy.eye(3, dtype=int)
ARRAYS["z"] = ARRAYS["s"] * (numpy.arange(9) != 7)[:, None, None]
ARRAYS["f"] = ARRAYS["s"].astype("f4")

STACKS = """
np.linalg.inv(a); np.linalg.inv(c); np.linalg.inv(i); np.linalg.inv(f); np.linalg.inv(s[::2]); np.linalg.inv(s.T)
np.linalg.det(a); np.linalg.det(i); np.linalg.slogdet(a); np.linalg.slogdet(a).sign; np.linalg.cholesky(s)
np.linalg.cholesky(s, upper=True); np.linalg.qr(a).R; np.linalg.qr(t, mode='complete'); np.linalg.qr(t, 'r')
np.linalg.eigh(s).eigenvalues; np.linalg.eigh(s, 'U')[0]; np.linalg.eigvalsh(c); np.linalg.eigvals(s).shape
np.linalg.eigvals(a).dtype; np.linalg.eig(i + 0).eigenvalues.dtype; np.linalg.svd(t)[1]; np.linalg.svdvals(t)
np.linalg.svd(t, compute_uv=False); np.linalg.svd(t, full_matrices=False).U.shape; np.linalg.pinv(t)
np.linalg.pinv(t, rcond=0.1); np.linalg.matrix_rank(z); np.linalg.matrix_rank(t, tol=0.5); np.linalg.cond(s)
np.linalg.cond(z); np.linalg.cond(s, 1); np.linalg.cond(s, 'fro'); np.linalg.solve(a, b); np.linalg.solve(a, v)
np.linalg.solve(a, b[:1]); np.linalg.solve(c, b); np.linalg.solve(a[:, None], t[0, :4, :, :]); np.linalg.solve(f, b)
np.linalg.matrix_power(a, 3); np.linalg.matrix_power(a, 5); np.linalg.matrix_power(a, 0); np.linalg.matrix_power(s, -2)
np.linalg.matrix_power(a, 1); np.linalg.matrix_power(i, 4); np.linalg.norm(t, axis=(1, 3))
np.linalg.norm(t, 'nuc', (3, 0)); np.linalg.norm(t, 2, (0, 1))
np.linalg.norm(t, -2, (-1, -2), keepdims=True); np.linalg.norm(t, 1, (2, 0))
np.linalg.norm(t, np.inf, (2, 0)); np.linalg.norm(t, -1, (0, 2)); np.linalg.norm(t, -np.inf, (3, 1), True)
np.linalg.norm(c, 'fro', (1, 2)); np.linalg.norm(b[0], 1); np.linalg.norm(b[0], np.inf); np.linalg.norm(t, 3, axis=2)
np.linalg.vector_norm(t); np.linalg.vector_norm(t, axis=(0, 2)); np.linalg.vector_norm(t, axis=1, keepdims=True, ord=1)
np.linalg.matrix_norm(t); np.linalg.matrix_norm(t, ord='nuc', keepdims=True); np.linalg.matrix_norm(a, ord=2)
"""
REFUSALS = """
np.linalg.inv(z); np.linalg.solve(z, b); np.linalg.cholesky(-s); np.linalg.inv(t); np.linalg.det(t)
np.linalg.inv(a * np.nan)
np.linalg.solve(a, b[:, :3]); np.linalg.solve(a, b[:5]); np.linalg.norm(t, 7, (0, 1)); np.linalg.norm(t, 2, (1, 1))
np.linalg.norm(t, 'x', 1); np.linalg.norm(t, 2); np.linalg.eigvals(a * np.inf); np.linalg.matrix_power(t, 2)
np.linalg.matrix_power(a, 1.5); np.linalg.eigh(s, 'x'); np.linalg.inv(a, 3); np.linalg.vector_norm(t, axis=7)
np.linalg.matrix_power(z, -1); np.linalg.norm(t, 2, (1, 9)); np.linalg.qr(a, 'nothing')
"""


@pytest.fixture(scope="module", params=counts(0, 1, 2, 3, 4, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    chosen = {"backend": "local", "workers": request.param} if request.param else {}
    with ramba.config.set(**chosen, eager_size=4, kernels="interpreted", verify=True):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


@pytest.mark.parametrize("group", [STACKS, REFUSALS], ids=["stacks", "refusals"])
def test_calls(group: str) -> None:
    with ramba.config.set(on_fallback="raise" if group is STACKS else "ignore"):
        for text in filter(None, map(str.strip, group.replace("\n", ";").split(";"))):

            def run(np: Any, text: str = text) -> Any:
                return eval(text, {"np": np, **{name: np.array(value) for name, value in ARRAYS.items()}})

            try:
                slack = 1e-3 if "(f" in text else 1e-9
                assert_agree(lambda: run(ramba), lambda: run(numpy), slack=lambda _, slack=slack: slack, ulps=1000)
            except AssertionError as problem:
                raise AssertionError(f"{text}: {problem}") from problem


def test_the_parts_of_a_decomposition_belong_together() -> None:
    a = ramba.array(ARRAYS["a"])
    u, s, vh = ramba.linalg.svd(a)
    q, r = ramba.linalg.qr(a)
    w, v = ramba.linalg.eig(a)
    for product in (u * s[:, None, :] @ vh, q @ r):
        numpy.testing.assert_allclose(product, ARRAYS["a"], atol=1e-12)
    numpy.testing.assert_allclose(a @ v, v * w[:, None, :], atol=1e-12)


def test_a_singular_matrix_is_refused_in_the_call_and_harms_nobody() -> None:
    z, other = ramba.array(ARRAYS["z"]) * 1, ramba.array(ARRAYS["a"]) + 1
    with pytest.raises(numpy.linalg.LinAlgError, match="Singular"):
        ramba.linalg.inv(z)
    numpy.testing.assert_array_equal(other, ARRAYS["a"] + 1)
