"""What views show twice, beside counting."""

from __future__ import annotations

import numpy
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout import View, repeats


@given(st.data())
def test_what_repeats(data: st.DataObject) -> None:
    """The shape of the base does not matter to whether a view shows an element twice."""
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    strides = tuple(data.draw(st.integers(-6, 6)) for _ in shape)
    view = View(40, shape, strides)
    places = [sum(n * s for n, s in zip(place, strides, strict=True)) for place in numpy.ndindex(shape)]
    for base in ((100,), (10, 10)):
        assert repeats(view, base) or len(set(places)) == len(places)


@given(st.permutations([1, 4, 16]), st.lists(st.sampled_from([-1, 1]), min_size=3, max_size=3))
def test_transposed_and_reversed_views_do_not_repeat(order: list[int], signs: list[int]) -> None:
    strides = tuple(sign * step for sign, step in zip(signs, order, strict=True))
    assert not repeats(View(63, (4, 4, 4), strides), (64,))
