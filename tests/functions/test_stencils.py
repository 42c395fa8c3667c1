"""Stencils: the values of a plain loop over elements of a padded array, for every mode, dtype and number of workers."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numba
import numpy as np
import pytest

from tests.functions.samples import ROADS, quiet, same
from tests.subject import WORKERS, mode, ramba, repeats

MODES = ("constant", "nearest", "reflect", "mirror", "wrap")
PAD = {"nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
WEIGHTS = np.array([0.25, 0.5, 0.25])


def padded(array: np.ndarray, reach: tuple[tuple[int, int], ...], modes: tuple[str, ...]) -> np.ndarray:
    """NumPy's own padding, one axis after the other; rings of nan where a margin is constant."""
    for axis, ((low, high), border) in enumerate(zip(reach, modes, strict=True)):
        widths = [(-low, high) if d == axis else (0, 0) for d in range(array.ndim)]
        array = np.pad(array, widths, "edge" if border == "constant" else PAD[border])
    return array


class At:
    """The neighbours of an element, read from a padded array."""

    def __init__(self, array: np.ndarray, place: tuple[int, ...]) -> None:
        self.array, self.place = array, place

    def __getitem__(self, index: Any) -> Any:
        index = index if isinstance(index, tuple) else (index,)
        return self.array[tuple(p + i for p, i in zip(self.place, index, strict=True))]


def looped(
    function: Callable[..., Any],
    arrays: list[np.ndarray],
    reach: tuple[tuple[int, int], ...],
    border: Any,
    cval: Any = 0,
) -> np.ndarray:
    """What a plain loop gives."""
    shape = arrays[0].shape
    modes = (border,) * len(shape) if isinstance(border, str) else border
    large = [padded(array, reach, modes) for array in arrays]
    results: list[Any] = []
    margin = False
    with quiet():
        for place in np.ndindex(*shape):
            outside = [
                m == "constant" and not (-low <= p < e - high)
                for p, e, m, (low, high) in zip(place, shape, modes, reach, strict=True)
            ]
            if any(outside):
                results.append(None)
                margin = True
            else:
                here = tuple(p - low for p, (low, _) in zip(place, reach, strict=True))
                results.append(function(*[At(array, here) for array in large]))
    values = [each for each in results if each is not None]
    dtype = np.result_type(
        *[v.dtype if isinstance(v, np.generic) else type(v)(0) for v in {type(v): v for v in values}.values()]
    )
    dtype = np.result_type(dtype, cval) if margin else dtype
    return np.array([cval if each is None else each for each in results], dtype).reshape(shape)


def star(a: Any) -> Any:
    return a[0, 0] + 0.125 * (a[-1, 0] + a[1, 0] + a[0, -1] + a[0, 1])


def life(a: Any) -> Any:
    near = sum(a[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)) - a[0, 0]
    return 1 if near == 3 or (near == 2 and a[0, 0]) else 0


def skewed(a: Any) -> Any:
    return a[0, -2] - a[3, 1]


def highest(a: Any) -> Any:
    best = a[0, 0]
    for i in range(-1, 2):
        for j in range(-1, 2):
            if a[i, j] > best:
                best = a[i, j]
    return best


def settling(a: Any) -> Any:
    value, count = a[0, 0] + a[0, 1] + a[1, 0], 0
    while value > 2 and count < 60:
        value = value / 2 + a[-1, 0] / 8
        count += 1
    return count


STENCILS: dict[Callable[..., Any], tuple[tuple[int, int], ...]] = {
    star: ((-1, 1), (-1, 1)),
    life: ((-1, 1), (-1, 1)),
    skewed: ((0, 3), (-2, 1)),
    settling: ((-1, 1), (0, 1)),
}
DATA = np.random.default_rng(5).integers(0, 3, (9, 11))


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("border", MODES)
@pytest.mark.parametrize("function", STENCILS, ids=lambda f: f.__name__)
def test_values(function: Callable[..., Any], border: str, road: str) -> None:
    kinds = ("f8", "i8") if function is settling or road == "compile" else ("f8", "i8", "f4", "i2", "u1")
    for kind in kinds:
        data = DATA.astype(kind)
        with quiet(), ramba.config.set(functions=road):
            made = ramba.sstencil(ramba.stencil(function, mode=border), ramba.asarray(data))
            same(made, looped(function, [data], STENCILS[function], border))


