"""Factorisations of one matrix that lies on several workers."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ramba.kernels import panels
from ramba.layout.partition import partition
from tests.kernels.together import WORKERS, Operand, partitions, together

pytest.importorskip("scipy")


@pytest.fixture(autouse=True, params=[3, 128])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "WIDTH", request.param)


def matrix(rows: int, columns: int, dtype: str, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "i":
        return rng.integers(-9, 10, (rows, columns)).astype(dtype)
    imaginary = 1j * rng.standard_normal((rows, columns)) if np.dtype(dtype).kind == "c" else 0
    return (rng.standard_normal((rows, columns)) + imaginary).astype(dtype)


DTYPES = st.sampled_from(["f4", "f8", "c8", "c16", "i4"])
SIZES = st.sampled_from([1, 2, 3, 5, 7, 12, 17])


def near(found: Any, expected: Any, condition: float = 1) -> None:
    precision = np.finfo(expected.dtype).eps * 200 * max(condition, 1)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    scale = max(float(abs(expected).max(initial=0)), 1)
    assert float(abs(found - expected).max(initial=0)) <= precision * scale


@settings(deadline=None)
@given(st.data(), SIZES, st.integers(1, 9), DTYPES, st.sampled_from(WORKERS), st.integers(0, 99))
def test_solutions(data: st.DataObject, n: int, columns: int, dtype: str, workers: int, seed: int) -> None:
    a, b = matrix(n, n, dtype, seed), matrix(n, columns, dtype, seed + 1)
    if np.linalg.cond(a) > 1e4:
        a = a + (n * 9) * np.eye(n, dtype=a.dtype)
    operands = [Operand(x, data.draw(partitions(x.shape, workers))) for x in (a, b)]
    condition = float(np.linalg.cond(a))
    near(together("solve_matrix", workers, 0, operands).arrays[0], np.linalg.solve(a, b), condition)
    near(together("inv_matrix", workers, 0, operands[:1]).arrays[0], np.linalg.inv(a), condition)
    sign, log = together("slogdet_matrix", workers, 0, operands[:1]).arrays
    expected = np.linalg.slogdet(a)
    near(sign, np.asarray(expected[0]), condition)
    near(log, np.asarray(expected[1]), condition)


@settings(deadline=None)
@given(SIZES, DTYPES, st.sampled_from(WORKERS), st.integers(0, 99))
def test_cholesky(n: int, dtype: str, workers: int, seed: int) -> None:
    a = matrix(n, n, dtype, seed)
    a = a @ a.conj().T + n * np.eye(n, dtype=a.dtype)
    operand = Operand(np.tril(a), partition(a.shape, workers, 0))  # the lower triangle is read
    near(together("cholesky_matrix", workers, 0, [operand]).arrays[0], np.linalg.cholesky(a), 50)


@settings(deadline=None)
@given(st.data(), SIZES, st.sampled_from([1, 2, 4, 9, 40]), DTYPES, st.sampled_from(WORKERS), st.integers(0, 99))
def test_qr(data: st.DataObject, columns: int, tall: int, dtype: str, workers: int, seed: int) -> None:
    rows = data.draw(st.sampled_from([columns * tall, max(columns // 2, 1), columns + 3]))
    a = matrix(rows, columns, dtype, seed)
    operand = Operand(a, data.draw(partitions(a.shape, workers)))
    q, r = together("qr_matrix", workers, 0, [operand], "reduced").arrays
    q_numpy, r_numpy = np.linalg.qr(a)
    assert (q.shape, r.shape) == (q_numpy.shape, r_numpy.shape)
    near(q @ r, a.astype(q.dtype), 10)
    near(q.conj().T @ q, np.eye(q.shape[1], dtype=q.dtype), 10)
    np.testing.assert_array_equal(r, np.triu(r))
    (alone,) = together("qr_matrix", workers, 0, [operand], "r").arrays
    near(alone, r, 10)


@settings(deadline=None)
@given(st.sampled_from([1, 2, 5]), st.integers(0, 9), DTYPES, st.sampled_from(WORKERS), st.integers(0, 99))
def test_singular_values_of_tall_matrices(columns: int, more: int, dtype: str, workers: int, seed: int) -> None:
    a = matrix(columns * workers + more, columns, dtype, seed)
    operand = Operand(a, partition(a.shape, workers, 0))
    u, s, vh = together("svd_tall", workers, 0, [operand]).arrays
    near(s, np.linalg.svd(a, compute_uv=False), 10)
    near((u * s) @ vh, a.astype(u.dtype), 10)
    near(u.conj().T @ u, np.eye(columns, dtype=u.dtype), 10)


@pytest.mark.parametrize("workers", WORKERS)
def test_what_numpy_refuses(workers: int) -> None:
    singular = np.ones((8, 8))
    operands = [Operand(x, partition(x.shape, workers, 0)) for x in (singular, singular[:, :1])]
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        together("solve_matrix", workers, 0, operands)
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        together("inv_matrix", workers, 0, operands[:1])
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        together("cholesky_matrix", workers, 0, [Operand(-np.eye(8), partition((8, 8), workers, 0))])
    sign, log = together("slogdet_matrix", workers, 0, operands[:1]).arrays
    assert (sign, log) == (0, -np.inf)


@pytest.mark.parametrize("name", ["solve_matrix", "cholesky_matrix", "qr_matrix"])
def test_no_worker_holds_the_whole_matrix(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "WIDTH", 32)
    n, workers = 400, 7
    a = matrix(n, n, "f8", 0)
    a = a @ a.T + n * np.eye(n)
    operands = [Operand(a, partition(a.shape, workers, 0))] * (2 if name == "solve_matrix" else 1)
    tracemalloc.start()
    try:
        together(name, workers, 0, operands, *(["reduced"] if name == "qr_matrix" else []))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * workers * a.nbytes  # of all workers: each has a few times its share, and messages of a panel
