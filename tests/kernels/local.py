"""Arrays and teams for the tests of kernels/local."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from ramba.runtime.team import Team

TEAMS = {size: Team(size) for size in (1, 2, 3)}
teams = st.sampled_from(sorted(TEAMS)).map(TEAMS.__getitem__)
REALS = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]
KINDS = [*REALS, "f2", "c8", "c16", "g", ">f8", ">i4"]


def memory(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Memory full of rubbish."""
    out = np.empty(shape, dtype)
    out.view(np.uint8).fill(0xAB) if out.size and out.ndim else None
    return out


def filled(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Random elements: few different ones, and for floats also nan, infinities and both zeros."""
    kind = np.dtype(dtype)
    if kind.kind in "fc":
        values = rng.normal(size=shape).astype(kind)
        odd = rng.random(shape)
        for n, special in enumerate([np.nan, np.inf, -np.inf, 0.0, -0.0]):
            values[(odd > 0.01 * n) & (odd < 0.01 * n + 0.002)] = special
        return values
    if kind.kind == "b":
        return rng.random(shape) > 0.5
    info = np.iinfo(kind)
    if rng.random() < 0.5:
        return rng.integers(max(info.min, -20), 21, shape).astype(kind)
    return rng.integers(info.min, info.max, shape, kind.newbyteorder("="), endpoint=True).astype(kind)


@st.composite
def arrays(draw: st.DrawFn, dtypes: list[str], dimensions: int = 1, most: int = 3000) -> np.ndarray:
    """Arrays of any strides, among them negative ones and transposed axes."""
    ndim = draw(st.integers(1, dimensions))
    side = int(most ** (1 / ndim))
    shape = tuple(draw(st.one_of(st.integers(0, 3), st.integers(0, side))) for _ in range(ndim))
    step = draw(st.sampled_from([1, 1, 2]))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    a = filled(rng, tuple(step * extent for extent in shape), draw(st.sampled_from(dtypes)))
    a = a[(slice(None, None, step),) * ndim]
    if draw(st.booleans()):
        a = a[::-1]
    return a.T if draw(st.booleans()) else a


__all__ = ["KINDS", "REALS", "TEAMS", "arrays", "filled", "memory", "teams"]
