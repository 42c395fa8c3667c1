"""Long lists of numbers are NumPy's to read, whatever comes further on in them."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from ramba.lazyarray.sequences import is_of_numbers
from tests.agreement import assert_agree
from tests.subject import ramba

CALLS = [
    "array(x)",
    "asarray(x)",
    "mean(x)",
    "sqrt(x)",
    "add(x, 1)",
    "sort(x)",
    "concatenate([x, x])",
    "max(x)",
    "unique(x)",
]


def numbers(np: Any) -> list[Any]:
    return [float(n) for n in range(50)]


def rows(np: Any) -> list[Any]:
    return [[n, n + 1] for n in range(50)]


def with_scalars(np: Any) -> list[Any]:
    return [1.0, 2, *[np.arange(300.0)[n : n + 3].sum() for n in range(50)]]


def with_rows(np: Any) -> list[Any]:
    return [[1.0, 2.0], *[np.arange(300.0)[n : n + 2] * 2 for n in range(50)]]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("made", [numbers, rows, with_scalars, with_rows], ids=lambda made: made.__name__)
def test_lists(call: str, made: Any) -> None:
    with ramba.config.set(eager_size=0, on_fallback="ignore"):
        ours, theirs = ({"np": np, "x": made(np)} for np in (ramba, numpy))
        assert_agree(lambda: eval(f"np.{call}", ours), lambda: eval(f"np.{call}", theirs))


def test_what_is_not_looked_through() -> None:
    assert is_of_numbers([1.0] * 40)
    assert is_of_numbers([[["text"]]] * 40)
    assert not is_of_numbers([1.0] * 3)
    assert not is_of_numbers([ramba.ones(3)] * 40)
    assert not is_of_numbers(tuple([1.0] * 40))  # an index may be one
    itself: list[Any] = []
    itself.extend([itself] * 40)
    assert not is_of_numbers(itself)
    assert not is_of_numbers([[]] * 40)
