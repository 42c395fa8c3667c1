"""Medians and quantiles: every method, over any axes, with NaN, without, weighted; on threads and on workers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreement import assert_agree
from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes

METHODS = """inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear
median_unbiased normal_unbiased lower higher midpoint nearest""".split()


@pytest.fixture(scope="module", params=counts(0, 1, 2, 3, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    chosen = {"backend": "local", "workers": request.param} if request.param else {}
    with ramba.config.set(**chosen, eager_size=0, kernels="interpreted", verify=True, on_fallback="raise"):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def array(shape: tuple[int, ...], dtype: str, nans: float, seed: int) -> Any:
    rng = numpy.random.default_rng(seed)
    a = rng.integers(-9, 9, shape).astype(dtype)
    if dtype[0] == "f":
        a[rng.random(shape) < nans] = numpy.nan
        if a.ndim > 1 and nans:
            a[0, ...] = numpy.nan
            a[-1, ...] = numpy.nan
        a.flat[0] = 0  # of a first row without numbers NumPy gives the precision of all
    return a


@given(
    st.data(),
    st.sampled_from(["quantile", "percentile", "nanquantile", "nanpercentile"]),
    st.sampled_from(METHODS),
    st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["f8", "f8", "f4", "i4"]),
    st.sampled_from([0, 0.1, 0.6]),
    st.sampled_from([0.5, 0, 1, [0.1, 0.5], [[0.0, 0.25, 1.0], [0.3, 0.5, 0.75]], [], numpy.float32(0.3)]),
    st.booleans(),
)
def test_quantiles(
    data: st.DataObject,
    name: str,
    method: str,
    shape: tuple[int, ...],
    dtype: str,
    nans: float,
    q: Any,
    keepdims: bool,
) -> None:
    a = array(shape, dtype, nans, data.draw(st.integers(0, 9)))
    axes = st.lists(
        st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=2, unique_by=lambda d: d % len(shape)
    )
    axis = data.draw(st.one_of(st.none(), st.integers(0, len(shape) - 1), axes.map(tuple)))
    q = q if "percentile" not in name else numpy.multiply(q, 100)[()] if not isinstance(q, float | int) else q * 100
    mine = ramba.array(a)

    def run(np: Any, x: Any) -> Any:
        return getattr(np, name)(x, q, axis, method=method, keepdims=keepdims)

    assert_agree(lambda: run(ramba, mine), lambda: run(numpy, a), ulps=4, slack=lambda _: 1e-5 * (dtype == "f4"))


@given(
    st.data(),
    st.sampled_from(["median", "nanmedian"]),
    st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["f8", "f4", "i8"]),
    st.sampled_from([0, 0.1, 0.6]),
    st.booleans(),
)
def test_medians(
    data: st.DataObject, name: str, shape: tuple[int, ...], dtype: str, nans: float, keepdims: bool
) -> None:
    a = array(shape, dtype, nans, data.draw(st.integers(0, 9)))
    axes = st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=2, unique=True)
    axis = data.draw(st.one_of(st.none(), st.integers(-len(shape), len(shape) - 1), axes.map(tuple)))
    mine = ramba.array(a)
    assert_agree(
        lambda: getattr(ramba, name)(mine, axis, keepdims=keepdims),
        lambda: getattr(numpy, name)(a, axis, keepdims=keepdims),
    )


@given(
    st.data(),
    st.sampled_from(["quantile", "nanpercentile"]),
    st.lists(st.integers(1, 6), min_size=1, max_size=3).map(tuple),
    st.sampled_from(["f8", "f4", "i4"]),
    st.sampled_from([0, 0.3]),
    st.booleans(),
)
def test_weights(data: st.DataObject, name: str, shape: tuple[int, ...], dtype: str, nans: float, along: bool) -> None:
    a = array(shape, dtype, nans, data.draw(st.integers(0, 9)))
    axis = data.draw(st.one_of(st.none(), st.integers(0, len(shape) - 1)))
    of_axis = along and axis is not None and name == "quantile"  # nanquantile of NumPy 2.4 indexes such weights wrongly
    # powers of two: their sums are exact in any order
    weights = 2.0 ** numpy.random.default_rng(1).integers(-3, 3, (shape[axis or 0],) if of_axis else shape)
    if weights.size > 2:
        weights.flat[0] = 0
    q = data.draw(st.sampled_from([0.5, 0, 1, [0.1, 0.9]]))
    q = numpy.multiply(q, 100)[()] if name == "nanpercentile" else q
    mine, heavy = ramba.array(a), ramba.array(weights)
    assert_agree(
        lambda: getattr(ramba, name)(mine, q, axis, method="inverted_cdf", weights=heavy),
        lambda: getattr(numpy, name)(a, q, axis, method="inverted_cdf", weights=weights),
    )


def test_long_rows() -> None:
    a = array((3, 20_000), "f8", 0.2, 0)
    a[1] = numpy.random.default_rng(3).standard_normal(20_000)
    x = ramba.array(a)
    for q in (0.3, [0.1, 0.7]):
        assert_agree(lambda q=q: ramba.nanquantile(x, q, 1), lambda q=q: numpy.nanquantile(a, q, 1), ulps=4)
        assert_agree(lambda q=q: ramba.nanquantile(x.T, q, 0), lambda q=q: numpy.nanquantile(a.T, q, 0), ulps=4)
    assert_agree(lambda: ramba.nanmedian(x, 1), lambda: numpy.nanmedian(a, 1))
    assert_agree(lambda: ramba.nanmedian(x), lambda: numpy.nanmedian(a))


def test_refusals_out_and_warnings() -> None:
    a = array((6, 7), "f8", 0, 0)
    x = ramba.array(a)
    with ramba.config.set(on_fallback="ignore"):
        for (
            text
        ) in """np.quantile(x, 1.5); np.percentile(x, -1); np.quantile(x, 0.5, 2); np.quantile(x, 0.5, method='z')
            np.quantile(x, 0.5, weights=x); np.quantile(x, 0.5, method='inverted_cdf', weights=x - 99)
            np.quantile(x, 0.5, method='inverted_cdf', weights=x[:2]); np.quantile(x, [[[0.5]]])
            np.quantile(x, 0.5, method='inverted_cdf', weights=x * 0); np.median(x, (0, 0)); np.nanmedian(x, 5)
            np.nanquantile(x, 0.5, 0, weights=x[0], method='inverted_cdf')""".replace("\n", ";").split(";"):
            if text.strip():
                theirs = lambda text=text: eval(text.strip(), {"np": numpy, "x": a})  # noqa: E731
                assert_agree(lambda text=text: eval(text.strip(), {"np": ramba, "x": x}), theirs)
    out = ramba.zeros((2, 7))
    assert ramba.nanquantile(x, [0.2, 0.4], 0, out) is out
    assert_agree(lambda: out, lambda: numpy.nanquantile(a, [0.2, 0.4], 0))
    assert ramba.nanmedian(x, 1, out[0, :6]) is not None
    assert_agree(lambda: out[0, :6], lambda: numpy.nanmedian(a, 1))
    assert_agree(lambda: ramba.quantile(x, 0.3, 1, overwrite_input=True), lambda: numpy.quantile(a, 0.3, 1))
    assert_agree(lambda: x, lambda: a)
    for call in ("nanmedian(x, 1)", "nanquantile(x, 0.5, 1)", "nanpercentile(x, [5, 6], 1)", "nanmedian(x)"):
        with pytest.warns(RuntimeWarning, match="All-NaN slice encountered"):
            eval(f"np.{call}", {"np": ramba, "x": x * numpy.nan})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            eval(f"np.{call}", {"np": ramba, "x": x})
