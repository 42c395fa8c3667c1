"""Vectors of NumPy's dtypes in LLVM: types, constants, and the operations that formulas are made of."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

from ramba.codegen.emit_target import Target
from ramba.codegen.emit_text import Text
from ramba.ops import ELEMENT

_PARTS = {"c8": "f4", "c16": "f8"}
_ORDERINGS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_INTEGER = {"+": "add", "-": "sub", "*": "mul", "&": "and", "|": "or", "^": "xor", "<<": "shl"}
_FLOAT = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}


class Value(NamedTuple):
    """A vector of one dtype; complex numbers have two parts."""

    dtype: str
    parts: tuple[str, ...]  # LLVM values


def part_dtype(dtype: str) -> str:
    """The dtype of the real part; of the element itself if it is not complex."""
    return _PARTS.get(dtype, dtype)


def item_size(dtype: str) -> int:
    """Bytes of an element in memory."""
    return int(dtype[1:])


def is_float(dtype: str) -> bool:
    """Whether elements (not their parts) are floating-point numbers."""
    return dtype[0] == "f"


class Lanes:
    """Operations on vectors of a fixed number of lanes."""

    def __init__(self, text: Text, target: Target, width: int) -> None:
        self.text = text
        self.target = target
        self.width = width

    def narrowed(self, width: int) -> Lanes:
        """The same text and target with fewer lanes."""
        return Lanes(self.text, self.target, width)

    def type(self, dtype: str) -> str:
        """The LLVM type of a vector, or of one part of it."""
        return f"<{self.width} x {ELEMENT[part_dtype(dtype)]}>"

    def constant(self, dtype: str, number: complex) -> Value:
        """A vector that has the same number in each lane."""
        element = ELEMENT[part_dtype(dtype)]
        return Value(dtype, tuple(f"splat ({element} {scalar})" for scalar in scalar_constants(dtype, number)))

    def splat(self, dtype: str, *scalars: str) -> Value:
        """A vector that has the same scalar (an LLVM value per part) in each lane."""
        kind, element = self.type(dtype), ELEMENT[part_dtype(dtype)]
        parts = []
        for scalar in scalars:
            first = self.text.let(f"insertelement {kind} poison, {element} {scalar}, i64 0")
            repeated = self.shuffle(part_dtype(dtype), first, [0] * self.width)
            parts.append(self._in_all_lanes(kind, repeated) if is_float(part_dtype(dtype)) else repeated)
        return Value(dtype, tuple(parts))

    def opaque(self, x: Value) -> Value:
        """The value; if it is a constant floating-point number, LLVM does not know which."""
        part = part_dtype(x.dtype)
        return Value(x.dtype, tuple(self.fence(part, p) if is_float(part) and p[0] != "%" else p for p in x.parts))

    def fence(self, dtype: str, vector: str) -> str:
        """The vector, with which LLVM computes only what it is asked to."""
        return self.intrinsic("arithmetic.fence", Value(dtype, (vector,))).parts[0]

    def _in_all_lanes(self, kind: str, vector: str) -> str:
        """The vector, of which LLVM no longer knows that its lanes are equal.

        It would compute with one lane and leave arbitrary bits in the others, whose floating-point flags we would
        report.
        """
        memory = self.text.allocate(kind, 64)
        self.text.do(f"store {kind} {vector}, ptr {memory}, align 64")
        return self.text.let(f"load volatile {kind}, ptr {memory}, align 64")

    def shuffle(self, dtype: str, vector: str, lanes: list[int], source: int | None = None) -> str:
        """Lanes of a vector of ``source`` lanes (default: the width) in another order or number."""
        kind = f"<{source or self.width} x {ELEMENT[dtype]}>"
        mask = f"<{len(lanes)} x i32> <{', '.join(f'i32 {lane}' for lane in lanes)}>"
        return self.text.let(f"shufflevector {kind} {vector}, {kind} poison, {mask}")

    def half(self, value: Value, which: int) -> Value:
        """The first (0) or the second (1) half of the lanes."""
        size = self.width // 2
        lanes = list(range(which * size, (which + 1) * size))
        return Value(value.dtype, tuple(self.shuffle(part_dtype(value.dtype), part, lanes) for part in value.parts))

    def arithmetic(self, sign: str, x: Value, y: Value) -> Value:
        """``x + y`` and the like, for two vectors of the same dtype."""
        if is_float(x.dtype):
            code = _FLOAT[sign]
        elif sign == ">>":
            code = "ashr" if x.dtype[0] == "i" else "lshr"
        else:
            code = _INTEGER[sign]
        return Value(x.dtype, (self.text.let(f"{code} {self.type(x.dtype)} {x.parts[0]}, {y.parts[0]}"),))

    def quotient(self, x: Value, y: Value) -> Value:
        """Integer division that truncates; no lane of ``y`` may be 0, and none may overflow."""
        code = "sdiv" if x.dtype[0] == "i" else "udiv"
        return Value(x.dtype, (self.text.let(f"{code} {self.type(x.dtype)} {x.parts[0]}, {y.parts[0]}"),))

    def compare(self, sign: str, x: Value, y: Value) -> Value:
        """A comparison; with a nan only ``!=`` holds, and no flag is raised if the target has quiet compares."""
        kind, left, right = self.type(x.dtype), x.parts[0], y.parts[0]
        if not is_float(x.dtype):
            signed = "s" if x.dtype[0] == "i" else "u"
            code = {"==": "eq", "!=": "ne"}.get(sign) or signed + _ORDERINGS[sign]
            return Value("b1", (self.text.let(f"icmp {code} {kind} {left}, {right}"),))
        if sign in _ORDERINGS and self.target.quiet_compare:
            # a plain fcmp becomes the signalling instruction on x86, and NumPy does not warn of nan < 1
            return self._strict("fcmp", sign, x, y)
        code = {"==": "oeq", "!=": "une"}.get(sign) or "o" + _ORDERINGS[sign]
        return Value("b1", (self.text.let(f"fcmp {code} {kind} {left}, {right}"),))

    def signalling(self, sign: str, x: Value, y: Value) -> Value:
        """An ordered comparison of floats that raises INVALID if there is a nan, as C's operators do."""
        return self._strict("fcmps", sign, x, y)

    def _strict(self, comparison: str, sign: str, x: Value, y: Value) -> Value:
        kind = self.type(x.dtype)
        function = f"llvm.experimental.constrained.{comparison}.v{self.width}{x.dtype[0]}{8 * item_size(x.dtype)}"
        self.text.declare(f"<{self.width} x i1> @{function}({kind}, {kind}, metadata, metadata)")
        call = f"call <{self.width} x i1> @{function}({kind} {x.parts[0]}, {kind} {y.parts[0]}, "
        return Value("b1", (self.text.let(call + f'metadata !"o{_ORDERINGS[sign]}", metadata !"fpexcept.strict")'),))

    def isnan(self, x: Value) -> Value:
        """Whether each lane is a nan."""
        return Value("b1", (self.text.let(f"fcmp uno {self.type(x.dtype)} {x.parts[0]}, zeroinitializer"),))

    def select(self, condition: Value, x: Value, y: Value) -> Value:
        """``x`` where the condition holds, else ``y``."""
        kind, mask = self.type(x.dtype), f"<{self.width} x i1> {condition.parts[0]}"
        # LLVM would compute with a constant itself, without flags, and move what the selection guards out of it
        pairs = zip(self.opaque(x).parts, self.opaque(y).parts, strict=True)
        chosen = [self.text.let(f"select {mask}, {kind} {a}, {kind} {b}") for a, b in pairs]
        if is_float(part_dtype(x.dtype)):
            # of a selection by the same condition of what is computed with this one LLVM would leave only the outer one
            chosen = [self.intrinsic("arithmetic.fence", Value(part_dtype(x.dtype), (c,))).parts[0] for c in chosen]
        return Value(x.dtype, tuple(chosen))

    def negative(self, x: Value) -> Value:
        """``-x``; integers wrap around."""
        kind = self.type(x.dtype)
        code = f"fneg {kind} {x.parts[0]}" if is_float(x.dtype) else f"sub {kind} zeroinitializer, {x.parts[0]}"
        return Value(x.dtype, (self.text.let(code),))

    def invert(self, x: Value) -> Value:
        """``~x``; of a bool, not."""
        ones = f"splat ({ELEMENT[x.dtype]} {'true' if x.dtype == 'b1' else -1})"
        return Value(x.dtype, (self.text.let(f"xor {self.type(x.dtype)} {x.parts[0]}, {ones}"),))

    def intrinsic(self, name: str, *args: Value) -> Value:
        """An LLVM intrinsic over vectors of one dtype that it also returns."""
        kind, dtype = self.type(args[0].dtype), args[0].dtype
        suffix = f"v{self.width}{'f' if is_float(dtype) else 'i'}{8 * item_size(dtype)}"
        return Value(dtype, (self.text.call(kind, f"llvm.{name}.{suffix}", *((kind, a.parts[0]) for a in args)),))

    def bits(self, x: Value, dtype: str) -> Value:
        """The same bits as elements of another dtype of the same size."""
        if ELEMENT[x.dtype] == ELEMENT[dtype]:
            return Value(dtype, x.parts)
        return Value(dtype, (self.text.let(f"bitcast {self.type(x.dtype)} {x.parts[0]} to {self.type(dtype)}"),))

    def any(self, condition: Value) -> str:
        """An i1: whether the condition holds in any lane."""
        mask = (f"<{self.width} x i1>", condition.parts[0])
        return self.text.call("i1", f"llvm.vector.reduce.or.v{self.width}i1", mask)


def scalar_constants(dtype: str, number: complex) -> tuple[str, ...]:
    """A number of a dtype as LLVM writes it, one text per part."""
    if dtype[0] == "c":
        part = part_dtype(dtype)
        return _literal(part, complex(number).real), _literal(part, complex(number).imag)
    return (_literal(dtype, number),)


def _literal(dtype: str, number: complex) -> str:
    """A number as LLVM writes it; floating-point numbers by the bits of a double."""
    if dtype == "b1":
        return "true" if number else "false"
    if not is_float(dtype):
        return str(int(number.real))
    with np.errstate(over="ignore"):
        rounded = float(np.dtype(dtype).type(number.real))
    return f"0x{struct.unpack('<Q', struct.pack('<d', rounded))[0]:016X}"


__all__ = ["ELEMENT", "Lanes", "Value", "is_float", "item_size", "part_dtype", "scalar_constants"]
