"""Methods as functions of the fields that they use: what Numba can compile, which knows no classes of ours.

``self.x`` becomes an argument, and what is assigned to it is given back beside the result.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from types import CodeType, FunctionType
from typing import Any, NamedTuple


class Unbound(NamedTuple):
    """A method without its object."""

    function: FunctionType  # of the fields, then the method's arguments; gives the result, and with it what was written
    fields: tuple[str, ...]
    written: tuple[str, ...]  # those that are assigned to


class _UnboundError(TypeError):
    """A method that uses more of its object than fields."""


def unbound(method: FunctionType, owner: str) -> Unbound:
    """The function that a method is. Raises TypeError for one that uses its object in another way."""
    try:
        source = textwrap.dedent(inspect.getsource(method))
        tree = ast.parse(source)
    except (OSError, SyntaxError) as problem:
        raise _UnboundError(f"{method.__qualname__} cannot be compiled: its source text is not found.") from problem
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        raise _UnboundError(f"{method.__qualname__} cannot be compiled: it is no plain method.")
    ast.increment_lineno(tree, method.__code__.co_firstlineno - 1)
    arguments = definition.args
    first = next(iter(arguments.posonlyargs or arguments.args), None)
    if first is None:
        raise _UnboundError(f"{method.__qualname__} has no argument for its object.")
    rewriting = _Rewriting(method.__qualname__, first.arg, owner)
    (arguments.posonlyargs or arguments.args).pop(0)
    definition.body = [rewriting.visit(statement) for statement in definition.body]
    definition.decorator_list, definition.returns = [], None
    fields = tuple(rewriting.fields)
    written = tuple(name for name in fields if name in rewriting.written)
    _Returning(written).visit(definition)
    if written and not isinstance(definition.body[-1], ast.Return | ast.Raise):
        definition.body.append(_returned(None, written))
    added = [ast.arg(_local(name)) for name in fields]
    if arguments.posonlyargs:
        arguments.posonlyargs = added + arguments.posonlyargs
    else:
        arguments.args = added + arguments.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        each.annotation = None
    return Unbound(_made(method, definition), fields, written)


def _made(method: FunctionType, definition: ast.FunctionDef) -> FunctionType:
    """The function of a rewritten definition, with the method's globals, closure and defaults."""
    free = method.__code__.co_freevars
    outer = ast.FunctionDef(
        "closure", ast.arguments([], [ast.arg(name) for name in free], None, [], [], None, []), [definition], [], None
    )
    count = len(definition.args.defaults)
    definition.args.defaults, definition.args.kw_defaults = (
        [ast.Constant(None)] * count,
        [None if default is None else ast.Constant(None) for default in definition.args.kw_defaults],
    )
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = compile(module, method.__code__.co_filename, "exec")
    inner = _code_in(_code_in(code))
    cells = dict(zip(free, method.__closure__ or (), strict=True))
    closure = tuple(cells[name] for name in inner.co_freevars)
    made = FunctionType(inner, method.__globals__, method.__name__, method.__defaults__, closure)
    made.__kwdefaults__, made.__module__ = method.__kwdefaults__, method.__module__
    made.__qualname__ = method.__qualname__
    return made


def _code_in(code: CodeType) -> CodeType:
    return next(each for each in code.co_consts if isinstance(each, CodeType))


def _local(name: str) -> str:
    return f"self_{name}"


def _returned(value: ast.expr | None, written: tuple[str, ...]) -> ast.Return:
    """What gives a result together with the fields that were written."""
    fields: list[ast.expr] = [ast.Name(_local(name), ast.Load()) for name in written]
    return ast.Return(ast.Tuple([value or ast.Constant(None), ast.Tuple(fields, ast.Load())], ast.Load()))


class _Rewriting(ast.NodeTransformer):
    """Makes fields local variables."""

    def __init__(self, name: str, own: str, owner: str) -> None:
        self._name = name
        self._own = own
        self._owner = owner
        self.fields: dict[str, None] = {}
        self.written: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:  # as `ast` calls it
        if not isinstance(node.value, ast.Name) or node.value.id != self._own:
            return self.generic_visit(node)
        name = node.attr
        if name.startswith("__") and not name.endswith("__"):
            name = f"_{self._owner.lstrip('_')}{name}"  # as Python makes it private
        self.fields[name] = None
        if isinstance(node.ctx, ast.Del):
            self._refuse(f"deletes {self._own}.{name}")
        if isinstance(node.ctx, ast.Store):
            self.written.add(name)
        return ast.copy_location(ast.Name(_local(name), node.ctx), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        target = node.func
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == self._own:
            self._refuse(f"calls {self._own}.{target.attr}")
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in (self._own, "super"):
            self._refuse(f"uses {node.id} itself")
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inner(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._inner(node)

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        return self._refuse("is a generator")

    def _inner(self, node: Any) -> ast.AST:
        if any(isinstance(each, ast.Name) and each.id == self._own for each in ast.walk(node)):
            self._refuse(f"uses {self._own} in a function within it")
        return node

    def _refuse(self, what: str) -> Any:
        raise _UnboundError(f"{self._name} cannot be compiled: it {what}. A compiled method uses fields only.")


class _Returning(ast.NodeTransformer):
    """Adds the fields that were written to what a function returns."""

    def __init__(self, written: tuple[str, ...]) -> None:
        self._written = written
        self._depth = 0

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return ast.copy_location(_returned(node.value, self._written), node) if self._written else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._depth += 1
        found = self.generic_visit(node) if self._depth == 1 else node  # not what functions within it return
        self._depth -= 1
        return found


__all__ = ["Unbound", "unbound"]
