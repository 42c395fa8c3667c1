"""Few elements of arrays that are computed and lie in this process: NumPy works on them, and nobody can tell."""

from __future__ import annotations

import copy
import gc
import pickle
import subprocess
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st

import ramba
from ramba import events
from ramba.api.manipulation import joining
from tests.agreement import assert_agree, assert_same

LARGE = 40_000  # more than small arrays have, fewer than NumPy is slow with


@pytest.fixture(autouse=True)
def few() -> Iterator[None]:
    """Arrays of more than 8 elements have buffers, and operations on up to 32 of their elements are NumPy's."""
    with ramba.config.set(eager_size=8):
        yield


def settled(values: Any) -> Any:
    """An array that is computed, with a buffer."""
    made = ramba.asarray(values)
    assert made[...] is not None
    assert made._buffer.hold is not None
    return made


@hypothesis.given(st.data())
def test_views_that_numpy_shows_are_those_of_ghosts(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(3, 5), st.integers(3, 6), st.integers(1, 3)))
    step = st.builds(
        slice, st.none() | st.integers(-6, 6), st.none() | st.integers(-6, 6), st.sampled_from([1, 2, -1, -2])
    )
    key = tuple(data.draw(st.lists(step | st.integers(-3, 2) | st.none(), max_size=3)))
    key = tuple(k if not isinstance(k, int) or -shape[n] <= k < shape[n] else 0 for n, k in enumerate(key))
    hypothesis.assume(sum(k is not None for k in key) <= 3)
    values = numpy.arange(numpy.prod(shape)).reshape(shape)
    there, pending = settled(values), ramba.asarray(values) * 1
    try:
        expected = values[key]
    except IndexError:
        hypothesis.assume(False)
    one, other = there[key], pending[key]
    assert_same(one, expected)
    if isinstance(expected, numpy.ndarray) and expected.size:
        assert one._view == other._view
        assert one.base is there


def test_writes_are_seen_through_every_view_and_by_no_copy() -> None:
    def call(np: Any) -> Any:
        a = np.arange(60.0).reshape(6, 10)
        a[0, 0] = 5
        row, column, block = a[2], a[:, 3], a[1:4, 2:5]
        held = a.copy()
        row[3] = 100
        column += 1
        block *= 2
        a[1, 2:4] = [7, 8]
        inner = block[1:]
        inner[...] = -1
        return [a, row, column, block, held, inner.base is a]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@pytest.mark.one_process
def test_what_was_recorded_before_reads_what_was_there_then() -> None:
    a = settled(numpy.arange(100.0))
    pending = a * 2  # more elements than NumPy's: recorded
    assert pending._buffer.pending
    assert not a._buffer.exclusive
    a[3] = -1
    a[4:6] = -2
    assert_same(pending, numpy.arange(100.0) * 2)
    expected = numpy.arange(100.0)
    expected[3], expected[4:6] = -1, -2
    assert_same(a, expected)
    assert a._buffer.exclusive


def test_an_array_that_was_copied_is_written_alone() -> None:
    a = settled(numpy.arange(100.0))
    b = a.copy()
    c = ramba.copy(b)
    b[1:3] = 0
    assert_same(a, numpy.arange(100.0))
    assert_same(c, numpy.arange(100.0))
    assert b[2] == 0


def test_a_view_outlives_the_value_it_was_taken_of() -> None:
    a = settled(numpy.arange(100.0))
    view = a[10:14]
    a += 1
    a *= ramba.asarray(numpy.arange(100.0))
    assert_same(view, (numpy.arange(100.0) + 1)[10:14] * numpy.arange(10.0, 14))
    view[0] = 3
    assert a[10] == 3


