"""Functions of numpy.linalg on stacks of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import blas
from ramba.kernels.local import linalg as local
from ramba.kernels.stacks import STACKS
from ramba.layout.partition import partition
from ramba.runtime.team import Team
from tests.kernels.together import WORKERS, Operand, partitions, together

OPTIONS: dict[str, list[tuple[tuple[str, Any], ...]]] = {
    "svd": [(), (("full_matrices", False),), (("compute_uv", False),), (("hermitian", True),)],
    "qr": [(), (("mode", "complete"),), (("mode", "r"),)],
    "cond": [(), (("p", 1),), (("p", "fro"),), (("p", -2),)],
    "pinv": [(), (("rcond", 0.5),)],
    "eigh": [(), (("UPLO", "U"),)],
    "matrix_rank": [(), (("tol", 1.0),)],
}


def members(stack: tuple[int, ...], rows: int, dtype: str, seed: int) -> Any:
    """Positive definite matrices: everything is defined."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((*stack, rows, rows))
    if dtype[0] == "c":
        a = a + 1j * rng.standard_normal(a.shape)
    return (a @ a.conj().swapaxes(-1, -2) + rows * np.eye(rows)).astype(dtype)


@given(
    st.data(),
    st.sampled_from(WORKERS),
    st.sampled_from(STACKS),
    st.lists(st.integers(1, 5), min_size=1, max_size=2).map(tuple),
    st.integers(1, 4),
    st.sampled_from(["f8", "f4", "c16", "i8"]),
)
def test_stacks(data: st.DataObject, workers: int, name: str, stack: tuple[int, ...], rows: int, dtype: str) -> None:
    arrays = [members(stack, rows, dtype, 1)]
    if name == "solve":
        arrays.append(np.random.default_rng(2).standard_normal((*stack, rows, 2)))
    options = data.draw(st.sampled_from(OPTIONS.get(name, [()])))
    lying = [Operand(a, data.draw(partitions(a.shape, workers))) for a in arrays]
    outcome = together(name, workers, data.draw(st.sampled_from([0, 20])), lying, options)
    expected = local.results(name, arrays, options)
    assert len(outcome.arrays) == len(expected)
    for found, right in zip(outcome.arrays, expected, strict=True):
        assert found.dtype == right.dtype
        assert found.shape == right.shape
        np.testing.assert_allclose(found, right, rtol=1e-4 if dtype == "f4" else 1e-10, atol=1e-4)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("name", ["inv", "cholesky"])
def test_every_worker_raises_what_one_of_them_meets(workers: int, name: str) -> None:
    array = members((9,), 3, "f8", 0)
    array[7] = -array[7] if name == "cholesky" else 0
    with pytest.raises(np.linalg.LinAlgError):
        together(name, workers, 0, [Operand(array, partition(array.shape, workers, 0))], ())


def test_threads_share_out_the_members_and_give_the_library_its_threads_back() -> None:
    a, team = members((40,), 40, "f8", 0), Team(3)
    threads = blas._threads()
    before = threads.get() if threads else 0
    out = [np.empty_like(a)]
    local.stacked(team, "inv", [a], out, ())
    np.testing.assert_allclose(out[0], np.linalg.inv(a), rtol=1e-10, atol=1e-12)
    a[33] = 0
    with pytest.raises(np.linalg.LinAlgError):
        local.stacked(team, "inv", [a], out, ())
    assert not threads or threads.get() == before
    team.close()
