"""Functions made of others: bits, triangles, zeros at the ends, fits of polynomials, on threads and on workers."""

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

rng = numpy.random.default_rng(1)
ORDERS = ("big", "little")
AXES = (None, 0, -1, 1)


@pytest.fixture(scope="module", params=counts(0, 1, 2, 3, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    chosen = {"backend": "local", "workers": request.param} if request.param else {}
    with ramba.config.set(**chosen, eager_size=0, kernels="interpreted", verify=True):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def agree(text: str, ulps: int = 4, **arrays: Any) -> None:
    def run(np: Any) -> Any:
        return eval(text, {"np": np, **{name: np.array(value) for name, value in arrays.items()}})

    assert_agree(lambda: run(ramba), lambda: run(numpy), ulps=ulps)


@given(
    shape=st.lists(st.integers(0, 19), min_size=0, max_size=3),
    dtype=st.sampled_from("?Bl"),
    axis=st.sampled_from((*AXES, 5)),
    order=st.sampled_from((*ORDERS, "other")),
)
def test_bits_are_packed(shape: list[int], dtype: str, axis: int | None, order: str) -> None:
    agree(f"np.packbits(a, {axis}, {order!r})", a=rng.integers(0, 2, shape).astype(dtype))


@given(
    shape=st.lists(st.integers(1, 9), min_size=0, max_size=3),
    axis=st.sampled_from((*AXES, 5)),
    order=st.sampled_from(ORDERS),
    count=st.one_of(st.none(), st.integers(-90, 90)),
)
def test_bits_are_taken_out(shape: list[int], axis: int | None, order: str, count: int | None) -> None:
    agree(f"np.unpackbits(a, {axis}, {count}, {order!r})", a=rng.integers(0, 256, shape).astype("B"))


@given(n=st.integers(-1, 12), k=st.integers(-14, 14), m=st.one_of(st.none(), st.integers(-1, 12), st.just(2.5)))
def test_triangles(n: int, k: int, m: float | None) -> None:
    agree(f"np.tril_indices({n}, {k}, {m})")
    agree(f"np.triu_indices({n}, {k}, {m})")
    shape = (max(n, 0), max(int(m or 3), 0))
    agree(f"a[np.tril_indices_from(a, {k})]", a=rng.integers(0, 9, shape))
    agree(f"a[np.triu_indices_from(a, {k})]", a=rng.integers(0, 9, shape))
    agree("np.triu_indices_from(a)", a=numpy.ones(3))


@given(
    shape=st.lists(st.integers(0, 5), min_size=0, max_size=3),
    trim=st.sampled_from(("fb", "f", "b", "FB", "", "x")),
    axis=st.sampled_from((*AXES, (), (0, 1), 7)),
)
def test_zeros_at_the_ends(shape: list[int], trim: str, axis: Any) -> None:
    agree(f"np.trim_zeros(a, {trim!r}, {axis})", a=rng.integers(0, 4, shape) // 3)


@pytest.mark.parametrize("dtype", "?bBhHilfdFD")
def test_sorted_as_complex_numbers(dtype: str) -> None:
    agree("np.sort_complex(a)", a=(rng.standard_normal((3, 40)) * 50).astype(dtype))


def test_products_of_vectors() -> None:
    a = rng.integers(-9, 9, (4, 5, 6))
    agree("np.linalg.vecdot(a, a)", a=a)
    agree("np.linalg.vecdot(a * 1j, a, axis=0)", a=a)
    agree("np.linalg.vecdot(a, a[..., :2])", a=a)


HOW = ("", "full=True", "cov=True", "cov='unscaled'", "w=w", "w=w, cov=True", "rcond=0.5")
WRONG = """
np.polyfit(x, y, -1); np.polyfit(x, y[:3], 1); np.polyfit(x[:0], y[:0], 1); np.polyfit(x, y, 1, w=w[:3])
np.polyfit(x, y, 1, w=w[:, None]); np.polyfit(x.reshape(2, -1), y, 1); np.polyfit(x, y.reshape(1, 1, -1), 1)
np.polyfit(x[:2], y[:2], 1, cov=True); np.polyfit(x, y, 'a')
"""


@pytest.mark.filterwarnings("ignore::numpy.exceptions.RankWarning")
@pytest.mark.parametrize("degree", [0, 1, 3])
def test_polynomials_are_fitted(degree: int) -> None:
    x, w = numpy.linspace(-2, 3, 60), rng.random(60) + 0.1
    for how in HOW:
        for y in (x**3 - 2 * x + w, numpy.stack([w, x], 1), (9 * w).astype(int)):
            for found, wanted in zip(
                _fitted(ramba, x, y, w, degree, how), _fitted(numpy, x, y, w, degree, how), strict=True
            ):
                assert found.shape == wanted.shape
                assert found.dtype == wanted.dtype
                numpy.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def _fitted(np: Any, x: Any, y: Any, w: Any, degree: int, how: str) -> list[Any]:
    given = {"np": np, "x": np.array(x), "y": np.array(y), "w": np.array(w)}
    found = eval(f"np.polyfit(x, y, {degree}, {how})", given)
    return [numpy.asarray(each) for each in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize("text", [text.strip() for text in WRONG.replace("\n", ";").split(";") if text.strip()])
def test_what_cannot_be_fitted_is_refused(text: str) -> None:
    agree(text, x=numpy.linspace(-2, 3, 60), y=rng.random(60), w=rng.random(60))
