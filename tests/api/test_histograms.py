"""Histograms of several dimensions, and by rules that have names, on threads and on workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from ramba.engine import ENGINE
from ramba.lazyarray.core import ref
from tests.agreement import assert_agree
from tests.subject import counts, mode, ramba

pytestmark = pytest.mark.own_modes

rng = numpy.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "x": rng.standard_normal(300),
    "y": rng.standard_normal(300),
    "i": rng.integers(0, 9, 300),
    "w": rng.integers(1, 4, 300),
    "p": rng.standard_normal((300, 3)),
}
ARRAYS["n"] = numpy.where(ARRAYS["x"] > 2, numpy.nan, ARRAYS["x"])
NATIVE = """
np.histogram2d(x, y); np.histogram2d(x, i, 5); np.histogram2d(x, y, [3, 4]); np.histogram2d(x, y, [[-1, 0, 1], 4])
np.histogram2d(x, y, [-1, 0, 0.5, 1]); np.histogram2d(x, y, np.array([-1, 0, 0.5, 1])); np.histogram2d(i, i)
np.histogram2d(x, y, bins=[3, 4], range=[[-1, 1], [0, 1]]); np.histogram2d(x, y, range=[[-1, 1], None])
np.histogram2d(x, y, density=True); np.histogram2d(x, y, weights=w); np.histogram2d(x, y, weights=w * 0.5)
np.histogram2d(x, n, range=[[-1, 1], [-1, 1]]); np.histogramdd(p); np.histogramdd(p, (2, 3, 4)); np.histogramdd(x)
np.histogramdd((x, y, i), 4, density=True); np.histogramdd(p.astype('f4'), 3); np.histogramdd(i * 0)
"""
NATIVE += "".join(
    f"np.histogram({a}, {rule!r}{limits}); np.histogram_bin_edges({a}, {rule!r}{limits}); "
    for rule in ("auto", "doane", "fd", "rice", "scott", "sqrt", "sturges")
    for a in ("x", "i", "i[:1]", "x[:3]", "i * 0 + 2", "x.astype('f4')")
    for limits in ("", ", (-1, 2)", ", (50, 60)", ", (2, 2)")
)
REFUSED = """
np.histogram(x, 'none'); np.histogram(x, 'auto', weights=w); np.histogram(x, 'fd', (3, 1)); np.histogram(n, 'auto')
np.histogram_bin_edges(x, 0); np.histogram_bin_edges(x, [3, 1]); np.histogram_bin_edges(x, 2.5)
np.histogram_bin_edges(x, 3, weights=w[:5]); np.histogram_bin_edges(x, 'rice', weights=w)
np.histogram2d(x, n); np.histogram2d(x, y[:5]); np.histogram2d(x, y, 0); np.histogram2d(x, y, [2, 1.5])
np.histogram2d(x, y, [[1, 0], [0, 1]]); np.histogram2d(x, y, range=[[1, 0], [0, 1]]); np.histogramdd(p, (2, 3))
np.histogramdd(p, 3, range=[[0, 1]]); np.histogramdd(p, 3, weights=w[:5]); np.histogram2d(x, y, [5])
"""


@pytest.fixture(scope="module", params=counts(0, 1, 2, 3, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    chosen = {"backend": "local", "workers": request.param} if request.param else {}
    with ramba.config.set(**chosen, eager_size=0, kernels="interpreted", verify=True):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


@pytest.mark.parametrize("group", [NATIVE, REFUSED], ids=["native", "refused"])
def test_grids(group: str) -> None:
    with ramba.config.set(on_fallback="raise" if group is NATIVE else "ignore"):
        for text in filter(None, map(str.strip, group.replace("\n", ";").split(";"))):

            def run(np: Any, text: str = text) -> Any:
                return eval(text, {"np": np, **{name: np.array(value) for name, value in ARRAYS.items()}})

            try:
                assert_agree(lambda: run(ramba), lambda: run(numpy), ulps=4)
            except AssertionError as problem:
                raise AssertionError(f"{text}: {problem}") from problem


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u1", "u8"])
@pytest.mark.parametrize("limits", [None, (0, 9), (0.5, 7.25)])
@pytest.mark.parametrize("bins", [10, 100, 1000])
def test_elements_at_edges(dtype: str, limits: Any, bins: int) -> None:
    values = (numpy.random.default_rng(bins).integers(0, bins + 1, 9000) / bins * 10 - (dtype == "f4")).astype(dtype)
    assert_agree(
        lambda: ramba.histogram(ramba.asarray(values), bins, limits), lambda: numpy.histogram(values, bins, limits)
    )


@pytest.mark.parametrize("name", ["default", "3 workers"])
def test_limits_of_longdouble(name: str) -> None:
    limits = numpy.longdouble(1) + numpy.finfo("g").eps, numpy.longdouble(60)
    with mode(name):
        a = ramba.arange(100_000.0)
        assert_agree(lambda: ramba.histogram(a, 3, limits), lambda: numpy.histogram(numpy.arange(100_000.0), 3, limits))


def test_what_cannot_be_said_to_workers_is_forgotten() -> None:
    with mode("3 workers"):
        a = ramba.arange(100.0) * 2
        with pytest.raises(TypeError, match="longdouble"):
            ENGINE.call("sort", [ENGINE.operand(ref(a))], (numpy.longdouble(1),), 1)
        assert float(a.sum()) == 9900
        assert float(ramba.sort(a)[0]) == 0
