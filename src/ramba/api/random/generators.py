"""Random numbers: NumPy's own generators, which give and take Ramba arrays.

Large arrays of which nobody can know the numbers, because nobody gave a seed, are drawn by the workers if there are
any; see `streams`.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.random

from ramba import config
from ramba.api.indexing.taking import take
from ramba.api.random import streams
from ramba.engine import ENGINE
from ramba.errors import warn
from ramba.lazyarray import (
    NATIVE,
    PLACING,
    Array,
    call_library,
    described,
    described_class,
    finished,
    is_lazy,
    ndarray,
    own_memory,
    quick,
    unwrap,
    with_options,
)

_PLAIN = frozenset((int, float, type(None)))


def _drawn(np_method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function of NumPy's draws, with Ramba arrays in and out."""
    if not kwargs and _PLAIN.issuperset(map(type, args)):
        return finished(np_method(*args))
    if np_method.__name__ == "permutation" and args and is_lazy(args[0]) and args[0].ndim:
        return _permuted(np_method, *args, **kwargs)
    out = kwargs.get("out")
    if isinstance(out, Array):
        with ENGINE.lock:
            np_method(*unwrap(args), **(unwrap(kwargs) | {"out": own_memory(out)}))
        return out
    return call_library(np_method, *args, **kwargs)


def _shuffled(np_shuffle: Any, x: object, *args: object, **kwargs: object) -> None:
    """Shuffles an array, which may be one of Ramba's, with a function of NumPy's."""
    if not isinstance(x, Array):
        if isinstance(x, np.ndarray | Sequence):
            np_shuffle(x, *args, **kwargs)
            return
        with warnings.catch_warnings(record=True) as caught:  # they point at our line
            warnings.simplefilter("always")
            np_shuffle(x, *args, **kwargs)
        for told in caught:
            warn(str(told.message), told.category)
        return
    if is_lazy(x) and x.ndim:
        x[...] = _permuted(np_shuffle.__self__.permutation, x, *args, **kwargs)  # type: ignore[arg-type]
        return
    with ENGINE.lock:
        np_shuffle(own_memory(x), *args, **kwargs)


def _permuted(permutation: Callable[..., Any], x: ndarray, axis: int = 0) -> Any:
    """An array's rows in another order: NumPy moves rows by the numbers by which it moves their places."""
    axis = np.lib.array_utils.normalize_axis_index(axis, x.ndim)
    return take(x, permutation(x.shape[axis]), axis)