@pytest.mark.parametrize("road", ["auto", "compile"])
def test_many_branches(road: str) -> None:
    data = np.random.default_rng(1).normal(size=(12, 9))
    reach = ((-1, 1), (-1, 1))
    with quiet(), ramba.config.set(functions=road):
        found = ramba.stencil(highest, neighborhood=reach, mode="nearest")
        same(found(ramba.asarray(data)), looped(highest, [data], reach, "nearest"))


@pytest.mark.parametrize(
    "name",
    ["default", "3 workers", *repeats("interpreted", *WORKERS)],
)
def test_on_workers(name: str) -> None:
    data = np.random.default_rng(2).normal(size=(40, 33))
    with mode(name), quiet():
        for border in ("constant", "wrap", ("mirror", "constant")):
            for function, reach in STENCILS.items():
                theirs = looped(function, [data * 2], reach, border)
                same(ramba.sstencil(function, ramba.asarray(data) * 2, mode=border) + 1, theirs + 1)


@hypothesis.given(
    shape=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    data=st.data(),
)
def test_any_offsets(shape: list[int], data: st.DataObject) -> None:
    ndim = len(shape)
    offset = st.tuples(*[st.integers(-4, 4)] * ndim)
    offsets = data.draw(st.lists(offset, min_size=1, max_size=4))
    border = tuple(data.draw(st.sampled_from(MODES)) for _ in shape)
    modes_one = data.draw(st.booleans())
    border = border[0] if modes_one else border
    arrays = [np.arange(np.prod(shape), dtype="f8").reshape(shape) ** n for n in (1, 2)]

    def function(a: Any, b: Any) -> Any:
        return sum(a[o] for o in offsets) - b[offsets[0]]

    reach = tuple((min(0, *(o[d] for o in offsets), 0), max(0, *(o[d] for o in offsets), 0)) for d in range(ndim))
    named = (border,) * ndim if isinstance(border, str) else border
    if all(m != "constant" or e + low - high > 0 for e, (low, high), m in zip(shape, reach, named, strict=True)):
        ours = [ramba.asarray(array) for array in arrays]
        same(ramba.sstencil(function, *ours, mode=border, cval=7), looped(function, arrays, reach, border, 7))


def test_depth_of_several_blocks() -> None:
    data = np.arange(60.0)
    with mode("7 workers"):
        made = ramba.sstencil(lambda a: a[-25] + a[30], ramba.asarray(data), mode="wrap")
        same(made, np.roll(data, 25) + np.roll(data, -30))


@pytest.mark.parametrize("road", ROADS)
def test_more_arguments(road: str) -> None:
    a, b = DATA * 1.0, DATA[::-1] * 2.0

    def function(x: Any, y: Any, k: Any) -> Any:
        return x[0, 1] * k + y[-1, 0]

    with quiet(), ramba.config.set(functions=road):
        expected = looped(lambda x, y: function(x, y, 3), [a, b], ((-1, 0), (0, 1)), "constant", -1)
        same(ramba.sstencil(function, ramba.asarray(a), ramba.asarray(b), 3, cval=-1), expected)
        same(ramba.sstencil(function, ramba.asarray(a), b, 3, cval=-1), expected)
        out = ramba.zeros(a.shape, "f4")
        assert ramba.sstencil(function, ramba.asarray(a), b, 3, cval=-1, out=out) is out
        np.testing.assert_array_equal(np.asarray(out), expected)
        weighted = ramba.stencil(
            lambda x, w: sum(w[k + 1] * x[k] for k in (-1, 0, 1)), numba={"standard_indexing": ("w",)}
        )
        same(weighted(ramba.asarray(a[0]), WEIGHTS)[1:-1], np.convolve(a[0], WEIGHTS, "valid"))
        with pytest.raises(ValueError, match="one shape"):
            ramba.sstencil(function, ramba.asarray(a), ramba.asarray(b[1:]), 3)


