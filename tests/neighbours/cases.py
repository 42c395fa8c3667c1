"""Lines of programs that use another library, run once with NumPy and once with Ramba, with equal results."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy
import pytest

from tests.agreement import outcome
from tests.subject import ramba


@dataclass(frozen=True)
class Neighbour:
    """A library, and what programs do with it."""

    names: dict[str, Any]
    variables: Callable[[Any, int], dict[str, Any]]  # of a module (NumPy or Ramba) and a size
    cases: str  # one a line: statements, and after the last semicolon the value that is compared
    refused: dict[str, str] = field(default_factory=dict)  # what cannot work, and what to write
    small: int = 60
    large: int = 40_000

    def all(self) -> list[str]:
        return [line.strip() for line in self.cases.strip().splitlines()]

    def each(self, test: Any) -> Any:
        """All cases, with small arrays and with large ones: `make neighbours`."""
        for name, values in (("n", (self.small, self.large)), ("case", self.all())):
            test = pytest.mark.parametrize(name, values)(test)
        return pytest.mark.neighbours(pytest.mark.own_modes(test))

    def each_large(self, test: Any) -> Any:
        """All cases with large arrays on processes: `make neighbours`."""
        test = pytest.mark.parametrize("case", self.all())(test)
        return pytest.mark.neighbours(pytest.mark.own_modes(pytest.mark.usefixtures("processes")(test)))

    def few(self, test: Any) -> Any:
        """Some cases: `make test`, if the library is there."""
        return pytest.mark.own_modes(pytest.mark.parametrize("case", self.all()[::9])(test))

    def refusals(self, test: Any) -> Any:
        """What the library refuses, beside what to write."""
        test = pytest.mark.parametrize(("case", "instead"), self.refused.items())(test)
        return pytest.mark.neighbours(pytest.mark.own_modes(test))

    def run(self, case: str, np: Any, n: int) -> Any:
        names = {**self.names, "np": np, "numpy": numpy, **self.variables(np, n)}
        *statements, value = case.split("; ")
        exec("; ".join(statements), names)
        return eval(value, names)

    def check(self, case: str, n: int) -> None:
        """Fails unless NumPy's arrays and ours give the same."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of the libraries; ours about gathering are tested on their own
            expected, found = self.run(case, numpy, n), self.run(case, ramba, n)
            assert same(found, expected), f"{found!r} instead of {expected!r}"

    def check_refusal(self, case: str, instead: str) -> None:
        """Fails if a library takes what is listed as refused, or does not take what is to be written instead."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = self.run(case, numpy, self.large)
            found = outcome(lambda: self.run(case, ramba, self.large))
            assert isinstance(found, tuple | type | Exception) or not same(found, expected), "it is taken by now"
            assert same(self.run(instead, ramba, self.large), expected)


def same(found: Any, expected: Any) -> bool:
    """Whether two results are equal, but for the last bits of sums."""
    if isinstance(expected, tuple | list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    if hasattr(expected, "toarray"):
        return type(found) is type(expected) and same(found.toarray(), expected.toarray())
    if hasattr(expected, "as_py"):
        return type(found) is type(expected) and same(found.as_py(), expected.as_py())
    for name in ("to_pandas", "to_dataframe"):  # xarray's, or Arrow's and polars'
        if hasattr(expected, name) and type(expected).__module__.split(".")[0] in ("pyarrow", "polars"):
            return type(found) is type(expected) and bool(found.equals(expected))
    if type(expected).__module__.split(".")[0] == "xarray":
        return same_labelled(found, expected)
    if type(expected).__module__.split(".")[0] == "pandas":
        return same_frame(found, expected)
    return same_array(found, expected)


def same_array(found: Any, expected: Any) -> bool:
    left, right = numpy.asarray(found), numpy.asarray(expected)
    if right.dtype == object or right.dtype.kind in "USmMV":
        return left.shape == right.shape and bool(numpy.all(left == right))
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    if right.dtype.kind in "fc":
        return numpy.allclose(left, right, rtol=1e-6, atol=1e-9, equal_nan=True)
    return bool((left == right).all())


def same_frame(found: Any, expected: Any) -> bool:
    import pandas

    if type(found) is not type(expected):
        return False
    kinds = {pandas.DataFrame: "frame", pandas.Series: "series"}
    name = next((name for kind, name in kinds.items() if isinstance(expected, kind)), None)
    if name is None:
        return bool(found.equals(expected)) if hasattr(expected, "equals") else same_array(found, expected)
    try:
        getattr(pandas.testing, f"assert_{name}_equal")(found, expected, rtol=1e-6)
    except AssertionError:
        return False
    return True


def same_labelled(found: Any, expected: Any) -> bool:
    import xarray

    try:
        xarray.testing.assert_allclose(found, expected, rtol=1e-6)
    except AssertionError:
        return False
    return type(found) is type(expected)
