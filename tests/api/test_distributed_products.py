"""Products of arrays that lie on workers: NumPy's results and refusals, and nothing is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreement import assert_agree
from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(scope="module", params=counts(1, 2, 3, 4, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(
        backend="local", workers=request.param, eager_size=5, kernels="interpreted", on_fallback="raise", verify=True
    ):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


shapes = st.lists(st.sampled_from([1, 3, 3, 3, 8]), min_size=0, max_size=4).map(tuple)
dtypes = st.sampled_from(["f8", "i4", "c16", "?", "f4"])
CALLS = {
    "matmul": lambda np, a, b: a @ b,
    "dot": lambda np, a, b: np.dot(a, b),
    "method": lambda np, a, b: a.dot(b),
    "inner": lambda np, a, b: np.inner(a, b),
    "vdot": lambda np, a, b: np.vdot(a, b),
    "tensordot": lambda np, a, b: np.tensordot(a, b, 1),
    "tensordot2": lambda np, a, b: np.tensordot(a, b, ((0, -1), (1, 0))),
    "tensordot0": lambda np, a, b: np.tensordot(a, b, 0),
    "vecdot": lambda np, a, b: np.vecdot(a, b),
    "matvec": lambda np, a, b: np.matvec(a, b),
    "vecmat": lambda np, a, b: np.vecmat(a, b),
    "linalg": lambda np, a, b: np.linalg.matmul(a, b),
    "power": lambda np, a, b: np.linalg.matrix_power(a[..., :1, :1], 3) if a.ndim > 1 else 0,
}


def operand(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    rng = numpy.random.default_rng(seed)
    whole = rng.integers(-3, 4, shape).astype(dtype)
    return numpy.asarray(whole + 1j * rng.integers(-3, 4, shape) if dtype == "c16" else whole)


@given(st.sampled_from(sorted(CALLS)), shapes, shapes, dtypes, dtypes, st.booleans(), st.integers(0, 2))
def test_products(
    name: str, first: tuple[int, ...], second: tuple[int, ...], p: str, q: str, fits: bool, which: int
) -> None:
    if fits and first and second:
        second = (*second[:-2], first[-1], *second[-1:]) if len(second) > 1 else first[-1:]
    a, b = operand(first, p, 1), operand(second, q, 2)
    mine = (ramba.array(a) if which != 1 else a), (ramba.array(b) if which != 0 else b)
    call: Any = CALLS[name]
    if name == "method" and which == 1:
        return
    assert_agree(lambda: call(ramba, *mine), lambda: call(numpy, a, b), ulps=4)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("ij,jk->ik", [(6, 7), (7, 8)]),
        ("ij,jk", [(6, 7), (7, 8)]),
        ("bij,bjk->bki", [(5, 4, 6), (5, 6, 3)]),
        ("i,j->ji", [(9,), (8,)]),
        ("ij->j", [(9, 8)]),
        ("ijk->", [(3, 4, 5)]),
        ("abc,cd,bd->a", [(6, 4, 5), (5, 3), (4, 3)]),
        ("ij,ij->i", [(6, 7), (6, 7)]),
        ("ij,ik->jk", [(16, 7), (16, 5)]),
        ("ij,k->ik", [(6, 7), (9,)]),
    ],
)
@pytest.mark.parametrize("dtype", ["f8", "i8", "?"])
def test_einsum(text: str, shapes: list[tuple[int, ...]], dtype: str) -> None:
    theirs = [operand(shape, dtype, n) for n, shape in enumerate(shapes)]
    mine = [ramba.array(a) for a in theirs]
    assert_agree(lambda: ramba.einsum(text, *mine), lambda: numpy.einsum(text, *theirs), ulps=4)


def test_out_and_views() -> None:
    a, b = numpy.arange(48.0).reshape(8, 6), numpy.arange(42.0).reshape(6, 7)
    x, y, out = ramba.array(a), ramba.array(b), ramba.zeros((8, 7))
    assert ramba.matmul(x, y, out=out) is out
    assert_agree(lambda: (out, x.T @ x, x[::2] @ y[:, ::-1]), lambda: (a @ b, a.T @ a, a[::2] @ b[:, ::-1]))
    x @= ramba.ones((6, 6))
    assert_agree(lambda: x, lambda: a @ numpy.ones((6, 6)))
    assert_agree(lambda: numpy.matmul(x, y), lambda: a @ numpy.ones((6, 6)) @ b)
    assert_agree(lambda: ramba.dot(x, y, out=out[:, :3]), lambda: numpy.dot(a, b, out=numpy.zeros((8, 3))))
