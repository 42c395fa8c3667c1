"""Operations on some ten thousand elements: recorded in C or in Python, run at the end of a statement, or NumPy's."""

from __future__ import annotations

import operator
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

import ramba
from ramba import events
from ramba.engine import ENGINE, Buffer
from ramba.graph import Node
from ramba.graph.outline import walked
from ramba.lazyarray.native import NATIVE
from tests.agreement import assert_same

SIDE = 240  # so that a square has more elements than are few for a chain, and fewer than are few for one operation
in_c = pytest.mark.skipif(NATIVE is None, reason="the short ways in C are not there")
one_process = pytest.mark.one_process


@pytest.fixture(autouse=True)
def eager_size() -> Iterator[None]:
    """What is few here does not depend on the environment."""
    with ramba.config.set(eager_size=1 << 14):
        yield


def squares(count: int = 2) -> tuple[list[Any], list[Any]]:
    """The same computed arrays of NumPy's and of ours."""
    theirs = [numpy.random.default_rng(n).random((SIDE, SIDE)) for n in range(count)]
    ours = [ramba.asarray(x.copy()) for x in theirs]
    ramba.sync()
    return theirs, ours


def flushed(events_seen: list[Any]) -> list[int]:
    """How many results each flush had."""
    return [event.results for event in events_seen if isinstance(event, events.Flushed)]


@in_c
@one_process
def test_a_statement_is_one_flush_with_one_result() -> None:
    (x, y), (a, b) = squares()
    seen: list[Any] = []
    with events.subscribe(seen.append):
        for _ in range(3):
            b[1:-1, 1:-1] = a[1:-1, 1:-1] + 0.1 * (a[2:, 1:-1] + a[:-2, 1:-1] - 2 * a[1:-1, 1:-1])
            y[1:-1, 1:-1] = x[1:-1, 1:-1] + 0.1 * (x[2:, 1:-1] + x[:-2, 1:-1] - 2 * x[1:-1, 1:-1])
            a, b, x, y = b, a, y, x
    assert flushed(seen) == [1, 1, 1]
    assert_same(a, x)


@in_c
@one_process
def test_what_was_assigned_is_still_there_for_who_holds_it() -> None:
    (x, _), (a, _) = squares()
    given = (a, slice(1, -1), a[2:] + a[:-2] * 0.5)
    value = x[2:] + x[:-2] * 0.5
    operator.setitem(*given)  # the tuple alone holds the value
    x[1:-1] = value
    assert_same(a, x)
    a[3] = 7.0
    assert_same(given[2], value)


def test_views_show_what_statements_write() -> None:
    (x, y), (a, b) = squares()
    shown, seen = a[3:9, ::2], x[3:9, ::2]
    twin, other = a.copy(), x.copy()
    for _ in range(4):
        a[1:-1] = 0.5 * (a[2:] + b[:-2])
        x[1:-1] = 0.5 * (x[2:] + y[:-2])
        assert_same(shown, seen)
    assert_same(twin, other)
    assert_same(shown + 1.0, seen + 1.0)


@in_c
@one_process
def test_what_is_looked_at_alone_is_numpys_the_next_time() -> None:
    (x, y), (a, b) = squares()
    seen: list[Any] = []
    float((a * b)[0, 0])
    with events.subscribe(seen.append):
        assert float((a * b)[3, 3]) == x[3, 3] * y[3, 3]
        assert not seen
        ENGINE.flush()
        c = a * b + a  # a chain again: from now on it is recorded
        assert_same(c, x * y + x)
        seen.clear()
        c = a * b + a
        assert_same(c, x * y + x)
    assert flushed(seen) == [1]


@in_c
@one_process
def test_a_chain_is_a_chain_again_though_its_first_operation_was_alone() -> None:
    a, b = ramba.asarray(numpy.arange(300_000.0)), ramba.asarray(numpy.ones(300_000))
    for _ in range(3):
        float((a + b)[0])
    seen: list[Any] = []
    for _ in range(3):
        a[1:-1] = 0.5 * (b[:-2] + b[2:])
        with events.subscribe(seen.append):
            float(a[1])
    kernels = [event.kernel for event in seen if isinstance(event, events.Ran)]
    assert "add(" in kernels[-1]
    assert "multiply(" in kernels[-1]


