"""Reductions and scans give NumPy's answers; sums are as accurate, and the same for any number of threads."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

from tests.agreement import assert_agree, assert_same
from tests.strategies import COMPILED, RARE, Recipe, recipes
from tests.subject import ramba

EXACT = [
    "min",
    "max",
    "any",
    "all",
    "argmin",
    "argmax",
    "count_nonzero",
    "nanmin",
    "nanmax",
    "ptp",
    "nanargmin",
    "nanargmax",
]
SUMMED = ["sum", "prod", "mean", "var", "std", "nansum", "nanprod", "nanmean", "nanvar", "nanstd"]
SCANS = ["cumsum", "cumprod", "nancumsum", "nancumprod"]
METHODS = ["sum", "prod", "mean", "var", "std", "min", "max", "any", "all", "argmin", "argmax", "cumsum", "cumprod"]


def draw_arguments(data: st.DataObject, name: str, recipe: Recipe) -> dict[str, Any]:
    ndim = len(recipe.shape)
    axis = st.none() | st.integers(-ndim, max(ndim - 1, 0))
    if ndim > 1 and "arg" not in name and name not in SCANS:
        axis |= st.permutations(range(ndim)).flatmap(lambda order: st.integers(0, ndim).map(lambda n: tuple(order[:n])))
    arguments: dict[str, Any] = {"axis": data.draw(axis)}
    if name not in SCANS and data.draw(st.booleans()):
        arguments["keepdims"] = data.draw(st.booleans())
    rarely = st.integers(0, 3)
    if name in ("sum", "prod", "min", "max", "nansum", "nanmin", "nanprod") and data.draw(rarely) == 0:
        arguments["initial"] = data.draw(st.sampled_from([0, 2, -3.5]))
    if name in ("sum", "prod", "min", "mean", "var", "std", "any", "all", "nansum") and data.draw(rarely) == 0:
        arguments["where"] = data.draw(recipes(["?"], recipe.shape))
    if name in ("sum", "prod", "mean", "cumsum", "cumprod", "nansum") and data.draw(rarely) == 0:
        arguments["dtype"] = data.draw(
            st.sampled_from(["f4", "f8", "c16"] if recipe.dtype[0] in "fcg" else ["i2", "f8", "u8"])
        )
    if name in ("var", "std", "nanvar", "nanstd") and data.draw(rarely) == 0:
        arguments["ddof"] = data.draw(st.sampled_from([1, 0.5]))
    return arguments


def tolerance(name: str, recipe: Recipe) -> Any:
    """By how much another order of summation may move the result."""

    def slack(expected: Any) -> Any:
        dtype = numpy.asarray(expected).dtype
        if name in EXACT or dtype.kind not in "fc":
            return 0.0
        values = abs(recipe.under(numpy)).astype("f8").ravel()
        values = values[numpy.isfinite(values)]
        largest = max(1.0, float(values.max(initial=0)))
        eps = float(max(numpy.finfo(dtype).eps, numpy.finfo(recipe.dtype).eps if recipe.dtype[0] in "fc" else 0))
        if "prod" in name:
            return 4 * eps * (values.size + 2) * abs(numpy.where(numpy.isfinite(expected), expected, 0))
        power = 2 if "var" in name or "std" in name else 1
        return 4 * eps * (float((values**power).sum()) + largest**power)

    return slack


@pytest.mark.parametrize("name", EXACT + SUMMED + SCANS)
@hypothesis.settings(max_examples=30)
@hypothesis.given(data=st.data())
def test_agrees_with_numpy(name: str, every_mode: str, data: st.DataObject) -> None:
    wild = name in EXACT or data.draw(st.integers(0, 3)) == 0
    recipe = data.draw(recipes(COMPILED + RARE, wild=wild))
    hypothesis.assume(name in EXACT or not wild or recipe.dtype not in ("c8", "c16", "f2"))
    arguments = draw_arguments(data, name, recipe)

    def call(module: Any) -> Any:
        where = arguments.get("where")
        given = {**arguments, "where": where.under(module)} if where is not None else arguments
        if name in METHODS and recipe.seed % 2:
            return getattr(recipe.under(module), name)(**given)
        return getattr(module, name)(recipe.under(module), **given)

    hypothesis.assume(not overflows(lambda: call(numpy), recipe))
    assert_agree(lambda: call(ramba), lambda: call(numpy), slack=tolerance(name, recipe), sign_of_zero=False)


def overflows(call: Any, recipe: Recipe) -> bool:
    """Whether a finite input gives an infinite result: where it overflows depends on the order."""
    try:
        with numpy.errstate(all="ignore"):
            result = numpy.asarray(call())
    except Exception:
        return False
    return (
        result.dtype.kind in "fc"
        and not numpy.isfinite(result).all()
        and bool(numpy.isfinite(recipe.under(numpy)).all())
    )


@pytest.mark.parametrize("name", SUMMED + SCANS + EXACT)
@pytest.mark.parametrize("shape", [(3000,), (50, 70), (7, 11, 13), (1, 5000), (5000, 1)], ids=str)
def test_larger_arrays(name: str, shape: tuple[int, ...], every_mode: str) -> None:
    for dtype in ("f4", "i8", "?", "f8"):
        recipe = Recipe(dtype, shape, seed=5, wild=False)
        for axis in (None, 0, len(shape) - 1):
            if "prod" in name and dtype[0] == "f":
                recipe = Recipe(dtype, (13, 7), seed=5, wild=False)
                axis = axis and 1
            assert_agree(
                lambda recipe=recipe, axis=axis: getattr(ramba, name)(recipe.under(ramba), axis=axis),
                lambda recipe=recipe, axis=axis: getattr(numpy, name)(recipe.under(numpy), axis=axis),
                slack=tolerance(name, recipe),
            )


@pytest.mark.parametrize("name", ["sum", "mean", "cumsum", "prod", "max", "any"])
def test_out(name: str, every_mode: str) -> None:
    def call(module: Any) -> Any:
        array = module.arange(24.0).reshape(4, 6) / 8
        out = module.zeros((5, 6)) if name != "cumsum" else module.zeros((4, 7))
        target = out[2] if name != "cumsum" else out[:, 1:]
        result = getattr(module, name)(array, axis=0 if name != "cumsum" else 1, out=target)
        assert result is target
        return [out, result]

    assert_agree(lambda: call(ramba), lambda: call(numpy), ulps=2)


def test_out_of_other_kinds(every_mode: str) -> None:
    """An ellipsis asks for an array, of the operand's class; what is no array is refused."""

    class Own(numpy.ndarray):
        pass

    x = ramba.arange(4.0)
    assert type(ramba.add.reduce(numpy.arange(4.0).view(Own), out=...)) is Own
    assert isinstance(ramba.add.reduce(x, out=...), ramba.ndarray)
    for method in (ramba.add.reduce, ramba.add.accumulate):
        with pytest.raises(TypeError):
            method(x, out="invalid")


