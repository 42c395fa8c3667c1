"""The vector math library: as accurate as promised, exact where it must be, and silent where NumPy is."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from ramba.ops import UFUNCS, compiles
from ramba.ops.libm import LIBM, libm_calls
from tests.codegen.kernels import bound, elementwise
from tests.codegen.samples import special, ulps

FLAGS = {1: "invalid value", 4: "divide by zero", 8: "overflow"}  # of x86; underflow is not promised

ROWS = [
    (row.name, dtype)
    for row in UFUNCS.values()
    for dtype in ("f4", "f8")
    if libm_calls(row.formula(dtype) or "", dtype) and compiles(row.name, (dtype,) * row.nin)
]


def numbers(dtype: str, seed: int) -> np.ndarray:
    """All magnitudes, zeros, small integers."""
    rng, edges = np.random.default_rng(seed), np.finfo(dtype)
    sizes = rng.uniform(np.log10(float(edges.smallest_subnormal)), np.log10(float(edges.max)), 4000)
    with np.errstate(all="ignore"):
        found = [10**sizes, 10 ** rng.uniform(-4, 4, 4000), rng.normal(size=4000), rng.uniform(0, 1100, 2000)]
        found += [rng.integers(0, 20, 1000), np.zeros(50)]
        whole = np.concatenate(found)
        return rng.permutation((whole * rng.choice([-1, 1], whole.size)).astype(dtype))


@pytest.mark.parametrize(("name", "dtype"), ROWS)
def test_within_four_ulp(name: str, dtype: str) -> None:
    row = UFUNCS[name]
    args = [numbers(dtype, seed) for seed in range(row.nin)]
    with np.errstate(all="ignore"):
        want = row.numpy(*args)
    assert ulps(elementwise(name, args, [dtype])[0], want) <= 4


@pytest.mark.parametrize(("name", "dtype"), ROWS)
def test_raises_the_flags_that_numpy_raises(name: str, dtype: str) -> None:
    row = UFUNCS[name]
    edges = special(dtype)
    grid = [edges] if row.nin == 1 else [axis.ravel() for axis in np.meshgrid(edges[::3], edges[::4])]
    grid = [np.concatenate([axis, numbers(dtype, seed)[:400]]) for seed, axis in enumerate(grid)]
    args = [np.empty(9, dtype) for _ in grid]
    kernel = bound(name, args, [dtype])
    control = ctypes.CDLL("libm.so.6")
    for point in zip(*grid, strict=True):
        for arg, number in zip(args, point, strict=True):
            arg[:] = number
        told: set[str] = set()
        with np.errstate(all="call", call=lambda kind, _: told.add(kind)):  # noqa: B023 - called within the loop
            row.numpy(*args)
        control.feclearexcept(61)
        kernel()
        raised = control.fetestexcept(61)
        control.feclearexcept(61)
        assert {text for flag, text in FLAGS.items() if raised & flag} == told - {"underflow"}, point


def test_every_function_is_used_by_a_row() -> None:
    used = {name for row in UFUNCS.values() for dtype in ("f4", "f8", "c16")
            for name, _ in libm_calls(row.formula(dtype) or "", dtype)}  # fmt: skip
    assert used == set(LIBM)
