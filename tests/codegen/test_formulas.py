"""Each formula, compiled, gives what NumPy's loop gives."""

from __future__ import annotations

import numpy as np
import pytest

from ramba.ops import COMPILED, UFUNCS, is_exact, resolve
from tests.codegen.kernels import elementwise, loops
from tests.codegen.samples import identical, random, special, ulps


def operands(dtype: str, count: int) -> list[np.ndarray]:
    """All pairs of awkward numbers, then random ones."""
    edges = special(dtype)[:: {1: 1, 2: 1, 3: 4}[count] * (7 if dtype[0] == "c" and count > 1 else 1)]
    grid = np.meshgrid(*[edges] * count)
    return [np.concatenate([axis.ravel(), random(dtype, 503, seed)]) for seed, axis in enumerate(grid)]


@pytest.mark.parametrize(("name", "dtype"), loops())
def test_formula_agrees_with_numpy(name: str, dtype: str) -> None:
    row = UFUNCS[name]
    args = operands(dtype, row.nin)
    if name == "clip":  # NumPy's own loops disagree on the sign of a zero that equals a bound
        args = [np.where(arg == 0, np.zeros(1, arg.dtype), arg) for arg in args]
    _, results = resolve(name, (np.dtype(dtype),) * row.nin)
    with np.errstate(all="ignore"):
        wanted = row.numpy(*args)
    got = elementwise(name, args, [result.str[1:] for result in results])
    for want, result in zip(wanted if row.nout > 1 else (wanted,), got, strict=True):
        if is_exact(name, dtype):
            same = identical(result, want)
            assert same.all(), [(*(arg[i] for arg in args), want[i], result[i]) for i in np.flatnonzero(~same)[:5]]
        else:
            assert ulps(result, want) <= 4


@pytest.mark.parametrize("source", sorted(COMPILED))
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_casts_agree_with_numpy(source: str) -> None:
    numbers = np.concatenate([special(source), random(source, 503)])
    for dtype in sorted(COMPILED - {source}):
        with np.errstate(all="ignore"):
            want = numbers.astype(dtype)
        same = identical(elementwise("cast", [numbers], [dtype])[0], want)
        assert same.all(), (dtype, [(numbers[i], want[i]) for i in np.flatnonzero(~same)[:5]])


def test_parts_and_bits() -> None:
    z, x, b = random("c16", 37), random("f8", 37), random("b1", 37)
    assert identical(elementwise("real", [z], ["f8"])[0], z.real).all()
    assert identical(elementwise("imag", [z], ["f8"])[0], z.imag).all()
    assert identical(elementwise("complex", [x, x[::-1].copy()], ["c16"])[0].imag, x[::-1]).all()
    assert (elementwise("bits", [x], ["u8"])[0] == x.view("u8")).all()
    assert identical(elementwise("where", [b, x, x[::-1]], ["f8"])[0], np.where(b, x, x[::-1])).all()
    assert identical(elementwise("where", [b, z, z[::-1]], ["c16"])[0], np.where(b, z, z[::-1])).all()
