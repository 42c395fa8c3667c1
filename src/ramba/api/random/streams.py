"""Random numbers drawn where they are needed: by workers, or by threads, out of streams that anybody can continue.

A draw takes two words from NumPy's generator, which say which stream; element by element the stream is the same for
any number of workers. So a generator's state says everything, as in NumPy: it can be saved, restored and pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.engine import ENGINE
from ramba.kernels.draw import fill
from ramba.layout import Box
from ramba.lazyarray import Array, asarray, call, empty, is_compiled, ndarray, own_memory, unwrap
from ramba.runtime.memory import check
from ramba.runtime.team import current

_GENERIC = ("size", "dtype", "out")
_PARAMETERS = {
    "beta": "a b",
    "binomial": "n p",
    "chisquare": "df",
    "exponential": "scale=1.0",
    "f": "dfnum dfden",
    "gamma": "shape scale=1.0",
    "geometric": "p",
    "gumbel": "loc=0.0 scale=1.0",
    "integers": "low high=None",
    "laplace": "loc=0.0 scale=1.0",
    "logistic": "loc=0.0 scale=1.0",
    "lognormal": "mean=0.0 sigma=1.0",
    "negative_binomial": "n p",
    "normal": "loc=0.0 scale=1.0",
    "pareto": "a",
    "poisson": "lam=1.0",
    "power": "a",
    "random": "",
    "rayleigh": "scale=1.0",
    "standard_cauchy": "",
    "standard_exponential": "",
    "standard_gamma": "shape",
    "standard_normal": "",
    "standard_t": "df",
    "triangular": "left mode right",
    "uniform": "low=0.0 high=1.0",
    "vonmises": "mu kappa",
    "wald": "mean scale",
    "weibull": "a",
    "zipf": "a",
}
_OTHER_NAMES = {"random_sample": "random", "ranf": "random", "sample": "random", "randint": "integers"}
_BY_DIMENSIONS = {"rand": "random", "randn": "standard_normal"}
NAMES = frozenset({*_PARAMETERS, *_OTHER_NAMES, *_BY_DIMENSIONS})
"""What of NumPy's random numbers can be drawn so."""

_MOST = 2**63  # whole numbers below it travel to workers


def draw(
    words: Callable[[], Sequence[int]], name: str, fresh: bool, args: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """An array of random numbers; NotImplemented if NumPy is to draw them.

    Parameters
    ----------
    words : callable
        Gives two uint64 out of NumPy's generator.
    name : str
        What is called, one of `NAMES`.
    fresh : bool
        Whether nobody knows the generator's seed, and therefore its numbers.
    args, kwargs
        The arguments of the call.
    """
    settings = config.current()
    parallel = settings.random == "parallel"
    if not parallel and not (fresh and ENGINE.distributed):
        return NotImplemented
    given = _given(name, args, kwargs)
    if given is None or (not parallel and prod(given["size"]) <= settings.eager_size):
        return NotImplemented
    kind, shape, out = given.pop("kind"), given.pop("size"), given.pop("out", None)
    options = {"dtype": given.pop("dtype")} if "dtype" in given else {}
    params = tuple(given.values())
    rng: Any = np.random.default_rng(0)
    dtype = getattr(rng, kind)(*params, size=1, **options).dtype  # NumPy's checks, and its dtype
    if not is_compiled(dtype) or any(type(p) is int and abs(p) >= _MOST for p in params):
        return NotImplemented
    check(shape, dtype, ENGINE.room)
    made = _made(np.asarray([*words(), 0], np.uint64), kind, params, dtype, shape)
    if out is None:
        return made
    out[...] = made
    return out


def _made(words: np.ndarray, kind: str, params: tuple[Any, ...], dtype: np.dtype, shape: tuple[int, ...]) -> ndarray:
    if prod(shape) > config.current().eager_size:
        return call("random", [asarray(words)], shape, dtype.str[1:], kind, params)[0]
    made = empty(shape, dtype)
    key = int(words[0]), int(words[1])
    fill(own_memory(made), shape, Box((0,) * len(shape), shape), key, 0, kind, params, current())  # nobody else has it
    return made


def _given(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments by name, with the kind and the shape; None for what only NumPy can do, or refuses."""
    if name in _BY_DIMENSIONS:
        return None if kwargs else _sized({"kind": _BY_DIMENSIONS[name], "size": tuple(args) or None})
    kind = _OTHER_NAMES.get(name, name)
    rows = [text.partition("=") for text in _PARAMETERS[kind].split()]
    names = [row[0] for row in rows]
    extra = ("size", "dtype", "endpoint") if kind == "integers" else _GENERIC
    if len(args) > len(names) + len(extra) or set(kwargs) - {*names, *extra}:
        return None
    values = dict(zip((*names, *extra), args, strict=False))
    if set(values) & set(kwargs):
        return None
    values |= kwargs
    made: dict[str, Any] = {"kind": kind, "size": values.get("size")}
    for parameter, equals, default in rows:
        if parameter not in values and not equals:
            return None
        value = values.get(parameter, None if default == "None" or not equals else float(default))
        if isinstance(value, np.number):
            value = value.item()
        if type(value) not in (int, float) and not (value is None and kind == "integers"):
            return None
        made[parameter] = value
    if kind == "integers":
        if made["high"] is None:
            made["low"], made["high"] = 0, made["low"]
        if type(made["high"]) is int and values.get("endpoint", False):
            made["high"] += 1
    return _sized(made | {key: values[key] for key in ("dtype", "out") if values.get(key) is not None})


def _sized(made: dict[str, Any]) -> dict[str, Any] | None:
    """The arguments with a shape; None if it is not one, or a single number is wanted."""
    out, size = made.get("out"), made["size"]
    if out is not None and not isinstance(out, Array):
        return None
    size = out.shape if size is None and out is not None else unwrap(size)
    if size is None or (out is not None and out.shape != size):
        return None
    extents = size if isinstance(size, tuple | list) else (size,)
    if not all(isinstance(extent, int | np.integer) and extent >= 0 for extent in extents):
        return None
    return made | {"size": tuple(int(extent) for extent in extents)}


__all__ = ["NAMES", "draw"]
