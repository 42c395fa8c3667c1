"""Keys with index arrays on arrays that lie on workers: NumPy's elements, NumPy's refusals, and nothing is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agreement import assert_agree
from tests.subject import ramba

pytestmark = pytest.mark.own_modes

SHAPES = [(40,), (7, 9), (3, 5, 4), (50, 2), (2, 0, 3)]


@pytest.fixture(scope="module", params=[1, 2, 3, 4, 7], autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(
        backend="local", workers=request.param, eager_size=5, kernels="interpreted", on_fallback="raise", verify=True
    ):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def basic(draw: st.DrawFn, extent: int) -> Any:
    return draw(
        st.one_of(
            st.just(slice(None)),
            st.slices(extent),
            st.integers(-extent - (not extent), extent) if extent < 4 else st.integers(-extent, extent - 1),
        )
    )


@st.composite
def keys(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """A key with at least one index array, most of them good, as NumPy's arrays."""
    rng = numpy.random.default_rng(draw(st.integers(0, 999)))
    lead = draw(st.sampled_from([(), (1,), (6,), (2, 3), (0,)]))
    parts: list[Any] = []
    at = 0
    while at < len(shape):
        kind = draw(st.sampled_from(["index", "index", "mask", "basic", "end"]))
        if kind == "end":
            break
        if kind == "index":
            wide = draw(st.sampled_from([lead, lead[-1:], lead]))
            wrong = draw(st.integers(0, 15)) == 0
            high = max(shape[at], 1) + wrong
            parts.append(rng.integers(-high, high, wide).astype(draw(st.sampled_from(["i8", "i2", ">i4"]))))
            at += 1
        elif kind == "mask":
            width = draw(st.integers(1, len(shape) - at))
            extra = draw(st.integers(0, 15)) == 0
            mask = rng.random(tuple(e + extra for e in shape[at : at + width])) < 0.5
            parts.append(mask)
            at += width
        else:
            parts.append(basic(draw, shape[at]))
            at += 1
    if not any(isinstance(part, numpy.ndarray) for part in parts):
        parts = [rng.random(shape[:1]) < 0.5]
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if draw(st.booleans()):
        parts.append(Ellipsis)
    return parts[0] if len(parts) == 1 else tuple(parts)


class Parts(tuple[Any, ...]):
    """As named tuples are."""


def ours(key: Any, how: int) -> Any:
    """The key for Ramba: arrays of NumPy's, Ramba's or lists, in a tuple or something that is one."""
    if isinstance(key, tuple):
        return (tuple, Parts)[how % 2](ours(part, how + n) for n, part in enumerate(key))
    if isinstance(key, numpy.ndarray):
        return (key, ramba.array(key), key.tolist() if key.size else key)[how % 3]
    return key


def array_of(shape: tuple[int, ...], dtype: str) -> Any:
    count = numpy.prod(shape, dtype=int)
    return (numpy.arange(count) * 7 % 23 - 5).astype(dtype).reshape(shape)


@given(st.data(), st.sampled_from(SHAPES), st.sampled_from(["i8", "f4", "?", "c16"]), st.integers(0, 2))
def test_get(data: st.DataObject, shape: tuple[int, ...], dtype: str, how: int) -> None:
    key = data.draw(keys(shape))
    theirs = array_of(shape, dtype)
    turn = data.draw(st.booleans())
    mine = ramba.array(theirs.T).T if turn else ramba.array(theirs)
    assert_agree(lambda: mine[ours(key, how)], lambda: theirs[key], same_text=True)


@given(st.data(), st.sampled_from(SHAPES), st.sampled_from(["i8", "f4"]), st.integers(0, 2))
def test_set(data: st.DataObject, shape: tuple[int, ...], dtype: str, how: int) -> None:
    key = data.draw(keys(shape))
    theirs = array_of(shape, dtype)
    mine = ramba.array(theirs)
    before = mine.copy() if data.draw(st.booleans()) else mine + 0
    view = data.draw(st.sampled_from([slice(None), slice(None, None, -1), slice(1, None)]))
    rng = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    try:
        wanted = theirs[view][key].shape
    except IndexError:
        wanted = (3,)
    kind = data.draw(st.sampled_from(["scalar", "full", "row", "column", "wrong"]))
    extent = {"scalar": (), "full": wanted, "row": wanted[1:], "column": wanted[:1] + (1,) * len(wanted[1:])}
    value = rng.integers(0, 100, extent.get(kind, (*wanted, 2)))

    def assign(a: Any, key: Any, value: Any) -> Any:
        a[view][key] = value
        return a

    expected = theirs.copy()
    given_value = ramba.array(value) if how == 0 else value
    assert_agree(lambda: assign(mine, ours(key, how), given_value), lambda: assign(theirs, key, value))
    assert_agree(lambda: mine, lambda: theirs)
    assert_agree(lambda: before, lambda: expected)


def test_what_was_recorded_reads_the_old_values() -> None:
    theirs, mine = numpy.arange(100.0), ramba.arange(100.0)
    numbers = numpy.array([5, 3, 5, -1])
    later, shared = mine * 2, mine.copy()
    mine[numbers] = [1, 2, 3, 4]
    mine[mine > 90] = mine[mine > 90] - 50
    expected = theirs.copy()
    expected[numbers] = [1, 2, 3, 4]
    expected[expected > 90] = expected[expected > 90] - 50
    assert_agree(lambda: (mine, later, shared), lambda: (expected, theirs * 2, theirs))


def test_a_small_table_looked_up_by_a_large_array() -> None:
    table, numbers = numpy.array([1.5, 2.5, 3.5]), numpy.arange(60) % 3
    assert_agree(lambda: ramba.array(table)[ramba.array(numbers)], lambda: table[numbers])
    assert_agree(lambda: ramba.array(table)[ramba.array(numbers) + 1], lambda: table[numbers + 1], same_text=True)
