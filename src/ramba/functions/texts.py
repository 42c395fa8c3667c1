"""Functions given as text, ``"lambda x: 0.5 * x + 1"``: a syntax tree, in which only arithmetic is allowed."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ramba.functions.numpy_math import MATH
from ramba.functions.purity import UFUNCS

LONGEST = 4000  # characters
_EXPRESSIONS = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
    ast.Load, ast.Tuple,
)  # fmt: skip
_NUMBERS = {name: getattr(math, name) for name in ("pi", "e", "inf", "nan", "tau")}
_FUNCTIONS: dict[str, Any] = {name: getattr(np, name) for name in UFUNCS} | MATH
_FUNCTIONS |= {"where": np.where, "clip": np.clip, "abs": abs, "min": min, "max": max}
_MODULES = ("np", "numpy", "ramba", "math")


def function_of(text: str) -> Callable[..., Any]:
    """The function that a text says. Raises ValueError for anything but a lambda that computes."""
    if len(text) > LONGEST:
        raise ValueError(f"A function has {len(text)} characters, but may have {LONGEST}.")
    try:
        tree = ast.parse(text.strip(), "<lambda>", "eval")
    except SyntaxError as problem:
        raise ValueError(f"{text[:80]!r} is no function: {problem.msg}.") from None
    made = tree.body
    if not isinstance(made, ast.Lambda) or made.args.defaults or made.args.kwonlyargs or made.args.vararg:
        raise ValueError(f"{text[:80]!r} is no function: write 'lambda x: ...', with plain arguments.")
    names = {each.arg for each in (*made.args.posonlyargs, *made.args.args)}
    if any(name.startswith("_") for name in names) or made.args.kwarg:
        raise ValueError(f"{text[:80]!r} is no function: a text has other arguments.")
    made.body = _checked(made.body, names)
    # nothing is left in the tree but arithmetic, calls of the functions above and the arguments
    code = compile(ast.fix_missing_locations(tree), "<lambda>", "eval")
    found: Callable[..., Any] = eval(code, {"__builtins__": {}, **_FUNCTIONS, **_NUMBERS})
    return found


def _checked(node: ast.expr, names: set[str]) -> ast.expr:
    match node:
        case ast.Constant(value) if isinstance(value, int | float | complex):
            return node
        case ast.Name(name) if name in names or name in _NUMBERS:
            return node
        case ast.Attribute(ast.Name(module), name) if module in _MODULES and module not in names and name in _NUMBERS:
            return ast.Name(name, ast.Load())
        case ast.Attribute(ast.Name(name), "real" | "imag") if name in names:
            return node
        case ast.Subscript(ast.Name(name), index) if name in names:
            node.slice = _checked(index, set())
            return node
        case ast.Call(ast.Name(name), args, []) if name in _FUNCTIONS and name not in names:
            node.args = [_checked(each, names) for each in args]
            return node
        case ast.Call(ast.Attribute(ast.Name(module), name), args, []) if (
            module in _MODULES and name in _FUNCTIONS and module not in names
        ):
            return ast.Call(ast.Name(name, ast.Load()), [_checked(each, names) for each in args], [])
    if not isinstance(node, _EXPRESSIONS):
        raise ValueError(
            f"A function given as text cannot contain {ast.unparse(node)[:80]!r}: pass the function itself."
        )
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(node, field, [_checked(each, names) if isinstance(each, ast.expr) else each for each in value])
        elif isinstance(value, ast.expr):
            setattr(node, field, _checked(value, names))
    return node


__all__ = ["function_of"]