@pytest.mark.parametrize("name", ["sum", "max", "argmax", "cumsum", "mean", "any"])
def test_outputs_are_written_where_they_belong(name: str) -> None:
    def call(np: Any) -> Any:
        a = np.arange(24.0).reshape(4, 6)
        a[0, 0] = 50
        kept = np.zeros((4, 12), dtype="i8" if name == "argmax" else "?" if name == "any" else "f8")
        kept[3] = 1
        shared = kept.copy()
        target = kept[1, :6] if name != "cumsum" else kept[:, 2:8]
        arguments = (0, target) if name in ("max", "argmax", "any") else (0, None, target)
        result = getattr(np, name)(a, *arguments) if name != "cumsum" else np.cumsum(a, 0, None, target)
        return [kept, shared, result is target, getattr(a, name)(1)]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_a_function_that_writes_to_its_argument_writes_to_no_copy_of_it() -> None:
    def call(np: Any) -> Any:
        a = np.arange(30.0)
        a[0] = 9
        b = a.copy()
        np.put(a, [1, 2], 7)
        np.copyto(a[4:6], 3)
        a[10:20].sort()
        np.fill_diagonal(b.reshape(5, 6), -1)
        b[::-1].sort()
        return [a, b, np.median(a.copy(), overwrite_input=True)]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_errors_and_warnings_are_numpys() -> None:
    a = settled(numpy.arange(100.0))
    with pytest.raises(IndexError, match="index 100 is out of bounds for axis 0 with size 100"):
        a[100]
    with pytest.raises(IndexError):
        a[3] = a[200]
    with pytest.raises(ValueError, match="could not broadcast"):
        a[:3] = [1, 2]
    with pytest.raises(ValueError, match="operands could not be broadcast"):
        a[:3] + a[:4]
    with pytest.raises(numpy._core._exceptions._UFuncOutputCastingError):
        settled(numpy.arange(20))[:5].__iadd__(0.5)
    with pytest.warns(RuntimeWarning, match="divide by zero encountered in divide"):
        a[1:3] / a[0:2]
    with numpy.errstate(divide="raise"), pytest.raises(FloatingPointError):
        a[1:3] / a[0:2]
    locked = numpy.broadcast_to(a[:4], (2, 4))
    with pytest.raises(ValueError, match="read-only"):
        locked[0] = 1


def planned(call: Any) -> int:
    """How many plans are made while something runs."""
    made: list[Any] = []
    with events.subscribe(made.append):
        call()
    return sum(isinstance(event, events.Planned) for event in made)


def test_a_loop_over_slices_makes_no_plan() -> None:
    with ramba.config.set(eager_size=16384):
        y = ramba.asarray(numpy.random.default_rng(1).random((300, 200)))
        y[:, 0] = 1
        expected = numpy.array(y)

        def columns(y: Any) -> None:
            for j in range(1, y.shape[1]):
                y[:, j] = 0.3 * y[:, j] + 0.7 * y[:, j - 1]
                y[j, j - 1] += y[j - 1, j]

        assert planned(lambda: columns(y)) == 0
        columns(expected)
        assert_same(y, expected)


@pytest.mark.one_process
def test_a_loop_that_begins_with_something_pending_soon_runs_at_once() -> None:
    with ramba.config.set(eager_size=16384):
        y = ramba.sin(ramba.asarray(numpy.random.default_rng(1).random((300, 200)))) * 2
        expected = numpy.array(y.copy())

        def rows(y: Any) -> None:
            for i in range(1, 300):
                y[i] += 0.5 * y[i - 1]

        assert planned(lambda: rows(y)) <= 3
        rows(expected)
        assert_same(y, expected)


def test_memory_is_not_lent_twice() -> None:
    held, rng = [], numpy.random.default_rng(2)
    with ramba.config.set(eager_size=16384):
        for n in range(200):
            size = int(rng.integers(4000, 60_000))
            x = ramba.asarray(rng.random(size))
            held.append((x + 1, numpy.array(x) + 1))
            del x
            if n % 3 == 0:
                held.pop(int(rng.integers(len(held))))
    for ours, theirs in held:
        assert_same(ours, theirs)


def test_arrays_are_used_again_without_a_trace() -> None:
    a = ramba.asarray([1.0, 2.0, 3.0])
    for _ in range(300):
        view = a[1:]
        ghost = weakref.ref(view)
        del view
        assert ghost() is None
        assert (a[:2] + 1).base is None
        assert a[1:].base is a
    gc.collect()
    assert a.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("function", ["sum", "zeros", "reshape", "add", "concatenate"])
