"""The tables name what NumPy has, and say about it what NumPy says."""

from __future__ import annotations

import numpy as np
import pytest

from ramba.ops import COMPILED, UFUNCS, can_fold, compiles, find, identity, is_exact, resolve

NUMPY = {name: value for name, value in vars(np).items() if isinstance(value, np.ufunc)}


def test_every_ufunc_has_a_row() -> None:
    assert set(NUMPY) | {"clip"} == set(UFUNCS)


@pytest.mark.parametrize("name", sorted(UFUNCS))
def test_row_describes_its_ufunc(name: str) -> None:
    row = UFUNCS[name]
    ufunc = NUMPY.get(name, row.numpy)
    assert row.numpy is ufunc
    assert (row.name, row.nin, row.nout) == (ufunc.__name__, ufunc.nin, ufunc.nout)
    assert find(ufunc) is row
    if row.operator:
        assert hasattr(np.ndarray, f"__{row.operator}__")


@pytest.mark.parametrize("name", ["add", "multiply", "subtract", "less", "maximum", "negative", "absolute"])
def test_common_ufuncs_compile_for_all_their_loops(name: str) -> None:
    row = UFUNCS[name]
    for dtype in COMPILED:
        try:
            loop, _ = resolve(name, (np.dtype(dtype),) * row.nin)
        except TypeError:
            continue
        if set(loop) == {np.dtype(dtype)} and (name, dtype[0]) != ("maximum", "c"):
            assert compiles(name, (dtype,) * row.nin)


def test_what_has_no_formula_does_not_compile() -> None:
    assert not compiles("gcd", ("i8", "i8"))
    assert not compiles("exp", ("c16",))
    assert not compiles("add", ("f2", "f2"))
    assert not compiles("equal", ("i8", "u8"))
    assert compiles("cast", ("f8", "i1"))


def test_exactness() -> None:
    assert is_exact("add", "f8")
    assert is_exact("absolute", "f8")
    assert not is_exact("absolute", "c16")
    assert not is_exact("sin", "f8")


F4, F8, I1, I4, BOOL = map(np.dtype, ("f4", "f8", "i1", "i4", "?"))


@pytest.mark.parametrize(
    ("name", "operands", "options", "loop", "results"),
    [
        ("add", (F4, float), {}, (F4, F4), (F4,)),
        ("add", (I1, int), {}, (I1, I1), (I1,)),
        ("add", (I4, float), {}, (F8, F8), (F8,)),
        ("add", (BOOL, bool), {}, (BOOL, BOOL), (BOOL,)),
        ("divide", (I4, I4), {}, (F8, F8), (F8,)),
        ("less", (F4, F8), {}, (F8, F8), (BOOL,)),
        ("sin", (I4,), {"dtype": F4}, (F4,), (F4,)),
        ("divmod", (I4, I1), {}, (I4, I4), (I4, I4)),
    ],
)
def test_dtypes_are_those_of_numpy(name: str, operands: tuple, options: dict, loop: tuple, results: tuple) -> None:
    assert resolve(name, operands, **options) == (loop, results)


def test_refusals_are_those_of_numpy() -> None:
    with pytest.raises(TypeError, match="not supported for the input types"):
        resolve("bitwise_and", (F8, F8))
    with pytest.raises(TypeError, match="boolean subtract"):
        resolve("subtract", (BOOL, BOOL))
    with pytest.raises(TypeError, match="Cannot cast"):
        resolve("add", (F8, F8), dtype=I4)


PAIRS = [(name, dtype) for name in sorted(UFUNCS) for dtype in sorted(COMPILED)]


@pytest.mark.parametrize(("name", "dtype"), [pair for pair in PAIRS if can_fold(*pair)])
def test_identity_changes_nothing(name: str, dtype: str) -> None:
    kind = np.dtype(dtype)
    numbers = [0, 1, 5] if kind.kind in "bu" else [0, 1, -1, 5]
    if kind.kind in "fc" and name != "multiply":
        numbers += [np.inf, -np.inf, np.nan, -0.0]
    values = np.array(numbers, kind)
    neutral = identity(name, dtype)
    assert neutral.dtype == kind
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(UFUNCS[name].numpy(neutral, values), values)


def test_what_cannot_be_folded_has_no_identity() -> None:
    for pair in PAIRS:
        if not can_fold(*pair):
            with pytest.raises((ValueError, KeyError)):
                identity(*pair)