@in_c
@one_process
def test_few_elements_that_wait_are_computed_before_they_are_read() -> None:
    (x, y), (a, b) = squares()
    seen: list[Any] = []
    with events.subscribe(seen.append):
        highest = (a * b + a).max(axis=0)
        assert not flushed(seen)
        more = numpy.sqrt(highest * 2.0)  # the highest first, and then all is NumPy's
        assert flushed(seen) == [1]
        assert_same(more + highest, numpy.sqrt((x * y + x).max(axis=0) * 2.0) + (x * y + x).max(axis=0))
        assert flushed(seen) == [1]


@one_process
def test_few_elements_wait_for_many() -> None:
    a = ramba.arange(500_000.0)
    ramba.sync()
    seen: list[Any] = []
    with events.subscribe(seen.append):
        mean = (a + 1.0).mean()
        spread = mean * 2.0 + (a * a).mean()  # all of it is one flush
        assert not flushed(seen)
        float(spread)
    assert len(flushed(seen)) == 1


@one_process
@pytest.mark.parametrize("extent", [lambda k: 200, lambda k: 230 - k], ids=["moving", "shrinking"])
def test_chains_over_other_slices_in_every_turn_are_numpys_after_some_plans(extent: Any) -> None:
    (x, y), (a, b) = squares()
    seen: list[Any] = []
    with events.subscribe(seen.append):
        for k in range(30):
            rows = slice(k, k + extent(k))
            assert_same(a[rows] * 2.0 + b[rows] * 3.0, x[rows] * 2.0 + y[rows] * 3.0)
    assert len([event for event in seen if isinstance(event, events.Planned)]) < 8


@one_process
def test_warnings_come_with_the_statement() -> None:
    _, (a, b) = squares()
    b[1:-1] = 0.0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        a[1:-1] = a[2:] * 2.0 / b[1:-1]
        float(a[0, 0])
    assert [str(w.message) for w in caught] == ["divide by zero encountered in divide"]


def test_snapshots() -> None:
    (x, y), (a, b) = squares()
    c, z = a * 2.0 + b, x * 2.0 + y
    a[5] = 1.0
    b += 3.0
    assert_same(c, z)
    assert_same(c[::-1, 3:] - a[:, 3:], z[::-1, 3:] - numpy.vstack([x[:5], numpy.ones((1, SIDE)), x[6:]])[:, 3:])


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16", "i4", "i8", "u1", "?"])
@pytest.mark.parametrize("number", [2, 2.5, -1, 10**30])
def test_numbers(dtype: str, number: float) -> None:
    values = (numpy.arange(SIDE * SIDE) % 100).reshape(SIDE, SIDE).astype(dtype)
    for op in (operator.add, operator.mul, operator.lt, operator.truediv, operator.sub, operator.and_):
        for swap in (False, True):
            results = []
            for array in (values, ramba.asarray(values.copy()) + numpy.zeros((), dtype)):
                with warnings.catch_warnings(), numpy.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    try:
                        results.append(numpy.asarray(op(number, array) if swap else op(array, number)))
                    except Exception as problem:
                        results.append(type(problem))
            if isinstance(results[0], type):
                assert results[0] is results[1]
            else:
                numpy.testing.assert_array_equal(results[1], results[0])
                assert results[1].dtype == results[0].dtype


