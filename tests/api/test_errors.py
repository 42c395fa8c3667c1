"""Invalid calls raise NumPy's exceptions, with NumPy's text, at the call."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pytest

from tests.agreement import outcome, same_kind_of_error
from tests.subject import ramba

INVALID = """
a + i
a + np.zeros((4, 3))
a @ a
np.matmul(a, 3)
np.matmul(i, f[:3])
np.dot(a, a)
np.inner(a, i)
np.einsum("ij,jk->ik", a, a)
np.vdot(i, f[:2])
np.reshape(a, (5, 5))
a.reshape(-1, -1)
a.reshape(7, -1)
a.sum(axis=2)
a.sum(axis=-3)
a.sum(axis=(0, 0))
a.sum(axis=(0, 5))
a.sum(axis=1.5)
np.max(np.zeros((0, 3)), axis=0)
np.argmax(np.zeros(0))
np.min(np.array([]))
a.argmax(axis=4)
a.cumsum(axis=3)
np.cumsum(a, axis=(0, 1))
np.mean(a, axis="x")
np.sum(a, axis=0, where=[True, False, True])
a[3]
a[0, 4]
a[0, 0, 0]
a[-4]
i[99]
a[1.0]
a["x"]
a[[0, 3]]
a[:, [4]]
a[[0, 1], [0, 1, 2]]
a[np.array([True, False])]
a[m[:, :2]]
a[[0.5]]
a[..., ...]
i[None, 0, 0]
a[::0]
np.take(a, 99)
np.take(a, [0, 4], axis=1)
a.take([3], axis=0)
a.__setitem__(0, np.arange(3))
a.__setitem__((slice(None), 0), np.arange(4))
a.__setitem__(m, [1, 2, 3])
a.__setitem__(7, 1)
a.__setitem__([0, 9], 1)
i.__setitem__(0, "x")
i.__setitem__(0, [1, 2])
i.__setitem__(slice(None), 1j)
i.__iadd__(0.5)
i.__itruediv__(2)
m.__iadd__(1.5)
a.__iadd__(np.zeros((2, 3, 4)))
np.broadcast_to(a, (3, 4)).__setitem__(0, 1)
np.broadcast_to(a, (3, 5))
np.broadcast_to(a, (4,))
a.diagonal().__setitem__(0, 1)
np.diagonal(i)
np.diag(t)
np.concatenate([])
np.concatenate([a, i])
np.concatenate([a, t])
np.concatenate([a, a], axis=2)
np.concatenate([a, np.zeros((2, 5))])
np.concatenate([np.array(1), np.array(2)])
np.concatenate([a, a], out=np.zeros((2, 2)))
np.stack([])
np.stack([a, i])
np.stack([a, a], axis=4)
np.hstack([a, i])
np.vstack([a, i])
np.block([[a, i], [a, a]])
np.split(i, 4)
np.tile(a, -1)
np.repeat(i, -1)
np.repeat(i, [1, 2])
np.roll(a, 1, axis=2)
np.pad(a, -1)
np.pad(a, ((1, 1), (1, 1), (1, 1)))
np.pad(a, 1, mode="nothing")
np.swapaxes(a, 0, 2)
np.moveaxis(a, 0, 3)
np.moveaxis(a, [0, 1], [0])
np.rollaxis(a, 3)
np.transpose(a, (0, 0))
np.transpose(a, (0, 1, 2))
np.transpose(a, (0, 2))
np.squeeze(a, axis=0)
np.expand_dims(a, 5)
np.flip(a, 2)
np.rot90(i)
np.lib.stride_tricks.sliding_window_view(i, 9)
np.lib.stride_tricks.sliding_window_view(a, (2, 2, 2))
np.zeros(-1)
np.zeros((2, -3))
np.zeros("x")
np.zeros(2.5)
np.zeros(3, dtype="nonsense")
np.zeros(3, dtype="f3")
np.ones(3, order="Z")
np.full((2, 2), [1, 2, 3])
np.full(3, "x", dtype=float)
np.arange()
np.arange(0, 10, 0)
np.arange("x")
np.linspace(0, 1, -1)
np.linspace(0, 1, 2.5)
np.eye(-1)
np.eye("x")
np.array([[1, 2], [3]])
np.array([1, 2], dtype="nonsense")
np.array([1, "x"], dtype=float)
np.array([300], dtype="u1")
np.array([-1], dtype="u1")
np.array([1, 2], nonsense=True)
np.array()
u + 300
u + (-1)
np.add(i, 2**70)
~f
f << 1
f & 1
m - m
-m
np.negative(m)
np.add(m, m, dtype="datetime64[s]")
np.bitwise_and(f, f)
np.invert(c)
c < "x"
c % 2
c // 2
np.floor(c)
np.maximum(a, [1, 2, 3])
np.add(a)
np.add(a, a, a, a)
np.add(a, a, nonsense=1)
np.add(a, a, out=np.zeros((2, 2)))
np.add(a, a, out=np.zeros((3, 4), dtype=int))
np.add(a, a, out=3)
np.add(a, a, out=(a, a))
np.add(a, a, where=i)
np.add(a, a, where=m[:, :2])
np.add(a, a, dtype="i4")
np.add(f, f, casting="no", dtype="f8")
np.add(a, a, casting="sometimes")
np.sin(a, dtype="i4")
np.modf(a, out=np.zeros((3, 4)))
np.add.reduce(a, axis=5)
np.add.reduce(a, axis=(0, 0))
np.subtract.reduce(a, axis=(0, 1))
np.add.accumulate(a, axis=2)
np.add.accumulate(np.array(3))
np.sin.reduce(a)
np.divmod.reduce(i)
np.add.reduceat(i, [0, 9])
np.add.at(i, [0, 9], 1)
np.minimum.reduce(np.zeros(0))
np.where(m, a)
np.where(a, i, f[:4])
np.select([], [])
np.select([m], [a, a])
np.clip(a, i, 9)
np.copyto(a, i)
np.copyto(i, a)
np.copyto(a, 1, where=i)
np.copyto(numpy.zeros(3), np.zeros(4))
np.nan_to_num(a, nonsense=1)
a.astype("nonsense")
a.astype("i4", casting="safe")
a.view("c16").view("x")
a[:, ::2].view("i4")
a.item(99)
a.item()
a.item(1, 9)
a.fill("x")
a.fill([1, 2])
bool(a)
int(a)
float(i)
complex(t)
len(np.array(3))
iter(np.array(3)).__next__()
hash(a)
i.__index__()
a.nonsense
np.nonsense
a.sort(axis=7)
a.T.nonsense()
np.linalg.inv(a)
np.linalg.inv(np.zeros((2, 2)))
np.linalg.solve(np.eye(2), np.zeros(3))
np.linalg.cholesky(-np.eye(2))
np.fft.fft(np.array([]))
np.random.default_rng(-1)
np.trace(i)
np.cross([1, 2, 3, 4], [1, 2, 3, 4])
np.interp([1], [1, 2], [1])
np.bincount([-1])
np.searchsorted(a, 1)
np.histogram(i, bins=-1)
np.percentile(f, 101)
np.convolve(a, a)
np.unravel_index(99, (3, 4))
np.ravel_multi_index((5, 5), (3, 4))
np.ix_(a)
np.choose([0, 7], [i, i])
np.compress([1, 0, 1, 1], a, axis=0)
np.meshgrid(i, indexing="zz")
np.frombuffer(b"abc", dtype="i4")
np.broadcast_shapes((2,), (3,))
np.result_type("nonsense")
setattr(a, "shape", (5, 5))
setattr(a, "shape", None)
"""

# what depends on values or on memory: raised at the latest when the result is looked at
DEFERRED = """
np.power(i, -i)
i ** np.array(-1)
i ** i[::-1] ** -1
a[np.array([0, 1]) + 5]
np.take(a, np.arange(4) * 9)
np.put(i, np.arange(3) + 9, 1)
np.ones((10**7, 10**7))
np.zeros((2**40, 2**30))
np.full((10**6, 10**8), 2.0) + 1
"""

# NumPy's text names its own types or positions here
OTHER_TEXT = {"a.nonsense", "a.T.nonsense()", "np.nonsense", "hash(a)", "np.array()"}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def variables(module: Any) -> dict[str, Any]:
    return {
        "np": module,
        "numpy": numpy,
        "a": module.array(numpy.arange(12.0).reshape(3, 4)),
        "i": module.array([3, 1, 4, 1, 5, 9]),
        "f": module.array(numpy.array([-1.5, 0.25, 2.0, -0.5, 3.25, 0.0], dtype="f4")),
        "c": module.array([[1 + 2j, -3j], [0.5, 2 - 1j]]),
        "t": module.array(numpy.arange(24).reshape(2, 3, 4)),
        "u": module.array([1, 2], dtype="u1"),
        "m": module.array(numpy.arange(12).reshape(3, 4) % 3 == 0),
    }


def raised(module: Any, line: str) -> Any:
    """The exception of the call itself, not of looking at its result."""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            eval(line, variables(module))
        except Exception as error:
            return error
    return None


@pytest.mark.parametrize("line", lines(INVALID))
def test_raises_what_numpy_raises(line: str, every_mode: str) -> None:
    expected, actual = raised(numpy, line), raised(ramba, line)
    assert expected is not None, "NumPy accepts it"
    assert actual is not None, f"nothing was raised at the call, instead of {expected!r}"
    assert same_kind_of_error(actual, expected), f"{actual!r} instead of {expected!r}"
    if line not in OTHER_TEXT:
        assert str(actual) == str(expected)


@pytest.mark.parametrize("line", lines(DEFERRED))
def test_raises_at_the_latest_when_looked_at(line: str, every_mode: str) -> None:
    expected = outcome(lambda: eval(line, variables(numpy)))
    actual = outcome(lambda: eval(line, variables(ramba)))
    assert isinstance(expected, Exception)
    assert same_kind_of_error(actual, expected), f"{actual!r} instead of {expected!r}"
    assert str(actual) == str(expected)
    ramba.sync()


@pytest.mark.parametrize("line", [line for line in lines(INVALID) if "__" in line or "out=" in line])
def test_a_refused_call_changes_nothing(line: str, lazy: None) -> None:
    space = variables(ramba)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception):  # noqa: B017
            eval(line, space)
    for name, value in variables(numpy).items():
        if isinstance(value, numpy.ndarray):
            numpy.testing.assert_array_equal(numpy.asarray(space[name]), value)


def test_a_floating_point_error_is_raised_at_the_line_of_the_call(lazy: None) -> None:
    zeros = ramba.zeros(3) + ramba.arange(3) * 0
    with ramba.errstate(divide="raise"):
        with pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            1 / zeros
        with pytest.raises(FloatingPointError, match="divide by zero encountered in log"):
            ramba.log(zeros)
        with pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            zeros[1:] = 1 / zeros[1:]
    assert numpy.asarray(ramba.arange(3) + 1).tolist() == [1, 2, 3]  # the session goes on
