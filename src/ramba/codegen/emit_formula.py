"""From the formula in a ufunc's row to LLVM instructions."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from ramba.codegen import emit_libm
from ramba.codegen.emit_cast import cast
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, item_size, part_dtype
from ramba.ops.libm import LIBM

_SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.LShift: "<<", ast.RShift: ">>",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


_COMPLEX = ("c8", "c16")
_FOLDED = {"+": "add", "-": "sub", "*": "mul", "/": "truediv"}


class Number(NamedTuple):
    """A number in a formula before it has met a dtype."""

    value: float | str  # "lowest" is the smallest integer of the dtype


_NUMBERS = {"inf": Number(math.inf), "nan": Number(math.nan), "pi": Number(math.pi), "lowest": Number("lowest")}
Term = Value | Number


def evaluate(lanes: Lanes, formula: str, operands: tuple[Value, ...], dtype: str) -> tuple[Value, ...]:
    """The results of a formula, whose numbers have ``dtype`` if nothing else in the formula gives them one."""
    return _Evaluation(lanes, operands, part_dtype(dtype)).results(_parsed(formula))


@cache
def _parsed(formula: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(formula.strip()).body)


class _Evaluation:
    def __init__(self, lanes: Lanes, operands: tuple[Value, ...], dtype: str) -> None:
        self.lanes = lanes
        self.dtype = dtype
        self.names: dict[str, Term] = dict(zip("xyz", operands, strict=False)) | _NUMBERS

    def results(self, statements: tuple[ast.stmt, ...]) -> tuple[Value, ...]:
        for statement in statements[:-1]:
            match statement:
                case ast.Assign([ast.Name(name)], expression):
                    self.names[name] = self.term(expression)
                case ast.Expr(expression):
                    self.term(expression)
                case _:
                    raise ValueError(f"A formula cannot contain {ast.unparse(statement)!r}.")
        last = statements[-1]
        if not isinstance(last, ast.Expr):
            raise ValueError(f"A formula must end in an expression, not in {ast.unparse(last)!r}.")
        terms = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
        return tuple(self.typed(self.dtype, self.term(term))[0] for term in terms)

    def term(self, node: ast.expr) -> Term:
        match node:
            case ast.Name(name):
                return self.names[name]
            case ast.Constant(int() | float() as number):
                return Number(number)
            case ast.BinOp(left, sign, right):
                return self.binary(_SIGNS[type(sign)], self.term(left), self.term(right))
            case ast.Compare(left, [sign], [right]):
                return self.lanes.compare(_SIGNS[type(sign)], *self.together(self.term(left), self.term(right)))
            case ast.IfExp(condition, yes, no):
                return self.lanes.select(self.value(condition), *self.together(self.term(yes), self.term(no)))
            case ast.UnaryOp(ast.USub(), operand):
                term = self.term(operand)
                return Number(-float(term.value)) if isinstance(term, Number) else self.lanes.negative(term)
            case ast.UnaryOp(ast.Invert(), operand):
                return self.lanes.invert(self.value(operand))
            case ast.Attribute(operand, "real" | "imag" as part):
                value = self.value(operand)
                return Value(part_dtype(value.dtype), (value.parts[part == "imag"],))
            case ast.Call(ast.Attribute(ast.Name("libm"), function), arguments):
                return _libm(self.lanes, function, tuple(self.together(*map(self.term, arguments))))
            case ast.Call(ast.Name("signals"), [ast.Compare(left, [sign], [right])]):
                return self.lanes.signalling(_SIGNS[type(sign)], *self.together(self.term(left), self.term(right)))
            case ast.Call(ast.Name(function), arguments):
                return self.call(function, *map(self.term, arguments))
            case _:
                raise ValueError(f"A formula cannot contain {ast.unparse(node)!r}.")

    def value(self, node: ast.expr) -> Value:
        """A term that has a dtype by itself."""
        term = self.term(node)
        if isinstance(term, Number):
            raise ValueError(f"{ast.unparse(node)!r} has no dtype here.")
        return term

    def binary(self, sign: str, left: Term, right: Term) -> Term:
        if isinstance(left, Number) and isinstance(right, Number):
            return Number(_fold(sign, left.value, right.value, self.dtype))
        return self.lanes.arithmetic(sign, *self.together(left, right))

    def call(self, function: str, *terms: Term) -> Term:
        first = terms[0]
        if function == "bits_of" and isinstance(first, Value):
            return Number(8 * item_size(first.dtype))
        values = self.together(*terms)
        if function in ELEMENT or function in _COMPLEX:
            return cast(self.lanes, values[0], function)
        if function.startswith("as_"):
            return self.lanes.bits(values[0], function.removeprefix("as_"))
        if function == "complex":
            return Value({"f4": "c8", "f8": "c16"}[values[0].dtype], (values[0].parts[0], values[1].parts[0]))
        return PRIMITIVES[function](self.lanes, *values)

    def together(self, *terms: Term) -> list[Value]:
        """The terms with the dtype of the first that has one."""
        found = [term.dtype for term in terms if isinstance(term, Value)]
        return self.typed(found[0] if found else self.dtype, *terms)

    def typed(self, dtype: str, *terms: Term) -> list[Value]:
        return [term if isinstance(term, Value) else self.constant(dtype, term.value) for term in terms]

    def constant(self, dtype: str, number: float | str) -> Value:
        if number == "lowest":
            number = -(1 << 8 * item_size(dtype) - 1)
        assert not isinstance(number, str)
        return self.lanes.constant(dtype, number)


def _libm(lanes: Lanes, name: str, args: tuple[Value, ...]) -> Value:
    dtype, row = args[0].dtype, LIBM[name]

    def vectors(args: tuple[Value, ...]) -> Value:
        return evaluate(lanes, row.formula, args, dtype)[0] if row.formula else emit_libm.vectors(lanes, name, args)

    domain = row.domain[dtype]
    if not domain:
        return vectors(args)
    return emit_libm.guarded(lanes, name, args, evaluate(lanes, domain, args, dtype)[0], vectors)


def _fold(sign: str, left: float | str, right: float | str, dtype: str) -> float:
    """Arithmetic on two numbers, in the precision of ``dtype``, as a C compiler does it."""
    as_dtype = np.dtype(dtype).type
    return float(getattr(operator, _FOLDED[sign])(as_dtype(left), as_dtype(right)))


def _fmod(lanes: Lanes, x: Value, y: Value) -> Value:
    """The exact remainder with the sign of ``x``: one fused multiply-add while the quotient is exact, else C's fmod."""
    text, kind = lanes.text, lanes.type(x.dtype)
    result = text.variable(kind)
    a, b = lanes.intrinsic("fabs", x), lanes.intrinsic("fabs", y)
    zero, one, infinity = (lanes.constant(x.dtype, number) for number in (0, 1, math.inf))
    # known before the division, which might overflow; scaled down, because the divisor scaled up might, too
    scaled = lanes.arithmetic("*", a, lanes.constant(x.dtype, 2.0 ** (-53 if x.dtype == "f8" else -24)))
    exact = lanes.arithmetic("&", lanes.compare("<", scaled, b), lanes.compare("<", b, infinity))
    odd = lanes.any(lanes.invert(exact)) if lanes.target.fma else "true"
    slow, fast, after = text.label(), text.label(), text.label()
    text.branch(odd, slow, fast)
    text.place(fast)
    # where all lanes are exact, these are the operands; but out of a loop LLVM moves what does not change in it
    a, b = lanes.select(exact, a, zero), lanes.select(exact, b, one)
    # the rounded quotient is right or one too large, and the remainder is a number without rounding either way
    quotient = lanes.intrinsic("trunc", lanes.arithmetic("/", a, b))
    rest = lanes.intrinsic("fma", lanes.negative(quotient), b, a)
    rest = lanes.select(lanes.compare("<", rest, zero), lanes.arithmetic("+", rest, b), rest)
    text.set(result, lanes.intrinsic("copysign", rest, x).parts[0])
    text.goto(after)
    text.place(slow)
    text.set(result, text.let(f"frem {kind} {x.parts[0]}, {y.parts[0]}"))
    text.goto(after)
    text.place(after)
    return Value(x.dtype, (text.get(result),))


