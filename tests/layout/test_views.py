"""Views against what they mean: the positions that they touch, listed one by one."""

from __future__ import annotations

from itertools import product
from math import prod

from hypothesis import assume, given
from hypothesis import strategies as st

from ramba.layout import Box, Partition, View, complement, compose, covers, identity, overlaps, partition
from ramba.plan.region import cover, through, whole


def positions(view: View) -> list[int]:
    """What a view touches, in its order."""
    places = product(*map(range, view.shape))
    return [view.offset + sum(p * s for p, s in zip(place, view.strides, strict=True)) for place in places]


shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


@st.composite
def slices_of(draw: st.DrawFn, shape: tuple[int, ...]) -> View:
    """What a key of slices makes of an array in C order."""
    whole_view = identity(shape)
    offset, extents, strides = 0, [], []
    for extent, stride in zip(shape, whole_view.strides, strict=True):
        start = draw(st.integers(0, extent - 1))
        step = draw(st.sampled_from([-2, -1, 1, 2, 3]))
        most = (extent - 1 - start) // step if step > 0 else start // -step
        offset += start * stride
        extents.append(draw(st.integers(0, most)) + 1)
        strides.append(step * stride)
    return View(offset, tuple(extents), tuple(strides))


@given(st.data())
def test_overlaps_never_misses_and_is_exact_for_slices(data: st.DataObject) -> None:
    shape = data.draw(shapes)
    a, b = data.draw(slices_of(shape)), data.draw(slices_of(shape))
    meets = bool(set(positions(a)) & set(positions(b)))
    assert overlaps(a, b, shape) == meets


@given(st.data())
def test_a_composed_view_is_the_view_of_the_view(data: st.DataObject) -> None:
    shape = data.draw(shapes)
    inner = data.draw(slices_of(shape))
    outer = data.draw(slices_of(inner.shape))
    found = compose(outer, inner.shape, inner)
    touched = positions(inner)
    assume(found is not None)
    assert found is not None
    assert positions(found) == [touched[place] for place in positions(outer)]


@given(st.data())
def test_covers_means_every_element(data: st.DataObject) -> None:
    shape = data.draw(shapes)
    view = data.draw(slices_of(shape))
    if covers(view, shape):
        assert set(positions(view)) == set(range(prod(shape)))


@given(st.data())
def test_a_complement_is_the_rest_once(data: st.DataObject) -> None:
    shape = data.draw(shapes)
    view = data.draw(slices_of(shape))
    rest = complement(view, shape)
    if rest is not None:
        strides = identity(shape).strides
        inside = [
            sum((start + p) * s for start, p, s in zip(box.start, place, strides, strict=True))
            for box in rest
            for place in product(*map(range, box.extent))
        ]
        assert sorted(inside + positions(view)) == list(range(prod(shape)))


@given(st.data())
def test_a_region_holds_what_a_view_reads(data: st.DataObject) -> None:
    shape = data.draw(shapes)
    view = data.draw(slices_of(shape))
    region = cover(view, shape)
    found = through(view, shape, region)
    assert found is not None
    assert region.size >= len(set(positions(view)))
    assert max(positions(found)) < region.size
    assert min(positions(found)) >= 0


@given(shapes, st.integers(1, 7), st.sampled_from([0, 4, 1000]))
def test_blocks_are_disjoint_and_complete(shape: tuple[int, ...], workers: int, small: int) -> None:
    lying = partition(shape, workers, small)
    if lying.replicated:
        assert prod(shape) <= max(small, 1)
        return
    found = [position for rank in range(workers) for position in _of_block(lying, rank)]
    assert sorted(found) == list(range(prod(shape)))


def _of_block(lying: Partition, rank: int) -> list[int]:
    block: Box = lying.block(rank)
    view = through(identity(lying.shape), lying.shape, whole(Box((0,) * len(lying.shape), lying.shape)))
    assert view is not None
    strides = identity(lying.shape).strides
    return [
        sum((start + p) * s for start, p, s in zip(block.start, place, strides, strict=True))
        for place in product(*map(range, block.extent))
    ]
