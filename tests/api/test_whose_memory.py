"""Who shares memory with whom, and who is handed arrays as they are."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy
import pytest
from numpy.lib import recfunctions

from tests.subject import mode, ramba

MODES = pytest.mark.parametrize("how", ["default", "interpreted", "3 workers"])


@MODES
@pytest.mark.own_modes
@pytest.mark.parametrize("make", [ramba.ma.array, ramba.ma.MaskedArray, ramba.ma.asanyarray])
def test_a_masked_array_is_over_the_memory_of_an_array(make: Any, how: str) -> None:
    with mode(how):
        _check_masked(make)


def _check_masked(make: Any) -> None:
    a = ramba.arange(6.0)
    masked = make(a)
    mask = masked.mask = ramba.array([0, 1, 0, 0, 1, 0], bool)
    masked[0] = 7
    a[5] = 9
    assert numpy.asarray(a).tolist() == [7, 1, 2, 3, 4, 9]
    assert (a * 2)[0] == 14
    assert masked[5] == 9
    assert masked.sum() == 7 + 2 + 3 + 9
    copied = ramba.ma.array(a, mask=mask, copy=True)
    copied[0] = 1
    assert a[0] == 7


class OldConsumer:
    """Asks as before version 1 of DLPack: it knows no arrays that cannot be written."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __dlpack__(self, **options: Any) -> Any:
        return self.x.__dlpack__()

    def __dlpack_device__(self) -> Any:
        return self.x.__dlpack_device__()


@MODES
@pytest.mark.own_modes
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("make", [ramba.asmatrix, lambda x: numpy.from_dlpack(OldConsumer(x))])
def test_what_holds_the_memory_of_an_array_sees_it_change(make: Any, how: str) -> None:
    with mode(how):
        x = ramba.arange(6.0).reshape(2, 3) * 1
        made = make(x)
        x[0, 1] = 7
        assert made[0, 1] == 7
        if made.flags.writeable:
            made[0, 0] = 3
            assert (x + 1).sum() == 30


def test_a_masked_array_is_not_saved_without_its_mask(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError):
        ramba.save(tmp_path / "a.npy", ramba.ma.array([1, 2], mask=[0, 1]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(), (3,)])
def test_structures_are_read_as_structures(shape: tuple[int, ...], every_mode: str) -> None:
    """NumPy cannot read all the buffers that it describes."""
    for fields in ([("a", int), ("c", "S3")], [("a", "i4"), ("o", object)]):
        x = ramba.zeros(shape, fields)
        made = numpy.asarray(x)
        assert made.dtype == fields
        made["a"] = 4
        assert numpy.all(x["a"] == 4)


@MODES
@pytest.mark.own_modes
def test_functions_of_record_arrays_take_ours(how: str) -> None:
    """They ask for NumPy's own class: of an array of ours they would make a list of its elements."""
    with mode(how):
        _check_records()


def _check_records() -> None:
    x, z = ramba.array([1, 2]), ramba.array([("A", 1.0), ("B", 2.0)], dtype=[("a", "S1"), ("b", float)])
    assert recfunctions.merge_arrays(x).tolist() == [(1,), (2,)]
    assert recfunctions.stack_arrays(x).tolist() == [1, 2]
    assert recfunctions.append_fields(z, "c", x, usemask=False).tolist() == [(b"A", 1.0, 1), (b"B", 2.0, 2)]
    made = ramba.zeros(2, z.dtype)
    recfunctions.assign_fields_by_name(made, z)
    assert made.tolist() == z.tolist()


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


@MODES
@pytest.mark.own_modes
def test_nested_iterators_write(how: str) -> None:
    with mode(how):
        _check_nested()


def _check_nested() -> None:
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


def test_single_structures_have_buffers(every_mode: str) -> None:
    x = ramba.zeros((), [("a", "i8", (2, 2))])
    assert numpy.asarray(x).dtype == x.dtype
    if ramba.config.at_import("native") or sys.version_info >= (3, 12):
        assert memoryview(x).nbytes == 32


class Holder:
    """Gives its array, or a copy if it is asked for one."""

    def __init__(self, array: Any) -> None:
        self.array, self.copied = array, array.copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.copied if copy else self.array


class OldHolder:
    """Knows nothing of copies."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __array__(self, dtype: Any = None) -> Any:
        return self.array


@MODES
@pytest.mark.own_modes
def test_the_array_that_an_object_gives_is_taken_as_it_is(how: str) -> None:
    with mode(how):
        for np in (ramba, numpy):
            holder = Holder(np.arange(20_000.0))
            assert np.asarray(holder) is holder.array
            assert np.array(holder, copy=None) is holder.array
            assert np.array(holder, copy=False) is holder.array
            assert np.array(holder) is holder.copied
            assert np.asarray(holder, dtype="f4").dtype == np.float32
            assert np.array(holder, copy=None, ndmin=3).shape == (1, 1, 20_000)
            assert np.asarray(Holder(np.ones((3, 4))), order="F").flags.f_contiguous


@MODES
@pytest.mark.own_modes
def test_an_array_of_an_object_that_knows_no_copies_is_copied(how: str) -> None:
    with mode(how):
        for np in (ramba, numpy):
            holder = OldHolder(np.arange(5))
            with pytest.warns(DeprecationWarning, match="copy"):
                made = np.array(holder)
            made[0] = 7
            assert holder.array[0] == 0
