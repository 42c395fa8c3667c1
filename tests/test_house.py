"""The house rules that no linter knows: sizes of files and functions, names, documents that keep up with tables."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy
import pytest

from tests.subject import ramba

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SUBMODULES = (
    "char ctypeslib dtypes emath exceptions fft lib linalg ma polynomial random rec strings testing typing "
    "lib.stride_tricks lib.scimath ma.extras polynomial.chebyshev polynomial.polynomial"
).split()
FILE_LINES, FUNCTION_LINES = 500, 60
ONE_MEANING = "Worker Piece Fragment Group Fusion Call CallKernel Run RunPlan Report Failure Choice Selection".split()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_rooms_are_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


def test_every_file_says_what_it_is_for() -> None:
    silent = [
        path.name for path in SOURCES if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_whose_array_it_is_is_asked_of_the_base_class() -> None:
    """NumPy's arrays are instances of `ramba.ndarray`, too."""
    asked = re.compile(r"isinstance\([^()]*(\([^()]*\))?[^()]*, ([^()]*\| )?ndarray\b")
    assert not [path.name for path in SOURCES if asked.search(path.read_text())]


def test_no_room_is_called_utils() -> None:
    assert not {path.stem for path in SOURCES + TESTS} & {"utils", "util", "helpers", "misc", "common"}


def test_a_word_names_one_class() -> None:
    classes = [
        node.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    ]
    assert {word: classes.count(word) for word in ONE_MEANING} == dict.fromkeys(ONE_MEANING, 1)


def test_kernels_speak_the_words_of_codegen() -> None:
    """Loops that are written by hand say what they do by `codegen.routine`; calls of vector intrinsics are left."""
    rooms = (ROOT / "src" / "ramba" / "kernels" / "local").glob("*.py")
    spelled = {path.name: len(re.findall(r"text\.(?:let|do)\(", path.read_text())) for path in rooms}
    assert {name: count for name, count in spelled.items() if count} == {"extreme.py": 2, "search.py": 2, "split.py": 3}


def test_tests_are_rooms_too() -> None:
    assert not [path.name for path in TESTS if path.read_text().count("\n") > FILE_LINES]


def test_floors() -> None:
    """import-linter's contracts, which `make test` also checks on their own."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def public_names(module: object) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [name for name in getattr(module, "__all__", dir(module)) if name[0] != "_" and hasattr(module, name)]


@pytest.mark.parametrize("door", ["", *SUBMODULES])
def test_every_public_name_of_numpys_is_here(door: str) -> None:
    ours, theirs = ramba, numpy
    for part in door.split(".") if door else []:
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        missing = [name for name in public_names(theirs) if not hasattr(ours, name)]
        listed = set(dir(ours))
    assert not missing
    assert not set(public_names(theirs)) - listed


@pytest.mark.parametrize("door", [door for door in SUBMODULES if "." not in door])
def test_every_door_can_be_imported(door: str) -> None:
    assert importlib.import_module(f"ramba.{door}") is getattr(ramba, door)


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    missing = [
        row.name for row in dataclasses.fields(ramba.config.Settings) if f"`RAMBA_{row.name.upper()}`" not in text
    ]
    assert not missing


def test_import_is_light() -> None:
    heavy = {"numba", "llvmlite", "ray", "mpi4py", "zmq", "scipy", "ramba.diagnosis", "ramba.command"}
    code = f"import sys, ramba; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.split()


NEW_ROW = """
import numpy, numba
def triple(x):
    return x * 3
numpy.triple = numba.vectorize(["f4(f4)", "f8(f8)"])(triple).ufunc
assert isinstance(numpy.triple, numpy.ufunc)
import ramba
a = ramba.arange(100_000) / 7
ramba.sync()
with ramba.config.set(kernels="compiled"), ramba.kernels_run() as count:
    function = ramba.triple(a + 1)          # as a function, fused with its neighbours
    override = numpy.triple(a) - 1          # NumPy's function on our array
    ramba.sync()
assert int(count) <= 2, count
values = numpy.arange(100_000) / 7
assert (numpy.asarray(function) == (values + 1) * 3).all()
assert isinstance(override, ramba.ndarray) and (numpy.asarray(override) == values * 3 - 1).all()
out = ramba.zeros(100_000)
ramba.triple(a, out=out, where=a > 5)
assert (numpy.asarray(out) == numpy.where(values > 5, values * 3, 0)).all()
print("one row")
"""


def test_adding_a_ufunc_is_one_row(tmp_path: Path) -> None:
    """In a copy of the package with one more row: a function, an override of NumPy's, an instruction that fuses."""
    package = tmp_path / "ramba"
    shutil.copytree(ROOT / "src" / "ramba", package, ignore=shutil.ignore_patterns("__pycache__"))
    table = package / "ops" / "ufunc_table.py"
    text = table.read_text()
    assert text.count("\n_ROWS = (\n") == 1
    table.write_text(text.replace("\n_ROWS = (\n", '\n_ROWS = (\n    Ufunc("triple", code="x * 3"),\n'))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "RAMBA_CACHE": "off"}
    done = subprocess.run(
        [sys.executable, "-c", NEW_ROW], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "one row\n", done.stderr
