"""Random NumPy programs give NumPy's answers, in every mode."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.programs import failure, read_program, write_program
from tests.subject import MODES, mode, repeats

HERE = pathlib.Path(__file__).parent
KNOWN_SEEDS = [
    int(line.split()[0]) for line in (HERE / "programs_seeds.txt").read_text().splitlines() if line and line[0] != "#"
]
REGRESSIONS = sorted((HERE / "regressions").glob("*.txt"))


def check(program: str, lines: list[str], mode_name: str) -> None:
    with mode(mode_name):
        reason = failure(lines)
    if reason:
        command = [sys.executable, "-m", "tests.programs", program, f"--mode={mode_name}", "--shrink"]
        shrunken = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False).stdout
        pytest.fail(f"[{mode_name}] {program}: {reason}\n\n{shrunken.partition('# ' + mode_name)[2]}", pytrace=False)


@pytest.mark.parametrize(
    "mode_name",
    [each for name in MODES for each in (repeats(name) if name in ("1 workers", "2 workers", "7 workers") else [name])],
)
@hypothesis.settings(max_examples=50, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
@hypothesis.given(seed=st.integers(0, 2**32 - 1))
def test_a_program_gives_numpys_answers(mode_name: str, seed: int) -> None:
    check(str(seed), write_program(seed), mode_name)


@pytest.mark.parametrize("mode_name", MODES)
@pytest.mark.parametrize("seed", KNOWN_SEEDS)
def test_a_seed_that_failed_once(seed: int, mode_name: str) -> None:
    check(str(seed), write_program(seed), mode_name)


@pytest.mark.parametrize("mode_name", MODES)
@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda path: path.stem)
def test_a_program_that_failed_once(path: pathlib.Path, mode_name: str) -> None:
    check(str(path), read_program(path), mode_name)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_programs_for_a_while() -> None:
    """As many random programs as fit into SOAK_MINUTES (30)."""
    minutes = os.environ.get("SOAK_MINUTES", "30")
    command = [sys.executable, "-m", "tests.soak", "--minutes", minutes]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
