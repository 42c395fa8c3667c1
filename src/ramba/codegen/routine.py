"""Hand-written kernels: a text with typed loads and stores, and how it is called."""

from __future__ import annotations

from typing import TypeAlias

from ramba.codegen.compile import emit_target
from ramba.codegen.emit_text import Text
from ramba.codegen.emit_vector import ELEMENT, item_size
from ramba.codegen.native import Code, build

REGISTER = {dtype: kind for dtype, kind in ELEMENT.items() if dtype != "b1"}
"""The LLVM type of an element, for the dtypes that hand-written kernels know."""


Operand: TypeAlias = str | int


class Routine(Text):
    """The text of a function ``void kernel(ptr args, i64 tile)``, whose arguments are 64-bit words.

    Its words are instructions of LLVM's; what has no type said for it is an i64.
    """

    def of_two(self, name: str, a: Operand, b: Operand, kind: str) -> str:
        """What an instruction makes of two values of one type."""
        return self.let(f"{name} {kind} {a}, {b}")

    def add(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """The sum."""
        return self.of_two("add", a, b, kind)

    def sub(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """The difference."""
        return self.of_two("sub", a, b, kind)

    def mul(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """The product."""
        return self.of_two("mul", a, b, kind)

    def udiv(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """The quotient of what has no sign."""
        return self.of_two("udiv", a, b, kind)

    def urem(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """The remainder of what has no sign."""
        return self.of_two("urem", a, b, kind)

    def and_(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits that both have."""
        return self.of_two("and", a, b, kind)

    def or_(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits that one has."""
        return self.of_two("or", a, b, kind)

    def xor(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits that only one has."""
        return self.of_two("xor", a, b, kind)

    def shl(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits moved up."""
        return self.of_two("shl", a, b, kind)

    def lshr(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits moved down, zeros behind them."""
        return self.of_two("lshr", a, b, kind)

    def ashr(self, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Bits moved down, the sign behind them."""
        return self.of_two("ashr", a, b, kind)

    def fsub(self, a: Operand, b: Operand, kind: str) -> str:
        """The difference of floats."""
        return self.of_two("fsub", a, b, kind)

    def fmul(self, a: Operand, b: Operand, kind: str) -> str:
        """The product of floats."""
        return self.of_two("fmul", a, b, kind)

    def negation(self, truth: str) -> str:
        """Whether something does not hold."""
        return self.let(f"xor i1 {truth}, true")

    def icmp(self, how: str, a: Operand, b: Operand, kind: str = "i64") -> str:
        """Whether two integers compare so: ``eq``, ``slt``, ``uge``, ..."""
        return self.of_two(f"icmp {how}", a, b, kind)

    def fcmp(self, how: str, a: Operand, b: Operand, kind: str) -> str:
        """Whether two floats compare so: ``olt``, ``uno``, ..."""
        return self.of_two(f"fcmp {how}", a, b, kind)

    def select(self, truth: str, yes: Operand, no: Operand, kind: str = "i64", truths: str = "i1") -> str:
        """One of two values, without a branch."""
        return self.let(f"select {truths} {truth}, {kind} {yes}, {kind} {no}")

    def cast(self, name: str, value: Operand, source: str, target: str) -> str:
        """A value in another LLVM type: ``zext``, ``trunc``, ``bitcast``, ..."""
        return self.let(f"{name} {source} {value} to {target}")

    def word(self, place: int, kind: str = "i64") -> str:
        """An argument: an i64, or a ptr."""
        return self.load(kind, "%args", str(place))

    def at(self, kind: str, base: str, index: Operand) -> str:
        """The address of an element."""
        return self.let(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def load(self, kind: str, base: str, index: str, align: int = 0) -> str:
        """An element of memory."""
        return self.let(f"load {kind}, ptr {self.at(kind, base, index)}{f', align {align}' if align else ''}")

    def store(self, kind: str, value: str, base: str, index: str, align: int = 0) -> None:
        """Writes an element of memory."""
        self.do(f"store {kind} {value}, ptr {self.at(kind, base, index)}{f', align {align}' if align else ''}")

    def read(self, kind: str, address: str, align: int | str = 0) -> str:
        """What lies at an address."""
        return self.let(f"load {kind}, ptr {address}{f', align {align}' if align else ''}")

    def put(self, kind: str, value: Operand, address: str, align: int | str = 0) -> None:
        """Writes at an address."""
        self.do(f"store {kind} {value}, ptr {address}{f', align {align}' if align else ''}")

    def bits(self, width: int, truths: str) -> str:
        """A vector of i1 as one integer."""
        return self.let(f"bitcast <{width} x i1> {truths} to i{width}")

    def insert(self, whole: str, value: Operand, kind: str, lane: Operand, place: Operand) -> str:
        """A vector with one of its elements replaced."""
        return self.let(f"insertelement {whole} {value}, {kind} {lane}, i64 {place}")

    def extract(self, whole: str, value: str, place: Operand) -> str:
        """One element of a vector."""
        return self.let(f"extractelement {whole} {value}, i64 {place}")

    def vector(self, width: int, kind: str, base: str, index: str, align: int) -> str:
        """Consecutive elements, from an index on; a single one is no vector."""
        address = self.at(kind, base, index)
        return self.let(f"load {vector_of(kind, width)}, ptr {address}, align {align}")

    def write(self, kind: str, lanes: list[str], base: str, index: str, align: int) -> None:
        """Writes consecutive elements, from an index on."""
        whole, value = vector_of(kind, len(lanes)), lanes[0]
        if len(lanes) > 1:
            value = "poison"
            for n, lane in enumerate(lanes):
                value = self.let(f"insertelement {whole} {value}, {kind} {lane}, i64 {n}")
        self.do(f"store {whole} {value}, ptr {self.at(kind, base, index)}, align {align}")

    def splat(self, width: int, kind: str, value: str) -> str:
        """A vector of equal elements."""
        if width == 1:
            return value
        whole = vector_of(kind, width)
        first = self.let(f"insertelement {whole} poison, {kind} {value}, i64 0")
        return self.let(f"shufflevector {whole} {first}, {whole} poison, <{width} x i32> zeroinitializer")

    def lane(self, width: int, kind: str, value: str, lane: int) -> str:
        """One element of a vector."""
        return value if width == 1 else self.let(f"extractelement {vector_of(kind, width)} {value}, i64 {lane}")

    def any(self, width: int, truths: str) -> str:
        """Whether one lane of a vector of i1 is true."""
        if width == 1:
            return truths
        return self.icmp("ne", self.bits(width, truths), 0, f"i{width}")

    def smaller(self, a: str, b: str) -> str:
        """The smaller of two i64."""
        return self.let(f"select i1 {self.let(f'icmp slt i64 {a}, {b}')}, i64 {a}, i64 {b}")

    def share(self, count: str, size: str) -> tuple[str, str]:
        """The first element of this tile and the end of it, when each has so many of all."""
        first = self.let(f"mul i64 %tile, {size}")
        return first, self.smaller(self.let(f"add i64 {first}, {size}"), count)

    def whole(self, first: str, last: str, width: int) -> str:
        """Where the last full vector of a range ends."""
        odd = self.let(f"urem i64 {self.let(f'sub i64 {last}, {first}')}, {width}")
        return self.let(f"sub i64 {last}, {odd}")

    def convert(self, value: str, source: str, target: str, width: int = 1) -> str:
        """A value of one dtype in another one, as a cast in C gives it."""
        before, after = vector_of(REGISTER[source], width), vector_of(REGISTER[target], width)
        if before == after:
            return value
        wider = item_size(target) > item_size(source)
        match source[0], target[0]:
            case "f", "f":
                code = "fpext" if wider else "fptrunc"
            case "f", kind:
                code = "fptosi" if kind == "i" else "fptoui"
            case kind, "f":
                code = "sitofp" if kind == "i" else "uitofp"
            case kind, _:
                code = ("sext" if kind == "i" else "zext") if wider else "trunc"
        return self.let(f"{code} {before} {value} to {after}")

    def copy_bytes(self, to: str, source: str, count: str) -> None:
        """Copies bytes between addresses, whose memory does not overlap, by the C library's function."""
        self.declare("void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        self.do(f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {count}, i1 false)")

    def clear_bytes(self, to: str, count: str) -> None:
        """Writes zeros."""
        self.declare("void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        self.do(f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {count}, i1 false)")

    def stream_bytes(self, to: str, source: str, count: str) -> None:
        """As :meth:`copy_bytes`, around the caches: whole lines are written without being read first."""
        line, together = 64, 4
        address = self.let(f"ptrtoint ptr {to} to i64")
        odd = self.let(f"and i64 {self.let(f'sub i64 0, {address}')}, {line - 1}")
        head = self.smaller(odd, count)
        self.copy_bytes(to, source, head)
        last = self.whole(head, count, line * together)
        with self.loop(head, last, line * together) as i:
            places = [self.let(f"add i64 {i}, {line * n}") for n in range(together)]
            lines = [self.vector(line // 8, "i64", self.at("i8", source, place), "0", 1) for place in places]
            for place, value in zip(places, lines, strict=True):
                self.do(f"store <8 x i64> {value}, ptr {self.at('i8', to, place)}, align {line}, !nontemporal !0")
        self.copy_bytes(self.at("i8", to, last), self.at("i8", source, last), self.let(f"sub i64 {count}, {last}"))
        self.settle_streams()

    def settle_streams(self) -> None:
        """Lets whoever learns that this tile is done see what it wrote around the caches."""
        if emit_target().triple.startswith("x86_64"):
            self.declare("void @llvm.x86.sse.sfence()")
            self.do("call void @llvm.x86.sse.sfence()")

    def build(self) -> Code:
        """The machine code."""
        target = emit_target()
        return build(self.module(target.triple, target.attributes), "kernel")


def vector_of(kind: str, width: int) -> str:
    """An LLVM type of so many elements."""
    return kind if width == 1 else f"<{width} x {kind}>"
