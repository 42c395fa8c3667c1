"""Lazy scalars where others look at them: in databases, pickled, copied, and in what Python's exceptions call them."""

from __future__ import annotations

import copy
import pickle
import sqlite3
from typing import Any

import numpy
import pytest

from ramba.lazyarray import NATIVE
from tests.agreement import outcome
from tests.subject import ramba

SIZE = 300_000
LOOKS = [
    "s.copy()", "s.view()", "s.T", "s.transpose()", "s.real", "s.imag", "(s + 1j).imag", "(s + 1j).real", "s.conj()",
    "copy.copy(s)", "copy.deepcopy([s])[0]", "pickle.loads(pickle.dumps(s))", "pickle.loads(pickle.dumps({1: s}))[1]",
]  # fmt: skip


def scalar(np: Any) -> Any:
    return np.arange(SIZE, dtype=float).sum()


@pytest.mark.parametrize("look", LOOKS)
def test_a_scalar_stays_one(look: str) -> None:
    names = {"copy": copy, "pickle": pickle}
    found, expected = (eval(look, {**names, "s": scalar(np)}) for np in (ramba, numpy))
    assert repr(found) == repr(expected)
    assert {found: 1}[expected] == 1  # an array has no hash


def test_copies_of_scalars_are_arrays_where_numpys_are() -> None:
    s = scalar(ramba)
    for made in (ramba.array(s), ramba.copy(s)):
        made[()] = 3
        assert repr(made) == "array(3.)"
    assert s == scalar(numpy)


def test_databases_keep_numbers() -> None:
    x = ramba.arange(SIZE, dtype=float)
    rows = [[x.sum(), x.mean(), x.argmax()], [a[()] for a in map(numpy.asarray, (x.sum(), x.mean(), x.argmax()))]]
    ours, theirs = (sqlite3.connect(":memory:").execute("select ?, ?, ?", row).fetchone() for row in rows)
    assert ours == theirs
    assert ours[0] == x.sum()
    with pytest.raises(sqlite3.ProgrammingError):
        sqlite3.connect(":memory:").execute("select ?", (object(),))


@pytest.mark.skipif(NATIVE is None, reason="a class that Python makes has one name")
@pytest.mark.parametrize("size", [5, SIZE])
def test_exceptions_of_pythons_name_numpys_class(size: int) -> None:
    calls = [
        lambda x: {x: 1},
        lambda x: x(),
        lambda x: x.missing,
        lambda x: setattr(x, "missing", 1),
        lambda x: x.sum().missing,
    ]
    for call in calls:
        ours, theirs = (outcome(lambda np=np, call=call: call(np.arange(size, dtype=float))) for np in (ramba, numpy))
        assert str(ours) == str(theirs)


class Foreign:
    """Gives an array of ours to whoever asks for one, and computes functions of NumPy's itself."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return 2 * ramba.eye(3, dtype=dtype)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function.__name__


def test_foreign_objects_that_give_arrays_of_ours() -> None:
    for made in (ramba.asarray(Foreign()), ramba.array(Foreign()), ramba.stack([Foreign().__array__()])[0]):
        assert made.tolist() == (2 * numpy.eye(3)).tolist()
    assert ramba.sum(Foreign()) == "sum"
    for size in (9, SIZE):
        x = ramba.zeros(size)
        x[:9].reshape(3, 3)[:] = Foreign()
        assert x[:9].tolist() == (2 * numpy.eye(3)).ravel().tolist()
