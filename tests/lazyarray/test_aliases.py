"""``numpy.asarray(x)`` shows the very memory of an array: writes go both ways as long as anybody holds it."""

from __future__ import annotations

import gc
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_same
from tests.subject import mode, ramba

pytestmark = pytest.mark.one_process


@pytest.fixture(params=["default", "mixed", "compiled", "interpreted", "threads"], autouse=True)
def _mode(request: pytest.FixtureRequest) -> Iterator[None]:
    with mode(request.param):
        yield


N = 17_000  # more than a small array has

WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "a += 1": lambda np, a: a.__iadd__(1),
    "a[3:9] = 7": lambda np, a: a.__setitem__(slice(3, 9), 7),
    "a[5] = 4": lambda np, a: a.__setitem__(5, 4),
    "a[a > 3] = 0": lambda np, a: a.__setitem__(a > 3, 0),
    "a[[1, 2]] = -1": lambda np, a: a.__setitem__([1, 2], -1),
    "a[::-1] = a": lambda np, a: a.__setitem__(slice(None, None, -1), a),
    "a[1:] = a[:-1]": lambda np, a: a.__setitem__(slice(1, None), a[:-1]),
    "a[...] = arange": lambda np, a: a.__setitem__(..., np.arange(len(a)) * 2.0),
    "a[:] = a * 2 + a[0]": lambda np, a: a.__setitem__(slice(None), a * 2 + a[0]),
    "a.fill(2)": lambda np, a: a.fill(2),
    "a.sort()": lambda np, a: a[::-1].sort(),
    "np.add(a, 1, out=a)": lambda np, a: np.add(a, 1, out=a),
    "np.cumsum(a, out=a)": lambda np, a: np.cumsum(a, out=a),
    "np.modf(b, out=(a, c))": lambda np, a: np.modf(a / 4, out=(a, np.zeros_like(a))),
    "np.copyto(a, b, where)": lambda np, a: np.copyto(a, 5.0, where=a > 4),
    "np.put(a, i, v)": lambda np, a: np.put(a, [0, 7], [9.0, 8.0]),
    "np.add.at(a, i, 1)": lambda np, a: np.add.at(a, [0, 0, 3], 1),
    "a.reshape(-1, 2)[:, 1] = 6": lambda np, a: a.reshape(-1, 2)[:, 1].__setitem__(..., 6),
    "a.flat[4] = 3": lambda np, a: a.flat.__setitem__(4, 3),
}

READS: dict[str, Callable[[Any, Any], Any]] = {
    "a + 1": lambda np, a: a + 1,
    "a.copy()": lambda np, a: a.copy(),
    "a.astype(f4)": lambda np, a: a.astype("f4"),
    "a[::2] * a[1::2]": lambda np, a: a[::2] * a[1::2],
    "a.sum()": lambda np, a: a.sum(),
    "a.reshape(-1, 2).max(0)": lambda np, a: a.reshape(-1, 2).max(0),
    "np.cumsum(a)": lambda np, a: np.cumsum(a),
    "np.sort(a)": lambda np, a: np.sort(a),
    "np.where(a > 3, a, 0)": lambda np, a: np.where(a > 3, a, 0),
    "a[a > 3]": lambda np, a: a[a > 3],
    "b[...] = a": lambda np, a: assigned(np.zeros(len(a)), a),
    "b[1:] = a[1:]": lambda np, a: assigned(np.zeros(len(a))[1:], a[1:]),
    "b[mask] = ": lambda np, a: masked(np.zeros(len(a)), a > 3),
    "sum(where=)": lambda np, a: np.add.reduce(np.ones(len(a)), where=a > 3),
    "np.concatenate": lambda np, a: np.concatenate([a, a]),
    "+a": lambda np, a: +a,
    "a.T @": lambda np, a: a.reshape(-1, 2).T @ a.reshape(-1, 2),
    "np.array(a)": lambda np, a: np.array(a),
}


def assigned(target: Any, value: Any) -> Any:
    target[...] = value
    return target


def masked(target: Any, mask: Any) -> Any:
    target[mask] = 1
    return target


