"""Classes derived from `ndarray`, NumPy's own subclasses as operands, and `isinstance` with NumPy's arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

from tests.agreement import assert_same
from tests.subject import ramba


@pytest.fixture(autouse=True)
def _gathering() -> Iterator[None]:
    with ramba.config.set(on_fallback="ignore"):
        yield


def info_array(np: Any) -> Any:
    """The example of NumPy's manual: an attribute that views and results inherit."""

    class InfoArray(np.ndarray):
        def __new__(cls, values: Any, tag: Any = None) -> Any:
            made = np.asarray(values).view(cls)
            made.tag = tag
            return made

        def __array_finalize__(self, other: Any) -> None:
            self.tag = getattr(other, "tag", None)

    return InfoArray


def counting_array(np: Any) -> Any:
    """The manual's other example: a class that computes ufuncs itself."""

    class Counting(np.ndarray):
        calls = 0

        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
            Counting.calls += 1
            plain = [x.view(np.ndarray) if isinstance(x, Counting) else x for x in inputs]
            if out:
                options["out"] = tuple(x.view(np.ndarray) if isinstance(x, Counting) else x for x in out)
            result = super().__array_ufunc__(ufunc, method, *plain, **options)
            if result is NotImplemented:
                return NotImplemented
            return out[0] if out else np.asarray(result).view(Counting)

    return Counting


USES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "c[1:3]": lambda np, c, x: c[1:3],
    "c + 1": lambda np, c, x: c + 1,
    "c + x": lambda np, c, x: c + x,
    "x + c": lambda np, c, x: x + c,
    "x * c[:1]": lambda np, c, x: x * c[:1],
    "np.add(x, c)": lambda np, c, x: np.add(x, c),
    "np.sin(c)": lambda np, c, x: np.sin(c),
    "c.T": lambda np, c, x: c.T,
    "c.reshape": lambda np, c, x: c.reshape(-1, 1),
    "c.copy()": lambda np, c, x: c.copy(),
    "c.sum()": lambda np, c, x: c.sum(),
    "c.view(np.ndarray)": lambda np, c, x: c.view(np.ndarray),
    "np.asarray(c)": lambda np, c, x: np.asarray(c),
    "c.astype": lambda np, c, x: c.astype("f4"),
    "c += x": lambda np, c, x: c.__iadd__(x),
    "np.multiply(c, x, out=c)": lambda np, c, x: np.multiply(c, x, out=c),
    "isinstance": lambda np, c, x: (isinstance(c, np.ndarray), isinstance(x, np.ndarray)),
    "issubclass": lambda np, c, x: issubclass(type(c), np.ndarray),
}


@pytest.mark.parametrize("n", [6, 20_000])
@pytest.mark.parametrize("derive", [info_array, counting_array])
@pytest.mark.parametrize("use", USES)
def test_derived_classes_are_as_numpys(derive: Callable[[Any], Any], use: str, n: int) -> None:
    found = []
    for np in (ramba, numpy):
        kind = derive(np)
        x = np.arange(n) * 1.0
        c = kind(x * 2, "told") if derive is info_array else (x * 2).view(kind)
        result = USES[use](np, c, x)
        found.append((result, type(result).__name__, getattr(result, "tag", None), isinstance(result, kind)))
    (ours, *facts), (theirs, *expected) = found
    assert facts == expected
    assert_same(ours, theirs)


@pytest.mark.one_process
def test_a_view_as_a_derived_class_shows_the_memory() -> None:
    x = ramba.arange(20_000.0)
    c = x.view(info_array(ramba))
    c[0] = 99
    assert x[0] == 99
    x[1] = 98
    assert c[1] == 98


OPERANDS: dict[str, Callable[[int], Any]] = {
    "masked": lambda n: numpy.ma.masked_array(numpy.arange(n * 1.0), numpy.arange(n) % 2 == 0),
    "matrix": lambda n: numpy.matrix(numpy.arange(n * 1.0)),
    "recarray": lambda n: numpy.arange(n * 1.0).view(numpy.recarray),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("n", [6, 20_000])
@pytest.mark.parametrize("kind", OPERANDS)
@pytest.mark.parametrize("name", ["x + o", "o + x", "np.add(x, o)", "numpy.add(x, o)", "x.sum() * o", "o * x.sum()"])
def test_subclasses_of_numpys_stay_what_they_are(kind: str, name: str, n: int) -> None:
    other = OPERANDS[kind](n)
    ours, theirs = (
        eval(name, {"np": np, "numpy": numpy, "x": np.arange(n) + 0.5, "o": other}) for np in (ramba, numpy)
    )
    assert type(ours) is type(theirs)
    assert_same(numpy.ma.getdata(ours), numpy.ma.getdata(theirs))
    assert_same(numpy.ma.getmaskarray(ours), numpy.ma.getmaskarray(theirs))


def test_numpys_arrays_are_instances() -> None:
    assert isinstance(numpy.arange(3), ramba.ndarray)
    assert issubclass(numpy.ndarray, ramba.ndarray)
    assert not isinstance(numpy.float64(1), ramba.ndarray)
    assert not isinstance([1], ramba.ndarray)
    assert not issubclass(list, ramba.ndarray)
    assert not issubclass(ramba.ndarray, numpy.ndarray)
    assert type(ramba.arange(3)) is ramba.ndarray


@pytest.mark.parametrize(
    "do", [lambda texts, n: texts % n, lambda texts, n: texts * n, lambda texts, n: texts.zfill(n + 4)]
)
@pytest.mark.parametrize("dtype", ["S", "U"])
def test_arrays_of_texts_with_numbers_of_ours(do: Any, dtype: str) -> None:
    texts = numpy.char.array(numpy.array(["%d", "%s%%"], dtype=dtype))
    theirs = do(texts, numpy.arange(2) + 1)
    for numbers in (ramba.arange(2) + 1, (ramba.arange(200_000) + 1)[:2]):
        ours = do(texts, numbers)
        assert type(ours) is type(theirs)
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_arrays_of_numpys_own_classes_are_seen_as_ours() -> None:
    matrix = ramba.matrix([[1.0, 2.0], [3.0, 4.0]])
    record = ramba.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    masked = ramba.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    for array in (matrix, record, masked, ramba.char.array(["a", "b"])):
        for found in (array.view(ramba.ndarray), array.view(type=ramba.ndarray)):
            assert type(found) is ramba.ndarray
            assert (numpy.asarray(found) == array.view(numpy.ndarray)).all()
        assert type(array.view(numpy.ndarray)) is numpy.ndarray
        assert type(array.view()) is type(array)
    assert matrix.view(ramba.int64, ramba.ndarray).dtype == "i8"
    matrix.view(ramba.ndarray)[0, 0] = 9.0
    assert matrix[0, 0] == 9.0
