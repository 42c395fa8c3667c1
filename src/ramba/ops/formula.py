"""Operations that are formulas on other operations: they fuse like those, and are as exact as those."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import e, inf, nan, pi
from textwrap import dedent
from typing import Any, NamedTuple

import numpy as np

from ramba.ops.definition import KINDS, LARGEST, Defined, Definition, define, digest_of
from ramba.ops.op import ALL_FLAGS, COMPILED, Constant, Op, Operand, OpStep, Signature, Steps
from ramba.ops.registry import OPS
from ramba.ops.ufunc import Ufunc
from ramba.ops.ufunc_table import UFUNCS

LONGEST = 4000  # characters
LARGEST_NUMBER = 1 << 64  # of integers in a formula: others could be made to fill the memory
DEEPEST = 60  # levels of an expression
_OPERANDS = ("x", "y", "z", "u", "v", "w", "s", "t")
_NUMBERS = {"inf": inf, "nan": nan, "pi": pi, "e": e}
_OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder", ast.Pow: "power", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor", ast.LShift: "left_shift", ast.RShift: "right_shift",
    ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal", ast.Eq: "equal",
    ast.NotEq: "not_equal", ast.USub: "negative", ast.Invert: "invert",
}  # fmt: skip
_ON_NUMBERS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negative": operator.neg,
}  # fmt: skip


class _Term(NamedTuple):
    """A value of a formula: an operand or a step, by number."""

    number: int
    dtype: np.dtype


class Typed(NamedTuple):
    """A formula for operands of certain dtypes."""

    steps: Steps
    dtypes: tuple[str, ...]  # of all values
    results: tuple[np.dtype, ...]


class Formula(Defined):
    """An operation made of others, typed by NumPy's rules for those."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        ((_, text),) = definition.texts
        if len(text) > LONGEST:
            raise ValueError(f"The formula of {self.name} has {len(text)} characters, but may have {LONGEST}.")
        if self.nin > len(_OPERANDS):
            raise ValueError(f"{self.name} has {self.nin} operands, but a formula may have {len(_OPERANDS)}.")
        self.words = {used.name: digest_of(used) for used in definition.uses}
        self.statements = tuple(ast.parse(dedent(text).strip()).body)
        costs = {used.name: KINDS[used.kind](used) for used in definition.uses}
        self.nout, self.size, self.cost = _Check(self.name, self.nin, costs).formula(self.statements)

    def resolve(
        self, operands: tuple[Operand, ...], dtype: np.dtype | None = None, casting: str = "same_kind"
    ) -> Signature:
        """Arrays keep their dtypes; a number gets one that suits all of them."""
        if dtype is not None:
            raise TypeError(f"{self.name} computes in the dtypes of its operands: cast them instead of giving dtype.")
        known = [each for each in operands if isinstance(each, np.dtype)]
        loop = tuple(
            each if isinstance(each, np.dtype) else np.result_type(*known, each(0)) if known else np.dtype(each)
            for each in operands
        )
        return loop, _typed(self, tuple(each.str[1:] for each in loop)).results

    def typed(self, loop: tuple[str, ...]) -> Typed:
        """The formula for operands of these dtypes."""
        return _typed(self, loop[: self.nin])

    def lower(self, loop: tuple[str, ...], result: str) -> Steps:
        return self.typed(loop).steps

    def compiles(self, loop: tuple[str, ...]) -> bool:
        try:
            typed = self.typed(loop)
        except (TypeError, ValueError, OverflowError):
            return False
        return COMPILED.issuperset(typed.dtypes) and all(
            OPS[op].compiles((*inside, dtype)) for op, inside, dtype in _loops(typed)
        )

    def is_exact(self, dtype: str) -> bool:
        typed = self._uniform(dtype)
        return typed is not None and all(OPS[op].is_exact(inside[0]) for op, inside, _ in _loops(typed))

    def flags(self, dtype: str, result: str = "") -> frozenset[str]:
        typed = self._uniform(dtype)
        if typed is None:
            return ALL_FLAGS
        return frozenset().union(*(OPS[op].flags(inside[0], made) for op, inside, made in _loops(typed)))

    def identity(self, dtype: str) -> np.generic | None:
        found = super().identity(dtype)
        if found is not None and not _keeps(self, found):
            raise ValueError(f"{found} changes something: {self.name}({found}, {found}) is another value.")
        return found

    def _uniform(self, dtype: str) -> Typed | None:
        try:
            return self.typed((dtype,) * self.nin)
        except (TypeError, ValueError, OverflowError):
            return None

    def interpret(self, args: Sequence[Any], dtype: np.dtype, out: np.ndarray | None = None) -> tuple[Any, ...]:
        typed = self.typed(tuple(a.dtype.str[1:] for a in args))
        values = list(args)

        def value(arg: int | Constant) -> Any:
            return values[arg] if isinstance(arg, int) else np.dtype(arg.dtype).type(arg.value)

        for step in typed.steps.steps:
            made = OPS[step.op].interpret([value(arg) for arg in step.args], np.dtype(step.dtype))
            values.append(made[step.result])
        results = tuple(map(value, typed.steps.results))
        if out is None:
            return results
        np.copyto(out, results[0])
        return (out,)


