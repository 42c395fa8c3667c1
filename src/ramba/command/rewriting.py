"""Imports of NumPy in a program's syntax tree, replaced by Ramba's modules of the same names.

Only import statements are touched, and what methods `__array__` return, since NumPy takes no array of ours from them.
All stay on their lines. What Ramba has no module for (private modules, those that belong to NumPy's C API) stays
NumPy's; so does `importlib.import_module("numpy")`.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
from typing import Any

from ramba.lazyarray import lent

NUMPY, OURS = "numpy", "ramba.numpy"


@functools.cache
def module_for(name: str) -> str | None:
    """Ramba's module that stands for one of NumPy's; None if there is none."""
    first, _, rest = name.partition(".")
    if first != NUMPY:
        return None
    if not rest:
        return OURS
    if any(part.startswith("_") for part in rest.split(".")):
        return None
    ours = f"ramba.{rest}"
    try:
        spec = importlib.util.find_spec(ours)
    except ModuleNotFoundError:  # it would be inside of a module that is no package
        return None
    return ours if spec is not None and _is_door(rest) else None


def _is_door(rest: str) -> bool:
    """Whether NumPy has a module of this name: others of Ramba's are its own affair."""
    try:
        return importlib.util.find_spec(f"{NUMPY}.{rest}") is not None
    except ModuleNotFoundError:
        return False


class Rewriter(ast.NodeTransformer):
    """Replaces import statements."""

    def visit_Import(self, node: ast.Import) -> ast.stmt | list[ast.stmt]:
        """``import numpy``, ``import numpy.linalg as la``, several of them in one statement."""
        if not any(alias.name.partition(".")[0] == NUMPY for alias in node.names):
            return node
        made: list[ast.stmt] = []
        for alias in node.names:
            made += self._imported(alias, node)
        return made

    def _imported(self, alias: ast.alias, node: ast.Import) -> list[ast.stmt]:
        first, _, rest = alias.name.partition(".")
        ours = module_for(alias.name)
        if first != NUMPY or (alias.asname and ours is None):
            return [_placed(ast.Import([alias]), node)]
        if alias.asname or not rest:
            return [_placed(ast.Import([ast.alias(ours or "", alias.asname or NUMPY)]), node)]
        # `import numpy.x` binds `numpy`; what has no counterpart is imported all the same
        bound = _placed(ast.Import([ast.alias(OURS, NUMPY)]), node)
        if ours is not None:
            return [bound]
        call = ast.Call(ast.Name("__import__", ast.Load()), [ast.Constant(alias.name)], [])
        return [_placed(ast.Expr(call), node), bound]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        """``from numpy import x``, ``from numpy.fft import *``."""
        ours = module_for(node.module or "") if not node.level else None
        if ours is None:
            return node
        private = [alias for alias in node.names if _is_private(alias.name)]
        public = [alias for alias in node.names if not _is_private(alias.name)]
        if not private:
            return _placed(ast.ImportFrom(ours, public, 0), node)
        kept = _placed(ast.ImportFrom(node.module, private, 0), node)
        return [kept, _placed(ast.ImportFrom(ours, public, 0), node)] if public else kept

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Its methods `__array__` return NumPy's arrays."""
        self.generic_visit(node)
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and member.name == "__array__":
                _Returns().rewrite(member)
        return node


class _Returns(ast.NodeTransformer):
    """Wraps what a function returns; functions inside of it are left alone."""

    def rewrite(self, function: ast.FunctionDef) -> None:
        """Changes the function in place."""
        function.body = [self.visit(statement) for statement in function.body]

    def visit(self, node: ast.AST) -> Any:
        """What takes the place of a node."""
        return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else super().visit(node)

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """``return as_numpys(x)``, without a name that the program could have, too."""
        if node.value is None:
            return node
        call = ast.parse(f"__import__({__name__!r}, fromlist=['x']).as_numpys(0)", mode="eval").body
        assert isinstance(call, ast.Call)
        for part in ast.walk(call):
            ast.copy_location(part, node.value)
        call.args = [node.value]
        return ast.copy_location(ast.Return(call), node)


def as_numpys(x: object) -> Any:
    """A NumPy array over the memory of an array of ours; everything else as it is."""
    return lent(x)


def _is_private(name: str) -> bool:
    return name.startswith("_")


def _placed(made: ast.stmt, at: ast.stmt) -> ast.stmt:
    """A new statement where another one stands."""
    for node in ast.walk(made):
        ast.copy_location(node, at)
    return made


def rewritten(tree: ast.Module) -> ast.Module:
    """A program's tree with Ramba's modules for NumPy's."""
    made = Rewriter().visit(tree)
    assert isinstance(made, ast.Module)
    return made


__all__ = ["NUMPY", "Rewriter", "as_numpys", "module_for", "rewritten"]
