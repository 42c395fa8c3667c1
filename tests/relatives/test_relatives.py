"""Plain NumPy programs of many kinds, as people write them, print the same with Ramba: `compare` runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command.programs import python

FOLDER = Path(__file__).parent
PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("test_", "__")))
NEEDED = {"pandas_pipeline": "pandas", "scipy_calls": "scipy", "sklearn_pipelines": "sklearn"}
LONG = ("errstate_and_printing", "processes_and_threads", "scipy_calls", "sklearn_pipelines")

pytestmark = [pytest.mark.own_modes, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.repeats if name in LONG else ()) for name in PROGRAMS]
)
def test_output_is_numpys(tmp_path: Path, name: str) -> None:
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    done = python(tmp_path, "-m", "ramba", "compare", FOLDER / f"{name}.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "exit code               the same, 0" in done.stdout
    assert "DIFFER" not in done.stdout
