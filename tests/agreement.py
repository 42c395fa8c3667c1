"""Whether two results are the same: dtype, shape, and every value, with a message that shows the first difference."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy


def assert_same(actual: Any, expected: Any, *, ulps: float = 0, slack: Any = 0.0, sign_of_zero: bool = True) -> None:
    """Fail unless both have the same structure, dtypes, shapes and values.

    `ulps` is the allowed distance in units of the last place (of the modulus for complex numbers) and `slack` an
    absolute distance. NaN equals NaN.
    """
    reason = difference(actual, expected, ulps=ulps, slack=slack, sign_of_zero=sign_of_zero)
    assert reason is None, reason


def difference(
    actual: Any, expected: Any, *, ulps: float = 0, slack: Any = 0.0, sign_of_zero: bool = True
) -> str | None:
    """The first difference as a sentence, or None."""
    if isinstance(expected, tuple | list):
        return _sequence_difference(actual, expected, ulps=ulps, slack=slack, sign_of_zero=sign_of_zero)
    if expected is None or isinstance(expected, str | bytes | numpy.dtype | type):
        return None if actual == expected else f"{actual!r} instead of {expected!r}"
    if type(expected) in (bool, int, float, complex) and type(actual) is not type(expected):
        return f"a {type(actual).__name__} instead of a {type(expected).__name__}"
    left, right = numpy.asarray(actual), numpy.asarray(expected)
    if left.dtype != right.dtype:
        return f"dtype {left.dtype} instead of {right.dtype}"
    if left.shape != right.shape:
        return f"shape {left.shape} instead of {right.shape}"
    wrong = numpy.asarray(~_agree(left, right, ulps, slack, sign_of_zero))
    if not wrong.any():
        return None
    place = tuple(int(i) for i in numpy.argwhere(wrong)[0])
    return (
        f"{int(wrong.sum())} of {wrong.size} elements of an array of {right.dtype}{list(right.shape)} differ, "
        f"first at {list(place)}: {left[place]!r} instead of {right[place]!r}"
    )


def _sequence_difference(actual: Any, expected: Any, **options: Any) -> str | None:
    if not isinstance(actual, tuple | list) or len(actual) != len(expected):
        return f"{type(actual).__name__} {actual!r} instead of a sequence of {len(expected)}"
    for number, (left, right) in enumerate(zip(actual, expected, strict=True)):
        reason = difference(left, right, **options)
        if reason:
            return f"item {number}: {reason}"
    return None


def _agree(left: Any, right: Any, ulps: float, slack: Any, sign_of_zero: bool) -> Any:
    """Element by element, whether two arrays of the same shape and dtype agree."""
    kind = right.dtype.kind
    if kind in "mM":
        return (left == right) | (numpy.isnat(left) & numpy.isnat(right))
    if kind not in "fc":
        return left == right
    with numpy.errstate(all="ignore"):
        same = (left == right) | (numpy.isnan(left) & numpy.isnan(right))
        if kind == "c":
            parts = _agree(left.real, right.real, 0, 0.0, sign_of_zero)
            same = parts & _agree(left.imag, right.imag, 0, 0.0, sign_of_zero)
        elif sign_of_zero:
            same &= (left != 0) | (numpy.signbit(left) == numpy.signbit(right))
        if ulps or numpy.any(slack):
            allowed = ulps * numpy.finfo(right.dtype).eps * abs(right) + slack
            same |= abs(left - right) <= allowed
            if kind == "c":  # an infinite or undefined modulus says nothing about the parts
                same |= ~numpy.isfinite(left) & ~numpy.isfinite(right)
        return same


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the exception that it raises; lazy results are computed."""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = call()
            _observe(value)
        except Exception as error:
            return error
    return value


def _observe(value: Any) -> None:
    if isinstance(value, tuple | list):
        for item in value:
            _observe(item)
    elif hasattr(value, "__array__"):
        numpy.asarray(value)


def same_kind_of_error(actual: Any, expected: Any) -> bool:
    """Whether two exceptions (or None) are of the same public class of Python or NumPy."""
    return _public_class(type(actual)) is _public_class(type(expected))


def _public_class(kind: type) -> type:
    """`numpy._core._exceptions._ArrayMemoryError` and `ramba.MemoryError` are a MemoryError to a program."""
    places = ("builtins", "numpy.exceptions", "numpy.linalg")
    return next(base for base in kind.__mro__ if base.__module__ in places)


def assert_agree(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    same_text: bool = False,
    slack: Callable[[Any], Any] | None = None,
    **options: Any,
) -> None:
    """Fail unless both calls give the same result, or raise the same exception.

    `slack` says, from the expected result, by how much values may differ; the options are those of `assert_same`.
    """
    expected, actual = outcome(theirs), outcome(ours)
    if isinstance(expected, Exception) or isinstance(actual, Exception):
        if not same_kind_of_error(actual, expected):
            cause = actual if isinstance(actual, Exception) else None
            raise AssertionError(f"{actual!r}\n    instead of {expected!r}") from cause
        assert not same_text or str(actual) == str(expected)
        return
    with numpy.errstate(all="ignore"):
        assert_same(actual, expected, slack=slack(expected) if slack else 0.0, **options)
