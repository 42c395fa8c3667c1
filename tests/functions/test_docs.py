"""The examples of the page about functions, and of the docstrings, give what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.stem for path in (ROOT / "src" / "ramba" / "functions").glob("[a-z]*.py"))

pytestmark = pytest.mark.own_modes


@pytest.mark.parametrize("page", ["functions", "spmd"])
def test_the_page(page: str) -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs" / "howto" / f"{page}.md"), module_relative=False)
    assert tried > 5
    assert not failed


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings(room: str) -> None:
    assert not doctest.testmod(importlib.import_module(f"ramba.functions.{room}")).failed
