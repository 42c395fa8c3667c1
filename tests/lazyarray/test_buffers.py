"""The buffer protocol and NumPy's array interface: memory that others hold is lent, and errors are heard."""

from __future__ import annotations

import gc
import hashlib
import io
import sys
import warnings
from typing import Any

import numpy
import pytest

from ramba.lazyarray.native import NATIVE
from tests.agreement import assert_same
from tests.subject import ramba

N = 17_000
has_buffers = pytest.mark.skipif(NATIVE is None and sys.version_info < (3, 12), reason="Python's own classes have none")
SIZES = pytest.mark.parametrize("n", [5, N])


@has_buffers
@SIZES
def test_bytes_of_an_array(n: int) -> None:
    a, same = ramba.arange(n) * 2, numpy.arange(n) * 2
    assert bytes(memoryview(a)) == same.tobytes()
    assert memoryview(a).format == memoryview(same).format
    assert memoryview(a[::-2]).strides == (-16,)
    assert hashlib.sha256(a).digest() == hashlib.sha256(same).digest()
    file = io.BytesIO()
    file.write(a)
    assert file.getvalue() == same.tobytes()
    with pytest.raises(ValueError, match="not C-contiguous"):
        hashlib.sha256(a[::2])


@has_buffers
@SIZES
@pytest.mark.one_process
def test_memory_is_written_through_a_buffer(n: int) -> None:
    a = ramba.zeros(n)
    later = a + 1
    assert io.BytesIO(numpy.arange(n * 1.0).tobytes()).readinto(a) == 8 * n
    assert_same(a, numpy.arange(n * 1.0))
    assert_same(later, numpy.ones(n))
    with memoryview(a) as view:
        a += 1
        assert view[3] == 4
        view[3] = 7.0
        assert a[3] == 7


@has_buffers
@pytest.mark.one_process
def test_a_buffer_is_a_loan_that_ends() -> None:
    a = ramba.arange(N * 1.0)
    view = memoryview(a)
    assert a._buffer.lent
    del view
    gc.collect()
    assert not a._buffer.lent
    lent = numpy.asarray(a)
    assert a._buffer.lent
    del lent
    gc.collect()
    assert not a._buffer.lent


@has_buffers
@pytest.mark.own_modes
def test_on_workers_a_buffer_can_not_be_written() -> None:
    with ramba.config.set(backend="local", workers=2, eager_size=0):
        ramba.shutdown()
        a = ramba.arange(100) * 2
        assert memoryview(a).readonly
        with pytest.raises(TypeError, match="read-write"):
            io.BytesIO(bytes(800)).readinto(a)
    ramba.shutdown()


class _Showing:
    """An object whose memory is an array's."""

    def __init__(self, array: Any) -> None:
        self.array = array


class _WithInterface(_Showing):
    @property
    def __array_interface__(self) -> Any:
        return self.array.__array_interface__


class _WithMethod(_Showing):
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.array


@has_buffers
@pytest.mark.one_process
@pytest.mark.parametrize("kind", [_WithInterface, _WithMethod])
@SIZES
def test_objects_that_show_an_array_share_its_memory(kind: type[_Showing], n: int) -> None:
    for module in (ramba, numpy):
        for function in (module.may_share_memory, module.shares_memory):
            a = module.arange(n)
            assert function(kind(a[::2]), a)
            a = module.arange(n)
            assert function(a[1:], kind(a))
            assert not function(kind(a), module.arange(n))
    a, same = ramba.arange(n), numpy.arange(n)
    assert ramba.may_share_memory(kind(a[::2]), a[1::2]) == numpy.may_share_memory(kind(same[::2]), same[1::2])
    assert ramba.shares_memory(kind(a[::2]), a[1::2]) == numpy.shares_memory(kind(same[::2]), same[1::2])


@pytest.mark.own_modes
def test_on_workers_a_look_may_share_memory() -> None:
    """Who copies before writing, if what he looked at may be the array's own memory, gets what can be written."""
    with ramba.config.set(backend="local", workers=2, eager_size=0):
        ramba.shutdown()
        a = ramba.arange(100) * 2
        look = numpy.asarray(a)
        assert numpy.may_share_memory(a, look)
        assert numpy.may_share_memory(look, a)
        assert not numpy.shares_memory(a, look)
        assert not numpy.may_share_memory(a, numpy.array(a))
    ramba.shutdown()


@SIZES
@pytest.mark.parametrize("look", [numpy.asarray, numpy.array, numpy.asfortranarray])
def test_what_a_look_raises_is_heard(n: int, look: Any) -> None:
    """NumPy ignores what the buffer protocol raises, and goes on to the next one."""
    with ramba.config.set(eager_size=0), warnings.catch_warnings():
        warnings.simplefilter("error")
        y = ramba.arange(n) * 1.0
        z = 1 / y
    with pytest.raises(RuntimeWarning, match="divide by zero"):
        look(z)


@has_buffers
@pytest.mark.one_process
def test_what_a_look_has_raised_is_not_raised_later() -> None:
    with ramba.config.set(eager_size=0), warnings.catch_warnings():
        warnings.simplefilter("error")
        z = 1 / (ramba.arange(N) * 1.0)
    with pytest.raises(RuntimeWarning):
        memoryview(z)
    assert ramba.arange(N).__array__()[3] == 3


@has_buffers
@SIZES
@pytest.mark.one_process
def test_array_interface(n: int) -> None:
    a = ramba.arange(n * 1.0)
    interface = a.__array_interface__
    assert interface["shape"] == (n,)
    assert interface["typestr"] == numpy.arange(1.0).__array_interface__["typestr"]
    a += 1
    assert a.__array_interface__["data"] == interface["data"]  # an address has no lifetime that we could see


@SIZES
def test_to_numpy(n: int) -> None:
    a = ramba.arange(n * 1.0)
    shown = a.to_numpy()
    assert type(shown) is numpy.ndarray
    assert_same(shown, numpy.arange(n * 1.0))
    assert a.to_numpy(dtype="f4").dtype == "f4"
    copied = a.to_numpy(copy=True)
    copied[0] = 9
    assert a[0] == 0