def new(np: Any) -> Any:
    return np.arange(float(N)) % 7


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_is_written_is_seen_in_the_alias(write: Callable[[Any, Any], Any]) -> None:
    ours, theirs = new(ramba), new(numpy)
    pending = ours * 2  # recorded before: reads the old values
    alias = numpy.asarray(ours)
    write(ramba, ours)
    write(numpy, theirs)
    assert_same(alias, theirs)
    assert_same(ours, theirs)
    assert_same(pending, new(numpy) * 2)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_was_read_keeps_the_values_of_its_time(read: Callable[[Any, Any], Any]) -> None:
    ours = new(ramba)
    alias = numpy.asarray(ours)
    before, expected = read(ramba, ours), read(numpy, new(numpy))
    alias[...] = 5
    after = read(ramba, ours)
    assert_same(before, expected, ulps=4 * N)
    assert_same(after, read(numpy, numpy.full(N, 5.0)), ulps=4 * N)


def test_a_foreign_array_that_is_assigned_or_a_mask_is_read_in_the_call() -> None:
    values, allowed = numpy.ones(N), numpy.ones(N, bool)
    a, total = ramba.zeros(N), ramba.add.reduce(ramba.ones(N), where=allowed)
    a[...] = values
    values[:], allowed[:] = 5, False
    assert float(a.sum()) == N
    assert float(total) == N


def test_views_parts_and_other_dtypes_are_aliases_too() -> None:
    c = ramba.zeros((130, 140), complex) + 1
    real, column = numpy.asarray(c.real), numpy.asarray(c.T[3])
    real[...], column[...] = 4, 2j
    c.imag[0] = 7
    words = c.view("f8")
    words[5, 0] = -1
    expected = numpy.full((130, 140), 4, complex)
    expected[:, 3] = 2j
    expected.imag[0] = 7
    expected[5, 0] = complex(-1, expected[5, 0].imag)
    assert_same(c, expected)
    assert words.base is c
    assert ramba.shares_memory(c, real)
    assert ramba.shares_memory(words, c.T[3])
    assert not ramba.shares_memory(c.imag, real)


def test_a_locked_view_gives_a_locked_alias() -> None:
    alias = numpy.asarray(ramba.broadcast_to(ramba.arange(N) + 1, (2, N)))
    with pytest.raises(ValueError, match="read-only"):
        alias[0, 0] = 1


def test_copies_are_copies() -> None:
    a = new(ramba)
    for copied in (numpy.array(a), numpy.asarray(a.copy()), numpy.asarray(a, "f4"), pickle.loads(pickle.dumps(a))):
        copied[:] = 9
    assert_same(a, new(numpy))
    with pytest.raises(ValueError, match="Unable to avoid copy"):
        numpy.asarray(a, "f4", copy=False)


def test_an_alias_survives_its_array() -> None:
    a = new(ramba) + 1
    alias = numpy.asarray(a)
    del a
    others = [ramba.zeros(N) + i for i in range(8)]  # would take the memory if it were free
    ramba.sync()
    assert_same(alias, new(numpy) + 1)
    assert len(others) == 8


def test_without_aliases_an_array_is_lazy_again() -> None:
    with ramba.config.set(eager_size=100):
        a = new(ramba)
        alias = numpy.asarray(a)[3:]
        assert not (a + 1)._buffer.pending
        del alias
        gc.collect()
        assert (a + 1)._buffer.pending
        for view in ("flat", "data"):
            shown = getattr(a, view)
            assert not (a + 1)._buffer.pending, view
            del shown
            assert (a + 1)._buffer.pending, view


def test_other_libraries_write_into_our_arrays() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    for shape in ((200, 200), (5, 5)):
        out = ramba.zeros(shape)
        ndimage.gaussian_filter(ramba.ones(shape), 1, output=out)
        assert_same(out, ndimage.gaussian_filter(numpy.ones(shape), 1), ulps=4)


