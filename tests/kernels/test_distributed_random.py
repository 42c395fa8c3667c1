"""Random numbers are the same for any number of workers, and have NumPy's distributions."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels import draw
from ramba.kernels.draw import fill, key_of
from ramba.kernels.layouts import within
from ramba.layout.overlap import Box
from ramba.layout.partition import replicated
from tests.kernels.together import WORKERS, Operand, check, shapes, together

KEY = key_of(np.random.SeedSequence(7))
WORDS = Operand(np.array([*KEY, 3], np.uint64), replicated((3,)))

KINDS = [
    ("random", "f8", ()),
    ("random", "f4", ()),
    ("standard_normal", "f8", ()),
    ("standard_normal", "f4", ()),
    ("uniform", "f8", (-1.0, 3.0)),
    ("normal", "f8", (5.0, 0.1)),
    ("integers", "i8", (0, 10)),
    ("integers", "u1", (3, 200)),
    ("poisson", "i8", (3.0,)),
]


def numbers(shape: tuple[int, ...], box: Box, dtype: str, kind: str, params: Any, key: Any = KEY) -> np.ndarray:
    """A filled box."""
    out = np.zeros(box.extent, dtype)
    fill(out, shape, box, key, 3, kind, params)
    return out


@given(st.data(), st.sampled_from(KINDS), shapes, st.sampled_from([3, 7, 100]), st.sampled_from([1, 4, 1000]))
def test_a_box_has_the_numbers_of_the_whole(
    data: st.DataObject, kind: Any, shape: tuple[int, ...], leaf: int, long: int
) -> None:
    name, dtype, params = kind
    ends = [sorted(data.draw(st.tuples(st.integers(0, e), st.integers(0, e)))) for e in shape]
    box = Box(tuple(p for p, _ in ends), tuple(q - p for p, q in ends))
    all_of_it = Box((0,) * len(shape), shape)
    with mock.patch.object(draw, "LEAF", leaf), mock.patch.object(draw, "LONG", long):
        whole = numbers(shape, all_of_it, dtype, name, params)
        part = numbers(shape, box, dtype, name, params)
    np.testing.assert_array_equal(part, whole[within(box, all_of_it)])


@pytest.mark.parametrize(("kind", "dtype", "params"), KINDS)
def test_workers_do_not_matter(kind: str, dtype: str, params: Any) -> None:
    for shape in [(150_000,), (90, 1000), (3, 40_000), ()]:
        alone = numbers(shape, Box((0,) * len(shape), shape), dtype, kind, params)
        for workers in WORKERS:
            outcome = together("random", workers, 5, [WORDS], shape, dtype, kind, params)
            check(outcome, 0, alone, workers, 5)
            assert outcome.post.messages == 0


def test_every_leaf_draw_and_seed_has_its_own_numbers() -> None:
    shape, leaf = (4 * draw.LEAF,), draw.LEAF
    first = numbers(shape, Box((0,), shape), "f8", "random", ())
    assert len(np.unique(first)) == first.size
    other = numbers(shape, Box((0,), shape), "f8", "random", (), key=key_of(np.random.SeedSequence((7, 1))))
    assert not np.intersect1d(first, other).size
    again = np.zeros(shape)
    fill(again, shape, Box((0,), shape), KEY, 4, "random", ())
    assert not np.intersect1d(first, again).size
    assert abs(first.mean() - 0.5) < 5 / np.sqrt(12 * 4 * leaf)
