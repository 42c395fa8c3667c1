"""Copies of NumPy's tests that import our modules wherever there is one for NumPy's."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import numpy

PARTS = "_core lib linalg fft random ma polynomial matrixlib".split()
PACKAGE = "numpy_tests"
SETTINGS = """[pytest]
addopts = --strict-config -p no:cacheprovider
filterwarnings =
    error
    ignore:Importing from numpy.matlib:PendingDeprecationWarning
    ignore::pytest.PytestRemovedIn10Warning
    ignore:the matrix subclass:PendingDeprecationWarning
    ignore:This process .* is multi-threaded, use of fork:DeprecationWarning
"""


def copy_tests(target: Path, *, ours: bool) -> None:
    """Writes NumPy's tests anew below `target`; `ours` binds their imports to Ramba."""
    source = Path(numpy.__file__).parent
    shutil.rmtree(target, ignore_errors=True)
    package = target / PACKAGE
    package.mkdir(parents=True)
    (target / "suite.ini").write_text(SETTINGS)
    shutil.copy(source / "conftest.py", package)
    for part in PARTS:
        shutil.copytree(source / part / "tests", package / part / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        (package / part / "__init__.py").touch()
        (package / part / "tests" / "__init__.py").touch()
        for path in (package / part / "tests").glob("*.py"):
            path.write_text(bound(path.read_text(encoding="utf8"), ours=ours), encoding="utf8")
    (package / "__init__.py").touch()


def bound(text: str, *, ours: bool) -> str:
    """A module's source with its imports of NumPy's tests from the copies and, if `ours`, of NumPy from Ramba."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        statements = _import(node, ours) if isinstance(node, ast.Import) else _import_from(node, ours)
        if statements is None:
            continue
        last = node.end_lineno or node.lineno
        rest = lines[last - 1].encode()[node.end_col_offset or 0 :].decode()
        lines[node.lineno - 1] = lines[node.lineno - 1][: node.col_offset] + "; ".join(statements) + rest
        for line in range(node.lineno, last):
            lines[line] = "\n"  # lines keep their numbers
    return "".join(lines)


def _import(node: ast.Import, ours: bool) -> list[str] | None:
    if not ours or not any(_is_numpy(alias.name) for alias in node.names):
        return None
    statements = []
    for alias in node.names:
        own = _our_name(alias.name)
        if alias.asname:
            statements.append(f"import {own or alias.name} as {alias.asname}")
        else:
            statements.append(f"import {own or alias.name}")
            if _is_numpy(alias.name):
                statements.append("import ramba as numpy")
    return statements


def _import_from(node: ast.ImportFrom, ours: bool) -> list[str] | None:
    module = node.module or ""
    if not _is_numpy(module) or node.level:
        return None
    if ".tests" in module:
        return [_from(module.replace("numpy", PACKAGE, 1), alias) for alias in node.names]
    return [_from(_home(module, alias.name), alias) for alias in node.names] if ours else None


def _from(module: str, alias: ast.alias) -> str:
    return f"from {module} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")


def _home(module: str, name: str) -> str:
    """Where to import a name of a module of NumPy's from: from ours, or from what it belongs to in public."""
    own = _our_name(module)
    if own is not None:
        return own
    value = getattr(importlib.import_module(module), name, None)
    public = module
    while "." in public and value is not None and not isinstance(value, ModuleType):
        public = public.rpartition(".")[0]
        own = _our_name(public)
        if own is not None and getattr(importlib.import_module(public), name, None) is value:
            return own
    return module


def _is_numpy(module: str) -> bool:
    return module.split(".")[0] == "numpy"


def _our_name(module: str) -> str | None:
    """The module of ours that stands for one of NumPy's."""
    if not _is_numpy(module):
        return None
    own = module.replace("numpy", "ramba", 1)
    try:
        return own if importlib.util.find_spec(own) else None
    except ModuleNotFoundError:
        return None
