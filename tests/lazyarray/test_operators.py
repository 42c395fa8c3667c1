"""Python's operators on arrays, in both directions and in place."""

from __future__ import annotations

import operator
from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

from ramba.lazyarray.native import NATIVE
from tests.agreement import assert_agree, assert_same
from tests.strategies import COMPILED, Recipe, operands, recipes, under
from tests.subject import ramba

BINARY = "add sub mul truediv floordiv mod pow and_ or_ xor lshift rshift lt le gt ge eq ne".split()
IN_PLACE = "iadd isub imul itruediv ifloordiv imod ipow iand ior ixor ilshift irshift".split()
UNARY = "neg pos abs invert".split()


def options(name: str, arguments: list[Any]) -> dict[str, Any]:
    is_complex = any(
        isinstance(a, complex) or getattr(a, "dtype", "f")[0] == "c"
        for a in arguments
        if not isinstance(a, numpy.generic)
    )
    rounded = "pow" in name or (is_complex and name.strip("i") in ("mul", "truediv", "abs"))
    return {"ulps": 8 if rounded else 0, "sign_of_zero": not rounded}


@pytest.mark.parametrize("name", BINARY)
@hypothesis.given(data=st.data())
def test_binary(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    arguments = data.draw(operands(2, wild=False))
    if data.draw(st.booleans()):
        arguments.reverse()
    assert_agree(
        lambda: getattr(operator, name)(*under(ramba, arguments)),
        lambda: getattr(operator, name)(*under(numpy, arguments)),
        **options(name, arguments),
    )


@pytest.mark.parametrize("name", IN_PLACE)
@hypothesis.given(data=st.data())
def test_in_place(name: str, uncompiled_mode: str, data: st.DataObject) -> None:
    """The same array object, and every view of it, has the new values."""
    target = data.draw(recipes(COMPILED, min_dims=1, wild=False))
    other = data.draw(recipes(COMPILED, target.shape, wild=False) | st.sampled_from([2, 1, True, 0.5, -3]))

    def call(module: Any) -> Any:
        array = module.array(target.values(target.shape))
        view, alias = array[::-1], array
        array = getattr(operator, name)(array, under(module, other))
        assert array is alias
        return [array, view]

    assert_agree(lambda: call(ramba), lambda: call(numpy), **options(name, [target, other]))


@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str, every_mode: str) -> None:
    for dtype in COMPILED:
        recipe = Recipe(dtype, (4, 3), "transposed", seed=2)
        assert_agree(
            lambda recipe=recipe: getattr(operator, name)(recipe.under(ramba)),
            lambda recipe=recipe: getattr(operator, name)(recipe.under(numpy)),
            **options(name, [recipe]),
        )


def test_divmod_and_matmul(every_mode: str) -> None:
    def call(module: Any) -> Any:
        a, b = module.arange(12).reshape(3, 4), module.arange(1, 5)
        c = a.astype("f8")
        c @= module.eye(4)
        return [divmod(a, b), divmod(17, b), a @ b, [1, 2, 3] @ a, c, a @ a.T]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_operators_with_strangers(every_mode: str) -> None:
    """Lists, tuples and NumPy arrays work on either side; an unknown class gets its chance."""

    class Stranger:
        __array_ufunc__ = None

        def __radd__(self, other: object) -> str:
            return "mine"

        def __eq__(self, other: object) -> Any:
            return "equal"

        __hash__ = None  # type: ignore[assignment]

    def call(module: Any) -> Any:
        a = module.arange(3.0)
        n = numpy.arange(3)
        results = [a + [1, 2, 3], (1, 2, 3) - a, a * n, n * a, n[:, None] - a, a == None, a != "x"]  # noqa: E711
        return [*results, a + Stranger(), a == Stranger(), numpy.float32(2) * a, a ** numpy.int64(2)]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_results_with_numpy_arrays_are_ours(every_mode: str) -> None:
    ours, theirs = ramba.arange(4.0), numpy.arange(4.0)
    for value in (ours + theirs, theirs + ours, numpy.sin(ours), numpy.concatenate([theirs, ours]), theirs * ours[:1]):
        assert isinstance(value, ramba.ndarray)
    theirs += ours
    assert type(theirs) is numpy.ndarray
    assert_same(theirs, numpy.arange(4.0) * 2)


def test_a_foreign_operand_is_neither_kept_nor_written(every_mode: str) -> None:
    """What the user does to a NumPy array later cannot reach a recorded operation, nor the other way round."""
    theirs = numpy.arange(5.0)
    total, snapshot = ramba.ones(5) + theirs, ramba.asarray(theirs)
    theirs[:] = 100
    assert_same(total, numpy.arange(5.0) + 1)
    assert_same(snapshot, numpy.arange(5.0))
    snapshot += 1
    copy = numpy.array(snapshot)
    copy[:] = -1
    assert_same(snapshot, numpy.arange(5.0) + 1)
    assert (theirs == 100).all()


def test_numpys_out_argument_may_be_a_numpy_array(every_mode: str) -> None:
    out = numpy.zeros(4)
    result = ramba.add(ramba.arange(4.0), 1, out=out)
    assert result is out
    assert_same(out, numpy.arange(4.0) + 1)
    numpy.copyto(out, ramba.arange(4.0))
    out[1:3] = ramba.ones(2) * 9
    assert_same(out, numpy.array([0.0, 9, 9, 3]))


@pytest.mark.skipif(NATIVE is None, reason="Python's own classes cannot tell `operator.concat` from `+`")
@pytest.mark.parametrize("size", [3, 100_000])
def test_concatenation_is_refused(size: int) -> None:
    a, theirs = ramba.arange(size), numpy.arange(size)
    for other in ([1], (1,), ramba.arange(size)):
        with pytest.raises(TypeError, match=r"np\.concatenate"):
            operator.concat(a, other)
    for name in ("concat", "iconcat"):
        assert_agree(
            lambda name=name: getattr(operator, name)(a, a), lambda name=name: getattr(operator, name)(theirs, theirs)
        )
    assert_same(a + list(range(size)), theirs + list(range(size)))
    assert_same(list(range(size)) + a, list(range(size)) + theirs)
