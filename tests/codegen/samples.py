"""Arrays full of awkward numbers, and what it means that two results agree."""

from __future__ import annotations

import numpy as np


def special(dtype: str) -> np.ndarray:
    """Numbers at the edges of a dtype."""
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([False, True])
    if kind.kind in "iu":
        edges = np.iinfo(kind)
        wanted = {0, 1, 2, 3, 5, 7, 8, 31, 32, 63, 64, 100}
        wanted |= {edges.max, edges.max - 1, edges.min, edges.min + 1, edges.max // 2}
        wanted |= {-number for number in wanted}
        return np.array(sorted(n for n in wanted if edges.min <= n <= edges.max), kind)
    if kind.kind == "c":
        part = special(f"f{kind.itemsize // 2}")[::3]
        real, imag = np.meshgrid(part, part)
        found = np.empty(real.size, kind)
        found.real, found.imag = real.ravel(), imag.ravel()
        return found
    edges = np.finfo(kind)
    numbers = [0, 0.1, 0.5, 1, 1.5, 2, 2.5, 3, 10, np.pi, np.pi / 2, np.e, 1e-5, 1e5, 1e7, 1e9, 1e15, 127.5, 255, 256]
    numbers += [300, 32768, 65535, 65536, 2.0**31, 2.0**31 - 1, 2.0**32, 2.0**63, 2.0**64, 20, 37, 87, 88, 88.7, 89]
    numbers += [104, 128, 150, 700, 709, 709.7, 710, 745, 746, 1024, 1075, 1e300, 1e-300, np.inf, np.nan]
    numbers += [edges.max, edges.tiny, edges.smallest_subnormal, edges.tiny / 2]
    numbers += [edges.eps, 1 - edges.eps, 1 + edges.eps]
    with np.errstate(all="ignore"):
        found = np.array(numbers, "f8").astype(kind)
    return np.concatenate([found, -found])


def random(dtype: str, count: int, seed: int = 0) -> np.ndarray:
    """Random numbers of a dtype: bits, and for floating point also ordinary magnitudes."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return rng.random(count) < 0.5
    raw = rng.integers(0, 256, count * kind.itemsize, np.uint8).view(kind)
    if kind.kind in "iu":
        raw[::2] = rng.integers(max(-9, np.iinfo(kind).min), 10, len(raw[::2]))
        return raw
    ordinary = rng.normal(size=count) * 10.0 ** rng.integers(-3, 4, count)
    if kind.kind == "c":
        ordinary = ordinary + 1j * rng.normal(size=count) * 10.0 ** rng.integers(-3, 4, count)
    raw[::4] = ordinary.astype(kind)[::4]
    raw[1::4] = ordinary.astype(kind)[1::4]
    raw[2::4] = ordinary.astype(kind)[2::4]
    return raw


def ulps(got: np.ndarray, want: np.ndarray) -> int:
    """How many floating-point numbers lie between two arrays, at most; a huge number if special values differ."""
    if got.dtype.kind == "c":
        return max(ulps(got.real.copy(), want.real.copy()), ulps(got.imag.copy(), want.imag.copy()))
    finite = np.isfinite(want) & np.isfinite(got)
    same = (np.isnan(got) & np.isnan(want)) | (got == want) & (np.signbit(got) == np.signbit(want))
    if not (finite | same).all() or (np.signbit(got) != np.signbit(want))[finite].any():
        return 1 << 62
    # of one sign: the difference of the bits counts the numbers between
    far = got[finite].view(f"i{got.itemsize}") - want[finite].view(f"i{got.itemsize}")
    return int(np.abs(far).max(initial=0))


def identical(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where two arrays hold the same bits, or are both nan."""
    if got.dtype.kind == "c":
        return identical(got.real, want.real) & identical(got.imag, want.imag)
    same = got == want
    if got.dtype.kind == "f":
        same = same & (np.signbit(got) == np.signbit(want)) | (np.isnan(got) & np.isnan(want))
    return same
