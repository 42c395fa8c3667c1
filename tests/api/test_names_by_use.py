"""None of the hundred functions of NumPy's that programs call most is left to NumPy where arrays are large."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import numpy
import pytest

from tests.agreement import difference
from tests.subject import ramba
from tools.coverage import rows
from tools.ranking import names

SAY = {
    "issubdtype": "compares types",
    "iterable": "looks at a type",
    "random.default_rng": "makes a generator",
    "random.seed": "sets a state",
}
"""Those that compute nothing, and what they do."""

ARGUMENTS = """
arange: 60; zeros: 60; ones: 60; empty: 60; full: 60, 2.0; eye: 8; identity: 8; linspace: 0, 1, 60; logspace: 0, 1, 60
random.randn: 60; random.rand: 60; random.random: 60; random.randint: 0, 9, 60
dot: x, y; shares_memory: x, y; maximum: x, y; minimum: x, y; allclose: x, y; isclose: x, y; array_equal: x, y
meshgrid: x, y; append: x, y; searchsorted: x, y; result_type: x, i; broadcast_arrays: x, t; concatenate: (x, y)
stack: (x, y); vstack: (x, y); hstack: (x, y); column_stack: (x, y); where: m, x, y; clip: x, 1, 2; repeat: x, 2
tile: x, 2; power: x, 2; broadcast_to: x, (2, 60); bincount: i; moveaxis: t, 0, 1; logical_and: m, x; triu: t
reshape: x, (2, 30); delete: x, 3; isin: i, [1, 2]; insert: x, 2, 5.0; einsum: 'i,i->', x, y
"""
RECIPES = dict(recipe.split(": ") for line in ARGUMENTS.strip().splitlines() for recipe in line.split("; "))
TOP = [name for name in names()[:100] if name not in SAY]


def variables(module: Any) -> dict[str, Any]:
    x = module.arange(60.0) / 7
    return {"x": x, "y": x + 1, "i": module.arange(60) % 9, "m": x > 4, "t": (x * 2).reshape(1, 60)}


@pytest.mark.parametrize("name", TOP)
def test_is_not_left_to_numpy(name: str, lazy: None) -> None:
    recipe = f"({RECIPES.get(name, 'x')},)"
    with ramba.config.set(on_fallback="raise"), numpy.errstate(all="ignore"):
        made = attrgetter(name)(ramba)(*eval(recipe, variables(ramba)))
    if "random" not in name and "empty" not in name:
        with numpy.errstate(all="ignore"):
            expected = attrgetter(name)(numpy)(*eval(recipe, variables(numpy)))
        assert difference(made, expected, slack=1e-12) is None


def test_the_page_says_so() -> None:
    answers = dict(rows())
    assert [name for name in TOP if answers[name] == "by NumPy"] == []
