"""From an operation, in whatever way it is lowered, to LLVM instructions on vectors."""

from __future__ import annotations

from ramba.codegen.emit_formula import evaluate
from ramba.codegen.emit_scalar import vectorised
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, part_dtype
from ramba.ops import OPS, Constant, Machine, Steps


def apply(lanes: Lanes, digest: str, args: tuple[Value, ...], dtype: str) -> tuple[Value, ...]:
    """The results of an operation on vectors; ``dtype`` is that of the (first) result."""
    lowering = OPS[digest].lower(tuple(arg.dtype for arg in args), dtype)
    match lowering:
        case str():
            return evaluate(lanes, lowering, args, dtype)
        case Steps():
            return _steps(lanes, lowering, args)
        case Machine():
            made = vectorised(lanes, lowering, args, dtype, apply)
            return (made or _lane_by_lane(lanes, lowering, args, dtype),)
    raise ValueError(f"{digest} of {args[0].dtype} has no formula: only the interpreter runs it.")


def _steps(lanes: Lanes, lowering: Steps, args: tuple[Value, ...]) -> tuple[Value, ...]:
    """Other operations, one after the other."""
    values = list(args)

    def value(arg: int | Constant) -> Value:
        return values[arg] if isinstance(arg, int) else lanes.constant(arg.dtype, arg.value)

    for step in lowering.steps:
        results = apply(lanes, step.op, tuple(map(value, step.args)), step.dtype)
        values.append(results[step.result])
    return tuple(map(value, lowering.results))


def _lane_by_lane(lanes: Lanes, function: Machine, args: tuple[Value, ...], dtype: str) -> Value:
    """A scalar function, called once for each lane."""
    text, kind, element = lanes.text, lanes.type(dtype), ELEMENT[part_dtype(dtype)]
    attributes = "alwaysinline #0" if function.inline else "noinline #0"
    head = f"define internal {function.returns} @{function.symbol}({', '.join(function.operands)})"
    text.define(f"{head} {attributes} {{\n{function.body}\n}}")
    for declaration in function.outside:
        text.declare(declaration)
    stop = [f"ptr {text.stop()}"] if function.loops else []
    found = "poison"
    for lane in range(lanes.width):
        passed = []
        for arg in args:
            scalar = text.let(f"extractelement {lanes.type(arg.dtype)} {arg.parts[0]}, i64 {lane}")
            passed.append(f"{ELEMENT[arg.dtype]} {scalar}")
        result = text.let(f"call {element} @{function.symbol}({', '.join([*passed, *stop])})")
        found = text.let(f"insertelement {kind} {found}, {element} {result}, i64 {lane}")
    return Value(dtype, (found,))
