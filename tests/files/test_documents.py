"""The examples of the documents do what they show."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from ramba.datasets import dataset

pytest.importorskip("h5py")
pytest.importorskip("zarr")

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "files.md"


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 10
    assert not found.failed


def test_docstrings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = doctest.testmod(dataset)
    assert found.attempted
    assert not found.failed
