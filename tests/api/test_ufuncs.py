"""Every ufunc of NumPy gives NumPy's answer: as a function, with its arguments, and through its methods."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

from tests.agreement import assert_agree, assert_same
from tests.strategies import COMPILED, FLOATS, LAYOUTS, RARE, Recipe, operands, recipes, seeds, shapes, under
from tests.subject import ramba

NAMES = {name for name in dir(numpy) if isinstance(getattr(numpy, name), numpy.ufunc)}
UFUNCS = sorted({getattr(numpy, name).__name__ for name in NAMES} - {"matvec", "vecmat", "vecdot", "matmul"})
BINARY = [name for name in UFUNCS if getattr(numpy, name).nin == 2 and getattr(numpy, name).nout == 1]

LIBM = set(
    "sin cos tan arcsin arccos arctan arctan2 asin acos atan atan2 sinh cosh tanh arcsinh arccosh arctanh "
    "asinh acosh atanh exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 cbrt power pow "
    "float_power hypot".split()
)
UNSIGNED_ZERO = {"maximum", "minimum", "fmax", "fmin"}  # NumPy itself answers max(0.0, -0.0) by position in a vector
ROUNDED_COMPLEX = LIBM | {
    "multiply",
    "divide",
    "true_divide",
    "square",
    "reciprocal",
    "sqrt",
    "absolute",
    "abs",
    "sign",
}


def options(name: str, dtypes: list[str]) -> dict[str, Any]:
    """How far results may be from NumPy's."""
    is_complex = any(dtype[0] == "c" for dtype in dtypes)
    ulps = (8 if is_complex else 4) if name in (ROUNDED_COMPLEX if is_complex else LIBM) else 0
    return {"ulps": ulps, "sign_of_zero": name not in UNSIGNED_ZERO and not (is_complex and ulps)}


def dtypes_of(arguments: list[Any]) -> list[str]:
    return ["c" if isinstance(a, complex) else getattr(a, "dtype", "f8") for a in arguments]


def check(name: str, arguments: list[Any], **keywords: Any) -> None:
    assert_agree(
        lambda: getattr(ramba, name)(*under(ramba, arguments), **keywords),
        lambda: getattr(numpy, name)(*under(numpy, arguments), **keywords),
        **options(name, [str(d) for d in dtypes_of(arguments)] + [str(keywords.get("dtype", "f8"))]),
    )


def test_a_ufunc_of_two_names_is_one() -> None:
    others = {name: getattr(numpy, name).__name__ for name in NAMES}
    assert len(set(others.values())) < len(NAMES)
    assert all(getattr(ramba, name) is getattr(ramba, other) for name, other in others.items())


@pytest.mark.parametrize("size", [3, 40_000])
@pytest.mark.parametrize(
    "where",
    [2, 0, 1.5, None, "x", numpy.uint64(3), numpy.float32(0), numpy.array(2), numpy.array([1, 0, 1]), [2, 0, 1]],
)
def test_what_is_no_mask(where: Any, size: int, uncompiled_mode: str) -> None:
    """Scalars are true or false, arrays of numbers are refused."""

    def call(np: Any, mask: Any) -> Any:
        a = np.arange(size * 3.0).reshape(size, 3)
        return np.maximum(a, a + 1, out=np.zeros((size, 3)), where=mask)

    assert_agree(lambda: call(ramba, where), lambda: call(numpy, where))
    if isinstance(where, numpy.generic):  # a lazy one
        assert_agree(lambda: call(ramba, (ramba.zeros(90_000, where.dtype) + where)[5]), lambda: call(numpy, where))


@pytest.mark.parametrize("name", UFUNCS)
def test_every_dtype(name: str, every_mode: str) -> None:
    for number, dtype in enumerate(COMPILED + RARE):
        recipe = [
            Recipe(dtype, (5, 7), LAYOUTS[(number + i) % len(LAYOUTS)], seed=number + i) for i in range(nin(name))
        ]
        check(name, recipe)


def nin(name: str) -> int:
    return getattr(numpy, name).nin


