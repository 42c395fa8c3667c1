"""Operands are classified once, at the door."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from ramba.lazyarray import indexing, operands, operators
from tests.subject import ramba

LARGE = 100_000


class Strange:
    """Something that NumPy makes an array of."""

    def __array__(self, dtype: object = None, copy: object = None) -> numpy.ndarray:
        return numpy.ones(3)


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (1, operands.Scalar),
        (True, operands.Scalar),
        (2j, operands.Scalar),
        (numpy.float32(1), operands.Scalar),
        (numpy.ones(3), operands.Local),
        ([1, 2.5], operands.Local),
        ((), operands.Local),
        ([[1], [2]], operands.Foreign),
        (["a"], operands.Foreign),
        ("a", operands.Foreign),
        (None, operands.Foreign),
        (Strange(), operands.Foreign),
        (numpy.ma.ones(3), operands.Foreign),
        (numpy.memmap, operands.Foreign),
    ],
    ids=lambda x: str(x)[:20],
)
def test_classes(x: object, kind: type) -> None:
    found = operands.classified(x)
    assert type(found) is kind
    assert found.given is x


@pytest.mark.one_process
def test_what_is_there_is_local() -> None:
    with ramba.config.set(eager_size=10):
        assert type(operands.classified(ramba.arange(10))) is operands.Local
    large = ramba.arange(float(LARGE)) + 1
    assert type(operands.classified(large)) is operands.Lazy
    ramba.sync()
    found = operands.classified(large)
    assert isinstance(found, operands.Local)
    assert found.memory[3] == 4


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Everything that is classified from now on, and every value that is made an array to be assigned."""
    seen: list[object] = []

    def classified(x: object) -> operands.Operand:
        seen.append(x)
        return operands.classified(x)

    for room in (indexing, operators, sys.modules["ramba.lazyarray.ufunc"]):
        monkeypatch.setattr(room, "classified", classified)
    return seen


STATEMENTS: dict[str, Callable[[Any, Any], Any]] = {
    "a list": lambda a, np: a.__setitem__(slice(1, 4), [1, 2, 3]),
    "a nested list": lambda a, np: a.reshape(2, -1).__setitem__(slice(None), [[1], [2]]),
    "a number": lambda a, np: a.__setitem__(slice(1, -1), 3),
    "an element": lambda a, np: a.__setitem__(5, 7.5),
    "NumPy's array": lambda a, np: a.__setitem__(slice(0, 3), numpy.ones(3)),
    "an array of another dtype": lambda a, np: a.__setitem__(slice(1, None), np.arange(LARGE - 1) * 2),
    "a mask": lambda a, np: a.__setitem__(a > 50, [4]),
    "a mask and many": lambda a, np: a.__setitem__(a < 3, [4, 5, 6]),
    "places": lambda a, np: a.__setitem__([5, 7], [4, 3]),
    "something strange": lambda a, np: a.__setitem__(slice(0, 3), Strange()),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_value_that_is_assigned_is_looked_at_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    made = []

    def assignable(value: operands.Operand, dtype: numpy.dtype) -> Any:
        made.append(value)
        return once(value, dtype)

    once = indexing.assignable
    arrays = []
    for np in (numpy, ramba):
        a = np.arange(float(LARGE)) + 0.5
        with monkeypatch.context() as patch:
            seen = counted(patch)
            patch.setattr(indexing, "assignable", assignable)
            STATEMENTS[name](a, np)
            values = [x for x in seen if x is not a]
            assert len(values) == len(set(map(id, values)))
        arrays.append(numpy.asarray(a))
    assert len(made) <= 1
    numpy.testing.assert_array_equal(*arrays)


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "a + list": lambda a, np: a + [1.0] * LARGE,
    "list - a": lambda a, np: [1.0] * LARGE - a,
    "a > list": lambda a, np: a > [2.0] * LARGE,
    "a ** list": lambda a, np: a ** ([2] * LARGE),
    "add": lambda a, np: np.add(a, [1.0] * LARGE),
    "column": lambda a, np: a + [[1.0], [2.0]],
    "hypot": lambda a, np: np.hypot(a, 2),
    "where": lambda a, np: np.add(a, [[1.0], [2.0]], out=np.zeros((2, LARGE)), where=np.arange(LARGE) > 3),
    "negative": lambda a, np: -a,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operand_is_looked_at_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    results = []
    for np in (numpy, ramba):
        a = np.arange(float(LARGE)) + 0.5
        with monkeypatch.context() as patch:
            seen = counted(patch)
            result = OPERATIONS[name](a, np)
            assert len(seen) == len(set(map(id, seen)))
        results.append(numpy.asarray(result))
    numpy.testing.assert_array_equal(*results)
    assert results[0].dtype == results[1].dtype


def test_a_list_that_does_not_fit_is_refused_as_by_numpy() -> None:
    for np in (numpy, ramba):
        a = np.zeros(LARGE, numpy.int8) + numpy.int8(1)
        with pytest.raises(OverflowError):
            a[:2] = [1, 300]
        a[:2] = [1.7, 2.2]
        assert a[:2].tolist() == [1, 2]


def test_a_sequence_beside_a_scalar_is_repeated() -> None:
    for np in (numpy, ramba):
        three = np.arange(4)[3]
        assert three * [1, 2] == [1, 2] * 3
        assert [1, 2] * three == [1, 2] * 3
