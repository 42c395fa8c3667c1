"""The import hook: modules of the user's own are compiled with Ramba's modules in place of NumPy's.

His own are those outside of the standard library and of directories where packages are installed (those that hold a
``*.dist-info``, too); all others keep
NumPy, unless he names their package. Nothing is written to ``__pycache__``, and nothing that lies there is read.
"""

from __future__ import annotations

import ast
import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import ramba
from ramba.command.rewriting import NUMPY, rewritten
from ramba.lazyarray import ArrayType

_INSTALLED = {"site-packages", "dist-packages"}


def compiled(source: str | bytes, path: str) -> CodeType:
    """The code of a file, with Ramba's modules in place of NumPy's."""
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return compile(rewritten(tree), path, "exec", dont_inherit=True)


class Loader(SourceFileLoader):
    """Loads a module from its source."""

    def get_code(self, fullname: str) -> CodeType:
        """The code of the module; no cached code is looked for, since it would not be ours."""
        path = self.get_filename(fullname)
        return compiled(self.get_data(path), path)


class Finder(MetaPathFinder):
    """Finds what the other finders find, and has `Loader` load the user's own modules."""

    def __init__(self, include: Iterable[str] = ()) -> None:
        self.include = frozenset(include)
        self._foreign = _foreign_folders()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that is to be rewritten; None leaves it to the others."""
        spec = self._found(fullname, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not self.is_own(fullname, spec.loader.path):
            return None
        spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec

    def _found(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(fullname, path, target)) is not None:
                return spec
        return None

    def is_own(self, fullname: str, path: str) -> bool:
        """Whether a module is the user's own, or one of those that he named."""
        parts = fullname.split(".")
        if any(".".join(parts[:count]) in self.include for count in range(1, len(parts) + 1)):
            return True
        file = Path(path).absolute()
        if _INSTALLED & set(file.parts) or any(file.is_relative_to(f) for f in self._foreign):
            return False
        depth = len(parts) - (file.name != "__init__.py")
        return not _holds_packages(file.parents[depth])


@functools.cache
def _holds_packages(folder: Path) -> bool:
    """Whether an installer has put packages into a folder: `pip install --target`, and others."""
    with os.scandir(folder) as entries:
        return any(entry.name.endswith(".dist-info") for entry in entries)


def _foreign_folders() -> list[Path]:
    """Where the standard library, installed packages and Ramba itself lie."""
    paths = sysconfig.get_paths()
    names = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    names += [*site.getsitepackages(), site.getusersitepackages()]
    return [Path(name).absolute() for name in names] + [Path(ramba.__file__).absolute().parent]


def install(include: Iterable[str] = ()) -> Finder:
    """Puts the hook before all others."""
    finder = Finder(include)
    sys.meta_path.insert(0, finder)
    ArrayType.module = NUMPY  # `print(type(x))`
    return finder


def uninstall(finder: Finder) -> None:
    """Takes the hook away again; what was imported stays as it is."""
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
        ArrayType.module = "ramba"


__all__ = ["Finder", "Loader", "compiled", "install", "uninstall"]
