"""Writes random NumPy programs: plain Python lines over variables v0, v1, ...

The writer runs every line under NumPy while it writes, so it knows shapes, dtypes and values and most lines make sense.
A line that raises is mostly dropped, sometimes kept: exceptions must agree too.

Lines whose result may differ in the last bits carry a mark for the runner (see `programs.Mark`):
``#~ target`` (a few units in the last place) or ``#~ target of source`` (relative to the sum of |source|).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "c8", "c16", "f2"]
DTYPE_WEIGHTS = [4, 1, 2, 4, 6, 3, 1, 2, 1, 7, 9, 1, 2, 0.5]

Maker = Callable[["Writer"], str | None]
STATEMENTS: list[tuple[float, Maker]] = []

# what is a copy of a NumPy array in Ramba; and an index of one, which NumPy takes for an integer if the array is ours
_OTHERWISE = re.compile(r"np\.as\w+\(alias\)|\balias\[.*np\.array\(-?\d")


def statement(weight: float) -> Callable[[Maker], Maker]:
    """Makes a function one of the kinds of statements, chosen with this weight."""

    def register(maker: Maker) -> Maker:
        STATEMENTS.append((weight, maker))
        return maker

    return register


class Writer:
    """One program in the making."""

    def __init__(self, seed: int) -> None:
        self.random = numpy.random.RandomState(seed % 2**32)
        self.extras = numpy.random.RandomState((seed + 2**31) % 2**32)  # of what is put around and between statements
        self.lends = self.extras.rand() < 0.2
        self.large = self.chance(0.06)
        self.longest = 130 if self.large else 6
        self.cap = 60_000 if self.large else 600  # elements of one array
        self.space: dict[str, Any] = {"np": numpy, "numpy": numpy}
        self.lines: list[str] = []
        self.count = 0

    # --- choices ---

    def chance(self, probability: float) -> bool:
        return bool(self.random.rand() < probability)

    def below(self, stop: int, start: int = 0) -> int:
        return int(self.random.randint(start, stop)) if stop > start else start

    def one_of(self, *options: Any) -> Any:
        return options[self.below(len(options))]

    def dtype(self) -> str:
        weights = numpy.array(DTYPE_WEIGHTS)
        return DTYPES[int(self.random.choice(len(DTYPES), p=weights / weights.sum()))]

    def shape(self) -> tuple[int, ...]:
        ndim = int(self.random.choice(5, p=[0.06, 0.38, 0.38, 0.14, 0.04]))
        if self.large and ndim:
            return (self.below(40_000, 5_000),) if ndim == 1 else tuple(self.below(130, 20) for _ in range(2))
        return tuple(0 if self.chance(0.02) else self.below(7, 1) for _ in range(ndim))

    # --- variables ---

    def new(self) -> str:
        names = self.names()
        if names and self.chance(0.15):
            return self.one_of(*names)  # rebinding: the old value dies, views of it live on
        self.count += 1
        return f"v{self.count - 1}"

    def names(self) -> list[str]:
        return [name for name in self.space if name[0] == "v"]

    def value(self, expression: str) -> Any:
        with warnings.catch_warnings(), numpy.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return eval(expression, self.space)

    def pick(
        self, kinds: str = "biufc", min_ndim: int = 0, nonempty: bool = False, max_size: int = 10**9
    ) -> str | None:
        """A variable that holds an array of one of these kinds."""
        names = [
            name
            for name, value in self.space.items()
            if isinstance(value, numpy.ndarray)
            and value.dtype.kind in kinds
            and value.ndim >= min_ndim
            and (value.size or not nonempty)
            and value.size <= max_size
        ]
        return self.one_of(*names) if names else None

    # --- pieces of expressions ---

    def slice_of(self, extent: int) -> str:
        """A slice, possibly with a step, rarely out of range."""
        roll = self.random.rand()
        if roll < 0.3:
            return ":"
        if roll < 0.45:
            return self.one_of("1:", ":-1", "1:-1", "::2", "::-1", "1::2")
        start = "" if self.chance(0.3) else str(self.below(extent + 2, -extent - 1))
        stop = "" if self.chance(0.3) else str(self.below(extent + 2, -extent - 1))
        step = self.one_of("", "", "", ":2", ":-1", ":3", ":-2", ":1")
        return f"{start}:{stop}{step}"

    def index(self, shape: tuple[int, ...], integers: float = 0.25) -> str:
        """A basic index of an array of this shape."""
        items = [str(self.below(n, -n)) if n and self.chance(integers) else self.slice_of(n) for n in shape]
        if items and self.chance(0.3):
            items = items[: self.below(len(items) + 1)]
        if items and self.chance(0.2):
            at = self.below(len(items))
            del items[at : at + self.below(len(items)) + 1]
            items.insert(at, "...")
        if self.chance(0.12):
            items.insert(self.below(len(items) + 1), "np.newaxis")
        if self.chance(0.01):
            items.append("99")  # IndexError
        return ", ".join(items) or "..."

    def data(self, shape: tuple[int, ...], dtype: str) -> str:
        """An expression for new data."""
        size = int(numpy.prod(shape, dtype=numpy.int64))
        factor, modulus = self.one_of(1, 3, 5, 7, 11), self.one_of(2, 5, 7, 13, 31, 101)
        shift = self.below(modulus) if dtype[0] != "u" else 0
        if size <= 8 and self.chance(0.5):
            values = [(i * factor) % modulus - shift for i in range(size)]
            items: list[Any] = [bool(v % 2) for v in values] if dtype == "?" else values
            items = [v / 4 for v in items] if dtype[0] in "fc" else items
            return f"np.array({numpy.array(items, dtype=object).reshape(shape).tolist()!r}, dtype={dtype!r})"
        text = f"np.arange({size}) * {factor} % {modulus} - {shift}"
        if dtype[0] in "fc":
            text = f"({text}) / {self.one_of(2, 4, 8)}"
        if dtype[0] == "c":
            text = f"{text} + (np.arange({size}) % 5 - 2) * 0.5j"
        text = f"({text} > 0)" if dtype == "?" else f"({text}).astype({dtype!r})"
        return text if len(shape) == 1 else f"{text}.reshape({shape})"

    def scalar(self, kind: str = "f") -> str:
        if kind == "b":
            return self.one_of("True", "False", "np.True_")
        if kind in "iu":
            return str(self.below(6, 1 if kind == "u" else -4))
        if kind == "c" and self.chance(0.3):
            return self.one_of("1j", "(2-1j)", "0.5")
        return self.one_of("0.5", "-1.5", "2.0", "3", "-2", "0.25", "np.float32(1.5)", "np.float64(-2.5)", "np.inf")

    def fitted(self, shape: tuple[int, ...], kinds: str) -> str | None:
        """A view of some variable that has exactly this shape."""
        name = self.pick(kinds, min_ndim=len(shape))
        if name is None:
            return None
        value = self.space[name]
        extra = value.ndim - len(shape)
        if any(n == 0 for n in value.shape[:extra]):
            return None
        items = [str(self.below(n)) for n in value.shape[:extra]]
        for have, want in zip(value.shape[extra:], shape, strict=True):
            if have < want:
                return None
            start = self.below(have - want + 1)
            plain = self.one_of("::-1", ":") if have == want and self.chance(0.5) else ":"
            items.append(plain if have == want else f"{start}:{start + want}")
        return (
            name if all(item == ":" for item in items) and self.chance(0.7) else f"{name}[{', '.join(items) or '...'}]"
        )

    def operand(self, shape: tuple[int, ...], kinds: str = "biufc", exact: bool = False) -> str:
        """An expression that broadcasts with this shape; to exactly this shape where `exact`."""
        roll = self.random.rand()
        if roll < 0.45:
            fits = []
            for name, value in self.space.items():
                if name[0] != "v" or value.dtype.kind not in kinds or (exact and value.ndim > len(shape)):
                    continue
                if self._broadcasts(value.shape, shape, exact):
                    fits.append(name)
            if fits:
                return self.one_of(*fits)
        if roll < 0.75:
            view = self.fitted(shape, kinds)
            if view:
                return view
        if roll < 0.85:
            dtype = self.dtype()
            if numpy.dtype(dtype).kind in kinds:
                smaller = tuple(1 if self.chance(0.2) else n for n in shape)
                return self.data(smaller[self.below(len(shape) + 1) if self.chance(0.3) else 0 :], dtype)
        if roll < 0.87 and "i" in kinds and shape:
            return f"numpy.arange({shape[-1]})"  # a foreign array
        if self.chance(0.02):
            return self.pick(kinds) or "1"  # most likely a broadcasting error
        return self.scalar(self.one_of(*kinds))

    def _broadcasts(self, one: tuple[int, ...], other: tuple[int, ...], exact: bool) -> bool:
        try:
            shape = numpy.broadcast_shapes(one, other)
        except ValueError:
            return False
        return shape == other if exact else int(numpy.prod(shape)) <= self.cap

    def axis(self, ndim: int) -> str:
        """An axis argument, rarely wrong."""
        if self.chance(0.02):
            return str(ndim + 1)
        return str(self.below(ndim, -ndim)) if ndim else "None"

    def castable(self, expression: str, dtype: Any) -> bool:
        """Whether a cast to this dtype is defined for every value (C leaves the others open, and so does NumPy)."""
        target = numpy.dtype(dtype)
        try:
            value = numpy.asarray(self.value(expression))
        except Exception:
            return True
        if target.kind not in "iu" or value.dtype.kind not in "fc" or not value.size:
            return True
        real = value.real.astype("f8")
        bounds = numpy.iinfo(target)
        return bool(numpy.isfinite(real).all() and real.min() > bounds.min - 1.0 and real.max() < bounds.max)

    def sums_exactly(self, source: str) -> bool:
        """Whether the sum of these floats is exact, hence the same in any order."""
        value = numpy.asarray(self.value(source))
        if value.dtype.kind not in "fc":
            return True
        parts = numpy.concatenate([value.real.ravel(), value.imag.ravel()]).astype("f8")
        if not numpy.isfinite(parts).all():
            return False
        scaled = numpy.abs(parts) * 64
        limit = 2.0 ** (numpy.finfo(value.dtype).nmant - 1)
        return bool((scaled == numpy.floor(scaled)).all() and scaled.sum() < limit)

    # --- the program ---

    def add(self, line: str) -> bool:
        """Append a line if it runs, or, rarely, although it raises."""
        if _OTHERWISE.search(line):
            return False
        before = set(self.names())
        try:
            with warnings.catch_warnings(), numpy.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                exec(line, self.space)
        except Exception as error:
            value_dependent = isinstance(error, ValueError) and "negative integer powers" in str(error)
            if value_dependent or not self.chance(0.15):
                return False
        for name in set(self.names()) - before:
            value = self.space[name]
            if (
                not isinstance(value, numpy.ndarray | numpy.generic)
                or value.size > self.cap
                or value.dtype.kind in "mOV"
            ):
                del self.space[name]
                return False
        for name in self.names():  # a rebound variable may have become too large
            if numpy.size(self.space[name]) > self.cap:
                self.lines.extend([line, f"del {name}"])
                del self.space[name]
                return True
        self.lines.append(line)
        return True

    def _under_errstate(self, line: str) -> str:
        """The line as it is, or inside of another state of floating-point errors."""
        if self.extras.rand() > 0.15:
            return line
        kind, what = self.extras.choice(["divide", "over", "invalid", "all"]), self.extras.choice(["ignore", "warn"])
        return f"with np.errstate({kind}={str(what)!r}): {line}"

    def _use_alias(self) -> None:
        """Takes a NumPy array over the memory of a variable, writes to it, or lets it go: see `programs.ALIASES`."""
        roll = self.extras.rand()
        names = [n for n in self.names() if isinstance(self.space[n], numpy.ndarray) and self.space[n].ndim]
        if roll < 0.12 and names:
            self.add(f"alias = numpy.asarray({names[self.extras.randint(len(names))]})")
        elif "alias" in self.space:
            alias = self.space["alias"]
            if roll < 0.4 and alias.flags.writeable and alias.shape[0]:
                at = int(self.extras.randint(alias.shape[0]))
                self.add(f"alias[{at}:] = {int(self.extras.randint(4))}")
            elif roll < 0.5:
                self.add("del alias")

    def write(self, length: int) -> list[str]:
        """A program of about `length` lines."""
        weights = numpy.array([weight for weight, _ in STATEMENTS])
        makers = [maker for _, maker in STATEMENTS]
        for _ in range(self.below(4, 2)):
            self.add(f"{self.new()} = {self.data(self.shape(), self.dtype())}")
        for _ in range(length * 4):
            if len(self.lines) >= length:
                break
            line = makers[int(self.random.choice(len(makers), p=weights / weights.sum()))](self)
            if line is not None:
                self.add(self._under_errstate(line))
            if self.lends:
                self._use_alias()
            names = self.names()
            if len(names) > 9:
                self.add(f"del {self.one_of(*names)}")
        return self.lines
