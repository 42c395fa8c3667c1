"""The page about remote functions says what is true."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import ramba

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "remote.md"


@pytest.mark.own_modes
def test_examples_of_the_page_give_what_they_say() -> None:
    with ramba.config.set(backend="threads"):
        ramba.shutdown()
        failed, tried = doctest.testfile(str(PAGE), module_relative=False)
        ramba.shutdown()
    assert tried > 15
    assert not failed
