"""The stubs are what the generator writes, name everything, and tell good programs from bad ones."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import typing
from pathlib import Path

import numpy
import pytest

import ramba
from tools import stubs

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "src" / "ramba"
DOORS = ["", "typing", *stubs.TYPED, *stubs.SAME]
ANY_PARAMETERS = 0.036  # of those that are annotated


def stub_of(door: str) -> Path:
    return stubs.place(door) if door else PACKAGE / "__init__.pyi"


def names_in(body: list[ast.stmt]) -> set[str]:
    """What a stub, or a class of it, defines."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                found |= {alias.asname or alias.name for alias in aliases}
    return found


def test_stubs_are_what_the_generator_writes() -> None:
    made = stubs.rooms()
    version = f"with NumPy {numpy.__version__}:"
    if version not in stub_of("").read_text():
        pytest.skip("the stubs were written with another NumPy: its names and annotations differ")
    old = [path.name for path, text in made.items() if not path.exists() or path.read_text() != text]
    assert not old, "make stubs"
    assert set(made) == set(PACKAGE.rglob("[!_]*.pyi")) | set(PACKAGE.rglob("__init__.pyi"))


@pytest.mark.parametrize("door", DOORS)
def test_every_public_name_is_there(door: str) -> None:
    module = importlib.import_module(f"ramba.{door}" if door else "ramba")
    assert not set(module.__all__) - names_in(ast.parse(stub_of(door).read_text()).body)


def test_every_attribute_of_arrays_is_there() -> None:
    body = ast.parse(stub_of("").read_text()).body
    (array,) = (node for node in body if isinstance(node, ast.ClassDef) and node.name == "ndarray")
    nonsense = {f"__{letter}{name}__" for letter in "ir" for name in ("eq", "ne", "lt", "le", "gt", "ge")}
    inner = {
        "__getattr__",
        "__array_priority__",
        "__conform__",  # sqlite3 asks for it
        "__annotations__",
        "__slots__",
        "__weakref__",
        "__module__",
        "__signature__",
        "__dict__",
    }
    attributes = {
        name
        for name in dir(ramba.ndarray)
        if not (name.startswith("_") and not name.startswith("__")) and name not in nonsense | inner | set(dir(object))
    }
    assert not attributes - names_in(array.body) - {"__class_getitem__"}


def test_every_door_has_a_stub() -> None:
    doors = [path for path in PACKAGE.rglob("*.py") if "= _door(" in path.read_text()]
    assert len(doors) > 20
    assert not [path for path in doors if not path.with_suffix(".pyi").exists()]


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What `mypy --strict` says of a good program and of a bad one, without our own settings."""
    place = tmp_path_factory.mktemp("mypy")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={place}",
        "--hide-error-context",
    ]
    programs = [str(HERE / "user_code.py"), str(HERE / "mistakes.py")]
    done = subprocess.run([*command, *programs], cwd=place, capture_output=True, text=True, check=False, timeout=200)
    assert not done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_a_good_program_is_found_good(complaints: list[str]) -> None:
    assert not [line for line in complaints if "mistakes.py" not in line]


def test_mistakes_are_found(complaints: list[str]) -> None:
    """Exactly those that comments name, in their lines."""
    wanted = {}
    for number, line in enumerate((HERE / "mistakes.py").read_text().splitlines(), 1):
        if "  # " in line:
            wanted[number] = line.partition("  # ")[2]
    found = {}
    for line in complaints:
        told = re.search(r"mistakes\.py:(\d+): error: (.*)", line)
        if told:
            found[int(told[1])] = told[2]
    assert set(found) == set(wanted)
    for number, words in wanted.items():
        assert words in found[number]


def test_the_good_program_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(HERE / "user_code.py")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_types_for_annotations_work_when_they_are_run() -> None:
    """They were functions once, which cannot be subscripted."""
    from ramba.typing import ArrayLike, NDArray

    def function(a: NDArray[numpy.float64], b: ArrayLike) -> None: ...

    hint = typing.get_type_hints(function, localns=locals())["a"]
    assert typing.get_origin(hint) is ramba.ndarray
    assert typing.get_args(hint)[1] == numpy.dtype[numpy.float64]


def test_few_parameters_say_nothing() -> None:
    said = [
        node.annotation
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.arg) and node.annotation is not None
    ]
    silent = [kind for kind in said if isinstance(kind, ast.Name) and kind.id == "Any"]
    assert len(silent) <= ANY_PARAMETERS * len(said), "a parameter that is annotated as `Any` tells nobody anything"