def _fma(lanes: Lanes, x: Value, y: Value, z: Value) -> Value:
    """``x * y + z`` rounded once where the machine can: NumPy's complex product does the same."""
    if lanes.target.fma:
        return lanes.intrinsic("fma", x, y, z)
    return lanes.arithmetic("+", lanes.arithmetic("*", x, y), z)


def _signbit(lanes: Lanes, x: Value) -> Value:
    whole = "i" + x.dtype[1:]
    return lanes.compare("<", lanes.bits(x, whole), lanes.constant(whole, 0))


def _flag(code: str) -> Callable[[Lanes, Value], Value]:
    """A primitive that raises a floating-point flag if its condition holds in any lane."""

    def raise_flag(lanes: Lanes, condition: Value) -> Value:
        text = lanes.text
        with text.when(lanes.any(condition)):
            scratch = text.allocate("double")
            left, right = ("1.0", "0.0") if code == "fdiv" else ("0x7FE0000000000000", "0x7FE0000000000000")
            # volatile, so that the operation happens when the kernel runs and not in the compiler
            text.do(f"store volatile double {right}, ptr {scratch}")
            flagged = text.let(f"{code} double {left}, {text.let(f'load volatile double, ptr {scratch}')}")
            text.do(f"store volatile double {flagged}, ptr {scratch}")
        return condition

    return raise_flag


def _intrinsic(name: str) -> Callable[..., Value]:
    return lambda lanes, *values: lanes.intrinsic(name, *values)


PRIMITIVES: dict[str, Callable[..., Value]] = {
    **{name: _intrinsic(name) for name in ("fabs", "sqrt", "floor", "ceil", "trunc", "rint", "copysign")},
    "popcount": _intrinsic("ctpop"),
    "isnan": Lanes.isnan,
    "signbit": _signbit,
    "fmod": _fmod,
    "fma": _fma,
    # LLVM believes that division has no side effects and would move it out of the branch of a selection
    "fence": _intrinsic("arithmetic.fence"),
    "quotient": Lanes.quotient,
    "unsigned": lambda lanes, x: Value("u" + x.dtype[1:], x.parts),
    "divide_flag": _flag("fdiv"),
    "overflow_flag": _flag("fmul"),
}
"""The words of formulas.

Besides Python's operators, ``libm.*``, ``complex``, ``signals``, ``bits_of``, dtypes (casts), and dtypes after ``as_``
(the same bits).
"""
