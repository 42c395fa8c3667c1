"""Folds: values combined over the folded loops, in vector registers or in a strip of memory."""

from __future__ import annotations

from ramba.codegen.emit_memory import Stream
from ramba.codegen.emit_op import apply
from ramba.codegen.emit_text import Variable
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, part_dtype, scalar_constants
from ramba.ops import identity

LEAF = 512
"""Points that a sum of floating-point numbers adds up one after the other (in each lane, a part of them)."""

_DEPTH = 50  # of the stack of partial sums: enough for 2**50 leaves


def combine(lanes: Lanes, op: str, x: Value, y: Value) -> Value:
    """Two partial results made one."""
    return apply(lanes, op, (x, y), x.dtype)[0]


def is_pairwise(op: str, dtype: str) -> bool:
    """Whether leaves are combined in pairs, pairs in pairs and so on, to keep rounding errors small."""
    return op == "add" and dtype[0] in "fc"


class RegisterFold:
    """A fold over the inner loop (and the folded outer loops): the accumulator is a vector."""

    def __init__(self, lanes: Lanes, op: str, dtype: str) -> None:
        self.lanes, self.text = lanes, lanes.text
        self.op, self.dtype = op, dtype
        self.pairwise = is_pairwise(op, dtype)
        self._identity = lanes.constant(dtype, identity(op, dtype).item())
        # a vector of bits that lives across iterations is spread and gathered each time: kept as bytes instead
        kind = f"<{lanes.width} x i8>" if dtype == "b1" else lanes.type(dtype)
        parts = len(self._identity.parts)
        self._now = [self.text.variable(kind) for _ in range(parts)]
        self._before = [self.text.variable(kind) for _ in range(parts)]
        if self.pairwise:
            self._stacks = [self.text.allocate(f"[{_DEPTH} x {kind}]", 64) for _ in range(parts)]
            self._top = self.text.variable("i64")  # vectors on the stack
            self._leaves = self.text.variable("i64")  # pushed so far

    def reset(self) -> None:
        """Starts a new result."""
        self._set(self._now, self._identity)
        if self.pairwise:
            self.text.set(self._top, "0")
            self.text.set(self._leaves, "0")

    def add(self, value: Value) -> None:
        """Takes in a vector of values."""
        self._set(self._now, combine(self.lanes, self.op, self._get(self._now), value))

    def save(self) -> None:
        """Remembers the accumulator before the tail."""
        self._set(self._before, self._get(self._now))

    def keep_lanes(self, mask: str) -> None:
        """Takes back what lanes outside the mask took in since `save`."""
        now, before = self._get(self._now), self._get(self._before)
        self._set(self._now, self.lanes.select(Value("b1", (mask,)), now, before))

    def push_leaf(self) -> None:
        """Ends a leaf: combines it with as many before it as the count of leaves has trailing ones."""
        text = self.text
        ones = text.variable("i64", text.get(self._leaves))
        text.set(self._leaves, text.let(f"add i64 {text.get(self._leaves)}, 1"))
        head, inside, after = text.label(), text.label(), text.label()
        text.goto(head)
        text.place(head)
        bits = text.get(ones)
        text.branch(text.let(f"trunc i64 {bits} to i1"), inside, after)
        text.place(inside)
        self._pop()
        text.set(ones, text.let(f"lshr i64 {bits}, 1"))
        text.goto(head)
        text.place(after)
        top = text.get(self._top)
        for stack, part in zip(self._stacks, self._get(self._now).parts, strict=True):
            kind = self.lanes.type(self.dtype)
            text.do(f"store {kind} {part}, ptr {text.let(f'getelementptr {kind}, ptr {stack}, i64 {top}')}, align 64")
        text.set(self._top, text.let(f"add i64 {top}, 1"))
        self._set(self._now, self._identity)

    def finish(self, address: str) -> None:
        """Writes the result to its place among the partial results."""
        text, lanes = self.text, self.lanes
        if self.pairwise:
            with text.loop("0", text.get(self._top)):
                self._pop()
        value = self._get(self._now)
        while lanes.width > 1:
            first, second = lanes.half(value, 0), lanes.half(value, 1)
            lanes = lanes.narrowed(lanes.width // 2)
            value = combine(lanes, self.op, first, second)
        kind = f"<1 x {ELEMENT[part_dtype(self.dtype)]}>"
        scalars = tuple(text.let(f"extractelement {kind} {part}, i64 0") for part in value.parts)
        Stream(lanes, self.dtype, "unit").write_one(address, scalars)

    def _pop(self) -> None:
        """Adds the vector on top of the stack to the accumulator."""
        text, kind = self.text, self.lanes.type(self.dtype)
        top = text.let(f"sub i64 {text.get(self._top)}, 1")
        text.set(self._top, top)
        parts = tuple(
            text.let(f"load {kind}, ptr {text.let(f'getelementptr {kind}, ptr {stack}, i64 {top}')}, align 64")
            for stack in self._stacks
        )
        self._set(self._now, combine(self.lanes, self.op, Value(self.dtype, parts), self._get(self._now)))

    def _get(self, variables: list[Variable]) -> Value:
        parts = tuple(self.text.get(variable) for variable in variables)
        if self.dtype == "b1":
            parts = (self.text.let(f"icmp ne {variables[0].type} {parts[0]}, zeroinitializer"),)
        return Value(self.dtype, parts)

    def _set(self, variables: list[Variable], value: Value) -> None:
        for variable, part in zip(variables, value.parts, strict=True):
            if self.dtype == "b1":
                part = self.text.let(f"zext {self.lanes.type('b1')} {part} to {variable.type}")
            self.text.set(variable, part)


class StripFold:
    """A fold over folded outer loops alone: the partial results of a row are its accumulators."""

    def __init__(self, lanes: Lanes, op: str, dtype: str) -> None:
        self.lanes, self.op, self.dtype = lanes, op, dtype
        self.source, self.target = Stream(lanes, dtype, "unit"), Stream(lanes, dtype, "unit")

    def reset(self, strip: str, whole: str, length: str) -> None:
        """Starts new results: fills the strip at an address, whose first ``whole`` elements are full vectors."""
        text, lanes = self.lanes.text, self.lanes
        for stream in (self.source, self.target):
            stream.start(strip, str(stream.size))
            stream.go_to_row()
        number = identity(self.op, self.dtype).item()
        with text.loop("0", whole, lanes.width) as element:
            self.target.write(element, lanes.constant(self.dtype, number))
        scalars = scalar_constants(self.dtype, number)
        with text.loop(whole, length) as element:
            self.target.write_one(self.target.element(element), scalars)

    def add(self, element: str, value: Value) -> None:
        """Takes in a vector of values that belong to the elements from ``element`` on."""
        kind = self.lanes.type(self.dtype)
        # frozen, or LLVM would turn "maximum" into a masked store, which is slow on AMD
        parts = tuple(self.lanes.text.let(f"freeze {kind} {part}") for part in self.source.read(element).parts)
        self.target.write(element, combine(self.lanes, self.op, Value(self.dtype, parts), value))
