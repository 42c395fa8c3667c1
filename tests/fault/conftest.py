"""Where scripts run."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture
def place() -> Iterator[pathlib.Path]:
    """A folder of a script; pytest's own have paths that are too long for sockets in them."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="ft", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