def drawn(np_function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that draws random numbers, with Ramba arrays in and out; it takes ``distribution=``."""

    @functools.wraps(np_function)
    def function(*args: object, **kwargs: object) -> Any:
        if not PLACING.keys().isdisjoint(kwargs):
            return with_options(function, PLACING, args, kwargs)
        return _drawn(np_function, args, kwargs)

    return function


def shuffled(np_shuffle: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that shuffles its argument, which may be a Ramba array."""

    @functools.wraps(np_shuffle)
    def shuffle(x: object, *args: object, **kwargs: object) -> None:
        _shuffled(np_shuffle, x, *args, **kwargs)

    return shuffle


def legacy(name: str) -> Callable[..., Any]:
    """One of the functions of ``numpy.random`` that draw from NumPy's global generator."""
    np_function = getattr(numpy.random, name)

    def words() -> Any:
        return numpy.random.randint(0, 2**64 - 1, 2, np.uint64)

    @functools.wraps(np_function)
    def function(*args: object, **kwargs: object) -> Any:
        if not PLACING.keys().isdisjoint(kwargs):
            return with_options(function, PLACING, args, kwargs)
        made = streams.draw(words, name, _is_fresh(), args, kwargs)
        return _drawn(np_function, args, kwargs) if made is NotImplemented else made

    return quick(np_function, function, 2, "drawn")


_get_bit_generator: Any = numpy.random.mtrand.get_bit_generator
_GLOBAL = _get_bit_generator()
_restored: list[Any] = []  # states that the program set


def _is_fresh() -> bool:
    """Whether NumPy's global generator is as it was made: with a seed that nobody knows."""
    return not _restored and _get_bit_generator() is _GLOBAL and _GLOBAL.seed_seq is not None


def set_state(state: Any) -> None:
    """Sets the state of NumPy's global generator."""
    numpy.random.set_state(state)
    _restored.append(None)


class _Drawing:
    """The methods of one of NumPy's generators, with Ramba arrays in and out.

    They run on a second generator over the same bit generator: NumPy's own methods call each other, and must then
    get NumPy arrays.
    """

    _numpy_class: type
    _inner: Any
    _fresh: bool  # whether nobody gave a seed or a state

    def _words(self) -> Any:
        """Two words out of the generator."""
        name = "integers" if hasattr(self._inner, "integers") else "randint"
        return getattr(self._inner, name)(0, 2**64 - 1, 2, np.uint64)

    def __init_subclass__(cls) -> None:
        for name in dir(cls._numpy_class):
            attribute = getattr(cls._numpy_class, name)
            if not name.startswith("_") and callable(attribute):
                method = _drawing_method(name, attribute)
                setattr(cls, name, _Quick(name, method) if name in streams.NAMES and NATIVE is not None else method)


class _Quick:
    """A method that draws, which each generator gets behind the short way in C when it is first asked for."""

    def __init__(self, name: str, method: Callable[..., Any]) -> None:
        self.name = name
        self.method = method

    def __get__(self, generator: _Drawing | None, owner: type) -> Callable[..., Any]:
        if generator is None:
            return self.method
        general: Callable[..., Any] = self.method.__get__(generator)
        made: Callable[..., Any] = quick(
            getattr(generator._inner, self.name), general, 2 if generator._fresh else 1, "drawn"
        )
        generator.__dict__[self.name] = made
        return made


def _drawing_method(name: str, np_method: Callable[..., Any]) -> Callable[..., Any]:
    drawn_by_us = name in streams.NAMES

    @functools.wraps(np_method)
    def method(self: Any, *args: object, **kwargs: object) -> Any:
        if not PLACING.keys().isdisjoint(kwargs):
            return with_options(functools.partial(method, self), PLACING, args, kwargs)
        draw = getattr(self._inner, name)
        if name == "spawn":
            return [_with_state(type(self)(child.bit_generator), self._fresh) for child in draw(*args, **kwargs)]
        if drawn_by_us and (self._fresh or config.current().random == "parallel"):
            made = streams.draw(self._words, name, self._fresh, args, kwargs)
            if made is not NotImplemented:
                return made
        if name in ("seed", "set_state"):
            self._fresh = False
        return _shuffled(draw, *args, **kwargs) if name == "shuffle" else _drawn(draw, args, kwargs)

    return method


def _with_state(generator: _Drawing, fresh: bool) -> Any:
    generator._fresh = fresh
    return generator


class Generator(_Drawing, numpy.random.Generator):
    """NumPy's Generator, whose methods give and take Ramba arrays: the same numbers for the same seed."""

    _numpy_class = numpy.random.Generator

    def __init__(self, bit_generator: numpy.random.BitGenerator) -> None:
        super().__init__(bit_generator)
        self._inner = numpy.random.Generator(bit_generator)
        self._fresh = False

    @property
    def bit_generator(self) -> Any:
        """What the numbers are made of. From now on they are NumPy's: its state may be known, or be set."""
        self._fresh = False
        return self._inner.bit_generator

    def __reduce__(self) -> Any:
        return Generator, (self.bit_generator,)


described_class(Generator, numpy.random.Generator)


class RandomState(_Drawing, numpy.random.RandomState):
    """NumPy's RandomState, whose methods give and take Ramba arrays: the same numbers for the same seed."""

    _numpy_class = numpy.random.RandomState

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)
        self._inner = numpy.random.RandomState(self._bit_generator)
        self._fresh = seed is None

    def __getstate__(self) -> Any:
        return self._inner.get_state(legacy=False)

    def __setstate__(self, state: object) -> None:
        self._inner.set_state(state)
        self._fresh = False

    def __reduce__(self) -> Any:
        return RandomState, (), self.__getstate__()


described_class(RandomState, numpy.random.RandomState)


def default_rng(seed: object = None) -> Generator:
    """A generator of random numbers, NumPy's, that gives Ramba arrays."""
    if isinstance(seed, Generator):
        return seed
    return _with_state(Generator(numpy.random.default_rng(unwrap(seed)).bit_generator), seed is None)


for _function in (default_rng, set_state):
    described(_function, getattr(numpy.random, _function.__name__), "ramba.random")
