"""What Python and other libraries ask of an array: numbers, iteration, printing, copying, pickling, dispatch."""

from __future__ import annotations

import copy
import json
import math
import pickle
from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree, assert_same
from tests.subject import ramba

CALLS = """
int(np.array(3))
float(np.array([2.5])[0])
complex(np.array(1j))
bool(np.array(0))
bool(np.array([3]))
np.arange(3)[np.array(1)]
list(range(5))[np.array(2)]
len(a)
list(i)
[row.sum().item() for row in a]
[x for x in np.array([1.5, 2.5])]
3 in i
99 in i
max(i), min(i), sum(i)
sorted(i.tolist())
list(reversed(i))
list(zip(i, i))
x, y, *rest = i
a.tolist()
np.array(5).tolist()
a.item(3)
a[1].item(0)
a.tobytes()
a.T.tobytes()
a.tobytes("F")
math.sqrt(np.array(4.0))
round(float(np.array(2.675)), 2)
"%d %.2f" % (i[0], a[0, 1])
f"{a[0, 1]:.3f}"
f"{np.array(2.5):6.2f}"
isinstance(i[0].item(), int)
isinstance(i.tolist()[0], int)
hash(i[0].item())
a.dtype, a.shape, a.ndim, a.size, a.nbytes, a.itemsize
a.T.strides
i.dtype.name
[v for v in a.flat][:3]
a.flat[5]
list(np.ndenumerate(np.array([[1, 2]])))
list(np.ndindex(2, 2))
[int(x) for x in np.nditer(np.array([1, 2]))]
np.ndim(3), np.shape([1, 2])
json.dumps(i.tolist())
memoryview(numpy.asarray(i)).nbytes
math.fsum(np.array([0.1] * 10))
numpy.asarray(i, dtype="f4")
numpy.array(i, copy=True)
[1, 2] + i[:2]
i[:2] + [1, 2]
a.byteswap().byteswap()
np.sort(i, axis=None).searchsorted(4)
a.sort()
a.argsort(axis=0)
a.partition(1)
i.repeat(2)
i.nonzero()
a.squeeze()
a.trace()
a.ptp() if hasattr(a, "ptp") else np.ptp(a)
a.round(1)
a.conj()
a.dot(a.T)
a.choose([1, 2]) if False else 0
i.put([0, 1], 7)
a.compress([True, False, True], axis=0)
i.clip(2, 4)
a.diagonal()
a.swapaxes(0, 1)
a.resize((4, 3), refcheck=False)
a.astype("f4", order="F").flags.f_contiguous
a.max(axis=1, keepdims=True)
a.std(ddof=1)
a.cumprod(axis=1)
i.all(), i.any()
a.ctypes is not None
a.__array_priority__ is not None
i.device
i.to_device("cpu")
i.__array_namespace__() is np
"""

PRINTED = [
    "np.arange(5)",
    "np.arange(12.0).reshape(3, 4) / 3",
    "np.array([True, False])",
    "np.array([1 + 2j, 0.5])",
    "np.zeros((0, 3))",
    "np.zeros(())",
    "np.array(2.5, dtype='f4')",
    "np.arange(3, dtype='i2')",
    "np.arange(2000)",
    "np.ones((60, 60))",
    "np.array([np.nan, np.inf, -0.0])",
    "np.array(['a', 'bcd'])",
    "np.array([None, 1], dtype=object)",
    "np.arange(4)[::-2]",
    "np.float64(2.5)",
]


def variables(module: Any) -> dict[str, Any]:
    array, integers = module.array(numpy.arange(12.0).reshape(3, 4) * 5 % 12), module.array([3, 1, 4, 1, 5, 9])
    return {"np": module, "numpy": numpy, "math": math, "json": json, "a": array, "i": integers}


@pytest.mark.one_process
def test_an_alias_may_be_written(every_mode: str) -> None:
    assert numpy.asarray(variables(ramba)["a"].T).flags.writeable


@pytest.mark.parametrize("line", [line for line in CALLS.splitlines() if line])
def test_agrees_with_numpy(line: str, every_mode: str) -> None:
    def call(module: Any) -> Any:
        space = variables(module)
        if " = " in line:
            exec(line, space)
            return [space["x"], space["rest"]]
        return [eval(line, space), space["a"], space["i"]]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@pytest.mark.parametrize("text", PRINTED)
def test_printing(text: str, every_mode: str) -> None:
    ours, theirs = eval(text, {"np": ramba}), eval(text, {"np": numpy})
    assert str(ours) == str(theirs)
    assert repr(ours) == repr(theirs)
    with ramba.printoptions(precision=2, threshold=5):
        ours_short = str(ours)
    with numpy.printoptions(precision=2, threshold=5):
        assert ours_short == str(theirs)