def test_functions_can_be_pickled_copied_and_read_about(function: str) -> None:
    ours = getattr(ramba, function)
    assert pickle.loads(pickle.dumps(ours)) is ours
    assert copy.deepcopy(ours) is ours
    assert ours.__name__ == function
    assert ours.__doc__ == getattr(numpy, function).__doc__


PROGRAM = """
import ramba as np
from ramba.lazyarray.native import NATIVE
a = np.arange(40_000.0).reshape(200, 200)
a[:, 3] = a[3] / 2
b = a[::7, ::-3] + a[:29, :67]
c = np.concatenate([b, -b]).T.copy()
numbers = a.sum(), b.sum(), c.max(axis=0).sum(), len(c), float(c[0, 0]), a[a > 39_000].size, np.eye(3).trace()
print(NATIVE is None, *numbers)
"""


def test_all_is_the_same_in_python_alone() -> None:
    lines = []
    for native in ("on", "off"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env={"RAMBA_NATIVE": native}
        )
        assert not done.stderr
        lines.append(done.stdout.split(" ", 1))
    assert lines[1][0] == "True"
    assert lines[0][1] == lines[1][1]


def test_memory_that_is_too_large_to_be_held_on_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.lazyarray.core.MOST_KEPT", 100)

    def call(np: Any) -> Any:
        a = np.arange(60.0).reshape(6, 10) * 1
        b = a.copy()
        a[0, 0] += 5
        a[1] *= 2
        a[2:4, 1:3] = a[:2, 1:3]
        view = a[5]
        view += 1
        return [a, b, view, a[3, 4], a.T[1], a[a > 50]]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@pytest.mark.one_process
def test_an_outer_product_counts_its_pairs() -> None:
    few, many = settled(numpy.arange(9.0)), settled(numpy.arange(20.0))
    assert ramba.outer(few, few[:3])._buffer.hold is not None
    for made in (ramba.outer(many, many), ramba.kron(many, many), ramba.linalg.outer(many, many)):
        assert made._buffer.hold is None
    assert_same(ramba.outer(many, many[:2]), numpy.outer(numpy.arange(20.0), numpy.arange(2.0)))


@pytest.mark.parametrize("name", ["histogram", "unique", "frexp", "modf", "meshgrid", "gradient"])
def test_several_arrays_are_computed_once(name: str) -> None:
    a = settled(numpy.arange(20.0).reshape(1, 20)[0])
    options = {"return_counts": True} if name == "unique" else {}
    with ramba.config.set(eager_size=100):
        called = []
        wanted = getattr(numpy, name)
        code = getattr(getattr(wanted, "_implementation", wanted), "__code__", None)
        sys.setprofile(lambda frame, event, _: called.append(frame.f_code) if event == "call" else None)
        try:
            found = getattr(ramba, name)(a, **options)
        finally:
            sys.setprofile(None)
    assert called.count(code) <= 1
    expected = wanted(numpy.arange(20.0), **options)
    for one, other in zip(found, expected, strict=True) if isinstance(expected, tuple) else [(found, expected)]:
        assert_same(one, other)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "std", "var"])
def test_folds_of_all_elements_are_numpys_longer(name: str) -> None:
    values = numpy.arange(150.0).reshape(50, 3)
    a = settled(values)
    for module, expected in ((ramba, numpy), (a, values)):
        first = (a,) if module is ramba else ()
        same = (values,) if module is ramba else ()
        with ramba.kernels_run() as count:
            found = getattr(module, name)(*first)
        assert not count.kernels
        assert_same(found, getattr(expected, name)(*same))
        with ramba.kernels_run() as count:
            found = getattr(module, name)(*first, axis=0)
            assert_same(found, getattr(expected, name)(*same, axis=0))
        assert count.kernels


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["concatenate", "stack", "vstack", "hstack"])
def test_arrays_that_are_joined_count_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def call(kernel: str, *args: Any) -> Any:
        called.append(kernel)
        return by_kernel(kernel, *args)

    by_kernel = joining.call
    monkeypatch.setattr(joining, "call", call)
    values = numpy.arange(100.0)
    for many in (2, 4):
        found = getattr(ramba, name)([settled(values) for _ in range(many)])
        assert_same(found, getattr(numpy, name)([values] * many))
        assert called == ["concatenate"] * (many > 2)
