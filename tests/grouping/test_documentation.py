"""What the page and the docstrings show is what comes."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.own_modes

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "groups.md"


def test_the_page() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 5
    assert not found.failed


def test_the_docstrings() -> None:
    found = doctest.testmod(importlib.import_module("ramba.grouping.groupby"))
    assert found.attempted > 5
    assert not found.failed
