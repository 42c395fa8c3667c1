"""Hypothesis strategies: dtypes, shapes, and arrays that can be built alike under NumPy and under Ramba."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy
from hypothesis import strategies as st

BOOLS = ["?"]
INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
FLOATS = ["f4", "f8"]
COMPLEX = ["c8", "c16"]
RARE = ["f2", "g"]
COMPILED = BOOLS + INTEGERS + FLOATS + COMPLEX

LAYOUTS = ["plain", "reversed", "strided", "transposed", "offset", "repeated"]

SPECIAL_FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, numpy.inf, -numpy.inf, numpy.nan, 1e-40, 3.5, 1e10, -7.0, 1e30]


@dataclass(frozen=True)
class Recipe:
    """An array as data and a layout; `under(module)` builds it."""

    dtype: str
    shape: tuple[int, ...]
    layout: str = "plain"
    seed: int = 0
    wild: bool = True  # infinities, NaN, extreme integers among the values

    def under(self, module: Any) -> Any:
        """This array in NumPy or in Ramba, as a view where the layout asks for one."""
        match self.layout if self.shape else "plain":
            case "plain":
                return module.array(self.values(self.shape))
            case "reversed":
                return module.array(self.values(self.shape))[::-1]
            case "strided":
                return module.array(self.values((*self.shape[:-1], self.shape[-1] * 2)))[..., ::2]
            case "transposed":
                return module.array(self.values(self.shape[::-1])).T
            case "offset":
                return module.array(self.values((self.shape[0] + 2, *self.shape[1:])))[1:-1]
            case "repeated":
                return module.broadcast_to(module.array(self.values(self.shape[1:])), self.shape)
            case _:
                raise ValueError(f"{self.layout!r} is not one of {LAYOUTS}")

    def values(self, shape: tuple[int, ...]) -> Any:
        """The same pseudo-random values every time."""
        random = numpy.random.RandomState(self.seed)
        dtype = numpy.dtype(self.dtype)
        with numpy.errstate(all="ignore"):
            match dtype.kind:
                case "b":
                    return random.rand(*shape) < 0.5 if shape else numpy.array(random.rand() < 0.5)
                case "i" | "u":
                    return self._integers(random, shape, dtype)
                case "f":
                    return self._floats(random, shape).astype(dtype)
                case "c":
                    real, imaginary = self._floats(random, shape), self._floats(random, shape)
                    values = numpy.empty(shape, dtype)
                    values.real, values.imag = real, imaginary
                    return values
        raise ValueError(f"no values for {dtype}")

    def _integers(self, random: Any, shape: tuple[int, ...], dtype: Any) -> Any:
        low = 0 if dtype.kind == "u" else -9
        values = numpy.asarray(random.randint(low, 10, size=shape)).astype(dtype)
        if self.wild:
            bounds = numpy.iinfo(dtype)
            extremes = numpy.array([bounds.min, bounds.max, bounds.max // 2, 0, 1, bounds.min + 1], dtype)
            values = numpy.where(random.random_sample(shape) < 0.2, random.choice(extremes, size=shape), values)
        return numpy.asarray(values, dtype)

    def _floats(self, random: Any, shape: tuple[int, ...]) -> Any:
        values = numpy.asarray(random.standard_normal(shape) * 3)
        coarse = numpy.round(values)
        values = numpy.where(random.random_sample(shape) < 0.3, coarse, values)
        if self.wild:
            special = random.choice(SPECIAL_FLOATS, size=shape)
            values = numpy.where(random.random_sample(shape) < 0.25, special, values)
        return numpy.asarray(values)


seeds = st.integers(0, 999)


def shapes(min_dims: int = 0, max_dims: int = 3, max_side: int = 5) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes, zero-size ones among them."""
    side = st.integers(0, max_side) | st.integers(1, max_side) | st.integers(1, max_side)
    return st.lists(side, min_size=min_dims, max_size=max_dims).map(tuple)


