"""Random numbers: NumPy's own generators, which give and take Ramba arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.random

from ramba.api.options import deliver
from ramba.lazyarray import asarray, call_library, ndarray, unwrap


def drawn(np_method: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that draws random numbers, with Ramba arrays in and out."""

    @functools.wraps(np_method)
    def function(*args: Any, **kwargs: Any) -> Any:
        out = kwargs.get("out")
        if isinstance(out, ndarray):
            kwargs["out"] = np.empty(out.shape, out.dtype)
            return deliver(asarray(np_method(*unwrap(args), **unwrap(kwargs))), out)
        return call_library(np_method, *args, **kwargs)

    return function


def shuffled(np_shuffle: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that shuffles its argument, which may be a Ramba array."""

    @functools.wraps(np_shuffle)
    def shuffle(x: Any, *args: Any, **kwargs: Any) -> None:
        if not isinstance(x, ndarray):
            np_shuffle(x, *args, **kwargs)
            return
        values = np.array(unwrap(x))
        np_shuffle(values, *args, **kwargs)
        x[...] = values

    return shuffle


class _Drawing:
    """The methods of one of NumPy's generators, with Ramba arrays in and out.

    They run on a second generator over the same bit generator: NumPy's own methods call each other, and must then
    get NumPy arrays.
    """

    _numpy_class: type
    _inner: Any

    def __init_subclass__(cls) -> None:
        for name in dir(cls._numpy_class):
            attribute = getattr(cls._numpy_class, name)
            if not name.startswith("_") and callable(attribute):
                setattr(cls, name, _drawing_method(name, attribute))


def _drawing_method(name: str, np_method: Any) -> Callable[..., Any]:
    @functools.wraps(np_method)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        draw = getattr(self._inner, name)
        if name == "spawn":
            return [type(self)(child.bit_generator) for child in draw(*args, **kwargs)]
        return (shuffled if name == "shuffle" else drawn)(draw)(*args, **kwargs)

    return method


class Generator(_Drawing, numpy.random.Generator):
    """NumPy's Generator, whose methods give and take Ramba arrays: the same numbers for the same seed."""

    _numpy_class = numpy.random.Generator

    def __init__(self, bit_generator: Any) -> None:
        super().__init__(bit_generator)
        self._inner = numpy.random.Generator(bit_generator)

    def __reduce__(self) -> Any:
        return Generator, (self.bit_generator,)


class RandomState(_Drawing, numpy.random.RandomState):
    """NumPy's RandomState, whose methods give and take Ramba arrays: the same numbers for the same seed."""

    _numpy_class = numpy.random.RandomState

    def __init__(self, seed: Any = None) -> None:
        super().__init__(seed)
        self._inner = numpy.random.RandomState(self._bit_generator)

    def __getstate__(self) -> Any:
        return self._inner.get_state(legacy=False)

    def __setstate__(self, state: Any) -> None:
        self._inner.set_state(state)

    def __reduce__(self) -> Any:
        return RandomState, (), self.__getstate__()


def default_rng(seed: Any = None) -> Generator:
    """A generator of random numbers, NumPy's, that gives Ramba arrays.

    Examples
    --------
    >>> import ramba as np
    >>> rng = np.random.default_rng(42)
    >>> rng.integers(10, size=5)
    array([0, 7, 6, 4, 4])
    """
    if isinstance(seed, Generator):
        return seed
    return Generator(numpy.random.default_rng(unwrap(seed)).bit_generator)
