"""Calls on arrays that lie on workers: NumPy's results and refusals, and nothing is gathered."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree
from tests.subject import counts, ramba

pytestmark = pytest.mark.own_modes

rng = numpy.random.default_rng(0)
ARRAYS = {
    "a": rng.integers(-5, 5, (9, 7)),
    "f": rng.standard_normal((9, 8)),
    "i": rng.integers(0, 9, (9, 8)),
    "v": rng.integers(0, 50, 100),
    "x": rng.standard_normal(2048),
    "t": rng.standard_normal((5, 4, 6)),
}
ARRAYS["n"] = numpy.where(ARRAYS["f"] > 1.2, numpy.nan, ARRAYS["f"])
ARRAYS["c"] = (ARRAYS["f"] + 1j * ARRAYS["f"][::-1]).astype("c8")

SEARCHES = """
np.nonzero(a); np.flatnonzero(a); np.argwhere(a); np.where(a > 0); a.nonzero(); np.count_nonzero(a, axis=0)
np.compress([True, False, True], a, axis=1); np.compress(a[:, 0] > 0, a, axis=0); a.compress(a.ravel() > 0)
np.extract(a > 0, a); np.extract(a[0] > 0, a); np.take(a, v); np.take(a, v % 7, axis=1); np.take(a, v, axis=1)
np.take(a, v, axis=1, mode='wrap'); np.take(a, v, axis=1, mode='clip'); np.take(a, v, axis=5); np.take(a, 2, axis=1)
np.take(a, v, axis=1, mode='x'); np.take_along_axis(a, np.argsort(a, axis=0, kind='stable'), 0)
np.searchsorted(np.sort(v), a); np.searchsorted(np.sort(v), 3); np.sort(v).searchsorted(a[0], side='right')
np.searchsorted(np.sort(v), a, side='x'); np.searchsorted(a, a); np.searchsorted(np.sort(v), [1.5, 2.5])
np.digitize(f, np.array([-1, 0, 1.0])); np.digitize(f, np.array([1, 0, -1.0]), right=True); np.isin(a, [1, 2])
np.isin(a, []); np.isin(n, n[:3], invert=True); np.intersect1d(v, a); np.union1d(v, a); np.setdiff1d(v, a)
np.interp(f, np.array([-1.0, 0, 1]), np.array([3.0, 4, 8])); np.interp(n, [0, 1], [2, 3], left=-9, right=9)
np.interp(f, [0, 1], [2, 3j])
np.interp(f, v[:5] / 9, f[0, :5], period=3.0); np.convolve(v, x[:40]); np.correlate(x, v, 'same'); np.convolve(v, v[:3])
np.correlate(v[:30], v); np.convolve(c[0], v, 'same'); np.correlate(v, f); np.choose(i % 2, [f, i])
np.choose(i, [f, i]); 3 in a; 77 in a; np.polyval([1, 2.5], i); i**i; i ** (i - 5)
"""
WRITES = """
np.put(a, v, v * 2); np.put(a, v, [1, 2, 3]); np.put(a, v * 2, 1); np.put(a, v * 2, 1, mode='wrap'); a.put(v, v)
np.put(a, v * 2, 1, mode='clip'); np.put(a.T, v, v); np.put(a, [0, -1], [5.5, 3]); np.place(a, a > 0, [1, 2, 3])
np.place(a, a > 0, []); np.putmask(a, a > 0, v); np.putmask(a, a > 0, a * 2); np.fill_diagonal(a, [1, 2])
np.put_along_axis(a, np.argmax(a, axis=1, keepdims=True), 99, 1); np.copyto(a, 5, where=1); np.copyto(a, 1, where=a)
np.copyto(a, 5, where=[1, 0, 0, 1, 0, 0, 1]); np.add.at(a, v % 9, 1); np.add.at(a, (v % 9, v % 7), v)
np.add.at(a, v % 9, 1.5); np.add.at(a, v, 1); np.maximum.at(a, (slice(None), v % 7), 3); np.add.at(a, a > 0, 2)
a.sort(axis=0); a.partition(3, axis=1); np.random.seed(1)
"""
SORTING = """
np.sort(a); np.sort(a, axis=0); np.sort(a, axis=None); np.sort(n); np.argsort(a, kind='stable'); np.sort(a, axis=2)
np.sort(a, kind='zz'); np.sort(a, order='x'); np.sort(v)[::-1]; np.partition(v, 10)[10]; np.argpartition(v, 100)
np.unique(a); np.unique(a, return_index=True); np.unique(a, return_inverse=True, return_counts=True); np.unique(n)
np.trim_zeros(v)
np.unique_all(a); np.unique_counts(a); np.unique_inverse(a); np.bincount(v); np.bincount(v, minlength=99)
np.bincount(v, weights=v * 0.5); np.bincount(v - 1); np.bincount(i); np.bincount(v * 1.0); np.bincount(v, weights=f)
np.bincount(v, minlength=-1); np.histogram(f); np.histogram(f, bins=5, range=(-1, 1)); np.histogram(n)
np.histogram(i, bins=[0, 2, 5, 9]); np.histogram(f, density=True); np.histogram(f, weights=i); np.histogram(f, bins=0)
np.histogram(f, bins=[3, 2, 1]); np.histogram(f, weights=v); np.median(f); np.median(n, axis=0, keepdims=True)
np.median(i, axis=(0, 1)); np.percentile(f, [10, 50.0, 99]); np.percentile(f, 30, axis=0); np.percentile(f, 101)
np.quantile(i, 0.3); np.quantile(f.astype('f4'), 0.5); np.percentile(n, [[1, 2], [3, 4]], axis=1)
"""
FOLDS = """
np.sum(f); np.prod(i, axis=1); np.max(n); np.min(f, axis=0); np.mean(f); np.std(f); np.var(i); np.ptp(f); np.argmin(f)
np.argmax(n, axis=1); np.any(f > 2); np.all(i, axis=0); np.average(f, axis=1, weights=f[0]); np.nansum(n)
np.nanmax(n, axis=1); np.nanmean(n); np.nanstd(n); np.nanargmin(n); np.cumsum(f); np.cumprod(i, axis=1); np.diff(f)
np.add.reduceat(v, [0, 5, 9]); np.add.reduceat(f, [0, 3], axis=1); np.maximum.reduceat(i, [0, 4, 2, 2], axis=-2)
np.add.reduceat(v, [0, 100]); np.add.reduceat(v, [-1]); np.add.reduceat(i > 3, [0, 2]); np.add.reduceat(f, [1], axis=5)
np.subtract.reduceat(f, [0, 2, 5], axis=-1); np.add.reduceat(v, np.array([3, 1], 'u1'), dtype='f4')
np.logical_and.reduceat(i, [0, 1, 5], axis=1); np.add.reduceat(v, v % 50); np.multiply.reduceat(x, [5, 700, 1900])
np.subtract.reduce(v); np.subtract.reduce(f, axis=1); np.subtract.reduce(f, axis=None); np.logaddexp.reduce(x)
np.hypot.reduce(f, axis=0); np.hypot.reduce(f, axis=None); np.gcd.reduce(i, axis=1); np.maximum.reduce(c, axis=1)
np.gradient(f); np.cov(f); np.corrcoef(f); np.cov(i, rowvar=False, ddof=0); np.trace(f); np.linalg.norm(f)
"""
TRANSFORMS = """
np.fft.fft(f); np.fft.ifft(c); np.fft.fft(f, axis=0); np.fft.rfft(f); np.fft.irfft(c); np.fft.hfft(c); np.fft.ihfft(f)
np.fft.fft2(f); np.fft.fftn(t); np.fft.ifftn(t, axes=(0, 2)); np.fft.rfftn(t); np.fft.irfft2(c); np.fft.irfftn(t * 1j)
np.fft.fft(x); np.fft.rfft(x); np.fft.irfft(x); np.fft.fft(f, 5); np.fft.fft(f, 20, axis=0); np.fft.fft(f, 0)
np.fft.fft(f, axis=3); np.fft.fft(f, norm='ortho'); np.fft.fft(f, norm='x'); np.fft.fft(i); np.fft.rfft(c)
np.fft.fftn(t, s=(3, 8), axes=(0, 1)); np.fft.irfftn(t, s=(3, 7), axes=(0, 1), norm='forward'); np.fft.fft2(x)
np.fft.fft(f[:, ::2].T); np.fft.fft(f.astype('f4')); np.fft.fftshift(f); np.fft.irfft(f, 1); np.fft.irfft(f[:, :1])
"""
COMPOSED = """
np.setxor1d(v, a); np.setxor1d(f, f[:3]); np.setxor1d(i[0], i[1], assume_unique=True); np.setxor1d(v[:0], v[:0])
np.intersect1d(v, a, return_indices=True); np.intersect1d(v[:0], v, return_indices=True)
np.intersect1d(np.arange(20), np.arange(5, 40, 3), assume_unique=True)
np.intersect1d(np.arange(20), np.arange(5, 40, 3), assume_unique=True, return_indices=True)
np.unique_all(f); np.unique_counts(f); np.unique_inverse(f); np.unique_values(f)
np.searchsorted(v, a, sorter=np.argsort(v)); np.searchsorted(v, [3, 2.5], 'right', np.argsort(v))
np.searchsorted(v, a, sorter=v[:9]); np.searchsorted(v, a, sorter=x[:100]); np.searchsorted(v[:0], a, sorter=v[:0])
np.searchsorted(v, 3, sorter=v + 70); np.searchsorted(x, x, sorter=np.argsort(x))
np.cov(f, i); np.cov(x, x * x); np.cov(f, i, rowvar=False); np.cov(f, x); np.corrcoef(x, x * x); np.corrcoef(f, i)
np.cov(x, c[0]); np.cov(f, i[:2], False); np.corrcoef(f, i, rowvar=False)
np.poly1d([1, 2.5, 3])(f); np.polynomial.Polynomial([1, 2, 3])(f); np.polynomial.polynomial.polyval(f, [1, 2, 3])
np.polynomial.Polynomial([1, 2, 3], domain=[-5, 5])(i); np.polynomial.Chebyshev([1, 2, 3, 4])(f)
np.polynomial.chebyshev.chebval(f, [1]); np.polynomial.chebyshev.chebval(i, [1, 2])
np.polynomial.Legendre([1, 2, 3j])(f)
np.polynomial.legendre.legval(f, [3, 2, 1, 5]); np.polynomial.laguerre.lagval(f, [3, 2, 1, 5])
np.polynomial.hermite.hermval(f, [3, 2, 1]); np.polynomial.hermite_e.hermeval(f, [3, 2, 1, 4])
np.unravel_index(v, (7, 9)); np.unravel_index(v, (5, 4, 6), 'F'); np.unravel_index(v, 60); np.unravel_index(a, (9, 9))
np.unravel_index(x, (9, 9)); np.unravel_index(v, (2, 3)); np.unravel_index(v, (5, 4, 6), 'Z')
np.ravel_multi_index((v, v), (60, 60)); np.ravel_multi_index((v, v), (60, 9))
np.ravel_multi_index((v, v), (60, 9), 'clip')
np.ravel_multi_index((v, v - 9), (60, 9), ('raise', 'wrap'), 'F'); np.ravel_multi_index((i, i[0]), (9, 10))
np.ravel_multi_index((v, v), (60, 60, 3)); np.ravel_multi_index((v, v, v), (2**31, 2**31, 2**31))
np.insert(a, [1, 3], 99); np.insert(a, [3, 1, 1], [[1], [2], [3]], axis=0); np.insert(v, slice(0, 9, 2), 5)
np.insert(f, [2], i[:, :3], axis=1); np.insert(v, v > 40, 7); np.insert(v, 101, 1); np.insert(v, [5, 300], 1)
np.insert(f, [-1, 2], 1.5, axis=-1); np.insert(v, [], 5); np.insert(a, [[1, 2]], 3); np.insert(f, [2], 7, axis=0)
np.r_[v, x]; np.c_[x, x]; np.c_[f, i]; np.r_[f, i]; np.r_[v, np.arange(3)]; np.c_[f, a]
np.triu_indices_from(a); np.tril_indices_from(f, 1); np.tril_indices_from(v); np.diag_indices_from(t[:4, :, :4])
np.diag_indices_from(f); np.random.default_rng(1).permutation(v); np.random.default_rng(1).permutation(f)
np.random.default_rng(1).permutation(f, axis=1); np.random.RandomState(1).permutation(f)
np.random.default_rng(1).permutation(f, axis=2); np.linalg.trace(f); np.linalg.trace(t, offset=1); np.linalg.trace(v)
np.linalg.cross(f[:, :3], f[:, 3:6]); np.linalg.cross(f, f); np.linalg.cross(f[:3], f[3:6], axis=0)
np.linalg.multi_dot([f, f.T, f]); np.linalg.multi_dot([f[0], f.T, f, f[1]]); np.linalg.multi_dot([f, f.T, f[:, 0]])
np.linalg.multi_dot([f, f, f]); np.linalg.multi_dot([t, f, f]); np.linalg.multi_dot([f])
np.linalg.multi_dot([i, i.T, f, f[1]])
np.take(x, v - 25, mode='wrap'); np.take(v, i - 9, mode='wrap'); np.take(a, v[:0], mode='wrap')
np.take(f, v - 8, 1, None, 'wrap')
np.repeat(f, 3, axis=1); np.repeat(t, 2, axis=1); np.repeat(t, 0, axis=2); np.repeat(f.T, 2, axis=-1); np.repeat(x, 2)
"""
SHUFFLES = """
np.random.default_rng(1).shuffle(a); np.random.default_rng(1).shuffle(a, axis=1); np.random.RandomState(1).shuffle(a)
np.random.default_rng(1).shuffle(a.T); np.random.default_rng(1).shuffle(a[3]); np.random.seed(2) or np.random.shuffle(a)
np.random.default_rng(1).shuffle(a, axis=3)
"""


@pytest.fixture(scope="module", params=counts(1, 2, 3, 4, 7), autouse=True)
def workers(request: pytest.FixtureRequest) -> Iterator[int]:
    with ramba.config.set(backend="local", workers=request.param, eager_size=4, kernels="interpreted"):
        ramba.shutdown()
        yield request.param
        ramba.shutdown()


def run(np: Any, text: str) -> Any:
    """What an expression gives, and what it leaves of its first operand."""
    names = {name: np.array(value) for name, value in ARRAYS.items()}
    result = eval(text, {"np": np, **names})
    return result, names["a"]


@pytest.mark.parametrize(
    "group",
    [SEARCHES, WRITES, SORTING, FOLDS, TRANSFORMS, COMPOSED, SHUFFLES],
    ids=["searches", "writes", "sorting", "folds", "transforms", "composed", "shuffles"],
)
def test_calls(group: str) -> None:
    size = float(numpy.abs(ARRAYS["f"]).sum())
    with ramba.config.set(on_fallback="raise"):
        for text in filter(None, map(str.strip, group.replace("\n", ";").split(";"))):
            slack = 64 * size * numpy.finfo("f4" if "c" in text or "f4" in text else "f8").eps
            try:
                assert_agree(
                    lambda text=text: run(ramba, text),
                    lambda text=text: run(numpy, text),
                    slack=lambda expected, slack=slack: slack,
                )
            except AssertionError as problem:
                raise AssertionError(f"{text}: {problem}") from problem


WARNING = """
np.linalg.svd(f)[1]
f.astype('f2'); f.view('i8'); np.negative.at(v, [1]); f.flat
"""
SILENT = """
repr(f); str(f); float(f.sum()); f.tolist(); f.item(3); list(v); [row for row in f]; numpy.asarray(f); bool(f.any())
pickle.dumps(f); f.tobytes(); np.array2string(f); int(v[3]); np.save(io.BytesIO(), f); np.savetxt(io.BytesIO(), f)
np.testing.assert_allclose(f, f); f'{f}'; f[2, 3]; len(f); np.allclose(f, f); np.float64(3) in f; copy.deepcopy(f)
"""


@pytest.mark.parametrize(("group", "warns"), [(WARNING, True), (SILENT, False)], ids=["gather", "look"])
def test_who_gathers_says_so(group: str, warns: bool) -> None:
    for text in filter(None, map(str.strip, group.replace("\n", ";").split(";"))):
        names = {name: ramba.array(value) + 0 for name, value in ARRAYS.items()}
        names |= {"np": ramba, "numpy": numpy, "io": io, "pickle": pickle, "copy": copy}
        with warnings.catch_warnings(record=True) as caught, ramba.config.set(on_fallback="warn"):
            warnings.simplefilter("always")
            eval(text, names)
        told = [w for w in caught if issubclass(w.category, ramba.FallbackWarning)]
        assert bool(told) == warns, f"{text}: {[str(w.message) for w in told]}"