@st.composite
def recipes(
    draw: st.DrawFn,
    dtypes: list[str] = COMPILED,
    shape: tuple[int, ...] | None = None,
    min_dims: int = 0,
    max_dims: int = 3,
    wild: bool = True,
) -> Recipe:
    """Arrays of these dtypes."""
    if shape is None:
        shape = draw(shapes(min_dims, max_dims))
    return Recipe(draw(st.sampled_from(dtypes)), shape, draw(st.sampled_from(LAYOUTS)), draw(seeds), wild)


@st.composite
def broadcastable(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts to this one."""
    lead = draw(st.integers(0, len(shape)))
    return tuple(1 if draw(st.integers(0, 4)) == 0 else n for n in shape[lead:])


@st.composite
def operands(draw: st.DrawFn, count: int, dtypes: list[str] = COMPILED, wild: bool = True) -> list[Any]:
    """Operands that broadcast together: arrays, sometimes Python scalars."""
    shape = draw(shapes())
    same_dtype = draw(st.sampled_from(dtypes)) if draw(st.booleans()) else None
    result: list[Any] = []
    for number in range(count):
        if number and draw(st.integers(0, 5)) == 0:
            result.append(
                draw(st.sampled_from([0, 1, -1, 2, 7, 300, 0.5, -2.5, True, 1j, numpy.float32(1.5), numpy.int8(3)]))
            )
            continue
        own = draw(broadcastable(shape)) if number else shape
        result.append(draw(recipes([same_dtype] if same_dtype else dtypes, own, wild=wild)))
    return result


def under(module: Any, operands: Any) -> Any:
    """Operands with every recipe built for the module."""
    if isinstance(operands, Recipe):
        return operands.under(module)
    if isinstance(operands, list | tuple):
        return type(operands)(under(module, item) for item in operands)
    return operands


@st.composite
def slices(draw: st.DrawFn, extent: int) -> slice:
    bound = st.none() | st.integers(-extent - 2, extent + 2)
    return slice(draw(bound), draw(bound), draw(st.sampled_from([None, None, 1, 2, -1, -2, 3])))


@st.composite
def basic_indices(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Integers, slices, newaxis and one ellipsis; always valid."""
    items: list[Any] = []
    for extent in shape[: draw(st.integers(0, len(shape)))]:
        if extent and draw(st.integers(0, 3)) == 0:
            items.append(draw(st.integers(-extent, extent - 1)))
        else:
            items.append(draw(slices(extent)))
    if draw(st.booleans()):
        used = len(items)
        tail = [draw(slices(n)) for n in shape[used:]][draw(st.integers(0, len(shape) - used)) :]
        items += [Ellipsis, *tail]
    for _ in range(draw(st.integers(0, 2)) if draw(st.booleans()) else 0):
        items.insert(draw(st.integers(0, len(items))), None)
    return tuple(items)


@st.composite
def fancy_indices(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """At least one integer array, mixed with slices, integers and newaxis; always valid."""
    common = draw(shapes(0, 2, 4))
    chosen = draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=2, unique=True))
    empty = any(shape[axis] == 0 for axis in chosen)
    items: list[Any] = []
    for axis, extent in enumerate(shape):
        if axis in chosen:
            own = (0,) if empty else draw(broadcastable(common))
            values = numpy.random.RandomState(draw(seeds)).randint(-extent, max(extent, 1), size=own)
            items.append(numpy.asarray(values, dtype=draw(st.sampled_from(["i8", "i4", "i1"]))))
        elif extent and draw(st.integers(0, 4)) == 0:
            items.append(draw(st.integers(-extent, extent - 1)))
        else:
            items.append(draw(slices(extent)))
    last = max(chosen) + 1
    items = items[: draw(st.integers(last, len(items)))]
    if draw(st.integers(0, 3)) == 0:
        items.insert(draw(st.integers(0, len(items))), None)
    return tuple(items)
