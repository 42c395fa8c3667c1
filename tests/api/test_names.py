"""Every name of NumPy's is here, those that begin with an underscore too."""

from __future__ import annotations

import inspect
import types
from typing import Any

import numpy
import pytest

from tests.subject import ramba

MODULES = """fft linalg random ma polynomial char rec strings testing lib typing
exceptions dtypes ctypeslib emath""".split()


@pytest.mark.parametrize("name", ["", *MODULES])
def test_every_name(name: str) -> None:
    theirs, ours = (getattr(module, name) if name else module for module in (numpy, ramba))
    missing = {each for each in dir(theirs) if not hasattr(ours, each)}
    assert missing <= {"__path__"}
    assert set(dir(theirs)) - set(dir(ours)) <= {"__path__"}


def test_what_modules_say_of_themselves() -> None:
    assert ramba.__array_api_version__ == numpy.__array_api_version__
    assert ramba.__config__ is numpy.__config__
    assert ramba.__name__ == "ramba"
    with pytest.raises(AttributeError, match="module 'ramba' has no attribute '__nonsense__'"):
        ramba.__nonsense__
    with pytest.raises(AttributeError):
        ramba.fft.__path__


def test_a_namespace_of_a_version() -> None:
    a: Any = ramba.ones(3)
    assert a.__array_namespace__() is ramba
    assert a.__array_namespace__(api_version="2024.12") is ramba
    with pytest.raises(ValueError, match="nonsense"):
        a.__array_namespace__(api_version="nonsense")


def test_arrays_have_every_method() -> None:
    missing = {name for name in dir(numpy.ndarray) if not hasattr(ramba.ndarray, name)}
    missing -= {"__array_interface__", "__array_struct__", "__array_finalize__", "__array_wrap__"}  # of NumPy's memory
    assert missing == {"__setstate__"}
    assert isinstance(ramba.ndarray[tuple[int], numpy.dtype[Any]], types.GenericAlias)
    with pytest.raises(ValueError, match="cannot delete array elements"):
        del ramba.ones(3)[0]


def test_ufuncs_have_every_attribute() -> None:
    assert not {name for name in dir(numpy.add) if not hasattr(ramba.add, name)}
    assert inspect.signature(ramba.add) == inspect.signature(numpy.add)


@pytest.mark.parametrize("number", [3.0, numpy.float64(3), ramba.float32(1), 5])
def test_numbers_are_explained(number: Any) -> None:
    assert ramba.explain(number) == "Nothing is pending: the values are in memory."
    assert ramba.explain(ramba.ones(3).sum(), number) == ramba.explain(ramba.ones(3).sum())


def test_a_star_brings_numpys_names_only() -> None:
    """`from numpy import *` in a program that runs on Ramba hides nothing that it hides not with NumPy."""
    assert set(ramba.__all__) == set(numpy.__all__)
    assert set(ramba._beyond) <= set(dir(ramba))
