"""How the vectors of an operand are read from memory and written to it."""

from __future__ import annotations

from ramba.codegen.emit_text import Variable
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, item_size, part_dtype
from ramba.plan.spec import CACHE_LINE


def stored_element(dtype: str) -> str:
    """The LLVM type of (one part of) an element in memory: a bool takes a byte."""
    return "i8" if dtype == "b1" else ELEMENT[part_dtype(dtype)]


class Stream:
    """Elements along the inner loop, at a pointer that is into the array or, for the odd end of a row, into scratch.

    The tail of a row, shorter than a vector, takes the same vector instructions as the rest, so no result depends on
    where a row was cut. It is computed first, as the last lanes of a full vector that ends where the row ends. What the
    other lanes compute is thrown away: results go to a vector on the stack, and only the tail is copied from there.
    Rows shorter than a vector are also read from such a scratch vector.
    """

    def __init__(self, lanes: Lanes, dtype: str, inner: str) -> None:
        self.lanes = lanes
        self.text = lanes.text
        self.dtype = dtype
        self.unit = inner in ("unit", "stream")
        self.nontemporal = inner == "stream"  # the planner promises that rows start at cache lines
        self.size = item_size(dtype)
        self.row = ""  # address of the first element in this row
        self.step = str(self.size)  # bytes from one element to the next in the array
        self.scratch = self.text.allocate(f"[{lanes.width * self.size} x i8]", CACHE_LINE)
        self.pointer: Variable = self.text.variable("ptr")
        self.stride: Variable | None = None if self.unit else self.text.variable("i64")

    def start(self, row: str, step: str) -> None:
        """Names a row: the address of its first element and the bytes between elements."""
        self.row, self.step = row, step

    def go_to_row(self, element: str = "0") -> None:
        """Goes to an element of the row."""
        self.text.set(self.pointer, self.element(element))
        if self.stride is not None:
            self.text.set(self.stride, self.step)

    def go_to_scratch(self) -> None:
        """Goes to the scratch vector."""
        self.text.set(self.pointer, self.scratch)
        if self.stride is not None:
            self.text.set(self.stride, str(self.size))

    def fill_scratch(self) -> None:
        """Puts the first element of the row into every lane of the scratch vector."""
        self._store(self.scratch, splat_from_memory(self.lanes, self.dtype, self.row), CACHE_LINE)

    def copy_in(self, lane: str, element: str) -> None:
        """Copies one element of the row into a lane of the scratch vector."""
        self._copy(self.element(element), self._lane(lane))

    def copy_out(self, lane: str, element: str) -> None:
        """Copies a lane of the scratch vector to an element of the row."""
        self._copy(self._lane(lane), self.element(element))

    def element(self, index: str) -> str:
        """The address of an element of the row."""
        offset = self.text.let(f"mul i64 {index}, {self.step}")
        return self.text.let(f"getelementptr i8, ptr {self.row}, i64 {offset}")

    def _lane(self, lane: str) -> str:
        return self.text.let(f"getelementptr [{self.size} x i8], ptr {self.scratch}, i64 {lane}")

    def _copy(self, source: str, target: str) -> None:
        kind, align = f"i{8 * self.size}", item_size(part_dtype(self.dtype))
        value = self.text.let(f"load {kind}, ptr {source}, align {align}")
        self.text.do(f"store {kind} {value}, ptr {target}, align {align}")

    def read(self, element: str) -> Value:
        """The vector that starts at an element."""
        if not self.unit:
            addresses = self._addresses(element)
            return self._valued([self._gathered(addresses, part) for part in range(self._parts)])
        address, kind, align = self._address(element), self._vector(), self._align
        loaded = self.text.let(f"load {kind}, ptr {address}, align {align}")
        if self._parts == 1:
            return self._valued([loaded])
        width, part = self.lanes.width, part_dtype(self.dtype)
        found = [self.lanes.shuffle(part, loaded, list(range(which, 2 * width, 2)), 2 * width) for which in (0, 1)]
        # LLVM would compute with both parts what is asked of one, and we would report the other one's flags
        return self._valued([self.lanes.fence(part, vector) for vector in found])

    def write(self, element: str, value: Value) -> None:
        """Writes a vector that starts at an element."""
        if self.unit:
            hint = ", !nontemporal !0" if self.nontemporal else ""
            align = min(CACHE_LINE, self.lanes.width * self.size) if self.nontemporal else self._align
            self._store(self._address(element), value, align, hint)
            return
        addresses = self._addresses(element)
        for part, vector in enumerate(value.parts):
            self._scatter(addresses, part, self._as_stored(vector))

    def _store(self, address: str, value: Value, align: int, hint: str = "") -> None:
        parts = [self._as_stored(part) for part in value.parts]
        if self._parts == 2:
            width, kind = self.lanes.width, self.lanes.type(self.dtype)
            mask = ", ".join(f"i32 {lane + which * width}" for lane in range(width) for which in (0, 1))
            parts = [self.text.let(f"shufflevector {kind} {parts[0]}, {kind} {parts[1]}, <{2 * width} x i32> <{mask}>")]
        self.text.do(f"store {self._vector()} {parts[0]}, ptr {address}, align {align}{hint}")

    def write_one(self, address: str, scalars: tuple[str, ...]) -> None:
        """Writes a single element (an LLVM value per part) to an address."""
        for part, scalar in enumerate(scalars):
            stored = self.text.let(f"zext i1 {scalar} to i8") if self.dtype == "b1" else scalar
            self.text.do(f"store {self._stored} {stored}, ptr {self._part(address, part)}, align {self._align}")

    @property
    def _parts(self) -> int:
        return 2 if self.dtype[0] == "c" else 1

    @property
    def _align(self) -> int:
        return item_size(part_dtype(self.dtype))

    @property
    def _stored(self) -> str:
        return stored_element(self.dtype)

    def _vector(self) -> str:
        return f"<{self._parts * self.lanes.width} x {self._stored}>"

    def _address(self, element: str) -> str:
        pointer = self.text.get(self.pointer)
        return self.text.let(f"getelementptr [{self.size} x i8], ptr {pointer}, i64 {element}")

    def _addresses(self, element: str) -> list[str]:
        """Of each lane, where elements are any number of bytes apart."""
        assert self.stride is not None
        stride = self.text.get(self.stride)
        offset = self.text.let(f"mul i64 {element}, {stride}")
        found = [self.text.let(f"getelementptr i8, ptr {self.text.get(self.pointer)}, i64 {offset}")]
        for _ in range(self.lanes.width - 1):
            found.append(self.text.let(f"getelementptr i8, ptr {found[-1]}, i64 {stride}"))
        return found

    def _part(self, address: str, part: int) -> str:
        return self.text.let(f"getelementptr i8, ptr {address}, i64 {self._align}") if part else address

    def _gathered(self, addresses: list[str], part: int) -> str:
        vector = "poison"
        for lane, address in enumerate(addresses):
            scalar = self.text.let(f"load {self._stored}, ptr {self._part(address, part)}, align {self._align}")
            kind = f"<{self.lanes.width} x {self._stored}>"
            vector = self.text.let(f"insertelement {kind} {vector}, {self._stored} {scalar}, i64 {lane}")
        return vector

    def _scatter(self, addresses: list[str], part: int, vector: str) -> None:
        for lane, address in enumerate(addresses):
            scalar = self.text.let(f"extractelement <{self.lanes.width} x {self._stored}> {vector}, i64 {lane}")
            self.text.do(f"store {self._stored} {scalar}, ptr {self._part(address, part)}, align {self._align}")

    def _valued(self, vectors: list[str]) -> Value:
        if self.dtype == "b1":
            kind = f"<{self.lanes.width} x i8>"
            vectors = [self.text.let(f"icmp ne {kind} {vector}, zeroinitializer") for vector in vectors]
        return Value(self.dtype, tuple(vectors))

    def _as_stored(self, vector: str) -> str:
        if self.dtype != "b1":
            return vector
        width = self.lanes.width
        return self.text.let(f"zext <{width} x i1> {vector} to <{width} x i8>")


def splat_from_memory(lanes: Lanes, dtype: str, address: str) -> Value:
    """The element at an address, in every lane."""
    text, size = lanes.text, item_size(part_dtype(dtype))
    scalars = []
    for part in range(2 if dtype[0] == "c" else 1):
        place = text.let(f"getelementptr i8, ptr {address}, i64 {part * size}")
        scalar = text.let(f"load {stored_element(dtype)}, ptr {place}, align {size}")
        scalars.append(text.let(f"icmp ne i8 {scalar}, 0") if dtype == "b1" else scalar)
    return lanes.splat(dtype, *scalars)