def test_folds_in_a_dtype_that_only_numpy_knows(every_mode: str) -> None:
    x = ramba.array([2, 3])
    assert ramba.multiply.reduce(x, initial="ab", dtype=numpy.dtypes.StringDType) == "ab" * 6
    assert_same(ramba.add.reduce(x, dtype=numpy.longdouble), numpy.longdouble(5))


def test_sums_that_begin_with_a_negative_zero(every_mode: str) -> None:
    zeros = ramba.array([-0.0, -0.0])
    assert numpy.signbit(float(ramba.add.reduce(zeros, initial=-0.0)))
    assert not numpy.signbit(float(ramba.add.reduce(zeros, initial=0.0)))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("size", [1000, 100_000, 1_000_000])
def test_sums_are_as_accurate_as_numpys(dtype: str, size: int, lazy: None) -> None:
    values = (numpy.random.RandomState(size).standard_normal(size) * 1e3 + 1e3).astype(dtype)
    true = math.fsum(values.tolist())
    bound = 64 * numpy.finfo(dtype).eps * float(abs(values).sum()) / 2  # pairwise: eps * log2(n), not eps * n
    error, numpys = abs(float(ramba.array(values).sum()) - true), abs(float(values.sum()) - true)
    assert error <= max(4 * numpys, 0.1 * bound)
    along = abs(float(ramba.array(values).reshape(-1, 10).sum(axis=0)[3]) - math.fsum(values[3::10].tolist()))
    assert along <= 0.1 * bound * 10  # NumPy itself adds row after row here


@pytest.mark.parametrize("name", ["sum", "mean", "var", "prod", "cumsum"])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c16"])
def test_same_bits_for_any_number_of_threads(name: str, dtype: str) -> None:
    values = Recipe(dtype, (900, 1100), seed=1, wild=False).under(numpy) / 7
    values = numpy.exp(values / 9) if name == "prod" else values
    seen = []
    for threads in (1, 2, 3, 7):
        with ramba.config.set(num_threads=threads, eager_size=0, kernels="compiled"):
            array = ramba.array(values)
            seen.append([numpy.asarray(getattr(array, name)(axis=axis)) for axis in (None, 0, 1)])
    for other in seen[1:]:
        assert_same(other, seen[0])


def test_integer_sums_wrap_around(lazy: None) -> None:
    for dtype in ("i4", "u4", "i8", "u8", "i1"):
        values = numpy.full(1000, numpy.iinfo(dtype).max, dtype)
        assert_same(ramba.array(values).sum(), values.sum())
        assert_same(ramba.array(values).sum(dtype=dtype), values.sum(dtype=dtype))
        assert_same(ramba.array(values).cumsum(dtype=dtype), values.cumsum(dtype=dtype))


def test_the_mean_of_thirds(lazy: None) -> None:
    """A mean is one rounding away from the truth."""
    values = numpy.arange(1, 10_001) / 3.0
    true = float(sum((Fraction(v) for v in values.tolist()), Fraction()) / 10_000)
    assert abs(float(ramba.array(values).mean()) - true) <= 4 * numpy.spacing(true)


@pytest.mark.parametrize("call", ["sum", "min", "max", "any", "count_nonzero"])
@hypothesis.settings(max_examples=40)
@hypothesis.given(st.data())
def test_many_narrow_rows(call: str, data: st.DataObject) -> None:
    """They are folded side by side, what is left over for itself."""
    width = data.draw(st.integers(1, 140))
    rows = data.draw(st.integers(50_000, 150_000)) // width
    seed, dtype = data.draw(st.integers(0, 9)), data.draw(st.sampled_from(["f8", "f4", "i8", "u1", "c16"]))
    values = numpy.random.default_rng(seed).integers(0, 9, (rows, width)).astype(dtype)  # their sums are not rounded
    step = data.draw(st.sampled_from([1, 1, 2, -1]))
    with ramba.config.set(eager_size=0):
        a = ramba.asarray(values)[::step]
        assert_same(getattr(ramba, call)(a * 2, axis=0), getattr(numpy, call)(values[::step] * 2, axis=0))
        assert_same(getattr(ramba, call)(a, axis=0), getattr(numpy, call)(values[::step], axis=0))
