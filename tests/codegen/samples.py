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


def edges(dtype: str) -> np.ndarray:
    """Where functions are special: all of `special`, both neighbours of bounds, poles, zeros and cuts, huge angles."""
    kind = np.dtype(dtype)
    if kind.kind in "biu":
        return special(dtype)
    if kind.kind == "c":
        limits = np.finfo(kind)
        half = [0, 1, 0.5, 2, np.pi, 1e-5, limits.tiny, limits.smallest_subnormal, limits.max, limits.max / 2, np.inf]
        parts = np.array([*half, *(-number for number in half), np.nan], f"f{kind.itemsize // 2}")
        real, imag = np.meshgrid(parts, parts)
        return np.stack([real.ravel(), imag.ravel()], axis=-1).view(kind).ravel()
    quarters = [1, 2, 3, 4, 5, 6, 7, 8, 11, 22, 344, 355, 710, 1e5, 52174, 1e6, 1e9 + 1, 16384]
    numbers = [quarter * np.pi / 2 for quarter in quarters] + [6381956970095103 * 2.0**797]  # the worst angle of f8
    numbers += [2.0**power for power in (-537, -511, -149, -126, -75, -29, -28, -27, -26, -25, -24, -12)]
    numbers += [2.0**power for power in (23, 24, 52, 53, 62, 126, 127, 1023)] + [1e10, 1e16, 1e22, 1e30, 1e100, 1e200]
    numbers += [1 / 3, 2 / 3, np.log(2), 0.4375, 0.6875, 0.975, 1.1875, 2.4375, 9, 16, 17, 18, 19, 22, 36.7, 38, 39]
    numbers += [100, 88.72283905, 89.41598629, 87.33654475, 103.27, 708.3964185, 709.7827129, 710.4758601, 744.44]
    numbers += [745.1332192, 1.3407807929942597e154, 1.5e-154, 1.84467429742e19, 1e-8, 1e-16, 1e-20]
    numbers += [1e-37, 1e-40, 1e-150, 1e-310]
    with np.errstate(all="ignore"):
        found = np.concatenate([np.array(numbers, "f8").astype(kind), special(dtype)])
        neighbours = [np.nextafter(found, kind.type(bound)) for bound in (-np.inf, np.inf)]
    found = np.concatenate([found, -found, *neighbours, *(-number for number in neighbours)])
    return np.unique(found.view(f"u{kind.itemsize}")).view(kind)


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


def ulps(got: np.ndarray, want: np.ndarray) -> float:
    """How many floating-point numbers lie between two arrays, at most; infinite if special values differ."""
    return float(distances(got, want).max(initial=0))


def distances(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """How many floating-point numbers lie between two results, each; infinite if special values or signs differ."""
    if got.dtype.kind == "c":
        return np.maximum(distances(got.real.copy(), want.real.copy()), distances(got.imag.copy(), want.imag.copy()))
    found = np.where(identical(got, want), 0, np.inf)
    if got.dtype.kind == "f":
        # of one sign: the difference of the bits counts the numbers between
        near = np.isfinite(got) & np.isfinite(want) & (np.signbit(got) == np.signbit(want))
        whole = f"i{got.itemsize}"
        found[near] = np.abs(got[near].view(whole) - want[near].view(whole))
    return found


def identical(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where two arrays hold the same bits, or are both nan."""
    if got.dtype.kind == "c":
        return identical(got.real, want.real) & identical(got.imag, want.imag)
    same = got == want
    if got.dtype.kind == "f":
        same = same & (np.signbit(got) == np.signbit(want)) | (np.isnan(got) & np.isnan(want))
    return same
