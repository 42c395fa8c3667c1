"""Arrays filled by index: the values of a loop, in any number of dimensions."""

from __future__ import annotations

from typing import Any

import numba
import numpy
import pytest

from tests.subject import ramba


@numba.njit
def compiled(index: Any) -> Any:
    return index[0] * 100 if index[0] > 1 else -1


FILLERS = {
    "traced": lambda index: 3 * index[0] + index[-1],
    "branches": lambda index: index[0] if index[-1] > 2 else 0.5,
    "compiled": compiled,
    "constant": lambda index: 4,
    "in Python": lambda index: float(str(index[0])),
}


def by_loop(shape: tuple[int, ...], function: Any, dtype: Any) -> numpy.ndarray:
    made = numpy.empty(shape, dtype)
    for index in numpy.ndindex(shape):
        made[index] = function(index)
    return made


@pytest.mark.filterwarnings("ignore::ramba.errors.FallbackWarning")
@pytest.mark.parametrize("name", FILLERS)
@pytest.mark.parametrize("shape", [(5,), (4, 6), (2, 3, 4), (0, 3)])
def test_functions_of_the_index(name: str, shape: tuple[int, ...]) -> None:
    for dtype in (None, "i4", "f4"):
        found = ramba.init_array(shape, FILLERS[name], dtype=dtype)
        expected = by_loop(shape, FILLERS[name], dtype or "f8")
        assert found.dtype == expected.dtype
        numpy.testing.assert_array_equal(numpy.asarray(found), expected)


def test_other_fillers() -> None:
    numpy.testing.assert_array_equal(
        ramba.init_array((3, 4), "10 * index[0] + index[1]"), [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
    )
    assert ramba.init_array((), lambda index: len(index)).tolist() == 0.0
    assert ramba.init_array(4, 7).tolist() == [7.0] * 4
    assert ramba.init_array((2, 5), local_border=2).shape == (2, 5)
    assert ramba.init_array((3, 2), lambda i, j: i - j, tuple_arg=False).tolist() == [[0, -1], [1, 0], [2, 1]]
    assert ramba.init_array(3, lambda i: i * i, tuple_arg=False).tolist() == [0, 1, 4]

    def fill(block: numpy.ndarray, shape: tuple[int, ...], start: tuple[int, ...]) -> None:
        block[...] = len(shape) + sum(start)

    whole = ramba.Filler(fill, ramba.Filler.WHOLE_ARRAY_INPLACE)
    assert ramba.init_array((2, 2), whole, dtype=int, distribution=0).tolist() == [[2, 2], [2, 2]]
    new = ramba.Filler(lambda shape, start: numpy.full(shape, 5), ramba.Filler.WHOLE_ARRAY_NEW)
    assert ramba.init_array((2,), new).tolist() == [5.0, 5.0]


@pytest.mark.parametrize("filler", [[1, 2], {}, b"x"])
def test_what_is_no_filler(filler: Any) -> None:
    with pytest.raises(TypeError, match="is no filler"):
        ramba.init_array(3, filler)
    with pytest.raises(ValueError):
        ramba.Filler(filler, 7)
    with pytest.raises(ValueError):
        ramba.init_array(3, "__import__('os')")
