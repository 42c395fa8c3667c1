"""Groups against plain loops over them: every reduction, dtype and operator, on threads and on workers."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.engine import ENGINE
from tests.subject import mode, ramba, repeats

pytestmark = pytest.mark.own_modes

MODES = ["default", "compiled", "threads", "1 workers", "2 workers", "3 workers", "4 workers"]
FOLDS = "sum nansum prod nanprod mean nanmean min max nanmin nanmax any all var nanvar std nanstd".split()
PLACES = "argmin argmax first last".split()
ORDER = "median nanmedian quantile nanquantile".split()
DTYPES = "? i1 u2 i4 u8 f4 f8 c8 c16".split()
TOLERANCE = {"f4": 1e-4, "c8": 1e-4}
OPERATORS = "add sub mul truediv floordiv mod pow lt le gt ge eq ne".split()


REPEATS = ("1 workers", "2 workers", "4 workers")


@pytest.fixture(params=[each for name in MODES for each in (repeats(name) if name in REPEATS else [name])])
def each_mode(request: pytest.FixtureRequest) -> Iterator[str]:
    with mode(request.param):
        yield request.param


def elements(rng: numpy.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
    """Small numbers, some of them not a number where that is possible."""
    a = rng.integers(0 if dtype[0] in "?u" else -2, 3, shape).astype(dtype)
    if dtype[0] in "fc":
        a[rng.random(shape) < 0.2] = numpy.nan
    return a


def labels(rng: numpy.random.Generator, extent: int, groups: int) -> Any:
    """Some codes for every group, and some for none; perhaps in order."""
    codes = rng.integers(-1, groups, extent)
    codes[:groups] = numpy.arange(groups)
    return numpy.sort(codes) if rng.random() < 0.3 else rng.permutation(codes)


def by_loop(name: str, a: Any, axis: int, codes: Any, groups: int, *args: Any, **options: Any) -> Any:
    """A reduction of one group after the other, by NumPy."""
    found = []
    for group in range(groups):
        places = numpy.flatnonzero(codes == group)
        rows = numpy.take(a, places, axis)
        match name:
            case "count":
                found.append((rows == rows).sum(axis))
            case "first" | "last":
                found.append(numpy.take(rows, 0 if name == "first" else -1, axis))
            case "argmin" | "argmax":
                found.append(places[getattr(numpy, name)(rows, axis)])
            case _:
                found.append(getattr(numpy, name)(rows, *args, axis=axis, **options))
    return numpy.stack(found, axis % a.ndim - a.ndim)


def agree(found: Any, expected: Any, dtype: str) -> None:
    """Fails unless dtype, shape and values are those of the loop."""
    assert type(found) is ramba.ndarray
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    tolerance = TOLERANCE.get(dtype, 1e-12)
    numpy.testing.assert_allclose(numpy.asarray(found), expected, rtol=tolerance, atol=tolerance)


SHAPES = [((13,), 0), ((4, 17), 1), ((17, 4), -2), ((3, 14, 5), 1), ((2, 3, 12), -1), ((2500, 18), 0), ((9, 800), 1)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions_are_those_of_a_loop(dtype: str, each_mode: str) -> None:
    rng = numpy.random.default_rng(DTYPES.index(dtype))
    for shape, axis in SHAPES:
        a, codes = elements(rng, shape, dtype), labels(rng, shape[axis], 4)
        groups = ramba.asarray(a).groupby(axis, codes)
        for name in (*FOLDS, "count", *PLACES):
            with warnings.catch_warnings(), numpy.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                expected = by_loop(name, a, axis, codes, 4)
            agree(getattr(groups, name)(), expected, dtype)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d[0] not in "c?"])
def test_order_statistics_are_those_of_a_loop(dtype: str, each_mode: str) -> None:
    rng = numpy.random.default_rng(7)
    for shape, axis in SHAPES[:6]:
        a, codes = elements(rng, shape, dtype), labels(rng, shape[axis], 3)
        groups = ramba.asarray(a).groupby(axis, codes)
        for name in ORDER:
            for q in ([], [0.3], [[0.0, 0.25, 1.0]]):
                if ("quantile" in name) == (not q):
                    continue
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    expected = by_loop(name, a, axis, codes, 3, *q)
                agree(getattr(groups, name)(*q), expected, dtype)


@pytest.mark.parametrize("ddof", [0, 1, 2.5])
def test_degrees_of_freedom(ddof: float, each_mode: str) -> None:
    rng = numpy.random.default_rng(3)
    a = rng.normal(1e6, 1.0, (6, 600))
    codes = numpy.arange(600) % 7
    for name in ("var", "std", "nanvar", "nanstd"):
        expected = by_loop(name, a, 1, codes, 7, ddof=ddof)
        numpy.testing.assert_allclose(
            numpy.asarray(getattr(ramba.asarray(a).groupby(1, codes), name)(ddof=ddof)), expected, rtol=1e-9
        )


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize(("left", "right"), [("f8", "f8"), ("i4", "i8"), ("f4", "f4"), ("u2", "f4")])
def test_operators_are_those_of_a_loop(name: str, left: str, right: str, each_mode: str) -> None:
    rng = numpy.random.default_rng(5)
    function = getattr(operator, name)
    for shape, axis in SHAPES:
        a = rng.integers(1, 5, shape).astype(left)
        codes = rng.integers(0, 3, shape[axis])
        codes[:3] = range(3)
        other = rng.integers(1, 4, (*shape[: axis % a.ndim], 3, *shape[axis % a.ndim + 1 :])).astype(right)
        groups = ramba.groupby(ramba.asarray(a), codes, axis)
        spread = numpy.take(other, codes, axis)
        agree(function(groups, ramba.asarray(other)), function(a, spread), "f4")
        agree(function(other, groups), function(spread, a), "f4")


def test_elements_without_a_group(each_mode: str) -> None:
    a, codes = numpy.arange(12.0).reshape(2, 6), numpy.array([0, -1, 1, 0, -5, 1])
    groups = ramba.asarray(a).groupby(1, codes)
    agree(groups - groups.mean(), numpy.where(codes < 0, numpy.nan, a - a[:, [0, 0, 2, 0, 0, 2]] - 1.5), "f8")
    whole = ramba.asarray(a.astype("i4")).groupby(1, codes)
    agree(whole.transform("max"), numpy.where(codes < 0, numpy.nan, a[:, [3, 0, 5, 3, 0, 5]]), "f8")
    assert not numpy.asarray(whole > whole.min())[:, [1, 4]].any()


def test_groups_without_elements(each_mode: str) -> None:
    a, codes = numpy.ones((3, 4)), [0, 0, 3, 3]
    groups = ramba.asarray(a).groupby(1, codes, num_groups=5)
    nothing = {"sum": 0, "nansum": 0, "prod": 1, "nanprod": 1, "count": 0, "any": False, "all": True}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nobody is warned of what is documented
        for name in (*FOLDS, "count", "first", "last", *ORDER[:2]):
            found = numpy.asarray(getattr(groups, name)())
            expected = nothing.get(name, numpy.nan)
            assert found.shape == (3, 5)
            numpy.testing.assert_array_equal(found[:, [1, 2, 4]], numpy.full((3, 3), expected))
        assert numpy.isnan(numpy.asarray(groups.quantile([0.1, 0.9]))[:, :, 1]).all()
        whole = ramba.asarray(a.astype("i2")).groupby(1, codes, num_groups=5)
        assert numpy.asarray(whole.sum())[0].tolist() == [2, 0, 0, 2, 0]
    for name in ("min", "max", "nanmin", "argmax", "first"):
        with pytest.raises(ValueError, match="group 1 has no elements"):
            getattr(whole, name)()
    assert ramba.asarray(numpy.empty((0, 2))).groupby(0, [], 2).sum().tolist() == [[0, 0], [0, 0]]
    assert ramba.asarray(numpy.empty((2, 0))).groupby(0, [0, 1]).mean().shape == (2, 0)


def test_what_is_refused(each_mode: str) -> None:
    a = ramba.arange(6.0).reshape(2, 3)
    refused: list[tuple[Any, type[Exception]]] = [
        (lambda: a.groupby(1, [0, 1, 3], 3), ValueError),
        (lambda: a.groupby(1, [0, 1]), ValueError),
        (lambda: a.groupby(1, [[0, 1, 1]]), ValueError),
        (lambda: a.groupby(1, [0, 1, 1], -1), ValueError),
        (lambda: a.groupby(1, [0.0, 1, 1]), TypeError),
        (lambda: a.groupby(2, [0, 1, 1]), numpy.exceptions.AxisError),
        (lambda: a.groupby(1, [0, 1, 1]) - numpy.ones((2, 3)), ValueError),
        (lambda: a.groupby(1, [0, 1, 1]).transform("mode"), ValueError),
        (lambda: (a > 1).groupby(1, [0, 1, 1]).quantile(0.5), TypeError),
        (lambda: ramba.groupby(["x", "y"], [0, 1]), TypeError),
        (lambda: a.groupby(1, [0, 1, 1]).sum(0), ValueError),
    ]
    for call, kind in refused:
        with pytest.raises(kind):
            call()


def test_sums_and_counts_apart(each_mode: str) -> None:
    a = numpy.array([[1.0, 2.0, numpy.nan], [4.0, 5.0, 6.0]])
    groups = ramba.asarray(a).groupby(1, [0, 1, 1])
    for name, count in (("mean", [[1, 2], [1, 2]]), ("nanmean", [[1, 1], [1, 2]])):
        total, found = getattr(groups, name)(-1, ret_separate=True)
        assert found.tolist() == count
        agree(total / found, numpy.asarray(getattr(groups, name)(dim=1)), "f8")


def test_codes_of_our_own(each_mode: str) -> None:
    a, codes = numpy.arange(40.0).reshape(4, 10), numpy.arange(10) % 3
    ours = ramba.asarray(codes) + 0
    agree(ramba.asarray(a).groupby(1, ours).mean(), by_loop("mean", a, 1, codes, 3), "f8")
    agree(ramba.asarray(a).groupby(1, ramba.asarray(codes) * 1, 4).sum()[:, :3], by_loop("sum", a, 1, codes, 3), "f8")
    kept = ramba.asarray(a).groupby(1, codes)
    codes[:] = 0
    agree(kept.max(), by_loop("max", a, 1, numpy.arange(10) % 3, 3), "f8")


def test_codes_that_turn_out_too_large() -> None:
    with mode("compiled"), pytest.raises(ValueError, match="name group 4"):
        groups = ramba.ones(5).groupby(0, ramba.arange(5) * 1, num_groups=3)
        groups.sum().tolist()


@pytest.mark.parametrize("reducer", [numpy.hypot, lambda x, y: numpy.where(x > y, x, y), max])
def test_apply(reducer: Any, each_mode: str) -> None:
    rng = numpy.random.default_rng(2)
    a, codes = rng.random((3, 23)), labels(rng, 23, 4)
    expected = numpy.zeros((3, 6))
    for row in range(3):
        for place, code in enumerate(codes):
            if code >= 0:
                expected[row, code] = reducer(expected[row, code], a[row, place])
    agree(ramba.asarray(a).groupby(1, codes, 6).apply(reducer, 0.0), expected, "f8")


@given(st.data())
def test_any_shape_any_codes(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=4)))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    groups = data.draw(st.integers(1, 5))
    rng = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    a, codes = elements(rng, shape, data.draw(st.sampled_from(["i1", "f8"]))), rng.integers(-1, groups, shape[axis])
    turned = data.draw(st.permutations(range(len(shape))))
    view = ramba.asarray(a.transpose(turned).copy()).transpose(numpy.argsort(turned))
    with mode(data.draw(st.sampled_from(MODES[1:]))), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("sum", "nanmean", "count", "var", "prod"):
            found = getattr(view.groupby(axis, codes, groups), name)()
            agree(found, by_loop(name, a, axis, codes, groups), "f4")


def test_results_are_lazy_and_the_same_for_any_number_of_threads() -> None:
    rng = numpy.random.default_rng(1)
    a, codes = rng.random((5, 30_000)), rng.integers(0, 9, 30_000)
    bits = []
    for threads in (1, 2, 3):
        with ramba.config.set(num_threads=threads, eager_size=0):
            ramba.shutdown()
            x = ramba.asarray(a) + 0.0
            before = len(ENGINE.pending)
            groups = x.groupby(1, codes)
            made = [groups.mean(), groups.var(), x[0].groupby(0, codes).sum(), groups - groups.mean()]
            assert len(ENGINE.pending) > before
            assert all(m._buffer.hold is None for m in made)
            bits.append([numpy.asarray(m).tobytes() for m in made])
            del made, x, groups
    ramba.shutdown()
    assert bits[0] == bits[1] == bits[2]
