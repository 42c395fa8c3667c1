"""A function of elements, called once on symbols that stand for all elements of the arrays.

What it does with them is recorded as operations on the arrays. Where it asks whether something is true, it is called
again for the other answer, and the results are put together; operations that may raise floating-point flags get
harmless operands where the function would not have come there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ramba.lazyarray import Array, asarray, full, ndarray, where
from ramba.ops import OPS

if TYPE_CHECKING:
    from ramba.lazyarray.annotations import DType

MOST_PATHS = 32
MOST_ANSWERS = 24  # on one path
MOST_OPERATIONS = 600  # of all paths

SAMPLE = (1,)
"""The shape of what a function is called with to see what it does."""

_ON_ARRAYS = frozenset((np.where, np.clip, np.real, np.imag, np.round, np.around, np.isclose, np.nan_to_num, np.angle))
_LINEAR = frozenset("add subtract multiply negative absolute less less_equal greater greater_equal".split())
_SAFE = {"arctanh": 0}  # where 1 would raise a flag
_NUMBERS = (bool, int, float, complex, np.generic)


class Untraceable(Exception):
    """Why a function has to be called for each element: a phrase."""


class Raises(Untraceable):
    """An exception of the function's own."""


class Element(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for one element of an array, and for each of them."""

    __slots__ = ("array", "harmless", "trace")
    __array_priority__ = 1000.0
    ndim = 0
    shape = ()
    size = 1

    def __init__(self, array: ndarray, trace: Trace) -> None:
        self.array, self.trace = array, trace
        self.harmless: Any = None  # where it was computed of harmless numbers only, as `Trace.here`

    @property
    def dtype(self) -> np.dtype:
        """Of the elements."""
        return self.array.dtype

    @property
    def real(self) -> Element:
        """As of a scalar."""
        return type(self)(self.array.real, self.trace)

    @property
    def imag(self) -> Element:
        """As of a scalar."""
        return type(self)(self.array.imag, self.trace)

    def conjugate(self) -> Any:
        """As of a scalar."""
        return np.conjugate(self)

    conj = conjugate

    def astype(self, dtype: DType) -> Element:
        """As of a scalar."""
        return type(self)(self.array.astype(dtype), self.trace)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **options: object) -> Any:
        if method != "__call__" or set(options) - {"dtype", "casting"} or getattr(ufunc, "signature", None):
            raise Untraceable(f"it calls {ufunc.__name__}.{method} in a way that is not for single elements")
        return self.trace.apply(lambda *arrays: ufunc(*arrays, **options), ufunc.__name__, inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: object, args: tuple[object, ...], kwargs: object
    ) -> Any:
        if function not in _ON_ARRAYS or kwargs:
            raise Untraceable(f"it calls numpy.{getattr(function, '__name__', function)}")
        return self.trace.apply(function, "", args)

    def __pow__(self, other: object) -> Any:
        return self.trace.apply(operator.pow, "power", (self, other))

    def __rpow__(self, other: object) -> Any:
        return self.trace.apply(operator.pow, "power", (other, self))

    def __bool__(self) -> bool:
        return self.trace.answer(self)

    def _refuse(self, *args: object, **options: object) -> Any:
        raise Untraceable("it makes a number, an index or text of an element")

    __int__ = __float__ = __complex__ = __index__ = __round__ = __trunc__ = __floor__ = __ceil__ = _refuse
    __array__ = __str__ = __format__ = __len__ = __iter__ = __getitem__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class Block(Element):
    """Stands for an array of any shape: what depends on its shape, or asks for its truth, is not known of it."""

    __slots__ = ()

    def _refuse_shape(self, *args: object) -> Any:
        raise Untraceable("it depends on the shape")

    __bool__ = _refuse_shape
    ndim = shape = size = property(_refuse_shape)


class _Path(NamedTuple):
    """What a function gives if it gets certain answers."""

    conditions: list[Any]
    answers: list[bool]
    value: Any


class Trace:
    """One call of a function on symbols, with answers that are given beforehand."""

    symbol: type[Element] = Element  # what stands for results

    def __init__(self, shape: tuple[int, ...], given: list[bool], budget: list[int]) -> None:
        self.shape, self.given, self.budget = shape, given, budget
        self.conditions: list[Any] = []
        self.answers: list[bool] = []
        self.here: Any = None  # where the function comes to this point
        # operations, operands, results; if nobody asks, what is not held any more gets no memory
        self.told: list[tuple[str, tuple[Any, ...], Any]] | None = None

    def answer(self, element: Element) -> bool:
        """What the function is told: first that it is true."""
        place = len(self.answers)
        if place >= MOST_ANSWERS:
            raise Untraceable(f"it asks more than {MOST_ANSWERS} questions about elements, one after the other")
        found = self.given[place] if place < len(self.given) else True
        condition = element.array if element.array.dtype == bool else element.array != 0
        self.conditions.append(condition)
        self.answers.append(found)
        holds = condition if found else ~condition
        self.here = holds if self.here is None else self.here & holds
        return found

    def apply(self, function: Callable[..., Any], name: str, inputs: Sequence[Any]) -> Any:
        """An operation on symbols."""
        self.budget[0] -= 1
        if self.budget[0] < 0:
            raise Untraceable(f"it has more than {MOST_OPERATIONS} operations")
        made = function(*[self._operand(name, x) for x in inputs])
        several = made if isinstance(made, tuple) else (made,)
        found = []
        for each in several:
            if np.shape(each) not in (self.shape, ()):
                raise Untraceable("it combines elements with whole arrays")
            found.append(self.symbol(asarray(each), self))
            found[-1].harmless = self.here
        if self.told is not None:
            self.told.append((name, tuple(inputs), found[0]))
        return tuple(found) if isinstance(made, tuple) else found[0]

    def _operand(self, name: str, x: object) -> Any:
        if isinstance(x, Element):
            if x.trace is not self:
                raise Untraceable("it keeps elements from one call to the next")
            return x.array if self.here is None else self._masked(name, x)
        if isinstance(x, _NUMBERS) or (isinstance(x, Array | np.ndarray) and x.ndim == 0):
            return x
        raise Untraceable(f"it combines elements with {type(x).__name__!r}")

    def _masked(self, name: str, element: Element) -> Any:
        """Harmless numbers where the function does not come here, if they could raise a flag."""
        array, dtype = element.array, element.array.dtype
        if element.harmless is self.here and name in _LINEAR:
            return array
        if name not in OPS or dtype.kind not in "fciu" or not OPS[name].flags(dtype.str[1:]) & {"divide", "invalid"}:
            return array
        return where(self.here, array, dtype.type(_SAFE.get(name, 1)))


class BlockTrace(Trace):
    """One call on symbols that stand for blocks."""

    symbol = Block


def trace(
    function: Callable[..., Any], arguments: Sequence[Any], shape: tuple[int, ...], calls: type[Trace] = Trace
) -> Any:
    """What a function gives for each element of arrays, as an array.

    Parameters
    ----------
    arguments
        Of the function; those that are other ones for each element (`arguments.ForEach`) are asked for a symbol.
    calls
        The rules of a call.

    Raises
    ------
    Untraceable
        If it has to be called for each element.
    """
    if shape != SAMPLE:  # so many operations that nobody wants are better found out before they are recorded
        with np.errstate(all="ignore"):
            trace(function, [x.sample() if hasattr(x, "sample") else x for x in arguments], SAMPLE, calls)
    paths: list[_Path] = []
    budget: list[int] = [MOST_OPERATIONS]
    given: list[bool] = []
    while True:
        path = _call(function, arguments, calls(shape, given, budget))
        paths.append(path)
        given = path.answers
        while given and not given[-1]:
            given = given[:-1]
        if not given:
            return _together(paths, shape)
        given = [*given[:-1], False]
        if len(paths) >= MOST_PATHS:
            raise Untraceable(f"it has more than {MOST_PATHS} ways through it")


def _call(function: Callable[..., Any], arguments: Sequence[Any], call: Trace) -> _Path:
    try:
        value = function(*[x.symbol(call) if hasattr(x, "symbol") else x for x in arguments])
    except (Untraceable, Warning, FloatingPointError, MemoryError):
        raise
    except Exception as problem:
        kind = Untraceable if isinstance(problem, TypeError | AttributeError) else Raises
        raise kind(f"it raises {type(problem).__name__}, perhaps for some elements only") from problem
    if isinstance(value, Element):
        value = value.array
    elif not isinstance(value, _NUMBERS) and not (isinstance(value, Array | np.ndarray) and value.ndim == 0):
        raise Untraceable(f"it gives {type(value).__name__!r}, which is no number")
    return _Path(call.conditions, call.answers, value)


def _together(paths: list[_Path], shape: tuple[int, ...]) -> Any:
    """One array of what all paths give."""
    kinds = [path.value if isinstance(path.value, _NUMBERS) else path.value.dtype for path in paths]
    dtype = np.result_type(*[type(k)(0) if type(k) in (bool, int, float, complex) else k for k in kinds])
    values = [_as(path.value, dtype) for path in paths]

    made = _chosen(paths, values, 0)
    if isinstance(made, Array) and made.shape == shape:
        return made
    return full(shape, made, dtype) if not isinstance(made, Array) or not made.shape else made


def _chosen(paths: list[_Path], values: list[Any], depth: int) -> Any:
    """The values of the paths that a condition leads to, and of the others."""
    if len(paths) == 1:
        return values[0]
    middle = next(n for n, path in enumerate(paths) if not path.answers[depth])
    yes = _chosen(paths[:middle], values[:middle], depth + 1)
    return where(paths[0].conditions[depth], yes, _chosen(paths[middle:], values[middle:], depth + 1))


def _as(value: object, dtype: np.dtype) -> Any:
    if isinstance(value, _NUMBERS):
        return dtype.type(value)
    made = asarray(value)
    return made if made.dtype == dtype else made.astype(dtype)


__all__ = ["SAMPLE", "Block", "BlockTrace", "Element", "Raises", "Trace", "Untraceable", "trace"]
