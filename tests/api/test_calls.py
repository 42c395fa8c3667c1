"""Creation, joining, views and everything else that is best listed: one line is one call, made in both."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree
from tests.subject import ramba

CREATION = """
np.zeros(5)
np.zeros((2, 3), dtype="i4")
np.zeros(())
np.zeros((0, 4), "?")
np.zeros((2, 3), order="F")
np.ones((2, 3), dtype=np.complex64)
np.ones(4, dtype=bool)
np.full((2, 2), 7)
np.full((2, 2), 7.5, dtype="f4")
np.full(3, [1, 2, 3])
np.full((2, 3), 2 + 1j)
np.full((), True)
np.empty((3, 0))
np.empty((2, 5), dtype="u1").dtype
np.zeros_like(a)
np.ones_like(i, dtype="f4")
np.full_like(a, 3, shape=(2, 2))
np.empty_like(c).shape
np.arange(7)
np.arange(2, 11, 3)
np.arange(10, 0, -3)
np.arange(0, 1, 0.1)
np.arange(5.0)
np.arange(5, dtype="f4")
np.arange(3, dtype="c16")
np.arange(0)
np.arange(5, 2)
np.arange(1, 10, 2.5)
np.arange(10**12, 10**12 + 5)
np.arange(0.1, 2.0, 0.3, dtype="f4")
np.arange(-5, 5, dtype="i1")
np.linspace(0, 1, 11)
np.linspace(0, 1, 10, endpoint=False)
np.linspace(3, -2, 7)
np.linspace(0, 10, 5, dtype=int)
np.linspace(1, 2, 1)
np.linspace(0, 1, 0)
np.linspace(0, 1, 5, retstep=True)
np.linspace([0, 1], [1, 5], 4)
np.linspace(0, 1j, 4)
np.logspace(0, 2, 5)
np.geomspace(1, 1000, 4)
np.eye(4)
np.eye(3, 5, k=1, dtype="i4")
np.eye(3, k=-5)
np.identity(3)
np.fromfunction(lambda i, j: i * 10 + j, (3, 4))
np.fromfunction(lambda i: i < 2, (4,), dtype=int)
np.fromfunction(lambda i, j: np.sin(i) + j, (3, 4))
np.meshgrid(np.arange(3), np.arange(4))
np.meshgrid(np.arange(3), np.arange(4), indexing="ij", sparse=True)
np.mgrid[0:3, 0:4]
np.mgrid[0:1:5j]
np.mgrid[-1:1:4j, 0:3]
np.ogrid[0:3, 0:4]
np.r_[1:4, 0, 4]
np.c_[np.arange(3), np.arange(3)]
np.indices((2, 3))
np.indices((2, 3), sparse=True)
np.indices((2, 3), dtype="f4")
np.array([1, 2, 3])
np.array([[1, 2], [3, 4.5]])
np.array(5)
np.array([True, False])
np.array([1, 2], dtype="f4")
np.array([1, 2j])
np.array([[]])
np.array(a)
np.array([a[0], a[1]])
np.array(a, ndmin=4)
np.array(a, dtype="f4")
np.array("text")
np.array(["a", "bc"])
np.array([None, 1])
np.array([1, 2, 3], dtype=object)
np.array(["2020-01-01"], dtype="M8[D]")
np.array([(1, 2.0)], dtype=[("x", "i4"), ("y", "f8")])["y"]
np.asarray(range(4))
np.asarray(a) is a
np.asanyarray([[1]])
np.ascontiguousarray(a.T)
np.asfortranarray(a).flags.f_contiguous
np.copy(a)
np.fromiter(range(5), dtype="i4")
np.frombuffer(b"abcd", dtype="u1")
np.fromstring("1 2 3", sep=" ")
np.tri(4)
np.tri(3, 5, k=1, dtype=int)
np.triu(a)
np.tril(a, -1)
np.triu(np.arange(24).reshape(2, 3, 4), 1)
np.diag(a)
np.diag(i)
np.diag(a, 1)
np.diagflat([1, 2])
np.vander([1, 2, 3])
np.asarray([1.0, 2.0], like=None)
"""

JOINING = """
np.concatenate([a, a])
np.concatenate([a, a], axis=1)
np.concatenate([a, a], axis=None)
np.concatenate((a, a[:1], a[1:2]), axis=0)
np.concatenate([i, f])
np.concatenate([i, f], dtype="f4", casting="unsafe")
np.concatenate([a[:0], a])
np.concatenate([i, [1, 2]])
np.concatenate([a, a], out=np.zeros((6, 4)))
np.stack([a, a])
np.stack([a, a], axis=-1)
np.stack([i, f, i], axis=1)
np.hstack([a, a])
np.hstack([i, f])
np.vstack([i, f])
np.dstack([a, a])
np.column_stack([i, f])
np.block([[a, a], [a, a]])
np.block([i, f])
np.block([[np.eye(2), np.zeros((2, 3))], [np.ones((1, 2)), np.ones((1, 3))]])
np.split(i, 3)
np.split(np.arange(10), [3, 7])
np.array_split(np.arange(10), 4)
np.hsplit(a, 2)
np.vsplit(a, 3)
np.dsplit(np.arange(8).reshape(2, 2, 2), 2)
np.tile(a, 2)
np.tile(a, (2, 1, 3))
np.tile(i, 0)
np.repeat(a, 2)
np.repeat(a, 3, axis=1)
np.repeat(a, [1, 0, 2], axis=0)
np.roll(i, 2)
np.roll(a, 1)
np.roll(a, -1, axis=1)
np.roll(a, (1, 2), axis=(0, 1))
np.roll(a, 100, axis=0)
np.pad(i, 2)
np.pad(a, ((1, 2), (0, 3)))
np.pad(a, 1, constant_values=7)
np.pad(a, ((1, 1), (2, 0)), constant_values=((1, 2), (3, 4)))
np.pad(a, 2, mode="edge")
np.pad(a, 2, mode="reflect")
np.pad(a, 2, mode="symmetric")
np.pad(a, 2, mode="wrap")
np.pad(a, 1, mode="mean")
np.pad(i, (2, 3), mode="linear_ramp")
np.append(a, a, axis=0)
np.append(i, 3)
np.insert(i, 2, 99)
np.delete(i, [0, 2])
np.resize(i, (2, 5))
np.trim_zeros(np.array([0, 0, 1, 2, 0]))
np.unique(np.array([3, 1, 3, 2]))
np.unique(np.array([3, 1, 3, 2]), return_counts=True)
np.unstack(a)
"""

VIEWS = """
a.T
a[1:, ::-2]
a[..., None, 0]
a.reshape(4, 3)
a.reshape(-1)
a.reshape((2, -1), order="F")
np.reshape(a, (2, 6))
a.ravel()
a.T.ravel()
a.ravel("F")
a.T.ravel("K")
a.flatten()
np.swapaxes(t, 0, 2)
t.swapaxes(1, 2)
np.moveaxis(t, 0, -1)
np.moveaxis(t, [0, 1], [-1, -2])
np.rollaxis(t, 2)
t.transpose(1, 2, 0)
np.transpose(t)
np.permute_dims(t, (2, 0, 1))
np.matrix_transpose(t)
t.mT
np.broadcast_to(i, (3, 6))
np.broadcast_arrays(i[:4], a)
np.real(c)
np.imag(c)
c.real
c.imag
a.imag
np.diagonal(a)
a.diagonal(1)
t.diagonal(0, 1, 2)
np.flip(a)
np.flip(a, 0)
np.flip(a, (0, 1))
np.fliplr(a)
np.flipud(a)
np.rot90(a)
np.rot90(a, -2)
np.squeeze(a[:, :1])
np.squeeze(a[None], axis=0)
np.expand_dims(a, 1)
np.expand_dims(a, (0, 3))
np.atleast_1d(3)
np.atleast_2d(i)
np.atleast_3d(a)
np.lib.stride_tricks.sliding_window_view(i, 3)
np.lib.stride_tricks.sliding_window_view(a, (2, 2))
np.lib.stride_tricks.sliding_window_view(a, 2, axis=1).sum(axis=-1)
np.lib.stride_tricks.as_strided(i, (3, 2), (8, 8))
a.view("i8")
f.view("u4")
a.view("u1").shape
i.astype("f4").view("i4")
"""

SELECTING = """
np.where(m, a, 0)
np.where(m)
np.where(m, i[:4], a)
np.where(m, 1, 2)
np.where(True, a, i[:4])
np.where(m, i[:4], 0.5)
np.select([a > 5, a > 2], [a, a * 2], default=-1)
np.choose([0, 1, 1, 0], [i[:4], f[:4]])
np.piecewise(f, [f < 0, f >= 0], [lambda x: -x, lambda x: x + 1])
np.clip(a, 2, 7)
np.clip(a, None, 7)
np.clip(a, i[:4], 8)
np.clip(i, 0, 2.5)
a.clip(min=3)
np.clip(a, 2, 7, out=a)
np.nan_to_num(np.array([np.nan, np.inf, -np.inf, 1.0]))
np.nan_to_num(np.array([np.nan, 1.0]), nan=7.0)
np.nan_to_num(i)
np.nonzero(m)
np.flatnonzero(a > 3)
np.argwhere(m)
np.extract(m, a)
np.compress([True, False, True], a, axis=0)
np.take(a, [2, 0], axis=0)
np.take(a, [[5, 11]])
a.take([-1, 20], mode="clip")
np.take_along_axis(a, np.argsort(a, axis=1), axis=1)
a[np.ix_([0, 2], [1, 3])]
a[m]
a[[True, False, True]]
np.isclose(a, a + 1e-9)
np.allclose(a, a)
np.array_equal(a, a.copy())
np.array_equiv(a, a[:1])
np.in1d(i, [1, 2]) if hasattr(np, "in1d") else None
np.isin(i, [1, 2])
np.searchsorted(np.sort(i, axis=None), [1, 3])
np.digitize(f, [0.0, 1.0])
np.bincount([1, 1, 3])
np.histogram(f, bins=4)
np.sort(f[::-1])
np.argsort(f, kind="stable")
np.lexsort((i, f))
np.partition(f, 2)[2]
np.argpartition(f, 2)[2]
np.sort(a, axis=0)
np.diff(a)
np.diff(i, n=2)
np.diff(a, axis=0, prepend=0)
np.ediff1d(i)
np.gradient(f)
np.gradient(a, 2.0, axis=0)
np.cross([1.0, 2, 3], [4.0, 5, 6])
np.convolve(i, [1, 2, 1])
np.interp([0.5, 1.5], [0, 1, 2], [0, 10, 20])
np.trapezoid(f)
np.median(f)
np.percentile(f, 30)
np.quantile(a, [0.25, 0.5], axis=0)
np.average(f, weights=f * f + 1)
np.cov(a)
np.corrcoef(a + m)
np.round(f, 1)
np.around(f)
f.round(2)
np.fix(f)
np.angle(c)
np.conj(c)
np.isreal(c)
np.iscomplexobj(c)
np.unwrap(f * 3)
np.sinc(f)
np.i0(f)
np.heaviside(f, 0.5)
np.real_if_close(c)
np.packbits(m)
np.unravel_index(7, (3, 4))
np.ravel_multi_index(([1, 2], [0, 3]), (3, 4))
np.tril_indices(3)
np.diag_indices(3)
np.result_type(a, "f4")
np.result_type(i, 3.5)
np.can_cast("i4", "f4")
np.promote_types("i4", "f4")
np.min_scalar_type(300)
np.shape(a)
np.ndim(a)
np.size(a, 1)
np.iterable(a)
np.may_share_memory(a, a.T)
np.array2string(i)
np.apply_along_axis(lambda row: row.sum(), 1, a)
np.apply_over_axes(np.sum, t, [0, 2])
np.vectorize(lambda x: x + 1)(i)
np.frompyfunc(lambda x: x * 2, 1, 1)(i)
np.einsum("ij,kj->ik", a, a)
np.tensordot(a, a, axes=([1], [1]))
np.kron(a[:2, :2], np.eye(2))
np.trace(a)
np.vdot(f, f)
np.inner(i, i)
np.outer(i, i)
a @ a.T
i @ i
np.matmul(t, t.swapaxes(1, 2))
np.dot(a, i[:4])
np.dot(2, a)
np.vecdot(a, a)
np.linalg.norm(f)
np.linalg.inv(np.eye(3) * 2)
np.linalg.solve(np.array([[2.0, 1], [1, 3]]), np.array([1.0, 2]))
np.linalg.det(np.array([[2.0, 1], [1, 3]]))
np.linalg.eigvalsh(np.array([[2.0, 1], [1, 3]]))
np.linalg.matrix_power(np.array([[2, 1], [1, 3]]), 3)
np.fft.fft(f)
np.fft.rfft2(a)
np.fft.fftfreq(8)
np.polyfit(np.arange(5.0), np.arange(5.0) ** 2, 2)
np.polyval([1, 2, 3], f)
np.polynomial.Polynomial([1, 2, 3])(f)
np.random.default_rng(3).normal(size=4)
np.random.RandomState(3).rand(4)
np.char.upper(np.array(["a", "b"]))
np.strings.add(np.array(["a"]), np.array(["b"]))
np.ma.masked_array([1, 2, 3], mask=[0, 1, 0]).sum()
np.finfo("f4").eps
np.iinfo("i4").max
np.dtype("f8")
np.float32(1.5)
np.pi
np.newaxis
np.nan
np.emath.sqrt(-1.0)
np.testing.assert_array_equal(a, a)
np.lib.stride_tricks.broadcast_shapes((2, 1), (3,)) if hasattr(np.lib.stride_tricks, "broadcast_shapes") else 0
np.broadcast_shapes((2, 1), (3,))
np.errstate(all="ignore").__class__.__name__
"""


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def variables(module: Any) -> dict[str, Any]:
    """What the calls above may use."""
    return {
        "np": module,
        "a": module.array(numpy.arange(12.0).reshape(3, 4) * 5 % 12),
        "i": module.array([3, 1, 4, 1, 5, 9]),
        "f": module.array(numpy.array([-1.5, 0.25, 2.0, -0.5, 3.25, 0.0], dtype="f4")),
        "c": module.array([[1 + 2j, -3j], [0.5, 2 - 1j]]),
        "t": module.array(numpy.arange(24).reshape(2, 3, 4)),
        "m": module.array(numpy.arange(12).reshape(3, 4) % 3 == 0),
    }


def check(line: str) -> None:
    numeric = any(
        word in line for word in ("linalg", "sinc", "i0", "cov", "corrcoef", "fft", "polyfit", "logspace", "geomspace")
    )
    numeric |= any(word in line for word in ("average", "norm", "sin(", "angle", "unwrap", "mean", "einsum"))
    assert_agree(
        lambda: eval(line, variables(ramba)),
        lambda: eval(line, variables(numpy)),
        slack=(lambda expected: 1e-5 if "f4" in str(getattr(expected, "dtype", "")) or "(f" in line else 1e-12)
        if numeric
        else None,
    )


@pytest.mark.parametrize("line", lines(CREATION))
def test_creation(line: str, every_mode: str) -> None:
    check(line)


@pytest.mark.parametrize("line", lines(JOINING))
def test_joining(line: str, every_mode: str) -> None:
    check(line)


@pytest.mark.parametrize("line", lines(VIEWS))
def test_views(line: str, every_mode: str) -> None:
    check(line)


@pytest.mark.parametrize("line", lines(SELECTING))
def test_selecting_and_the_rest(line: str, every_mode: str) -> None:
    check(line)


@pytest.mark.parametrize("line", [line for line in lines(CREATION + JOINING + VIEWS) if "as_strided" not in line])
def test_results_are_our_arrays(line: str, lazy: None) -> None:
    """No call leaks a numpy.ndarray of numbers."""
    for value in flattened(eval(line, variables(ramba))):
        if type(value) is numpy.ndarray and value.dtype.kind in "biufc":
            pytest.fail(f"{line} gave a numpy.ndarray")


def flattened(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in flattened(item)] if isinstance(value, tuple | list) else [value]