@pytest.mark.parametrize("make", ["np.arange(6).reshape(2, 3)", "np.arange(9)[::-2]", "np.ones(3) + 1j", "np.array(5)"])
def test_copying_and_pickling(make: str, every_mode: str) -> None:
    ours, theirs = eval(make, {"np": ramba}), eval(make, {"np": numpy})
    for one in (
        copy.copy(ours),
        copy.deepcopy(ours),
        pickle.loads(pickle.dumps(ours)),
        pickle.loads(pickle.dumps(ours, 5)),
    ):
        assert type(one) is type(ours)
        assert_same(one, theirs)
        if ours.ndim:
            one[...] = 0
        assert_same(ours, theirs)
    assert_same(copy.deepcopy({"a": [ours]})["a"][0], theirs)


def test_numpys_functions_accept_our_arrays(every_mode: str) -> None:
    """`__array_function__`."""
    a = ramba.arange(6.0).reshape(2, 3)
    for ours, theirs in [
        (numpy.sum(a), numpy.float64(15)),
        (numpy.concatenate([a, a]).shape, (4, 3)),
        (numpy.where(a > 2, a, 0), numpy.where(numpy.asarray(a) > 2, numpy.asarray(a), 0)),
        (numpy.median(a, axis=0), numpy.array([1.5, 2.5, 3.5])),
        (numpy.zeros_like(a), numpy.zeros((2, 3))),
        (numpy.linalg.norm(a[0]), numpy.sqrt(5.0)),
    ]:
        assert_same(ours, theirs)
    assert isinstance(numpy.zeros_like(a), ramba.ndarray)
    assert isinstance(numpy.median(a, axis=0), ramba.ndarray)


def test_dlpack_and_buffers() -> None:
    a = ramba.arange(6.0)
    assert_same(numpy.from_dlpack(a), numpy.arange(6.0))


def test_subclass_and_instance_checks() -> None:
    assert isinstance(ramba.arange(3), ramba.ndarray)
    assert isinstance(ramba.zeros(()), ramba.ndarray)
    assert ramba.ndarray.__name__ == "ndarray"
    assert isinstance(ramba.ndarray((2, 3), "f4"), ramba.ndarray)
    assert ramba.ndarray((2, 3), "f4").shape == (2, 3)


@pytest.mark.parametrize(
    "dtype", ["f2", "g", "G", "M8[s]", "m8[D]", "U4", "S3", "O", ">i4", ">f8", [("x", "i4"), ("y", "f8")]]
)
def test_dtypes_without_kernels(dtype: Any, every_mode: str) -> None:
    """Right, perhaps slower."""

    def call(module: Any) -> Any:
        a = module.zeros((3, 4), dtype=dtype)
        b = a[1:, ::2].T
        a[0] = a[1]
        results = [a.dtype, b.shape, a == a, module.concatenate([a, a]).shape, module.shares_memory(a, b), a.copy()]
        if a.dtype.kind in "fc":
            results += [
                a + 1,
                a.sum(),
                module.sqrt(a + 2),
                a.astype("f4"),
                a.astype("i4"),
                module.arange(3).astype(dtype) * 2,
            ]
        if a.dtype.kind == "V":
            a["x"] = 3
            results += [a["x"], a["y"].sum()]
        if a.dtype.kind == "O":
            a[:] = 3
            results += [a + 1, a * a]
        if a.dtype.kind == "i":
            results += [a + 1, a.sum(axis=0), a.astype("f8")]
        return results

    assert_agree(lambda: call(ramba), lambda: call(numpy), ulps=1)


@pytest.mark.parametrize("n", [6, 17_000])
@pytest.mark.parametrize("name", ["shape", "dtype", "strides", "data", "real", "imag", "flat", "T"])
def test_attributes_are_not_deleted(name: str, n: int) -> None:
    for module in (ramba, numpy):
        a = module.arange(n) * 2
        with pytest.raises(AttributeError):
            delattr(a, name)
        assert a.dtype == numpy.int64
        assert a.shape == (n,)


@pytest.mark.parametrize("kind", ["S", "U"])
def test_views_of_elements_without_bytes_are_resized(kind: str) -> None:
    for module in (ramba, numpy):
        a = module.zeros(10, dtype=[("x", kind, 0)])["x"]
        a.resize(25, refcheck=False)
        assert a.shape == (25,)
        a.resize((10, 10), refcheck=False)
        assert a.shape == (10, 10)


def test_some_results_of_a_foreign_ufunc_are_written() -> None:
    """An array for one result and None for the other, which is made."""
    both = numpy.frompyfunc(lambda x: (x, x + 1), 1, 2)
    ours, target = ramba.arange(4).astype(object), ramba.empty(4, object)
    first, second = both(ours, out=(target, None))
    assert first is target
    assert list(first) == [0, 1, 2, 3]
    assert isinstance(second, ramba.ndarray)
    assert list(second) == [1, 2, 3, 4]