@pytest.mark.parametrize("name", UFUNCS)
@hypothesis.settings(max_examples=12)
@hypothesis.given(data=st.data())
def test_any_operands(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    arguments = data.draw(operands(nin(name), COMPILED))
    check(name, arguments)


@pytest.mark.parametrize("name", BINARY)
def test_mixed_dtypes(name: str, uncompiled_mode: str) -> None:
    mixed_dtypes(name)


@pytest.mark.parametrize("name", ["add", "power", "less_equal", "logical_or"])
def test_mixed_dtypes_compiled(name: str, lazy: None) -> None:
    mixed_dtypes(name)


def mixed_dtypes(name: str) -> None:
    for number, left in enumerate(COMPILED):
        for right in COMPILED[number % 3 :: 3]:
            check(name, [Recipe(left, (6,), seed=number), Recipe(right, (4, 1), seed=number + 1)])


@pytest.mark.parametrize(
    "scalar", [2, -3, 0, 255, 300, 2**40, 0.5, True, 1j, numpy.float32(0.1), numpy.int64(3), numpy.nan]
)
@pytest.mark.parametrize(
    "name", ["add", "multiply", "divide", "floor_divide", "power", "less", "maximum", "copysign", "bitwise_and"]
)
def test_scalars_are_weak_or_not(name: str, scalar: Any, uncompiled_mode: str) -> None:
    for dtype in COMPILED:
        check(name, [Recipe(dtype, (9,), seed=3, wild=False), scalar])
        check(name, [scalar, Recipe(dtype, (9,), seed=4, wild=False)])


@pytest.mark.parametrize("name", UFUNCS)
@hypothesis.settings(max_examples=8)
@hypothesis.given(data=st.data())
def test_out_and_where(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    """Also through views: the base of `out` must show the result, and nothing else may change."""
    shape = data.draw(shapes(1, 2))
    arguments = [data.draw(recipes(COMPILED, shape, wild=False)) for _ in range(nin(name))]
    masks = data.draw(st.none() | recipes(["?"], shape) | st.booleans())
    outs = [Recipe(data.draw(st.sampled_from(COMPILED)), (shape[0] + 3, *shape[1:]), seed=n) for n in range(nout(name))]
    casting = data.draw(st.sampled_from(["same_kind", "same_kind", "unsafe"])) if undefined(outs) else "same_kind"

    def call(module: Any) -> Any:
        bases = [out.under(module) for out in outs]
        views = tuple(base[2:-1] for base in bases)
        where = {} if masks is None else {"where": under(module, masks)}
        result = getattr(module, name)(*under(module, arguments), out=views, casting=casting, **where)
        assert result is views[0] or nout(name) > 1
        return [*bases, *(result if isinstance(result, tuple) else [result])]

    assert_agree(lambda: call(ramba), lambda: call(numpy), **options(name, [a.dtype for a in arguments]))


def nout(name: str) -> int:
    return getattr(numpy, name).nout


def undefined(outs: list[Recipe]) -> bool:
    """Unsafe casts are defined by C for all values only if the target is a float."""
    return all(out.dtype[0] in "fc" for out in outs)


@pytest.mark.parametrize("dtype", ["f4", "f8", "c16", "i8", "i4", "?", "f2"])
@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind"])
def test_dtype_and_casting(dtype: str, casting: str, uncompiled_mode: str) -> None:
    for name in ("add", "sqrt", "equal", "divide", "maximum"):
        for source in COMPILED[::2]:
            arguments = [Recipe(source, (4, 3), seed=n, wild=False) for n in range(nin(name))]
            check(name, arguments, dtype=dtype, casting=casting)


@pytest.mark.parametrize("name", BINARY)
@hypothesis.settings(max_examples=10)
@hypothesis.given(data=st.data())
def test_reduce(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, wild=False))
    keywords = draw_reduction(data, recipe, name)
    assert_agree(
        lambda: getattr(ramba, name).reduce(recipe.under(ramba), **keywords),
        lambda: getattr(numpy, name).reduce(recipe.under(numpy), **keywords),
        slack=lambda expected: scale(name, recipe, expected),
        sign_of_zero=name not in UNSIGNED_ZERO,
    )


def draw_reduction(data: st.DataObject, recipe: Recipe, name: str) -> dict[str, Any]:
    ndim = len(recipe.shape)
    axis = st.none() | st.integers(-ndim, max(ndim - 1, 0))
    if ndim > 1:
        axis |= st.permutations(range(ndim)).flatmap(lambda order: st.integers(1, ndim).map(lambda n: tuple(order[:n])))
    keywords: dict[str, Any] = {"axis": data.draw(axis), "keepdims": data.draw(st.booleans())}
    if data.draw(st.integers(0, 3)) == 0:
        keywords["initial"] = data.draw(st.sampled_from([0, 1, 3]))
    if data.draw(st.integers(0, 4)) == 0 and name in ("add", "multiply", "maximum"):
        keywords["dtype"] = data.draw(st.sampled_from(["f8", "c16"] if recipe.dtype[0] in "fc" else ["i8", "f8", "i2"]))
    return keywords


def scale(name: str, recipe: Recipe, expected: Any) -> Any:
    """Another order of summation moves a sum by some eps of the sum of magnitudes."""
    dtype = numpy.asarray(expected).dtype
    if dtype.kind not in "fc" or name not in (LIBM | {"add", "subtract", "multiply", "divide", "true_divide"}):
        return 0.0
    eps = numpy.finfo(numpy.result_type(dtype, recipe.dtype) if recipe.dtype[0] in "fc" else dtype).eps
    value = abs(recipe.under(numpy)).astype("f8")
    magnitudes = value.sum() + abs(numpy.where(numpy.isfinite(expected), expected, 0)) + 8
    return 16 * eps * magnitudes


@pytest.mark.parametrize("name", BINARY)
def test_accumulate_outer_at_reduceat(name: str, uncompiled_mode: str) -> None:
    for number, dtype in enumerate(COMPILED):
        left, right = (
            Recipe(dtype, (7, 3), LAYOUTS[number % 5], number, wild=False),
            Recipe(dtype, (4,), seed=9, wild=False),
        )

        def tolerance(expected: Any, left: Recipe = left) -> Any:
            return scale(name, left, expected)

        for method, rest in {
            "accumulate": lambda np: (0,),
            "reduceat": lambda np: ([0, 3, 2, 5],),
            "outer": lambda np, right=right: (right.under(np),),
        }.items():
            assert_agree(
                lambda method=method, rest=rest, left=left: getattr(getattr(ramba, name), method)(
                    left.under(ramba), *rest(ramba)
                ),
                lambda method=method, rest=rest, left=left: getattr(getattr(numpy, name), method)(
                    left.under(numpy), *rest(numpy)
                ),
                slack=tolerance,
                sign_of_zero=name not in UNSIGNED_ZERO and dtype[0] != "c",
            )
        assert_agree(
            lambda left=left, right=right: at(ramba, name, left, right),
            lambda left=left, right=right: at(numpy, name, left, right),
            slack=tolerance,
            sign_of_zero=name not in UNSIGNED_ZERO and dtype[0] != "c",
        )


def at(module: Any, name: str, left: Recipe, right: Recipe) -> Any:
    target = module.array(left.values(left.shape))
    getattr(module, name).at(target, module.array([0, 2, 0, -1]), right.under(module)[:, None])
    return target


@pytest.mark.parametrize("name", UFUNCS)
def test_attributes(name: str) -> None:
    for attribute in ("nin", "nout", "nargs", "ntypes", "identity", "signature", "types", "__name__"):
        assert getattr(getattr(ramba, name), attribute) == getattr(getattr(numpy, name), attribute)


@hypothesis.given(recipe=recipes(FLOATS + ["i4"]), seed=seeds)
def test_numpys_own_ufunc_on_our_array(recipe: Recipe, seed: int, every_mode: str) -> None:
    """`__array_ufunc__`: NumPy's functions accept our arrays and give ours back."""
    ours = numpy.add(recipe.under(ramba), 1)
    assert isinstance(ours, ramba.ndarray) or ours.ndim == 0
    assert_same(ours, numpy.add(recipe.under(numpy), 1))
