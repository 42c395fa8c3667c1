"""Getting and setting through basic, mask and integer-array indices, and through views of views."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

from tests.agreement import assert_agree, assert_same
from tests.strategies import COMPILED, Recipe, basic_indices, broadcastable, fancy_indices, recipes, shapes, under
from tests.subject import ramba

examples = hypothesis.settings(max_examples=40)


def native(module: Any, index: Any) -> Any:
    """Index arrays as the module's own arrays, half of the time."""
    if isinstance(index, tuple):
        return tuple(native(module, item) for item in index)
    if isinstance(index, numpy.ndarray) and index.size % 2:
        return module.array(index)
    return index


@examples
@hypothesis.given(data=st.data())
def test_get_basic(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, max_dims=4))
    index = data.draw(basic_indices(recipe.shape))
    assert_agree(lambda: recipe.under(ramba)[index], lambda: recipe.under(numpy)[index])


@examples
@hypothesis.given(data=st.data())
def test_get_view_of_view(every_mode: str, data: st.DataObject) -> None:
    """Views compose; strides and contiguity are NumPy's."""
    recipe = data.draw(recipes(["i4", "f8"]))
    first = data.draw(basic_indices(recipe.shape))
    middle = numpy.asarray(recipe.under(numpy)[first])
    hypothesis.assume(isinstance(recipe.under(numpy)[first], numpy.ndarray))
    second = data.draw(basic_indices(middle.T.shape))

    def call(module: Any) -> Any:
        base = recipe.under(module)
        result = base[first].T[second]
        return [result, list(result.shape), bool(module.shares_memory(base, result))]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@examples
@hypothesis.given(data=st.data())
def test_set_basic(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, min_dims=1, wild=False))
    index = data.draw(basic_indices(recipe.shape))
    target = numpy.shape(recipe.under(numpy)[index])
    kinds = COMPILED if recipe.dtype[0] in "fc" else ["?", recipe.dtype]
    value = data.draw(recipes(kinds, data.draw(broadcastable(target)), wild=False) | st.sampled_from([0, 1, 3]))
    assert_agree(lambda: stored(ramba, recipe, index, value), lambda: stored(numpy, recipe, index, value))


def stored(module: Any, recipe: Recipe, index: Any, value: Any) -> Any:
    """The base and an older view after a store; what was computed from the old values must not change."""
    base = module.array(recipe.values(recipe.shape))
    view, before = base[..., ::-1], base + 1 if recipe.dtype != "?" else ~base
    base[native(module, index)] = under(module, value)
    return [base, view, before]


@examples
@hypothesis.given(data=st.data())
def test_update_in_place(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(["i4", "f8", "u1", "f4"], min_dims=1, wild=False))
    index = data.draw(basic_indices(recipe.shape) | fancy_indices(recipe.shape))

    def call(module: Any) -> Any:
        base = module.array(recipe.values(recipe.shape))
        flipped = base.T
        base[index] += 1
        flipped[...] *= 2
        base[index] -= base[index]
        return [base, flipped]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@examples
@hypothesis.given(data=st.data())
def test_overlapping_assignment(every_mode: str, data: st.DataObject) -> None:
    """The right-hand side is read before anything is written."""
    recipe = data.draw(recipes(["i4", "f8"], min_dims=1, wild=False))
    extent = recipe.shape[0]
    shift = data.draw(st.integers(0, extent))
    step = data.draw(st.sampled_from([1, 2, -1]))
    operation = data.draw(st.sampled_from(["=", "+=", "-="]))

    def call(module: Any) -> Any:
        a = module.array(recipe.values(recipe.shape))
        count = len(range(extent - shift)[::step])
        left, right = slice(shift, None, step), slice(None, extent - shift, step)
        assert a[left].shape[0] == count == a[right].shape[0]
        exec(f"a[left] {operation} a[right]", {"a": a, "left": left, "right": right})
        exec(f"a[right] {operation} a[left] * 2", {"a": a, "left": left, "right": right})
        return a

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@examples
@hypothesis.given(data=st.data())
def test_masks(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, min_dims=1, wild=False))
    depth = data.draw(st.integers(1, len(recipe.shape)))
    lead = data.draw(st.integers(0, len(recipe.shape) - depth))
    mask = data.draw(recipes(["?"], recipe.shape[lead : lead + depth]))
    before = (slice(None),) * lead

    def call(module: Any) -> Any:
        a = module.array(recipe.values(recipe.shape))
        m = mask.under(module) if mask.seed % 2 else numpy.asarray(mask.under(numpy))
        index = (*before, m)
        selected = a[index]
        a[index] = 1
        copied = a.copy()
        a[index] = selected
        if recipe.dtype != "?":
            copied[index] += selected
        return [selected, a, copied, a[index] == selected]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@examples