def test_views() -> None:
    data = np.random.default_rng(3).normal(size=(30, 40))
    x = ramba.asarray(data)
    reach = ((-1, 1), (-1, 1))
    for ours, theirs in ((x.T, data.T), (x[::2, 3:-2], data[::2, 3:-2]), (x[:, ::-1], data[:, ::-1])):
        same(ramba.sstencil(star, ours), looped(star, [theirs], reach, "constant"))
    y = ramba.asarray(data.copy())
    y[1:-1] = ramba.sstencil(star, y)[1:-1]  # of what was there before
    expected = data.copy()
    expected[1:-1] = looped(star, [data], reach, "constant")[1:-1]
    same(y, expected)


@pytest.mark.parametrize("kernel", [star, lambda a: a[0, -2] - a[3, 1], life])
def test_as_numba_does(kernel: Callable[..., Any]) -> None:
    if kernel is life:
        return
    theirs = numba.stencil(kernel)
    data = np.random.default_rng(4).normal(size=(20, 15))
    same(ramba.sstencil(theirs, ramba.asarray(data)), theirs(data))
    same(ramba.stencil(kernel)(data), theirs(data))
    assert type(ramba.stencil(kernel)(data)) is np.ndarray
    wide = numba.stencil(kernel, neighborhood=((-2, 4), (-3, 3)), cval=9.0)
    same(ramba.sstencil(wide, ramba.asarray(data)), wide(data))


def test_refusals() -> None:
    x = ramba.asarray(DATA)
    with pytest.raises(ValueError, match="not one of"):
        ramba.sstencil(star, x, mode="edge")
    with pytest.raises(ValueError, match="2 axes"):
        ramba.sstencil(star, x, mode=("wrap",))
    with pytest.raises(IndexError, match="2 indices"):
        ramba.sstencil(lambda a: a[0], x)
    with pytest.raises(ValueError, match="outside of its neighborhood"):
        ramba.sstencil(ramba.stencil(star, neighborhood=((-1, 0), (0, 0))), x)
    with pytest.raises(TypeError, match="function"):
        ramba.sstencil(3, x)
    with pytest.raises(ValueError, match="axis"):
        ramba.sstencil(star, 3.0)
    assert "star" in repr(ramba.stencil(star))


def failing(a: Any) -> Any:
    if a[0, 0] == 55.0:
        raise ValueError("fifty-five")
    return a[0, 1]


@pytest.mark.parametrize("road", ROADS)
def test_exceptions_say_where(road: str) -> None:
    data = ramba.arange(60.0).reshape(6, 10)
    with quiet(), ramba.config.set(functions=road), pytest.raises(ValueError, match="fifty-five") as caught:
        np.asarray(ramba.sstencil(failing, data, mode="wrap"))
    assert "index (5, 5)" in "".join(caught.value.__notes__)


@pytest.mark.one_process
def test_it_fuses_with_what_it_reads() -> None:
    a = ramba.arange(1_000_000.0).reshape(1000, 1000)
    ramba.sync()
    with ramba.config.set(kernels="compiled"), ramba.kernels_run() as count:
        float(ramba.sstencil(star, a + 1)[1:-1, 1:-1].sum())
    assert int(count) <= 2
    gc.disable()
    try:
        with ramba.config.set(kernels="compiled"), ramba.kernels_run() as ours:
            made = ramba.sstencil(star, a)
            ramba.sync()
        with ramba.config.set(kernels="compiled"), ramba.kernels_run() as theirs:
            other = ramba.zeros(a.shape)
            near = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
            other[1:-1, 1:-1] = a[1:-1, 1:-1] + 0.125 * near
            del near
            ramba.sync()
    finally:
        gc.enable()
    assert int(ours) == int(theirs)
    assert bool((made == other).all())


PROGRAM = """
import ramba as np
@np.stencil(mode="wrap")
def near(a):
    return a[-1] + a[1] if a[0] > 2 else 0
print(near(np.arange(6)).tolist(), np.sstencil(lambda a: a[1] - a[0], np.arange(4) ** 2).tolist())
exec("def later(a): return a[1]")
print(np.sstencil(later, np.arange(4)).tolist())
"""


def test_functions_without_a_file() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.stdout == "[0, 0, 0, 6, 8, 4] [1, 3, 5, 0]\n[1, 2, 3, 0]\n", done.stderr
