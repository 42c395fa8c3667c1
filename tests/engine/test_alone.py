"""Flushes of one thing: planned without numbering, with the elements and the memory that NumPy's statement has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.engine import ENGINE
from tests.agreement import assert_same
from tests.subject import ramba

pytestmark = pytest.mark.own_modes

SHAPE = (12, 9)


@pytest.fixture(autouse=True)
def lazy() -> Iterator[None]:
    with ramba.config.set(backend="threads", eager_size=0, verify=True):
        ramba.shutdown()
        yield
    ramba.shutdown()


def start(np: Any, seed: int = 0, dtype: str = "f8") -> Any:
    return np.asarray((numpy.random.default_rng(seed).random(SHAPE) * 50).astype(dtype))


def unnumbered() -> int:
    """How many graphs were planned without numbering."""
    return sum(recipe.program is None for recipe in ENGINE.plans.recipes.values())


def axis(draw: Callable[..., Any], extent: int, count: int) -> slice:
    """A slice of so many elements, forwards or backwards."""
    step = draw(st.integers(1, max(1, (extent - 1) // max(1, count - 1))))
    first = draw(st.integers(0, extent - 1 - step * (count - 1)))
    last = first + step * (count - 1)
    if draw(st.booleans()):
        return slice(first, last + 1, step)
    return slice(last, first - 1 if first else None, -step)


@st.composite
def places(draw: Callable[..., Any]) -> list[tuple[slice, slice]]:
    """Parts of one shape of a matrix."""
    shape = [draw(st.integers(1, extent // 2)) for extent in SHAPE]
    return [(axis(draw, SHAPE[0], shape[0]), axis(draw, SHAPE[1], shape[1])) for _ in range(4)]


def plain(np: Any, a: Any, b: Any, at: list[tuple[slice, slice]], c: float) -> None:
    a[at[0]] = c * b[at[1]] + np.sqrt(b[at[2]])


def in_place(np: Any, a: Any, b: Any, at: list[tuple[slice, slice]], c: float) -> None:
    a[at[0]] -= b[at[1]] * c * b[at[2]]


def of_itself(np: Any, a: Any, b: Any, at: list[tuple[slice, slice]], c: float) -> None:
    a[at[0]] = a[at[1]] * c + b[at[2]]


def one_twice(np: Any, a: Any, b: Any, at: list[tuple[slice, slice]], c: float) -> None:
    root = np.sqrt(b)
    a[at[0]] = root[at[1]] - c * root[at[2]]


STATEMENTS = [plain, in_place, of_itself, one_twice]


@given(
    statement=st.sampled_from(STATEMENTS),
    turns=st.lists(st.tuples(places(), st.floats(-2, 2)), min_size=1, max_size=4),
    dtype=st.sampled_from(["f8", "f4", "i8"]),
    shared=st.booleans(),
)
def test_every_statement_is_numpys(
    statement: Callable[..., None], turns: list[tuple[Any, float]], dtype: str, shared: bool
) -> None:
    results = []
    for np in (numpy, ramba):
        a, b = start(np), start(np, 1, dtype)
        held = a.copy() if shared else None
        for at, factor in turns:
            statement(np, a, b, at, factor)
            if np is ramba:
                ENGINE.flush()
        results.append((a, held, b))
    assert_same(results[1], results[0])


@given(at=places(), other=places(), factor=st.floats(-2, 2))
def test_results_of_their_own(at: Any, other: Any, factor: float) -> None:
    def program(np: Any) -> list[Any]:
        b = start(np, 1)
        return [np.sqrt(b[p[1]]) * factor + b[p[2]] for p in (at, other)]

    assert_same(program(ramba), program(numpy))


def test_turns_on_new_places_are_not_numbered() -> None:
    a = start(ramba)
    ENGINE.flush()
    for k in range(5):
        before = unnumbered()
        a[k + 1 :, k + 1 :] -= a[k + 1 :, k, None] * a[k, k + 1 :]
        ENGINE.flush()
        assert unnumbered() == before + 1


def test_what_others_have_is_not_written() -> None:
    a = start(ramba) * 2
    ENGINE.flush()
    other = a.copy()
    a[1:] += 1.0 * a[1:] * 2
    ENGINE.flush()
    assert (numpy.asarray(other) == start(numpy) * 2).all()


def test_another_exactness_is_another_plan() -> None:
    def program(np: Any) -> Any:
        a = start(np)
        for exact in (False, True, False):
            with ramba.config.set(exact=exact):
                a[2:, 1] = np.sqrt(a[2:, 0]) + 1
                if np is ramba:
                    ENGINE.flush()
        return a

    assert_same(program(ramba), program(numpy))
