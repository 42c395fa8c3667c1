"""What known index arrays pick waits for its readers: the values, orders and exceptions are NumPy's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.engine import ENGINE
from ramba.graph import Library
from ramba.graph.walk import operands_first
from tests.subject import mode, ramba

pytestmark = pytest.mark.own_modes

REDUCTIONS = "sum nansum prod nanprod mean nanmean min max nanmin nanmax any all var nanvar std nanstd".split()
MODES = ["compiled", "threads", "2 workers", "3 workers"]


@pytest.fixture(params=MODES)
def lazily(request: pytest.FixtureRequest) -> Iterator[str]:
    with mode(request.param):
        yield request.param


def calls(*arrays: Any) -> list[str]:
    """The kernels that some arrays wait for."""
    nodes = operands_first([a._buffer.node for a in arrays])
    return [node.function for node in nodes if isinstance(node, Library)]


def data(shape: tuple[int, ...] = (6, 90)) -> Any:
    a = numpy.random.default_rng(0).normal(size=shape)
    a[numpy.random.default_rng(1).random(shape) < 0.1] = numpy.nan
    return a


KEYS: list[Callable[[Any], Any]] = [
    lambda i: i,
    lambda i: (i, ...),
    lambda i: (slice(None), i),
    lambda i: (slice(None), i, ...),
    lambda i: (slice(None), slice(None), i),
]


@pytest.mark.parametrize("key", range(len(KEYS)))
def test_what_is_picked_is_numpys(key: int, lazily: str) -> None:
    a = numpy.arange(360.0).reshape(9, 8, 5)
    index = numpy.array([2, 0, -1, 2])
    found = ramba.array(a)[KEYS[key](index)]
    expected = a[KEYS[key](index)]
    assert found._buffer.hold is None
    assert calls(found)[-1] == "pick"
    assert found.strides == expected.strides
    assert found.flags.owndata or found.base is None
    index[:] = 0  # it was copied
    numpy.testing.assert_array_equal(numpy.asarray(found), expected)


@pytest.mark.parametrize("index", [[7, 9], [-10, 0]])
def test_an_index_outside_is_refused_in_the_call(index: list[int], lazily: str) -> None:
    with pytest.raises(IndexError, match=f"index {9 if 9 in index else -10} is out of bounds for axis 1 with size 9"):
        ramba.array(numpy.ones((4, 9)))[:, numpy.array(index)]


def test_later_changes_of_the_array_are_not_seen(lazily: str) -> None:
    a = numpy.arange(80.0).reshape(8, 10)
    x = ramba.array(a)
    found = x[:, numpy.array([1, 3, 5, 7])]
    total = found.sum(axis=1)
    x[:, 3] = 100.0
    x += 1
    numpy.testing.assert_array_equal(numpy.asarray(found), a[:, 1:8:2])
    numpy.testing.assert_allclose(numpy.asarray(total), a[:, 1:8:2].sum(1))
    assert x[0, 3] == 101


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "?", "c16"])
def test_a_reduction_of_a_pick_needs_no_array_of_it(name: str, dtype: str, lazily: str) -> None:
    if dtype == "c16" and name in ("nanmin", "nanmax"):
        pytest.skip("NumPy's own are not defined by order")
    a = data((5, 40, 3))
    a = numpy.nan_to_num(a * 2).astype(dtype) if dtype[0] in "i?" else a.astype(dtype)
    index = numpy.array([3, 1, 4, 1, 5, 39])
    for axis in (1, -2, (1,)):
        picked = ramba.array(a)[:, index]
        found = getattr(ramba, name)(picked, axis=axis)
        assert "reduce_picked" in calls(found)
        assert "pick" not in calls(found)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = getattr(numpy, name)(a[:, index], axis=axis)
        assert found.dtype == expected.dtype
        numpy.testing.assert_allclose(numpy.asarray(found), expected, rtol=1e-5, atol=1e-6)


def test_other_reductions_are_as_ever(lazily: str) -> None:
    a, index = numpy.arange(200.0).reshape(10, 20), numpy.array([0, 4, 4, 19])
    picked = ramba.array(a)[:, index]
    for options in ({"axis": 0}, {"axis": None}, {"axis": 1, "keepdims": True}, {"axis": 1, "dtype": "f4"}):
        numpy.testing.assert_allclose(numpy.asarray(picked.sum(**options)), a[:, index].sum(**options))
    numpy.testing.assert_allclose(numpy.asarray(picked.std(axis=1, ddof=1)), a[:, index].std(axis=1, ddof=1))
    with pytest.raises(numpy.exceptions.AxisError):
        picked.sum(axis=2)
    out = ramba.zeros(10)
    assert picked.sum(axis=1, out=out) is out
    numpy.testing.assert_allclose(numpy.asarray(out), a[:, index].sum(axis=1))


def groups_of(extent: int, count: int) -> list[Any]:
    return [numpy.flatnonzero(numpy.arange(extent) % count == k) for k in range(count)]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_stacked_reductions_of_one_array_are_one_call(axis: int, lazily: str) -> None:
    a = data()
    x = ramba.array(a)
    parts = groups_of(90, 7)[:5]
    made = ramba.stack([ramba.nanmean(x[:, i], axis=1) for i in parts], axis=axis)
    assert calls(made) == ["reduce_groups"]
    expected = numpy.stack([numpy.nanmean(a[:, i], axis=1) for i in parts], axis=axis)
    assert made.flags.c_contiguous
    numpy.testing.assert_allclose(numpy.asarray(made), expected)


@pytest.mark.parametrize("name", ["array", "stack", "vstack", "column_stack"])
def test_loops_by_hand_are_one_call(name: str, lazily: str) -> None:
    a, codes = data(), numpy.arange(90) * 7 % 11
    x = ramba.array(a)
    made = getattr(ramba, name)([x[:, codes == k].max(axis=1) for k in range(11)])
    assert calls(made) == ["reduce_groups"]
    expected = getattr(numpy, name)([a[:, codes == k].max(axis=1) for k in range(11)])
    numpy.testing.assert_array_equal(numpy.asarray(made), expected)


def test_masks(lazily: str) -> None:
    a = numpy.arange(360.0).reshape(9, 8, 5)
    x = ramba.array(a)
    for axis, extent in enumerate(a.shape):
        mask = numpy.arange(extent) % 3 == 1
        key = (slice(None),) * axis + (mask,)
        found = x[key]
        assert found.strides == a[key].strides
        numpy.testing.assert_array_equal(numpy.asarray(found), a[key])
        numpy.testing.assert_array_equal(numpy.asarray(x[(*key, ...)]), a[(*key, ...)])
        with pytest.raises(IndexError):
            x[(slice(None),) * axis + (mask[:-1],)]
        assert x[(slice(None),) * axis + (mask & False,)].shape == a[(slice(None),) * axis + (mask & False,)].shape


def test_reductions_that_are_no_groups_are_stacked_as_ever(lazily: str) -> None:
    a = data()
    x, y = ramba.array(a), ramba.array(a + 1)
    one, two, three = (numpy.array(i) for i in ([0, 1, 2], [2, 3], [5, 6, 7]))
    cases = {
        "overlap": ([x[:, one].max(axis=1), x[:, two].max(axis=1)], [a[:, one].max(1), a[:, two].max(1)]),
        "arrays": ([x[:, one].max(axis=1), y[:, three].max(axis=1)], [a[:, one].max(1), a[:, three].max(1) + 1]),
        "names": ([x[:, one].max(axis=1), x[:, three].min(axis=1)], [a[:, one].max(1), a[:, three].min(1)]),
    }
    for found, expected in cases.values():
        made = ramba.stack(found)
        assert "reduce_groups" not in calls(made) or made._buffer.hold is not None
        numpy.testing.assert_allclose(numpy.asarray(made), numpy.stack(expected))


def test_some_are_known_already(lazily: str) -> None:
    a, parts = data(), groups_of(90, 9)
    x = ramba.array(a)
    rows = [x[:, i].sum(axis=1) for i in parts]
    assert rows[4].tolist()  # somebody looks at one
    rows[7] = ramba.array(numpy.arange(6.0))
    expected = [a[:, i].sum(1) for i in parts]
    expected[7] = numpy.arange(6.0)
    for axis in (0, 1):
        numpy.testing.assert_allclose(numpy.asarray(ramba.stack(rows, axis=axis)), numpy.stack(expected, axis=axis))


def test_filters_of_warnings_that_change_meanwhile() -> None:
    a, rows = data((6, 9000)), []
    with ramba.config.set(backend="threads"):
        x = ramba.array(a)
        for index in groups_of(9000, 4):
            picked = x[:, index]
            with warnings.catch_warnings():  # as xarray does it
                warnings.simplefilter("ignore")
                rows.append(ramba.nanmean(picked, axis=1, dtype=None))
            del picked
        made = ramba.stack(rows)
        assert calls(made) == ["reduce_groups"]
        numpy.testing.assert_allclose(
            numpy.asarray(made), numpy.stack([numpy.nanmean(a[:, i], axis=1) for i in groups_of(9000, 4)])
        )


def test_more_parts_than_operations_may_wait() -> None:
    a = numpy.arange(4 * 3000.0).reshape(4, 3000)
    with mode("threads"):
        x = ramba.array(a)
        rows = [x[:, numpy.array([k, k + 1500])].mean(axis=1) for k in range(1500)]
        assert all(row._buffer.hold is None for row in rows)
        made = ramba.stack(rows, axis=1)
        assert calls(made) == ["reduce_groups"]
        numpy.testing.assert_allclose(numpy.asarray(made), (a[:, :1500] + a[:, 1500:]) / 2)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("op", ["subtract", "true_divide", "less", "maximum", "add"])
def test_picks_are_combined_where_they_are_picked(op: str, order: tuple[int, ...], lazily: str) -> None:
    rng = numpy.random.default_rng(4)
    a = rng.random((7, 60, 4))
    means, codes = rng.random((7, 5, 4)), rng.integers(-5, 5, 60)
    x = ramba.array(a.transpose(order).copy()).transpose(numpy.argsort(order))
    ramba.sync()
    function, groups = getattr(ramba, op), ramba.array(means)
    pairs = {False: (a, means[:, codes]), True: (means[:, codes], a)}
    for swapped, expected in pairs.items():
        found = function(groups[:, codes], x) if swapped else function(x, groups[:, codes])
        if order == (0, 1, 2):
            assert "combine_picked" in ramba.explain(found)
        numpy.testing.assert_array_equal(numpy.asarray(found), getattr(numpy, op)(*expected))


def test_warnings_of_what_is_combined_are_numpys() -> None:
    with mode("threads"):
        x, zeros = ramba.array(numpy.ones((4, 50))), ramba.array(numpy.zeros((4, 2)))
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            numpy.asarray(x / zeros[:, numpy.zeros(50, int)])


@given(st.data())
def test_any_shape_any_index(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    axis = data.draw(st.integers(0, len(shape) - 1))
    index = numpy.array(data.draw(st.lists(st.integers(-shape[axis], shape[axis] - 1), min_size=1, max_size=8)))
    a = numpy.random.default_rng(0).normal(size=shape)
    key = (slice(None),) * axis + (index,)
    with mode(data.draw(st.sampled_from(MODES))):
        picked = ramba.array(a)[key]
        numpy.testing.assert_allclose(numpy.asarray(picked.sum(axis=axis)), a[key].sum(axis=axis), atol=1e-12)
        numpy.testing.assert_array_equal(numpy.asarray(picked + 1), a[key] + 1)
        assert not ENGINE.pending or all(r() is None or r().hold is not None for r in ENGINE.pending)  # type: ignore[union-attr]
