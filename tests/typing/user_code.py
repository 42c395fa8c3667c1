"""A program as users write it, with annotations: `mypy --strict` has nothing to say about it."""

from __future__ import annotations

from typing import Any, assert_type

import ramba as np
from ramba import linalg
from ramba.random import Generator
from ramba.typing import ArrayLike, DTypeLike, NDArray

Floats = NDArray[np.float64]


def normalized(rows: Floats, axis: int = -1) -> Floats:
    """Rows of length one."""
    lengths = np.sqrt((rows**2).sum(axis=axis, keepdims=True))
    return rows / np.maximum(lengths, 1e-12)


def total(values: ArrayLike, dtype: DTypeLike = np.float64) -> float:
    """A scalar out of anything like an array."""
    return float(np.asarray(values, dtype=dtype).sum())


def smoothed(field: np.ndarray, steps: int) -> np.ndarray:
    """Slices, updates in place and masks."""
    field = field.astype(np.float32).copy()
    for _ in range(steps):
        field[1:-1, 1:-1] += 0.1 * (field[2:, 1:-1] - 2 * field[1:-1, 1:-1] + field[:-2, 1:-1])
        field[field < 0] = 0
    field[..., 0], field[np.newaxis, 1] = 1.0, [2.0]
    return -field[::2].T.reshape(-1, 2)[:, ::-1]


def solved(rng: Generator, n: int) -> tuple[Floats, float]:
    """Linear algebra on random numbers."""
    matrix = rng.normal(size=(n, n)) + np.eye(n)
    right = rng.standard_normal(n)
    x = np.linalg.solve(matrix, right)
    q, r = linalg.qr(matrix)
    u, s, vh = np.linalg.svd(matrix)
    values = linalg.eigh(matrix + matrix.T).eigenvalues
    error: float = np.linalg.norm(matrix @ x - right)
    assert np.allclose(q @ r, u * s @ vh)
    assert values.ndim == 1
    return x, error


def counted(numbers: np.ndarray) -> dict[int, int]:
    """What functions with several results give."""
    values, counts = np.unique(numbers, return_counts=True)
    histogram, edges = np.histogram(numbers, bins=10)
    (places,) = np.nonzero(numbers > numbers.mean())
    assert_type(np.where(numbers > 0), tuple[np.ndarray, ...])
    assert histogram.sum() == numbers.size
    assert edges.size + places.size > 0
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def main() -> None:
    """Everything together, and what is no `Any`."""
    a = np.arange(10)
    assert_type(a, np.ndarray)
    assert_type(a + 1, np.ndarray)
    assert_type(1 - a, np.ndarray)
    assert_type(a[2:5], np.ndarray)
    assert_type(a > 3, np.ndarray)
    assert_type(np.sin(a), np.ndarray)
    assert_type(np.add(a, a, out=np.zeros(10)), np.ndarray)
    assert_type(np.add.reduce(np.ones((2, 2)), axis=0), np.ndarray)
    assert_type(np.zeros((3, 4), dtype=np.int32).sum(axis=0), np.ndarray)
    assert_type(np.divmod(a, 3), tuple[np.ndarray, np.ndarray])
    assert_type(np.concatenate([a, a]), np.ndarray)
    assert_type(np.stack((a, a), axis=1), np.ndarray)
    assert_type(np.random.default_rng(1).random((2, 3)), np.ndarray)
    assert_type(np.random.rand(3), np.ndarray)
    assert_type(np.fft.rfft(a), np.ndarray)
    assert_type(np.array_equal(a, a), bool)
    assert_type(a.shape, tuple[int, ...])
    assert_type(np.mgrid[0:2, 0:3], np.ndarray)
    assert_type(np.split(a, 2), list[np.ndarray])
    first: int = a[0]
    mean: float = a.mean()
    for item in a:
        total([item, first, mean])
    x, error = solved(np.random.default_rng(2), 4)
    smoothed(normalized(np.ones((4, 4))), 2).tolist()
    counted(np.random.default_rng(3).integers(0, 5, 100))
    with np.errstate(divide="ignore"), np.config.set(num_threads=2), np.kernels_run() as count:
        np.sync()
    text: str = np.explain(x) + x.info().state
    loaded: Any = np.ma.masked_array([1, 2], mask=[False, True])
    print(error, text, loaded, len(count), np.pi, np.float32(1), np.polynomial.polynomial.polyval(2.0, [1, 2]))
    np.testing.assert_allclose(np.einsum("i,i", x, x), np.dot(x, x))
    np.init(backend="threads")
    np.shutdown()


if __name__ == "__main__":
    main()
