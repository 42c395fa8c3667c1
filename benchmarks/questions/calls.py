"""Which of NumPy's calls is slower than NumPy on large arrays, looked at one by one? The worst comes first."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

import ramba
from benchmarks.ask import Answer
from benchmarks.measure import duration, progress
from benchmarks.run import system

_LEAST = 0.67  # times NumPy's speed
_SLOW = 0.02  # seconds
_SIZE = 2_000_000

# a, c: float64; m, k: in rows, k of few columns; i, j: int64; n: int64 in rows; b, u: bool; z: complex; f: float32
# v, w: vectors for rows and columns of m; p: indices; s: shifts; r, q: indices of rows and columns; d: results to fill
_CALLS = """
a + c; a * 2.5; a / c; a // c; a % c; a ** 2; a ** 1.5; -a; abs(a); a == c; a < c; i + j; i * 3; i // j; i % j; i ** 2
i << s; i & j; ~i; i == j; ~b; b & b; b | b; b ^ b; z + z; z * z; z / (z + 1); abs(z); z.real + 1; z.conj(); f + f
np.add.outer(v, w); np.multiply.outer(v, w); np.subtract.outer(v, w); np.add.reduce(m, axis=0); np.add.accumulate(a)
np.add(a, c, out=d); np.add(a, c, where=b, out=d); np.add.at(d, p, 1.0); np.add.reduceat(a, p[:1000]); m + v[:, None]
m + w; np.sqrt(a); np.exp(a); np.log(a); np.sin(a); np.tanh(a); np.arctan2(a, c); np.hypot(a, c); np.cbrt(a)
np.square(a); np.frexp(a); np.ldexp(a, s); np.modf(a); np.gcd(i, j); np.lcm(s, s + 1); np.spacing(a)
np.nextafter(a, c); np.heaviside(a, c); np.logaddexp(a, c); np.logaddexp2(a, c); np.divmod(a, c); np.divmod(i, j)
np.fmod(a, c); np.fmod(i, j); np.sign(a); np.copysign(a, c); np.signbit(a); np.floor(a); np.rint(a); np.round(a, 2)
np.fix(a); np.reciprocal(a); np.maximum(a, c); np.fmax(a, c); np.clip(a, 0.2, 0.7); np.clip(i, 5, 70); np.isnan(a)
np.isfinite(a); np.logical_and(a, c); np.logical_not(a); np.bitwise_count(i); np.isclose(a, c); np.allclose(a, a)
np.array_equal(a, c); np.array_equal(a, a.copy()); np.array_equiv(a, c); np.i0(a); np.sinc(a); np.nan_to_num(a)
np.real_if_close(z); np.angle(z); np.deg2rad(a); np.float_power(a, 1.5); np.any(b); np.all(b); np.any(~b); np.all(i)
np.any(a); np.any(u); np.all(u); b.any(); b.reshape(n.shape).any(axis=0); b.reshape(n.shape).any(axis=1)
b.reshape(n.shape).all(axis=1); np.argmax(b); np.argmin(b); np.argmax(u); np.argmax(a); np.argmin(i)
np.argmax(m, axis=0); np.argmax(m, axis=1); np.argmax(b.reshape(n.shape), axis=1); np.count_nonzero(b)
np.count_nonzero(a); np.count_nonzero(n, axis=0); a.sum(); m.sum(axis=0); m.sum(axis=1); m.sum(axis=1, keepdims=True)
b.sum(); i.sum(); z.sum(); f.sum(); a.sum(where=b); a.mean(); m.mean(axis=0); m.mean(axis=1); f.mean(); a.var()
m.std(axis=0); m.std(axis=1); a.min(); a.max(); m.max(axis=0); m.max(axis=1); i.min(); n.max(axis=0); n.max(axis=1)
a.prod(); i.prod(); np.ptp(a); np.ptp(m, axis=1); np.average(a, weights=c); np.average(m, axis=0)
np.average(m, axis=1, weights=w); np.average(m, axis=0, weights=v); np.nansum(a); np.nanmean(m, axis=0); np.nanmax(a)
np.nanstd(a); np.nanprod(a); np.nanargmax(a); k.sum(axis=0); k.sum(axis=1); k.max(axis=1); k.mean(axis=1)
k.argmax(axis=1); k.any(axis=1); k.std(axis=1); np.median(a); np.median(m, axis=1); np.percentile(a, 30)
np.quantile(a, [0.1, 0.9]); np.histogram(a, 50); np.bincount(s); np.digitize(a, v); np.searchsorted(v, a)
np.interp(a, v, v); np.corrcoef(m[:4]); np.cov(m[:4]); np.convolve(a, v[:9]); np.cumsum(a); np.cumsum(m, axis=0)
np.cumsum(m, axis=1); np.cumprod(a); np.cumsum(i); np.cumsum(b); np.maximum.accumulate(a); np.diff(a)
np.diff(m, axis=0); np.ediff1d(a); np.gradient(a); np.trapezoid(a); np.cross(k[:, :3], k[:, 1:]); np.unwrap(a)
np.sort(a); np.sort(m, axis=0); np.sort(m, axis=1); np.argsort(a); np.argsort(m, axis=1); np.partition(a, 1000)
np.unique(s); np.lexsort((s, i)); np.tri(1000, 2000); np.tril(m); np.triu(m); np.eye(1414); np.identity(1414)
np.meshgrid(v, w); np.meshgrid(v, w, indexing='ij'); np.indices((1000, 1000)); np.mgrid[:1000, :1000]
np.arange(2000000); np.arange(2e6); np.linspace(0, 1, 2000000); np.zeros(2000000); np.ones(2000000)
np.full(2000000, 7.0); np.logspace(0, 1, 2000000); np.geomspace(1, 9, 2000000); np.zeros_like(a); np.full_like(a, 3)
np.diag(v); np.diag(m); np.diagonal(m).copy(); np.trace(m); np.vander(v[:1000], 1000)
np.fromfunction(lambda x, y: x + y, (1000, 2000)); np.tril_indices(1000); np.triu_indices(1000)
np.diag_indices(2000000); np.hanning(2000000); np.kron(v, w); np.repeat(a, 2); np.repeat(m, 2, axis=0)
np.repeat(m, 2, axis=1); np.repeat(w, s[:2000]); np.tile(a, 2); np.tile(m, (1, 2)); np.take(a, p)
np.take(m, r, axis=0); np.take(m, q, axis=1); np.take(k, p // 4, axis=0); np.take_along_axis(m, n % 1000, axis=1)
np.compress(b, a); np.compress(r > 500, m, axis=0); np.compress(q > 900, m, axis=1); np.extract(b, a); a[b]; m[:, q]
m[r]; m[r[:, None], q]; m[:, q > 900]; np.choose(s % 2, (a, c)); np.select([b, a > 0.5], [a, c]); np.where(b, a, c)
np.where(b, a, 0); np.nonzero(b); np.flatnonzero(b); np.argwhere(b); np.nonzero(b.reshape(n.shape))
np.putmask(d, b, c); np.place(d, b, c); np.put(d, p, 1.0); np.copyto(d, c); np.copyto(d, c, where=b); d.fill(1.0)
d.__setitem__(b, 1.0); d.__setitem__(p, c); np.fill_diagonal(d.reshape(1000, 2000), 1.0)
np.put_along_axis(d.reshape(n.shape), n % 1000, 1.0, 1); a.copy(); m.T.copy(); m.T + 0; m.T + m.T
np.ascontiguousarray(m.T); np.asfortranarray(m); k.T.copy(); m[:, ::2].copy(); a[::-1].copy(); m.T.ravel()
m.flatten('F'); m.reshape(-1, order='F'); a.astype('f4'); a.astype(int); i.astype(float); i.astype('i1')
b.astype(float); b.astype(int); a.astype(complex); a.astype(bool); i.astype('u1'); a.tobytes(); a.view('i8') + 1
a.byteswap(); a.tolist(); np.concatenate([a, c]); np.concatenate([m, m], axis=1); np.stack([a, c])
np.stack([a, c], axis=1); np.hstack([m, m]); np.vstack([a, c]); np.column_stack([a, c]); np.dstack([m, m])
np.block([[m, m], [m, m]]); np.append(a, c); np.insert(a, 5, 1.0); np.delete(a, 5); np.delete(m, 5, axis=1)
np.insert(m, 5, 1.0, axis=1); np.pad(m, 2); np.pad(m, 2, mode='edge'); np.pad(a, 9, mode='reflect'); np.roll(a, 7)
np.roll(m, 7, axis=1); np.flip(a).copy(); np.flip(m, 1).copy(); np.rot90(m).copy(); np.resize(a, 3000000)
np.trim_zeros(a); np.split(a, 4)[1] + 0; np.swapaxes(m, 0, 1).copy(); np.moveaxis(t, 0, 2).copy()
np.transpose(t, (1, 0, 2)).copy(); np.broadcast_to(w, m.shape).copy(); np.packbits(b)
np.unpackbits(b.view('u1')[:250000]); t.sum(axis=1); t.sum(axis=(0, 2)); t.max(axis=1); np.dot(a, c); np.vdot(a, c)
np.inner(a, c); np.outer(v, w); m @ w; v @ m; m @ m.T[:, :100]; np.einsum('ij,ij->i', m, m); np.einsum('ij->j', m)
np.tensordot(m, m, 2); np.vecdot(m, m); np.linalg.norm(a); np.linalg.norm(m, axis=1); np.linalg.norm(m, axis=0)
np.polyval([1.0, 2.0, 3.0], a); np.fft.fft(a); np.fft.rfft(m); np.fft.fftshift(m)
np.isin(s, [3, 5]); np.isin(i, i[:1000])
np.intersect1d(i[:1000], i); np.unravel_index(i, (2000, 1000))
np.ravel_multi_index((i % 1000, i % 2000), (1000, 2000)); np.apply_over_axes(np.sum, m, [0]); np.array(a)
np.array([v, v]); np.asarray(a, 'f4'); a.clip(0.2, 0.7); a.round(1); a.nonzero()
a.dot(c); np.less(a, c, out=b.copy()); np.equal(m, w).all()
(a == c).any(); (a > 2).any(); (a >= 0).all(); np.any(a > 2, axis=0); np.any(m > 2, axis=1); np.isnan(a).any()
np.isfinite(a).all()
"""


def answers() -> list[Answer]:
    """One line for each call, the slowest in proportion first."""
    ramba.config.set(on_fallback="ignore")
    warnings.simplefilter("ignore")
    theirs, ours = (dict(_arrays(np), np=np) for np in (system("numpy"), ramba))
    ramba.sync()
    lines = [(*_times(call, theirs, ours), call) for call in _calls()]
    progress("")
    lines.sort(key=lambda line: line[0] / line[1])
    return [_answer(*line) for line in lines]


def _calls() -> Iterator[str]:
    for line in _CALLS.split("\n"):
        for call in line.split("; "):
            if call.strip():
                yield call.strip()


def _arrays(np: Any) -> Iterator[tuple[str, Any]]:
    """The arrays that calls name, for NumPy or for Ramba."""
    i = np.arange(_SIZE)
    a = (i * 7919 + 13) % 999_983 / 999_983.0
    c = (i * 104_729 + 5) % 999_979 / 999_979.0 + 0.001
    m = a.reshape(1000, -1)
    yield from (("a", a), ("c", c), ("m", m), ("k", a.reshape(-1, 4)), ("t", a.reshape(100, 100, -1)))
    yield from (("i", i), ("j", i * 31 % 1009 + 1), ("n", i.reshape(1000, -1)), ("s", i * 7 % 9))
    yield from (("b", a > 0.5), ("u", a < 0), ("z", a + c * 1j), ("f", a.astype("f4")))
    yield from (("v", np.arange(1000.0)), ("w", np.arange(_SIZE / 1000)), ("p", i * 7919 % _SIZE), ("d", a.copy()))
    yield from (("r", np.arange(1000) * 7 % 1000), ("q", np.arange(_SIZE // 1000) * 7 % 2000))


def _times(call: str, theirs: dict[str, Any], ours: dict[str, Any]) -> tuple[float, float]:
    """Median seconds of a call in NumPy and in Ramba, results computed; slow calls have fewer rounds."""
    progress(call)
    code = compile(call, call, "eval")

    def run_numpy() -> None:
        eval(code, theirs)

    def run_ramba() -> None:
        result = eval(code, ours)
        ramba.sync()
        del result

    for _ in range(2):  # a loop has to earn its compilation
        run_ramba()
    first, columns = _clock(run_numpy), ([], [])  # type: tuple[float, tuple[list[float], list[float]]]
    for _ in range(7 if first < _SLOW else 1):
        for run, column in zip((run_numpy, run_ramba), columns, strict=True):
            column.append(_clock(run))
    return median(columns[0]), median(columns[1])


def _clock(run: Callable[[], None]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


def _answer(theirs: float, ours: float, call: str) -> Answer:
    ratio = theirs / ours
    return Answer(call, duration(theirs), duration(ours), f"{ratio:.2f}x", f"at least {_LEAST:g}x", ratio >= _LEAST)
