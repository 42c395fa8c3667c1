"""The vector math library: as accurate as promised, exact where it must be, and silent where NumPy is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ramba.ops import UFUNCS, compiles
from ramba.ops.libm import LIBM, libm_calls
from tests.codegen.kernels import bound, elementwise, raised_by, told_by
from tests.codegen.samples import identical, special, ulps
from tests.subject import mode, ramba

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
    for point in zip(*grid, strict=True):
        for arg, number in zip(args, point, strict=True):
            arg[:] = number
        assert raised_by(kernel) == told_by(lambda: row.numpy(*args)), point


def turned(module: Any, dtype: str) -> tuple[Any, Any, Any]:
    """Coordinates of a picture, turned and turned back: y cancels on the cut of their angle, the negative x axis."""
    y, x = (module.asarray(axis) for axis in np.mgrid[-40:41, -40:41].astype(dtype))
    radius, angle, turn = module.hypot(y, x), module.arctan2(y, x), np.dtype(dtype).type(np.pi / 6)
    down, right = radius * module.sin(angle + turn), radius * module.cos(angle + turn)
    sine, cosine = module.sin(0 * x + turn), module.cos(0 * x + turn)
    down, right = down * cosine - right * sine, down * sine + right * cosine
    return down, right, module.arctan2(down, right)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_an_angle_jumps_only_with_its_operands(dtype: str) -> None:
    y, x, want = turned(np, dtype)
    with mode("compiled"):
        down, right, angle = (np.array(part) for part in turned(ramba, dtype))
        with ramba.config.set(exact=True):
            assert identical(np.array(turned(ramba, dtype)[2]), want).all()
    assert ulps(angle, np.arctan2(down, right)) <= 4
    jumps = np.abs(angle - want) > 3
    assert (x[jumps] <= 0).all()
    assert (np.maximum(np.abs(y), np.abs(down))[jumps] <= 100 * np.finfo(dtype).eps).all()


def test_every_function_is_used_by_a_row() -> None:
    used = {name for row in UFUNCS.values() for dtype in ("f4", "f8", "c16")
            for name, _ in libm_calls(row.formula(dtype) or "", dtype)}  # fmt: skip
    assert used == set(LIBM)
