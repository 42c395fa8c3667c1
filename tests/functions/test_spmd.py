"""`spmd`: a function on every worker, with its own parts of arrays as NumPy's arrays."""

from __future__ import annotations

import os
import pathlib
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fault.harness import run
from tests.functions.backends import BACKENDS, on, workers
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("error")]


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(request.param) as name:
        yield name


def add_one(x: Any) -> Any:
    x.local()[...] += 1
    return x.subspace


def test_each_worker_knows_its_place(backend: str) -> None:
    count = workers(backend)
    found = ramba.spmd(lambda: (ramba.rank(), ramba.size(), os.getpid()))
    assert [place[:2] for place in found] == [(n, count) for n in range(count)]
    assert len({place[2] for place in found}) == (count if backend == "processes" else 1)
    assert ramba.size() == count
    assert ramba.rank() == 0
    ramba.barrier()
    assert ramba.size(np.zeros((2, 3))) == 6
    assert ramba.size(ramba.zeros((2, 3)), axis=1) == 3


def test_parts_make_up_the_array(backend: str) -> None:
    data = np.arange(600.0).reshape(20, 30)
    x = ramba.asarray(data) * 1

    def tell(v: Any) -> Any:
        assert v.shape == (20, 30)
        assert v.ndim == len(v.shape) == 2
        assert v.dtype == v.local().dtype == np.float64
        same = v.local() is v.get_local() is v.getlocal()
        rows, columns = v.indices(0), v.indices(1)
        return v.subspace, v.local().copy(), same, rows[:, None] * 30 + columns

    seen = np.zeros((20, 30), int)
    for where, part, same, numbers in ramba.spmd(tell, x):
        seen[where] += 1
        np.testing.assert_array_equal(part, data[where])
        np.testing.assert_array_equal(part, numbers)
        assert same
    assert (seen == 1).all()


VIEWS = (
    np.s_[:], np.s_[3:17], np.s_[::2, ::-1], np.s_[19:2:-3, 5:6], np.s_[7], np.s_[:, 4], np.s_[..., None, ::5],
    np.s_[5:5], np.s_[2, 3:9],
)  # fmt: skip