def test_as_strided_sees_what_lies_around_a_view() -> None:
    for library in (ramba, numpy):
        base = ramba.arange(40_000.0)
        around = library.lib.stride_tricks.as_strided(base[20_000:], (2, 3), (-8, 8))
        assert_same(around, numpy.array([[20_000.0, 20_001, 20_002], [19_999, 20_000, 20_001]]))
        around[1, 0] = -1
        assert base[19_999] == -1
    windows = ramba.lib.stride_tricks.as_strided(base, (39_998, 3), (8, 8))
    assert_same(windows.sum(), numpy.lib.stride_tricks.sliding_window_view(numpy.asarray(base), 3).sum())
    unaligned = ramba.lib.stride_tricks.as_strided(base.real, (3,), (12,))
    assert unaligned.shape == (3,)


@pytest.mark.parametrize(("shape", "steps"), [((40_001,), (8,)), ((2,), (-8,)), ((3, 3), (8, 160_000)), ((2,), (8, 8))])
def test_as_strided_refuses_what_is_outside(shape: tuple[int, ...], steps: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"outside|mismatch"):
        ramba.lib.stride_tricks.as_strided(ramba.arange(40_000.0), shape, steps)


def test_whoever_shows_the_arguments_of_a_traceback_lives() -> None:
    """Arrays that stand for a view while NumPy works out another one have no memory: nobody may read it."""
    a = ramba.arange(30_000.0).reshape(100, 300) + 1
    try:
        a.reshape(7, 7)
    except ValueError as problem:
        shown = traceback.TracebackException.from_exception(problem, capture_locals=True)
        assert "ValueError" in "".join(shown.format())


def test_an_array_under_errstate_is_not_lost() -> None:
    x = ramba.arange(2_400_000.0).reshape(60_000, 40)
    s = x.sum(axis=0)
    with ramba.errstate(divide="ignore"):
        q = x.max(axis=0) / s
    values = numpy.arange(2_400_000.0).reshape(60_000, 40)
    assert_same((q + 1).sum(), (values.max(axis=0) / values.sum(axis=0) + 1).sum(), ulps=100)


FIXES: dict[str, Callable[[Any], Any]] = {
    "ctypes": lambda a: a.ctypes.data,
    "setflags": lambda a: a.setflags(write=True),
    "data": lambda a: a.data,
}


@pytest.mark.parametrize("fix", FIXES.values(), ids=list(FIXES))
def test_memory_that_stays_where_it_is_is_the_arrays_own(fix: Callable[[Any], Any]) -> None:
    for np in (ramba, numpy):
        a = np.arange(N) * 2
        held = fix(a)
        assert a.base is None
        assert a.flags.owndata
        assert a[1:].base is a
        assert not a[1:].flags.owndata
        del held


def test_memory_of_others_is_not_owned() -> None:
    for np in (ramba, numpy):
        for made in (
            np.frombuffer(bytes(8 * N)),
            np.asarray(bytearray(8 * N)),
            np.array(memoryview(bytes(N)), copy=False),
        ):
            assert made.base is not None
            assert not made.flags.owndata
            assert made.copy().flags.owndata


def test_a_small_result_keeps_its_alias_while_others_wait() -> None:
    """It becomes local when it is looked at: in the memory that NumPy's array shows."""
    large = ramba.arange(300_000) * 1.0
    small = large.reshape(3, -1).sum(axis=1)
    alias = numpy.asarray(small)
    waiting = large * 2
    before = small[0] + 0
    alias[0] = 7
    assert (before, small[0], numpy.asarray(small)[0]) == (4999950000.0, 7, 7)
    small[1] = 8
    assert alias[1] == 8
    assert ramba.shares_memory(small, alias)
    assert waiting[3] == 6


@pytest.mark.own_modes
@pytest.mark.parametrize("name", ["settled", "mixed", "default"])
def test_views_of_what_was_just_computed_may_be_written(name: str) -> None:
    """A view that NumPy made of few elements that had waited was read-only."""
    with mode(name):
        a = ramba.arange(18.0).reshape(3, 6)
        b = ramba.array(a[...])
        c = ramba.nanprod(a + b, axis=0)
        small = ramba.sum(b + c, axis=-1, keepdims=True, initial=4)
        view = ramba.moveaxis(small, -1, 1)[:]
        view.ravel()[2] = 5
        assert small[2, 0] == 5
