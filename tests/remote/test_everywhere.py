"""A function of Python called on every worker: results by rank, arrays by reference, exceptions as they were."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy
import pytest
from hypothesis.extra import numpy as arrays

from ramba.errors import ProtocolError
from ramba.lazyarray.everywhere import everywhere
from ramba.runtime.python.carriage import Carried, Door, Named, carried
from ramba.runtime.python.values import Value, pack
from tests.remote import functions
from tests.subject import ramba

pytestmark = pytest.mark.own_modes


@pytest.fixture(params=["threads", "local", "processes"])
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "processes":
        pytest.importorskip("zmq")
    with ramba.config.set(backend=request.param, workers=2, num_threads=1, eager_size=100):
        ramba.shutdown()
        yield 1 if request.param == "threads" else 2
        ramba.shutdown()


def test_results_come_by_rank(workers: int) -> None:
    assert everywhere(functions.rank) == list(range(workers))
    assert everywhere(functions.add, 2, b=3) == [5] * workers


def test_by_value(workers: int) -> None:
    step = 10
    assert everywhere(lambda x: x + step, 1) == [11] * workers
    step = 20
    assert everywhere(lambda x: x + step, 1) == [21] * workers
    assert everywhere(lambda x: x, decimal.Decimal(3)) == [decimal.Decimal(3)] * workers


def test_arrays_stay_where_they_are(workers: int) -> None:
    x = ramba.arange(3000.0).reshape(60, 50)
    if workers == 1:
        return
    found = everywhere(functions.shape_and_sum, x * 2, 0.5)
    assert [shape for shape, _ in found] == [(30, 50)] * 2
    assert sum(total for _, total in found) == float(x.sum())
    nested = everywhere(lambda d: d["x"][0].local().shape, {"x": [x], "other": object()})
    assert nested == [(30, 50)] * 2
    with pytest.raises(ValueError, match="redistribute"):
        everywhere(lambda x: x.whole(), x)
    whole = everywhere(lambda x: x.whole().sum(), ramba.redistribute(x, "whole"))
    assert whole == [float(x.sum())] * 2


def test_workers_wait_for_each_other_within_it(workers: int) -> None:
    assert everywhere(functions.ranks_of_all) == [list(range(workers))] * workers


def test_exceptions_are_what_they_were_with_traceback_and_rank(workers: int) -> None:
    with pytest.raises(functions.OwnError) as caught:
        everywhere(functions.fail_on, workers - 1)
    assert caught.value.number == workers - 1
    if workers > 1:
        (note,) = caught.value.__notes__
        assert note.startswith("on worker 1")
        assert "in fail_on" in note
    assert everywhere(functions.add, 1) == [2] * workers  # and afterwards all is as before
    assert float(ramba.ones(5000).sum()) == 5000


def test_one_that_fails_ends_the_waiting_of_the_others(workers: int) -> None:
    def meet() -> Any:
        if functions.rank() == 0:
            raise KeyError("k")
        return functions.ranks_of_all()

    with pytest.raises(KeyError):
        everywhere(meet)
    assert everywhere(functions.ranks_of_all) == [list(range(workers))] * workers


ELEMENTS = (
    arrays.boolean_dtypes()
    | arrays.integer_dtypes(endianness="?")
    | arrays.floating_dtypes()
    | arrays.datetime64_dtypes()
)
PLAIN = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary()),
        st.complex_numbers(allow_nan=False),
        arrays.arrays(ELEMENTS, arrays.array_shapes(min_dims=0, min_side=0)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(), inner, max_size=3),
    ),
    max_leaves=6,
)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, numpy.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return bool(a == b)


@hypothesis.given(PLAIN)
def test_plain_values_keep_type_and_value_and_need_no_pickle(value: Any) -> None:
    packed = pack(value)
    assert same(Door().value(packed) if not packed.pickled else value, value)
    assert not packed.pickled or needs_pickle(value)


def needs_pickle(value: Any) -> bool:
    """Integers of more than 64 bits, and texts that are no text."""
    if isinstance(value, list | tuple):
        return any(map(needs_pickle, value))
    if isinstance(value, dict):
        return any(needs_pickle(k) or needs_pickle(v) for k, v in value.items())
    if isinstance(value, str):
        return any("\ud800" <= c <= "\udfff" for c in value)
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 64


@hypothesis.given(st.binary(max_size=40), st.booleans())
def test_nonsense_is_a_protocol_error(content: bytes, pickled: bool) -> None:
    try:
        Door().value(Value(content, pickled))
    except ProtocolError:
        return
    assert not pickled


def test_functions_travel_by_name_where_they_are_found() -> None:
    assert carried(functions.add) == Named("tests.remote.functions", "add")
    assert carried(functions.OwnError) == Named("tests.remote.functions", "OwnError")
    assert isinstance(carried(lambda: 0), Carried)