@pytest.mark.parametrize("key", VIEWS, ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_views_write_into_their_own_elements(backend: str, key: Any, turned: bool) -> None:
    data = np.arange(600).reshape(20, 30)
    x = ramba.asarray(data) + 0
    before, kept = x.copy(), x + 1
    view, expected = (x.T, data.T) if turned else (x, data)
    ramba.spmd(add_one, view[key])
    expected[key] += 1
    np.testing.assert_array_equal(np.asarray(x), data)
    np.testing.assert_array_equal(np.asarray(before), np.arange(600).reshape(20, 30))
    np.testing.assert_array_equal(np.asarray(kept), np.arange(600).reshape(20, 30) + 1)
    np.testing.assert_array_equal(np.asarray(view[key] * 2), expected[key] * 2)


def test_small_arrays_and_arrays_of_numpys(backend: str) -> None:
    small = ramba.arange(5)
    memory = np.asarray(small)
    ramba.spmd(add_one, small)
    assert small.tolist() == [1, 2, 3, 4, 5]
    ramba.spmd(lambda a, b: add_one(b), small, small[1:3])  # one overlaps the other
    assert small.tolist() == [1, 3, 4, 4, 5]
    assert memory.tolist() == [1, 3, 4, 4, 5]
    lent = ramba.arange(100.0) + 0
    shown = np.asarray(lent) if backend == "threads" else lent
    ramba.spmd(add_one, lent)
    np.testing.assert_array_equal(np.asarray(shown), np.arange(100.0) + 1)
    plain = np.arange(4)
    assert [found.tolist() for found in ramba.spmd(lambda a: a + 1, plain)] == [[1, 2, 3, 4]] * workers(backend)


def test_global_indices(backend: str) -> None:
    data = np.arange(600).reshape(20, 30)
    x = ramba.asarray(data) + 0

    def change(v: Any) -> Any:
        v[3:18:4, ::-2] = -1
        v[-1] = 7 if 19 in v.indices(0) else None
        return v[15:2:-1].shape

    def careful(v: Any) -> Any:
        v[3:18:4, ::-2] = -1
        if 19 in v.indices(0):
            v[-1, ...] = 7
        return v[15:2:-1].shape[0], 19 in v.indices(0)

    found = ramba.spmd(careful, x)
    data[3:18:4, ::-2] = -1
    data[-1] = 7
    np.testing.assert_array_equal(np.asarray(x), data)
    assert sum(rows for rows, _ in found) == 13
    assert sum(last for _, last in found) == 1
    if backend != "threads":
        with pytest.raises(IndexError, match="lies elsewhere"):
            ramba.spmd(change, x)
    with pytest.raises(IndexError):
        ramba.spmd(lambda v: v[20], x)
    with pytest.raises(IndexError, match="too many"):
        ramba.spmd(lambda v: v[0, 0, 0], x)


def test_the_whole_and_the_borders(backend: str) -> None:
    data = np.arange(600.0).reshape(20, 30)
    x = ramba.asarray(data) * 1
    for whole in ramba.spmd(lambda v: v.getglobal(), x[::2]):
        np.testing.assert_array_equal(whole, data[::2])
    for wide, (rows, columns) in ramba.spmd(lambda v: (v.getborder(2), v.subspace), x):
        rows, columns = (slice(max(s.start - 2, 0), s.stop + 2) for s in (rows, columns))
        np.testing.assert_array_equal(wide, data[rows, columns])
    assert all(ramba.spmd(lambda v: np.array_equal(v.getlocal(1), v.getborder()), x))


def test_arrays_that_are_whole_everywhere_are_read(backend: str) -> None:
    x = ramba.redistribute(ramba.arange(100.0) + 0, "whole")
    if backend == "threads":
        return
    assert ramba.spmd(lambda v: (v.local().shape, v.getglobal().sum()), x) == [((100,), 4950.0)] * workers(backend)
    with pytest.raises(ValueError, match="read-only"):
        ramba.spmd(add_one, x)


def test_redistributed(backend: str) -> None:
    data = np.arange(600).reshape(20, 30)
    x = ramba.redistribute(ramba.asarray(data) + 0, 1)
    places = ramba.spmd(add_one, x)
    if backend != "threads":
        assert all(rows == slice(0, 20) for rows, _ in places)
    np.testing.assert_array_equal(np.asarray(x), data + 1)


def test_arrays_in_containers(backend: str) -> None:
    x, y = ramba.arange(100) + 0, ramba.ones(100) + 0

    def axpy(arguments: Any, a: float) -> Any:
        arguments["y"][0].local()[...] += a * arguments["x"].local()
        return arguments["y"][1]

    assert ramba.spmd(axpy, {"x": x, "y": (y, "kept")}, 2) == ["kept"] * workers(backend)
    np.testing.assert_array_equal(np.asarray(y), np.arange(100) * 2 + 1)


def test_results_may_be_parts(backend: str) -> None:
    x = ramba.arange(100) + 0
    np.testing.assert_array_equal(np.concatenate([np.asarray(part) for part in ramba.spmd(lambda v: v, x)]), range(100))


class Own(Exception):
    """Of this module."""


def test_exceptions_come_with_traceback_and_rank(backend: str) -> None:
    last = workers(backend) - 1
    x = ramba.arange(100) + 0

    def failing(v: Any) -> None:
        ramba.barrier()
        if ramba.rank() == last:
            raise Own("mine")
        ramba.barrier()  # whoever waits here learns that nobody comes

    with pytest.raises(Own, match="mine") as caught:
        ramba.spmd(failing, x)
    if last:
        notes = "".join(caught.value.__notes__)
        assert f"on worker {last}" in notes
        assert "in failing" in notes
    assert ramba.spmd(add_one, x)[0][0].start == 0
    np.testing.assert_array_equal(np.asarray(x), np.arange(100) + 1)


def test_what_is_refused(backend: str) -> None:
    with pytest.raises(TypeError, match="function"):
        ramba.spmd(3)
    locked = np.broadcast_to(ramba.arange(30) + 0, (4, 30))
    with pytest.raises(ValueError, match="read-only"):
        ramba.spmd(add_one, locked)
    if backend != "threads":
        with pytest.raises(TypeError, match="dtype"):
            ramba.spmd(add_one, ramba.asarray(["a", "b"]))


def test_what_was_recorded_before_reads_the_old_values(backend: str) -> None:
    x = ramba.arange(100) + 0
    y = x * 2 + 1
    z = x.copy()
    ramba.spmd(add_one, x)
    np.testing.assert_array_equal(np.asarray(y), np.arange(100) * 2 + 1)
    np.testing.assert_array_equal(np.asarray(z), np.arange(100))
    z += 5
    ramba.spmd(add_one, z)
    np.testing.assert_array_equal(np.asarray(z), np.arange(100) + 6)
    np.testing.assert_array_equal(np.asarray(x), np.arange(100) + 1)


SLICES = st.builds(slice, *[st.none() | st.integers(-12, 12)] * 2, st.sampled_from([None, 1, 2, -1, -3]))


@given(st.integers(1, 4), st.integers(1, 12), st.integers(1, 9), SLICES, SLICES, st.booleans())
def test_any_number_of_workers(count: int, n: int, m: int, rows: slice, columns: slice, turned: bool) -> None:
    data = np.arange(n * m).reshape(n, m)
    with ramba.config.set(backend="local", workers=count, num_threads=1, eager_size=1):
        ramba.shutdown()
        x = ramba.asarray(data) + 0
        view, expected = (x.T, data.T) if turned else (x, data)
        view, expected = view[rows, columns], expected[rows, columns]
        parts = ramba.spmd(lambda v: (v.subspace, v.local().copy()), view)
        assert sum(part.size for _, part in parts) == expected.size
        for where, part in parts:
            np.testing.assert_array_equal(part, expected[where])
        ramba.spmd(add_one, view)
        expected += 1
        np.testing.assert_array_equal(np.asarray(x), data)
    ramba.shutdown()


@pytest.mark.fault
def test_ctrl_c_ends_it(tmp_path: pathlib.Path) -> None:
    script = """
    def forever(x):
        while True:
            x.local()[...] += 1

    def waits(x):
        if np.rank():
            np.barrier()
        else:
            forever(x)

    x = np.zeros(1000) + 0
    y = x + 1
    for function in (forever, waits):
        interrupt_after(0.5)
        start = time.monotonic()
        try:
            np.spmd(function, x)
        except KeyboardInterrupt:
            assert time.monotonic() - start < 10  # two and a half, and the tests beside it
        else:
            sys.exit("not interrupted")
        assert np.spmd(lambda v: float(v.local().sum()), y) == [500.0, 500.0]
    """
    run(tmp_path, textwrap.dedent(script), RAMBA_BACKEND="processes", RAMBA_WORKERS=2, RAMBA_EAGER_SIZE=16)
