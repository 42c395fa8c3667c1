"""Views alias in both directions, and tell the truth about themselves."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from tests.agreement import assert_agree, assert_same
from tests.subject import ramba

SHAPES = {"a": (4, 6), "s": (5, 5), "t": (2, 3, 4), "v": (12,), "z": (0, 3), "c": (3, 4)}

VIEWS = """
a[1:3]
a[:, 2]
a[::-1, ::2]
a[1:, ::-2][:, 1:]
a[None, 1]
a[..., 3:1:-1]
a[2:3, 2:3]
a[1:2, :1].T
a[1:2, 1:2].reshape(1)
a[None, 1:2, 1:2]
a.T
a.T[2:]
a.reshape(6, 4)
a.reshape(2, 2, 6)[:, 1]
a[::2].reshape(-1, 3)
a[:, ::2].reshape(4, 3, 1)
a[:, ::2].reshape(-1)
a.ravel()
a.T.ravel()
a.T.reshape(24)
a.ravel()[3:9]
a.ravel("F")
a.T.ravel("F")
a.reshape(4, 6, order="F")
a.flatten()
a.view()
a.swapaxes(0, 1)[1]
np.moveaxis(t, 2, 0)[1]
np.rollaxis(t, 2)
t.transpose(2, 0, 1)[:, 1]
np.squeeze(t[:, :1])
np.expand_dims(a, 1)[:, 0]
np.broadcast_to(v, (3, 12))
np.broadcast_to(v[:1], (4, 4))
np.flip(a, 1)
np.rot90(s)
np.diagonal(s)
np.diagonal(s, 1)
s.diagonal(-2)
t.diagonal(0, 1, 2)
np.lib.stride_tricks.sliding_window_view(v, 3)
np.lib.stride_tricks.sliding_window_view(a, (2, 3))[1]
c.real
c.imag
c.real[1:]
c.T.imag[::2]
np.real(c)
c[1].imag
np.atleast_2d(v)
np.atleast_3d(a)
np.asarray(a)
np.ascontiguousarray(a)
np.ascontiguousarray(a.T)
a.copy()
a[[0, 1]]
a[a > 3]
a + 0
+a
a.astype("f8")
a.astype("f8", copy=False)
np.array(a, copy=False)
z[:, 1]
z.T
np.split(v, 3)[1]
np.hsplit(a, 2)[1]
np.array_split(v, 5)[2]
np.unstack(a)[1] if hasattr(np, "unstack") else a[1]
np.broadcast_arrays(a, v[:6])[1]
"""

LINES = [line for line in VIEWS.splitlines() if line]


def variables(module: Any) -> dict[str, Any]:
    arrays = {name: module.arange(float(numpy.prod(shape))).reshape(shape) for name, shape in SHAPES.items()}
    arrays["c"] = arrays["c"] + 1j * arrays["c"][::-1]
    return {"np": module, **{name: array.copy() for name, array in arrays.items()}}


@pytest.mark.parametrize("line", LINES)
def test_value_and_memory(line: str, every_mode: str) -> None:
    def call(module: Any) -> Any:
        space = variables(module)
        view = eval(line, space)
        return [view, *(bool(module.shares_memory(view, space[name])) for name in SHAPES)]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@pytest.mark.parametrize("line", LINES)
def test_writing_reaches_the_other_side(line: str, every_mode: str) -> None:
    """A write through the view is seen in the base, a write to the base in the view."""

    def call(module: Any) -> Any:
        space = variables(module)
        view = eval(line, space)
        bases = [space[name] for name in SHAPES]
        results: list[Any] = []
        for base in bases:
            base *= 2
        results += [view.copy(), view.sum()]
        try:
            view[...] = -1
            view[..., :1] += 7
        except ValueError as error:  # broadcast_to, diagonal: read-only
            results.append(str(error))
        for base in bases:
            base += 1
        return [*results, view, *bases]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


@pytest.mark.parametrize("line", LINES)
def test_flags_strides_and_base(line: str, every_mode: str) -> None:
    def call(module: Any) -> Any:
        space = variables(module)
        view = eval(line, space)
        flags = view.flags
        names = ("C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE", "OWNDATA", "ALIGNED")
        return [
            {name: flags[name] for name in names} == {name: getattr(flags, name.lower()) for name in names},
            [bool(flags[name]) for name in names],
            list(view.strides),
            view.base is None,
            [view.base is space[name] for name in SHAPES],
            [view.shape, view.ndim, view.size, view.itemsize, view.nbytes, view.dtype, len(view)],
        ]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_a_view_outlives_its_base(every_mode: str) -> None:
    base = ramba.arange(10)
    view = base[2:5]
    base += 1
    del base
    view *= 2
    assert_same(view, numpy.array([6, 8, 10]))


def test_a_name_can_be_rebound_while_views_live(every_mode: str) -> None:
    a = ramba.arange(6)
    view = a[::2]
    a = a + 10
    view[:] = 0
    assert_same(a, numpy.arange(6) + 10)
    assert_same(view, numpy.zeros(3, dtype=int))


def test_a_snapshot_is_not_changed_by_later_writes(every_mode: str) -> None:
    a = ramba.arange(8.0)
    b, s, m = a + 1, a.sum(), a[a > 3]
    a[:] = -1
    a[0] = 5
    assert_same(b, numpy.arange(8.0) + 1)
    assert_same(s, numpy.float64(28))
    assert_same(m, numpy.arange(4.0, 8.0))


def test_equal_results_and_copies_are_arrays_of_their_own(every_mode: str) -> None:
    """Small results of large arrays too: they were computed together, and are written by NumPy."""
    a = ramba.ones((20, 2000))
    first, second = a.sum(axis=1), a.sum(axis=1)
    third = first.copy()
    ramba.sync()
    first += 1
    third *= 0
    assert not ramba.shares_memory(first, second)
    assert_same([first, second, third], [numpy.full(20, 2001.0), numpy.full(20, 2000.0), numpy.zeros(20)])


def test_setting_attributes(every_mode: str) -> None:
    def call(module: Any) -> Any:
        a = module.arange(12)
        b = a[:]
        a.shape = (3, 4)
        a.flags.writeable = False
        errors = []
        for line in ("a[0] = 1", "a += 1", "a.fill(3)", "np.add(a, 1, out=a)", "a.T[1] = 2"):
            try:
                exec(line, {"a": a, "np": module})
            except ValueError as error:
                errors.append(str(error))
        b[0] = 99
        a.setflags(write=True)
        a[2] = 0
        c = module.ones(3, dtype=complex)
        c.real, c.imag = [1, 2, 3], 5
        return [a, b, errors, c]

    assert_agree(lambda: call(ramba), lambda: call(numpy))


def test_the_overlap_of_out_and_operands(every_mode: str) -> None:
    def call(module: Any) -> Any:
        a = module.arange(10.0)
        module.add(a[1:], a[:-1], out=a[1:])
        module.multiply(a, a[::-1], out=a)
        module.sqrt(a[2:], out=a[:-2])
        module.cumsum(a[::-1], out=a)
        b = module.arange(9.0).reshape(3, 3)
        module.add(b, b.T, out=b)
        b.sum(axis=0, out=b[1])
        b[:] = b.T[::-1]
        module.copyto(b[1:], b[:-1])
        return [a, b]

    assert_agree(lambda: call(ramba), lambda: call(numpy), ulps=8)