def _loops(typed: Typed) -> list[tuple[str, tuple[str, ...], str]]:
    """Each step's operation, dtypes of its operands, and dtype of its result."""
    return [
        (step.op, tuple(typed.dtypes[a] if isinstance(a, int) else a.dtype for a in step.args), step.dtype)
        for step in typed.steps.steps
    ]


class _Check:
    """Walks over a formula without knowing dtypes: only what is known here may stand in it."""

    def __init__(self, name: str, nin: int, used: dict[str, Defined]) -> None:
        self.name, self.used = name, used
        self.known = set(_OPERANDS[:nin]) | set(_NUMBERS)
        self.size, self.cost = 0, 0.0

    def formula(self, statements: tuple[ast.stmt, ...]) -> tuple[int, int, float]:
        """Number of results, instructions, cost."""
        for statement in statements[:-1]:
            match statement:
                case ast.Assign([ast.Name(name)], expression):
                    self.expression(expression)
                    self.known.add(name)
                case _:
                    raise self.unknown(statement)
        if not statements or not isinstance(statements[-1], ast.Expr):
            raise ValueError(f"The formula of {self.name} must end in an expression.")
        last = statements[-1].value
        results = last.elts if isinstance(last, ast.Tuple) else [last]
        for result in results:
            self.expression(result)
        if self.size > LARGEST or not 1 <= len(results) <= 8:
            raise ValueError(f"The formula of {self.name} has {self.size} operations, but may have {LARGEST}.")
        return len(results), max(self.size, 1), max(self.cost, 1.0)

    def expression(self, node: ast.expr, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise ValueError(f"An expression of {self.name} is more than {DEEPEST} levels deep.")
        inner: list[ast.expr] = []
        match node:
            case ast.Name(name) if name in self.known:
                return
            case ast.Constant(value) if type(value) in (int, float):
                return
            case ast.BinOp(left, sign, right) if type(sign) in _OPERATORS:
                inner = [left, right]
                self.count(OPS[_OPERATORS[type(sign)]])
            case ast.Compare(left, [sign], [right]) if type(sign) in _OPERATORS:
                inner = [left, right]
                self.count(OPS[_OPERATORS[type(sign)]])
            case ast.UnaryOp(sign, value) if type(sign) in _OPERATORS:
                inner = [value]
                self.count(OPS[_OPERATORS[type(sign)]])
            case ast.IfExp(condition, yes, no):
                inner = [condition, yes, no]
                self.count(OPS["where"])
            case ast.Call(ast.Name(function), args, []):
                inner = args
                self.call(node, function, len(args))
            case _:
                raise self.unknown(node)
        for each in inner:
            self.expression(each, depth + 1)

    def call(self, node: ast.expr, function: str, count: int) -> None:
        op: Op | None = self.used.get(function) or UFUNCS.get(function)
        if function in COMPILED:
            op = OPS["cast"]
        generalised = isinstance(op, Ufunc) and op.numpy.signature is not None
        if op is None or op.nout != 1 or op.nin != count or generalised:
            raise self.unknown(node)
        self.count(op)

    def count(self, op: Op) -> None:
        self.size += op.size
        self.cost += op.cost
        if self.size > LARGEST:
            raise ValueError(f"The formula of {self.name} has more than {LARGEST} operations.")

    def unknown(self, node: ast.AST) -> ValueError:
        return ValueError(f"The formula of {self.name} cannot contain {ast.unparse(node)[:80]!r}.")


class _Typing:
    """Gives every value of a formula a dtype, and every cast a step."""

    def __init__(self, op: Formula, loop: tuple[np.dtype, ...]) -> None:
        self.op = op
        self.names: dict[str, Any] = {n: _Term(i, d) for i, (n, d) in enumerate(zip(_OPERANDS, loop, strict=False))}
        self.names = _NUMBERS | self.names
        self.steps: list[OpStep] = []
        self.dtypes = [dtype.str[1:] for dtype in loop]
        self.known: dict[OpStep, _Term] = {}

    def formula(self) -> Typed:
        for statement in self.op.statements[:-1]:
            assert isinstance(statement, ast.Assign)
            assert isinstance(statement.targets[0], ast.Name)
            self.names[statement.targets[0].id] = self.term(statement.value)
        last = self.op.statements[-1]
        assert isinstance(last, ast.Expr)
        parts = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
        results, dtypes = [], []
        for term in map(self.term, parts):
            dtype = term.dtype if isinstance(term, _Term) else np.result_type(np.dtype(self.dtypes[0]), term)
            results.append(self.argument(term, dtype))
            dtypes.append(dtype)
        return Typed(Steps(tuple(self.steps), tuple(results)), tuple(self.dtypes), tuple(dtypes))

    def term(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(name):
                return self.names[name]
            case ast.Constant(value):
                return value
            case ast.BinOp(value, ast.Pow(), ast.Constant(2)):
                return self.apply("square", value)
            case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]):
                return self.apply(_OPERATORS[type(sign)], left, right)
            case ast.UnaryOp(sign, value):
                return self.apply(_OPERATORS[type(sign)], value)
            case ast.IfExp(condition, yes, no):
                return self.apply("where", condition, yes, no)
            case ast.Call(ast.Name(function), args) if function in COMPILED:
                term = self.term(args[0])
                dtype = np.dtype(function)
                if isinstance(term, _Term):
                    return self.cast(term, dtype)
                return self.step(OpStep("cast", function, (Constant(function, dtype.type(term).item()),)))
            case ast.Call(ast.Name(function), args):
                return self.apply(self.op.words.get(function, function), *args)
        raise ValueError(f"A formula cannot contain {ast.unparse(node)!r}.")

    def apply(self, digest: str, *args: ast.expr) -> Any:
        terms = [self.term(arg) for arg in args]
        if not any(isinstance(term, _Term) for term in terms):
            if digest in _ON_NUMBERS:
                number = _ON_NUMBERS[digest](*terms)
                if abs(number) > LARGEST_NUMBER and isinstance(number, int):
                    raise ValueError(f"The formula of {self.op.name} has an integer that no dtype takes.")
                return number
            raise TypeError(f"The formula of {self.op.name} applies {digest} to numbers alone.")
        operands = tuple(term.dtype if isinstance(term, _Term) else type(term) for term in terms)
        loop, results = OPS[digest].resolve(operands)
        taken = tuple(self.argument(term, dtype) for term, dtype in zip(terms, loop, strict=True))
        return self.step(OpStep(digest, results[0].str[1:], taken))

    def argument(self, term: Any, dtype: np.dtype) -> int | Constant:
        if isinstance(term, _Term):
            return self.cast(term, dtype).number
        return Constant(dtype.str[1:], dtype.type(term).item())

    def cast(self, term: _Term, dtype: np.dtype) -> _Term:
        return term if term.dtype == dtype else self.step(OpStep("cast", dtype.str[1:], (term.number,)))

    def step(self, step: OpStep) -> _Term:
        if step not in self.known:
            self.known[step] = _Term(len(self.dtypes), np.dtype(step.dtype))
            self.dtypes.append(step.dtype)
            self.steps.append(step)
        return self.known[step]


