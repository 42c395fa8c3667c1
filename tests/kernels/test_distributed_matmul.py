"""Products of vectors, matrices and stacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, together

extents = st.sampled_from([0, 1, 2, 3, 5, 8, 13, 20])
stacks = st.sampled_from([(), (), (1,), (3,), (8,), (2, 3), (1, 3), (2, 1)])


def fitting(p: tuple[int, ...], q: tuple[int, ...]) -> bool:
    """Whether stacks can be broadcast together."""
    try:
        np.broadcast_shapes(p, q)
    except ValueError:
        return False
    return True


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20, 100]))
def test_matmul_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    rows, inner, columns = (data.draw(extents) for _ in range(3))
    left, right = data.draw(st.tuples(stacks, stacks).filter(lambda pair: fitting(*pair)))
    first = data.draw(st.sampled_from([(*left, rows, inner), (inner,)]))
    second = data.draw(st.sampled_from([(*right, inner, columns), (inner,)]))
    kinds = st.sampled_from(["?", "i1", "i8", "f4", "f8", "c16", "f2"])
    a = data.draw(operands(workers, first, data.draw(kinds)))
    b = data.draw(operands(workers, second, data.draw(kinds)))
    check(together("matmul", workers, small, [a, b]), 0, np.matmul(a.array, b.array), workers, small)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("shapes", [(70, 30, 40), (8, 300, 8), (200, 20, 8), (8, 20, 200), (1, 90, 50), (50, 90, 1)])
@pytest.mark.parametrize("dtype", ["f8", "i4"])
def test_every_way_gives_the_product(workers: int, shapes: tuple[int, int, int], dtype: str) -> None:
    rng = np.random.default_rng(0)
    a, b = (
        Operand(rng.integers(-9, 9, shape).astype(dtype), Partition(shape, (workers, 1)))
        for shape in [shapes[:2], shapes[1:]]
    )
    check(together("matmul", workers, 0, [a, b]), 0, a.array @ b.array, workers, 0)


@given(st.data(), st.sampled_from(WORKERS))
def test_products_of_floats_are_close(data: st.DataObject, workers: int) -> None:
    rng = np.random.default_rng(0)
    a = Operand(rng.normal(size=(31, 17)), data.draw(partitions((31, 17), workers)))
    b = Operand(rng.normal(size=(17, 23)), data.draw(partitions((17, 23), workers)))
    found = together("matmul", workers, 0, [a, b]).arrays[0]
    np.testing.assert_allclose(found, a.array @ b.array, rtol=1e-12, atol=1e-12)


def test_panels_go_round_once() -> None:
    a, b = (Operand(np.ones((64, 64)), Partition((64, 64), (4, 1))) for _ in range(2))
    post = together("matmul", 4, 0, [a, b]).post
    assert post.messages == 4 * 3
    assert post.bytes == 3 * 64 * 64 * 8
    v = Operand(np.ones(64), Partition((64,), (4,)))
    assert together("matmul", 4, 0, [a, v]).post.bytes == 3 * 64 * 8
    assert together("matmul", 4, 0, [v, a]).post.bytes == 3 * 64 * 8
    stack = Operand(np.ones((8, 5, 6)), Partition((8, 5, 6), (4, 1, 1)))
    other = Operand(np.ones((8, 6, 5)), Partition((8, 6, 5), (4, 1, 1)))
    assert together("matmul", 4, 0, [stack, other]).post.messages == 0
