"""The examples of the page about functions, and of the docstrings, give what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(path.stem for path in (ROOT / "src" / "ramba" / "functions").glob("[a-z]*.py"))

pytestmark = pytest.mark.own_modes


def test_the_page() -> None:
    failed, tried = doctest.testfile(str(ROOT / "docs" / "howto" / "functions.md"), module_relative=False)
    assert tried > 5
    assert not failed


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings(room: str) -> None:
    assert not doctest.testmod(importlib.import_module(f"ramba.functions.{room}")).failed
