"""Symbols that mean what Python's numbers mean: for functions that NumPy calls with these, as `numpy.vectorize` does.

Floats of Python's differ from NumPy's where they raise an exception instead of a floating-point flag: who computes with
these symbols looks at the flags afterwards. Integers have no largest one: a bound is kept for each symbol, and where
results could be rounded or wrap around, the function has to be called for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ramba.functions.arguments import Each
from ramba.functions.tracing import Element, Trace, Untraceable
from ramba.lazyarray import ndarray

EXACT = 1 << 53  # floats of 64 bits hold all integers up to this

_BOUNDS: dict[str, Callable[..., int]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "floor_divide": lambda a, b: a + 1,
    "remainder": lambda a, b: b,
    "negative": lambda a: a,
    "absolute": lambda a: a,
    "positive": lambda a: a,
    "bitwise_and": lambda a, b: 2 * max(a, b),
    "bitwise_or": lambda a, b: 2 * max(a, b),
    "bitwise_xor": lambda a, b: 2 * max(a, b),
}
"""How large the results of operations on integers are, if their operands are at most so large."""
_COMPARISONS = frozenset("less less_equal greater greater_equal equal not_equal".split())
_OF_TRUTHS = frozenset("bitwise_and bitwise_or bitwise_xor equal not_equal".split())
_ARITHMETIC = frozenset("add subtract multiply divide".split())


class Number(Element):
    """Stands for one of Python's numbers, and for many."""

    __slots__ = ("bound",)

    def __init__(self, array: ndarray, trace: Trace, bound: int = 0) -> None:
        super().__init__(array, trace)
        self.bound = bound  # of its absolute value, if it is an integer

    def _refuse_arrays(self, *args: object) -> Any:
        raise Untraceable("it uses what only arrays have")

    __invert__ = _refuse_arrays
    astype = _refuse_arrays  # type: ignore[assignment]
    dtype = ndim = shape = size = property(_refuse_arrays)


class NumberTrace(Trace):
    """One call on symbols that mean numbers of Python's."""

    symbol = Number

    def apply(self, function: Callable[..., Any], name: str, inputs: Sequence[Any]) -> Any:
        kinds = [_kind(x) for x in inputs]
        _check(name, kinds, inputs)
        made = super().apply(function, name, inputs)
        for each in made if isinstance(made, tuple) else (made,):
            kind = each.array.dtype.kind
            if kind not in "bif" or (kind == "i" and "f" not in kinds and name not in _BOUNDS):
                raise Untraceable(f"{name or 'an operation'} of Python's numbers may give something else")
            if kind == "i":
                known = name in _BOUNDS and "f" not in kinds
                each.bound = _BOUNDS[name](*map(_bound, inputs)) if known else 1 << 63
                if known and each.bound > EXACT:
                    raise Untraceable("its integers may become too large")
        return made


def _check(name: str, kinds: list[str], inputs: Sequence[Any]) -> None:
    """Refuses operations that mean something else for Python's numbers."""
    if name == "power" and "f" not in kinds:
        raise Untraceable("powers of integers may become too large")
    if any(kind not in "bif" for kind in kinds):
        raise Untraceable("it computes with numbers of other kinds")
    if "b" in kinds and name and name not in (_OF_TRUTHS if set(kinds) == {"b"} else _ARITHMETIC | _COMPARISONS):
        raise Untraceable("it computes with truths, which are integers for Python")
    if any(_bound(x) > EXACT for x, kind in zip(inputs, kinds, strict=True) if kind == "i"):
        raise Untraceable("its integers may become too large")


def _kind(x: object) -> str:
    if isinstance(x, Number):
        return x.array.dtype.kind
    found = {bool: "b", int: "i", float: "f"}.get(type(x))
    return found or str(getattr(getattr(x, "dtype", None), "kind", "O"))


def _bound(x: Any) -> int:
    if isinstance(x, Number):
        return x.bound if x.array.dtype.kind == "i" else 1
    return abs(int(x)) if _kind(x) in "bi" else 1


class EachNumber(Each):
    """An argument that is one of Python's numbers."""

    def __init__(self, array: ndarray, bound: int) -> None:
        super().__init__(array)
        self.bound = bound

    def symbol(self, call: Trace) -> Any:
        """A number."""
        return Number(self.array, call, self.bound)

    def sample(self) -> EachNumber:
        """The same with a one."""
        return EachNumber(super().sample().array, self.bound)


__all__ = ["EXACT", "EachNumber", "NumberTrace"]
