"""Reductions of groups and what is picked, wherever elements and codes lie; compiled folds beside NumPy's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.grouping import REDUCTIONS
from ramba.kernels.local import grouping
from ramba.layout.partition import Partition, replicated
from tests.kernels.local import TEAMS
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, together


def by_loop(name: str, a: Any, axis: int, codes: Any, groups: int, ddof: float) -> Any:
    found = []
    for group in range(groups):
        rows = np.compress(codes == group, a, axis)
        options = {"ddof": ddof} if name[-3:] in ("var", "std") else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append((rows == rows).sum(axis) if name == "count" else getattr(np, name)(rows, axis=axis, **options))
    return np.stack(found, axis)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]), st.sampled_from(sorted(REDUCTIONS)))
def test_reductions(data: st.DataObject, workers: int, small: int, name: str) -> None:
    a = data.draw(operands(workers, dtype=data.draw(st.sampled_from(["?", "i1", "u8", "f4", "f8"]))))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    extent = a.array.shape[axis]
    groups = data.draw(st.integers(1, 4))
    if extent < groups:  # then some are empty, which integers refuse
        a = Operand(a.array.astype("f8"), a.partition)
    codes = np.array([*range(groups), *data.draw(st.lists(st.integers(-2, groups - 1), min_size=extent))])[:extent]
    where = Operand(codes, data.draw(partitions(codes.shape, workers)))
    place = data.draw(st.integers(0, a.array.ndim - 1))
    outcome = together("reduce_groups", workers, small, [a, where], name, axis, groups, 1.0, place)
    if extent < groups:
        assert outcome.arrays[0].shape[place] == groups
        return
    expected = np.moveaxis(by_loop(name, a.array, axis, codes, groups, 1.0), axis, place)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(outcome.arrays[0], expected, rtol=1e-5)
    assert outcome.arrays[0].dtype == expected.dtype


@given(st.data(), st.sampled_from(WORKERS), st.booleans())
def test_quantiles(data: st.DataObject, workers: int, skip: bool) -> None:
    a = data.draw(operands(workers, dtype="f8"))
    axis, place = (data.draw(st.integers(0, a.array.ndim - 1)) for _ in range(2))
    codes = np.arange(a.array.shape[axis]) % 3
    where = Operand(codes, data.draw(partitions(codes.shape, workers)))
    params = axis, 3, (0.5,), skip, True, "f8", place
    (found,) = together("quantile_groups", workers, 0, [a, where], *params).arrays
    expected = by_loop("nanmedian" if skip else "median", a.array, axis, codes, 3, 0.0)
    np.testing.assert_allclose(found[0], np.moveaxis(expected, axis, place))


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from(["sum", "nanmean", "max", "var"]))
def test_reductions_of_picks(data: st.DataObject, workers: int, name: str) -> None:
    a = data.draw(operands(workers, dtype="f8"))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    if not a.array.shape[axis]:
        return
    index = np.array(data.draw(st.lists(st.integers(0, a.array.shape[axis] - 1), min_size=1, max_size=9)))
    where = Operand(index, data.draw(partitions(index.shape, workers)))
    outcome = together("reduce_picked", workers, 0, [a, where], name, axis, 0.0)
    expected = getattr(np, name)(np.take(a.array, index, axis), axis=axis)
    np.testing.assert_allclose(outcome.arrays[0], expected, atol=1e-12)


@given(st.data(), st.sampled_from(WORKERS), st.booleans())
def test_operations_on_picks(data: st.DataObject, workers: int, swapped: bool) -> None:
    a = data.draw(operands(workers, dtype="f8"))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    shape = [1 if data.draw(st.booleans()) else extent for extent in a.array.shape]
    shape[axis] = 3
    order = data.draw(st.permutations(range(a.array.ndim)))  # of the values' dimensions
    values = data.draw(operands(workers, tuple([shape[d] for d in order]), "i4"))
    axes = tuple([order.index(d) if d == axis or shape[d] > 1 else -1 for d in range(a.array.ndim)])
    index = np.random.default_rng(0).integers(-3, 3, a.array.shape[axis])
    where = Operand(index, data.draw(partitions(index.shape, workers)))
    outcome = together("combine_picked", workers, 0, [a, values, where], "subtract", 0 if swapped else 1, axis, axes)
    spread = np.take(values.array.transpose(np.argsort(order)), index, axis)
    check(outcome, 0, spread - a.array if swapped else a.array - spread, workers, 0)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("dtype", ["i1", "u4", "f4", "f8", "?"])
@pytest.mark.parametrize(("shape", "axis"), [((20_000,), 0), ((9, 600), 1), ((600, 40), 0), ((4, 500, 3, 8), 1)])
def test_compiled_folds_are_numpys(
    shape: tuple[int, ...], axis: int, dtype: str, skip: bool, ordered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(0, 5, shape).astype(dtype)
    if dtype[0] == "f":
        a[rng.random(shape) < 0.1] = np.nan
    codes = rng.integers(0, 8, shape[axis]).astype(np.int32)
    codes = np.sort(codes) if ordered else codes
    wide = np.dtype("f8") if dtype[0] == "f" else np.dtype("i8")
    own = np.dtype("u1") if dtype == "?" else np.dtype(dtype)
    folds = {"add": wide, "minimum": own, "maximum": own, "fmin": own, "fmax": own, "count": np.dtype("i8")}
    means = rng.random((*shape[:axis], 7, *shape[axis + 1 :]))
    results = []
    for few in (0, a.size + 1):  # compiled, and by NumPy
        monkeypatch.setattr(grouping, "FEW", few)
        results.append(grouping.fold_groups(TEAMS[2], np.empty, a, codes, axis, 7, folds, skip))
        squares = {"squares": np.dtype("f8")}
        results[-1] += grouping.fold_groups(TEAMS[2], np.empty, a, codes, axis, 7, squares, skip, means)
    for compiled, numpys in zip(*results, strict=True):
        assert compiled.dtype == numpys.dtype
        np.testing.assert_allclose(compiled, numpys, rtol=1e-12)


def test_codes_that_name_no_group_are_refused_by_all() -> None:
    a = Operand(np.ones(9), Partition((9,), (3,)))
    codes = Operand(np.array([0, 1, 2, 0, 1, 2, 0, 7, 2]), replicated((9,)))
    with pytest.raises(ValueError, match="name group 7, but there are only 3"):
        together("reduce_groups", 3, 0, [a, codes], "sum", 0, 3, 0.0, 0)
    with pytest.raises(ValueError, match="zero-size array to reduction operation min"):
        whole = Operand(np.ones(9, int), a.partition)
        together("reduce_groups", 3, 0, [whole, Operand(codes.array % 3, codes.partition)], "min", 0, 4, 0.0, 0)
