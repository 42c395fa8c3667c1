"""Who shares memory with whom, and who is handed arrays as they are."""

from __future__ import annotations

import warnings
from typing import Any

import numpy
import pytest

from tests.subject import ramba


@pytest.mark.one_process
def test_a_masked_array_is_over_the_memory_of_an_array(lazy: None) -> None:
    a = ramba.arange(6.0)
    masked = ramba.ma.array(a, mask=[0, 1, 0, 0, 1, 0])
    masked[0] = 7
    a[5] = 9
    assert numpy.asarray(a).tolist() == [7, 1, 2, 3, 4, 9]
    assert masked[5] == 9
    assert masked.sum() == 7 + 2 + 3 + 9


@pytest.mark.parametrize(
    "make", [bytearray, lambda n: memoryview(bytearray(n)), lambda n: (n * numpy.ctypeslib.ctypes.c_uint8)()]
)
def test_memory_that_is_shown_is_shared(make: Any, lazy: None) -> None:
    """As with NumPy: shared memory, memory of C, and the like."""
    for convert in (ramba.asarray, lambda x: ramba.array(x, copy=None), lambda x: ramba.array(x, copy=False)):
        memory = make(6)
        a = convert(memory)
        a[2] = 5
        a[3:] += 2
        assert list(memory) == [0, 0, 5, 2, 2, 2]
        memoryview(memory).cast("B")[0] = 1
        assert numpy.asarray(a + 1).tolist() == [2, 1, 6, 3, 3, 3]
    copied = ramba.array(make(6))
    copied[0] = 1
    assert numpy.asarray(copied).tolist() == [1, 0, 0, 0, 0, 0]


def test_no_copy_is_made_where_none_is_allowed(lazy: None) -> None:
    theirs = numpy.arange(6.0)
    a = ramba.array(theirs, copy=False)
    a[0] = 5
    assert theirs[0] == 5
    for convert in (ramba.array, ramba.asarray):
        with pytest.raises(ValueError, match="copy"):
            convert([1, 2], copy=False)
        with pytest.raises(ValueError, match="copy"):
            convert(theirs, dtype="f4", copy=False)


@pytest.mark.one_process
def test_nested_iterators_write(lazy: None) -> None:
    a = ramba.arange(6.0).reshape(2, 3)
    outer, inner = ramba.nested_iters(a, [[0], [1]], op_flags=["readwrite"])
    for _ in outer:
        for x in inner:
            x[...] = x + 10
    assert numpy.asarray(a).tolist() == [[10, 11, 12], [13, 14, 15]]


def test_an_array_of_objects_holds_the_items_themselves(lazy: None) -> None:
    items = [None, ramba.arange(3), ramba.array(10), "text"]
    made = ramba.array(items, dtype=object)
    assert all(mine is item for mine, item in zip(made, items, strict=True))
    ramba.random.shuffle(made)
    assert {id(item) for item in made} == {id(item) for item in items}


def test_results_that_are_lists_are_the_lists_themselves(lazy: None) -> None:
    kept = [1, 2, 3]
    assert ramba.diff(kept, n=0) is kept
    assert ramba.vectorize(lambda x: kept, otypes=[object])(None).item() is kept


@pytest.mark.filterwarnings("ignore:NumPy warning suppression:DeprecationWarning")
def test_assertions_get_arrays_as_they_are(lazy: None) -> None:
    a = ramba.arange(6.0)
    ramba.testing.assert_no_warnings(a.__setitem__, 0, 5)
    assert a[0] == 5
    ramba.testing.assert_raises(IndexError, a.__setitem__, 9, 5)
    ramba.testing.assert_raises_regex(ValueError, "broadcast", a.__setitem__, slice(2), [1, 2, 3])
    ramba.testing.assert_warns(RuntimeWarning, lambda x: 1 / (x - 5), a)
    with ramba.testing.assert_warns(RuntimeWarning):
        held = 1 / (a - 5)
    assert held.shape == (6,)
    with ramba.testing.assert_raises(ZeroDivisionError):
        1 // 0
    with pytest.raises(AssertionError), ramba.testing.assert_raises(IndexError):
        a + 1
    with pytest.raises(AssertionError):
        ramba.testing.assert_no_warnings(lambda: 1 / (a - 5))


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_of_blocks_finds_the_callers_variables() -> None:
    left, right = ramba.ones((2, 2)), ramba.zeros((2, 2))
    made = ramba.bmat("left, right; right, left")
    assert numpy.asarray(made).tolist() == numpy.eye(2).repeat(2, axis=0).repeat(2, axis=1).tolist()
    assert left.shape == right.shape == (2, 2)


def test_a_warning_about_what_is_shuffled_names_the_line() -> None:
    class Items:
        def __init__(self) -> None:
            self.items = [1, 2, 3]

        def __len__(self) -> int:
            return 3

        def __getitem__(self, place: int) -> int:
            return self.items[place]

        def __setitem__(self, place: int, value: int) -> None:
            self.items[place] = value

    for shuffle in (ramba.random.shuffle, ramba.random.default_rng(1).shuffle, ramba.random.RandomState(1).shuffle):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            shuffle(Items())
        assert [w.filename for w in caught] == [__file__]


def test_an_object_is_not_asked_for_a_copy_that_numpy_does_not_ask_for(lazy: None) -> None:
    """Classes of before NumPy 2 know no ``copy``: to ask for it makes NumPy warn."""

    class Old:
        kept = numpy.arange(6.0)

        def __array__(self, dtype: Any = None) -> numpy.ndarray:
            return self.kept

    for convert in (ramba.asarray, ramba.asanyarray, lambda x: ramba.array(x, copy=None)):
        a = convert(Old())
        a[0] = 7
        assert Old.kept[0] == 0
        assert a[1] == 1


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    "line", ["m * a", "a * m", "m + a", "m - a", "m @ a", "b * m", "k * a", "a * k", "k - a", "a / k"]
)
def test_classes_of_numpys_keep_their_operators(line: str, every_mode: str) -> None:
    """Matrices multiply as matrices, masked arrays stay masked, on whichever side an array of ours stands."""
    a = numpy.arange(4.0).reshape(2, 2) + 1
    known: dict[str, Any] = {"m": numpy.matrix([[1.0, 2.0], [3.0, 4.0]]), "k": numpy.ma.array(a, mask=a > 3)}
    expected = eval(line, {"a": a, "b": a[0], **known})
    made = eval(line, {"a": ramba.array(a), "b": ramba.array(a[0]), **known})
    assert type(made) is type(expected)
    assert numpy.ma.getmaskarray(made).tolist() == numpy.ma.getmaskarray(expected).tolist()
    assert numpy.ma.filled(made, 0).tolist() == numpy.ma.filled(expected, 0).tolist()