BESIDE: list[tuple[str, Any]] = [
    ("a number of NumPy's", lambda x: x.dtype.type(3)),
    ("another number of NumPy's", lambda x: numpy.int16(3)),
    ("one element", lambda x: x[2, 1]),
    ("a row", lambda x: x[1]),
    ("a column", lambda x: x[:, 2:3]),
    ("a column from the end", lambda x: x[::-1, :1]),
    ("a row and an axis", lambda x: x[None, 3]),
    ("its transpose", lambda x: x.T),
    ("a layer more", lambda x: x[None] + numpy.ones((2, 1, 1), x.dtype)),
    ("all in one", lambda x: x[:1, :1]),
    ("no row", lambda x: x[:0]),
]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "?"])
@pytest.mark.parametrize("eager_size", [0, 5, 40])
@pytest.mark.parametrize("beside", [take for _, take in BESIDE], ids=[name for name, _ in BESIDE])
def test_operands_that_are_repeated(beside: Any, eager_size: int, dtype: str) -> None:
    values = (numpy.arange(36).reshape(6, 6) % 5).astype(dtype)
    with ramba.config.set(eager_size=eager_size):
        ours = ramba.asarray(values.copy())
        pending = ours + numpy.zeros((), dtype)
        for op in (operator.add, operator.sub, operator.lt, ramba.maximum, numpy.multiply):
            own = numpy.maximum if op is ramba.maximum else op
            for mine, other in ((pending, ours), (pending, pending), (ours, pending)):
                for swap in (False, True):
                    pairs = [(mine, beside(other)), (values, beside(values))]
                    results = []
                    for (x, y), function in zip(pairs, (op, own), strict=True):
                        try:
                            results.append(function(y, x) if swap else function(x, y))
                        except (TypeError, ValueError) as problem:
                            results.append(type(problem))
                    if isinstance(results[1], type):
                        assert results[0] is results[1]
                    else:
                        assert_same(results[0], results[1])
                        assert results[0].strides == results[1].strides


KEYS = st.one_of(st.integers(-7, 7), st.slices(6), st.just(Ellipsis), st.none())


@hypothesis.given(st.lists(st.lists(KEYS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_views_of_what_is_pending(keys: list[list[Any]]) -> None:
    values = numpy.arange(6.0 * 5 * 4).reshape(6, 5, 4)
    with ramba.config.set(eager_size=0):
        theirs, ours = values + 1.0, ramba.asarray(values) + 1.0
        for key in keys:
            try:
                theirs = theirs[tuple(key)]
            except IndexError:
                with pytest.raises(IndexError):
                    ours[tuple(key)]
                return
            ours = ours[tuple(key)]
            assert numpy.shape(ours) == numpy.shape(theirs)
            if not numpy.ndim(theirs):
                break
        assert_same(ours, theirs)


STEPS = st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9))
OPERATIONS = [operator.add, operator.mul, operator.lt, ramba.maximum]


@in_c
@one_process
@hypothesis.given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)), max_size=8), st.booleans()
)
def test_both_outlines_say_the_same(steps: list[tuple[int, int, int]], part: bool) -> None:
    with ramba.config.set(eager_size=0):
        first = ramba.asarray(numpy.arange(12.0))
        values: list[Any] = [first, first.copy(), ramba.zeros(12), first[::-1], 2.5, 0.0, -0.0, numpy.nan]
        ramba.sync()
        for op, x, y in steps:
            left, right = values[x % len(values)], values[y % len(values)]
            if isinstance(left, ramba.ndarray):
                values.append(OPERATIONS[op](left, right))
        if part:
            values[1][2:5] = values[-1][2:5] if isinstance(values[-1], ramba.ndarray) else values[-1]
            values.append(values[1].sum())
        pending = [b for ref in ENGINE.pending if isinstance(b := ref(), Buffer) and b.hold is None]
        roots: list[Node] = [buffer.node for buffer in pending]
        found, known = NATIVE.outline(roots), walked(roots)
        assert [id(node.storage) for node in found.stored] == [id(node.storage) for node in known.stored]
        assert found.free == known.free
        assert [(s.dtype, s.tobytes()) for s in found.scalars] == [(s.dtype, s.tobytes()) for s in known.scalars]
        assert NATIVE.outline(roots).key == found.key


def test_threads_record_at_the_same_time() -> None:
    (x, y), (a, b) = squares()
    problems: list[BaseException] = []

    def work(rows: slice) -> None:
        try:
            for _ in range(40):
                b[rows] = 0.5 * (a[rows] + b[rows]) + 0.25
        except BaseException as problem:
            problems.append(problem)

    parts = [slice(0, 110), slice(120, 240)]
    threads = [threading.Thread(target=work, args=(rows,)) for rows in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rows in parts:
        for _ in range(40):
            y[rows] = 0.5 * (x[rows] + y[rows]) + 0.25
    assert not problems
    assert_same(b, y)
