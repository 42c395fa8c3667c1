"""Functions, methods and classes have NumPy's signatures."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from tests.subject import ramba

DOORS = (
    "char ctypeslib dtypes emath exceptions fft lib linalg ma polynomial random rec strings testing "
    "lib.array_utils lib.format lib.introspect lib.mixins lib.npyio lib.scimath lib.stride_tricks ma.extras "
    "polynomial.chebyshev polynomial.hermite polynomial.hermite_e polynomial.laguerre polynomial.legendre "
    "polynomial.polynomial polynomial.polyutils"
).split()


def signature(function: Any) -> str:
    """What a function says it takes; the exception's name if it does not say."""
    try:
        return str(inspect.signature(function))
    except (AttributeError, TypeError, ValueError) as problem:
        return type(problem).__name__


def public(theirs: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    """The functions and classes that a module or a class of NumPy's offers, with ours."""
    for name in getattr(theirs, "__all__", dir(theirs)):
        member = getattr(theirs, name, None)
        if not name.startswith("_") and callable(member):
            yield name, member, getattr(ours, name)


@pytest.mark.parametrize("door", ["", *DOORS])
def test_signatures_are_numpys(door: str) -> None:
    theirs, ours = numpy, ramba
    for part in door.split(".") if door else ():
        theirs, ours = getattr(theirs, part), getattr(ours, part)
    different = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some names of NumPy's warn that they will go
        for name, member, own in public(theirs, ours):
            pairs = [(name, member, own)] if name != "ufunc" else []  # nobody calls NumPy's class
            if inspect.isclass(member) and own is not member:
                pairs += [(f"{name}.{method}", a, b) for method, a, b in public(member, own)]
            different |= {name: (signature(a), signature(b)) for name, a, b in pairs if signature(a) != signature(b)}
    assert not different


def test_a_difference_would_be_found() -> None:
    assert signature(numpy.sum) != signature(numpy.mean)
    assert {name: own for name, _, own in public(numpy, ramba)}["sum"] is ramba.sum