@hypothesis.given(data=st.data())
def test_get_integer_arrays(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, data.draw(shapes(1, 3))))
    index = data.draw(fancy_indices(recipe.shape))
    assert_agree(lambda: recipe.under(ramba)[native(ramba, index)], lambda: recipe.under(numpy)[native(numpy, index)])


@examples
@hypothesis.given(data=st.data())
def test_set_integer_arrays(every_mode: str, data: st.DataObject) -> None:
    """Where an element is named twice, the last assignment wins."""
    recipe = data.draw(recipes(["i4", "f8", "c8", "?"], data.draw(shapes(1, 3)), wild=False))
    index = data.draw(fancy_indices(recipe.shape))
    target = numpy.shape(recipe.under(numpy)[index])
    value = data.draw(recipes([recipe.dtype], data.draw(broadcastable(target)), wild=False) | st.sampled_from([0, 1]))
    assert_agree(lambda: stored(ramba, recipe, index, value), lambda: stored(numpy, recipe, index, value))


@examples
@hypothesis.given(data=st.data())
def test_scalars(every_mode: str, data: st.DataObject) -> None:
    recipe = data.draw(recipes(COMPILED, data.draw(shapes(1, 3).filter(lambda shape: 0 not in shape)), wild=False))
    index = tuple(data.draw(st.integers(-n, n - 1)) for n in recipe.shape)
    value = data.draw(st.sampled_from([0, 1, True, numpy.int8(3)]))

    def call(module: Any) -> Any:
        a = module.array(recipe.values(recipe.shape))
        old = a[index]
        a[index] = value
        first = a.item(index)
        a[index] += old
        return [old, first, a, a[index].shape, type(a[index].item()).__name__]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@hypothesis.given(data=st.data())
def test_shares_memory_is_numpys(every_mode: str, data: st.DataObject) -> None:
    """Overlap of views is decided exactly."""
    shape = data.draw(shapes(1, 3))
    first, second = data.draw(basic_indices(shape)), data.draw(basic_indices(shape))

    def call(module: Any) -> list[bool]:
        base = module.zeros(shape)
        one, other = base[(*first, ...)] if ... not in first else base[first], base[second]
        views = [base, one, one.T, base.ravel(), base.T, base.copy(), one.reshape(-1)]
        if getattr(other, "ndim", 0):
            views.append(other)
        return [bool(module.shares_memory(x, y)) for x in views for y in views]

    assert call(ramba) == call(numpy)


@pytest.mark.parametrize(
    "key",
    [
        numpy.int64(3), numpy.uint8(3), numpy.intp(-1), (numpy.int32(1), 2), (numpy.int64(1), slice(1, 3)),
        numpy.int64(99), numpy.bool_(True), (numpy.int16(-2), numpy.bool_(False)), numpy.float64(1.0),
    ],
    ids=repr,
)  # fmt: skip
def test_numpys_numbers_as_indices(key: Any, every_mode: str) -> None:
    """They come out of index arrays; those that are whole take the short way."""
    theirs = numpy.arange(40.0).reshape(5, 8)
    ours = ramba.array(theirs)
    ramba.sync()
    try:
        expected = theirs[key]
    except IndexError:
        with pytest.raises(IndexError):
            ours[key]
        with pytest.raises(IndexError):
            ours[key] = 7.0
        return
    assert_same(ours[key], expected)
    theirs[key] = ours[key] = 7.0
    assert_same(ours, theirs)