@lru_cache(maxsize=4096)
def _keeps(op: Formula, neutral: np.generic) -> bool:
    """Whether a value that changes nothing does not change itself: lanes of a vector that do not count fold it."""
    with np.errstate(all="ignore"):
        found = op.interpret([neutral, neutral], neutral.dtype)[0]
        return bool(found == neutral or (found != found and neutral != neutral))


@lru_cache(maxsize=4096)
def _typed(op: Formula, loop: tuple[str, ...]) -> Typed:
    return _Typing(op, tuple(map(np.dtype, loop))).formula()


KINDS["formula"] = Formula


def formula(
    name: str,
    text: str,
    nin: int = 2,
    *,
    identity: bool | int | float | None = None,
    associative: bool = False,
    uses: Sequence[Defined] = (),
) -> Defined:
    """An operation that is computed by others.

    Parameters
    ----------
    name
        What it is called, in warnings for example.
    text
        Python syntax over the operands ``x``, ``y``, ``z``, ``u``, ``v``, ``w``, ``s``, ``t``: assignments if need be,
        then an expression (a tuple for several results). Its words are Python's operators, names of NumPy's ufuncs,
        dtypes as casts (``f4(x)``), ``a if c else b``, ``inf``, ``nan``, ``pi``, ``e``, and names of `uses`.
    nin
        How many operands there are.
    identity
        The value that changes nothing. It says that elements may be folded in any order and grouping.
    associative
        Whether a scan may divide a sequence anywhere; an operation with an identity is.
    uses
        Other operations that were defined.

    Returns
    -------
    Defined
        The operation; the same one for the same definition.

    Raises
    ------
    ValueError
        If the text is no formula, or the identity changes something.

    Examples
    --------
    >>> from ramba.lazyarray import operation
    >>> from ramba.ops import formula
    >>> distance = operation(formula("distance", "sqrt(x * x + y * y)"))
    >>> float(distance(3.0, 4.0))
    5.0
    """
    taken = tuple(op.definition for op in uses)
    return define(Definition("formula", name, nin, (("", text),), identity, associative, "", 1.0, taken))
