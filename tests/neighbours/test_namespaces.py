"""Which namespace computes where arrays of ours and NumPy's meet, and what SciPy and scikit-learn do with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from tests.neighbours import namespaces
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.neighbours]
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("library", sorted(namespaces.NAMES))
def test_results_are_equal(library: str) -> None:
    pytest.importorskip(library)
    done = subprocess.run(
        [sys.executable, "-m", "tests.neighbours.namespaces", library],
        cwd=ROOT, env=os.environ | {"SCIPY_ARRAY_API": "1"}, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    cases = {"scipy": namespaces.SCIPY, "sklearn": namespaces.SKLEARN}[library].strip().count("\n") + 1
    assert done.stdout == f"{cases} run\n", done.stdout + done.stderr[-3000:]


def test_ours_is_the_namespace_of_both() -> None:
    compat = pytest.importorskip("array_api_compat")
    ours, theirs = ramba.ones(3), numpy.ones(3)
    assert compat.array_namespace(ours, theirs) is compat.array_namespace(theirs, ours, 2.0) is ramba
    assert compat.array_namespace(theirs) is compat.numpy
    assert isinstance(ramba.concat([theirs, ours]), ramba.ndarray)
