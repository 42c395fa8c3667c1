"""An operation as a scalar function: for loops that are written by hand and take any operation."""

from __future__ import annotations

from ramba.codegen.emit_op import apply
from ramba.codegen.emit_target import Target
from ramba.codegen.emit_text import Text
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value


def with_operation(kernel: str, digest: str, dtype: str, target: Target) -> str:
    """The module of a kernel that calls ``@op`` of two elements of ``dtype``; its attributes are ``#0``."""
    text, element = Text(), ELEMENT[dtype]
    lanes = Lanes(text, target, 1)
    args = tuple(
        Value(dtype, (text.let(f"insertelement <1 x {element}> poison, {element} {name}, i64 0"),))
        for name in ("%x", "%y")
    )
    (result,) = apply(lanes, digest, args, dtype)
    text.do(f"ret {element} {text.let(f'extractelement <1 x {element}> {result.parts[0]}, i64 0')}")
    head = f"define internal {element} @op({element} %x, {element} %y) alwaysinline #0"
    return text.module(target.triple, target.attributes, head) + kernel
