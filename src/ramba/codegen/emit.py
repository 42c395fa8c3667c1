"""From a kernel spec to the text of an LLVM function that computes one tile of it.

The text depends on the spec and the target alone. Vectors are explicit: nothing is left to the loop vectoriser, no
operation is contracted or reordered, and an element gets the same instructions wherever rows are cut into tiles.
"""

from __future__ import annotations

from ramba.codegen.emit_fold import LEAF, RegisterFold, StripFold
from ramba.codegen.emit_loop import Arguments, Range, Row, RowParts
from ramba.codegen.emit_memory import Stream, splat_from_memory
from ramba.codegen.emit_op import apply
from ramba.codegen.emit_target import Target
from ramba.codegen.emit_text import Text
from ramba.codegen.emit_vector import ELEMENT, Lanes, Value, item_size, part_dtype
from ramba.ops import OPS
from ramba.plan.spec import KernelSpec

_SHORT = 24  # instructions: with more, two vectors in flight need too many registers
_MANY_OPERANDS = 12


def emit(spec: KernelSpec, target: Target) -> str:
    """The LLVM module of ``void kernel(ptr args, i64 tile)``."""
    return _Kernel(spec, target).text_of_module()


def width(spec: KernelSpec, target: Target) -> int:
    """Lanes of the vectors that a kernel computes with."""
    dtypes = {operand.dtype for operand in spec.operands} | {step.dtype for step in spec.program}
    widest = max(item_size(part_dtype(dtype)) for dtype in dtypes)
    native = max(2, target.vector_bits // (8 * widest))
    steps = sum(OPS[step.op].size for step in spec.program)
    if spec.fold_inner and spec.folds:
        # one addition takes as long as four that do not wait for each other
        return native * (4 if steps <= 8 and len(spec.folds) == 1 else 2 if steps <= _SHORT else 1)
    calls = any(not OPS[step.op].is_exact(step.dtype) for step in spec.program)
    return native * (1 if steps > _SHORT or len(spec.operands) > _MANY_OPERANDS or calls else 2)


class _Kernel:
    """One function under construction."""

    def __init__(self, spec: KernelSpec, target: Target) -> None:
        self.spec, self.target = spec, target
        self.text = Text()
        self.lanes = Lanes(self.text, target, width(spec, target))
        self.args = Arguments(self.text, spec)
        self.used = _used_values(spec)
        self.reads: dict[int, Stream] = {}
        self.writes: dict[int, Stream] = {}
        self.values: dict[int, Value] = {}  # known outside the inner loop: scalars and broadcast operands
        self.index_rows: dict[int, tuple[str, str]] = {}  # the value at a row's first point, and the step
        self.registers: dict[int, RegisterFold] = {}  # by the number of the fold's operand
        self.strips: dict[int, StripFold] = {}

    def text_of_module(self) -> str:
        text, args, spec = self.text, self.args, self.spec
        sizes, counts = zip(*(args.tile(axis) for axis in range(3)), strict=True)
        inner_tile = text.let(f"urem i64 %tile, {counts[2]}")
        outer = text.let(f"udiv i64 %tile, {counts[2]}")
        folded_tile, kept_tile = text.let(f"urem i64 {outer}, {counts[1]}"), text.let(f"udiv i64 {outer}, {counts[1]}")
        extents = [args.extent(loop) for loop in range(args.loops)]
        self.kept = Range(text, extents[: spec.kept], sizes[0], kept_tile)
        self.folded = Range(text, extents[spec.kept : -1], sizes[1], folded_tile)
        self.inner = Range(text, extents[-1:], sizes[2], inner_tile)
        self.parts = (folded_tile, text.let(f"add i64 {text.let(f'mul i64 {folded_tile}, {counts[2]}')}, {inner_tile}"))
        self._prepare()
        with self.kept.each() as (point, kept_indices):
            self._start_folds(point)
            with self.folded.each() as (_, folded_indices):
                self._row([*kept_indices, *folded_indices])
            self._finish_folds(point)
        if any(stream.nontemporal for stream in self.writes.values()) and self.target.triple.startswith("x86_64"):
            text.declare("void @llvm.x86.sse.sfence()")
            text.do("call void @llvm.x86.sse.sfence()")
        return text.module(self.target.triple, self.target.attributes)

    def _prepare(self) -> None:
        """Whatever is the same for all rows."""
        text, lanes, spec = self.text, self.lanes, self.spec
        for number, operand in enumerate(spec.operands):
            if operand.role == "scalar" and number in self.used:
                self.values[number] = self._scalar(number, operand.dtype)
            elif operand.role == "load" and number in self.used and operand.inner != "zero":
                self.reads[number] = Stream(lanes, operand.dtype, operand.inner)
        for store in spec.stores:
            operand = spec.operands[store.operand]
            self.writes[store.operand] = Stream(lanes, operand.dtype, operand.inner)
        for fold in spec.folds:
            dtype = spec.operands[fold.operand].dtype
            if spec.fold_inner:
                self.registers[fold.operand] = RegisterFold(lanes, fold.op, dtype)
            else:
                self.strips[fold.operand] = StripFold(lanes, fold.op, dtype)
        length = text.let(f"sub i64 {self.inner.stop}, {self.inner.start}")
        leaf = LEAF if any(fold.pairwise for fold in self.registers.values()) else 0
        self.row = Row(text, lanes.width, length, leaf)
        self.lane_numbers = f"<{', '.join(f'i64 {lane}' for lane in range(lanes.width))}>"
        self.lane_offsets = text.variable(f"<{lanes.width} x i64>")  # of index operands, from their first lane

    def _scalar(self, number: int, dtype: str) -> Value:
        part = part_dtype(dtype)
        scalars = []
        for word in [self.args.first, self.args.second][: 2 if dtype[0] == "c" else 1]:
            bits = word(number)
            whole = f"i{8 * item_size(part)}"
            if part == "b1":
                scalars.append(self.text.let(f"icmp ne i64 {bits}, 0"))
                continue
            if whole != "i64":
                bits = self.text.let(f"trunc i64 {bits} to {whole}")
            scalars.append(self.text.let(f"bitcast {whole} {bits} to {ELEMENT[part]}"))
        return self.lanes.splat(dtype, *scalars)

    def _start_folds(self, point: str) -> None:
        for fold in self.registers.values():
            fold.reset()
        if self.registers:
            self.row.start_leaf()
        for number, strip in self.strips.items():
            # partial[folded tile][point of the kept loops][element]
            row = self.text.let(f"add i64 {self.text.let(f'mul i64 {self.parts[0]}, {self.kept.total}')}, {point}")
            first = self.text.let(f"add i64 {self.text.let(f'mul i64 {row}, {self.inner.total}')}, {self.inner.start}")
            strip.reset(self._partial(number, first), self.row.whole, self.row.length)

    def _finish_folds(self, point: str) -> None:
        for number, fold in self.registers.items():
            # partial[folded tile * inner tiles + inner tile][point of the kept loops]
            row = self.text.let(f"mul i64 {self.parts[1]}, {self.kept.total}")
            fold.finish(self._partial(number, self.text.let(f"add i64 {row}, {point}")))

    def _partial(self, number: int, element: str) -> str:
        """The address of an element among the partial results of a fold."""
        base = self.text.let(f"inttoptr i64 {self.args.first(number)} to ptr")
        size = item_size(self.spec.operands[number].dtype)
        return self.text.let(f"getelementptr [{size} x i8], ptr {base}, i64 {element}")

    def _row(self, indices: list[str]) -> None:
        text, lanes = self.text, self.lanes
        for number, operand in enumerate(self.spec.operands):
            if operand.role == "index" and number in self.used:
                self.index_rows[number] = self._first(number, indices, moves=True)
            elif operand.role == "load" and operand.inner == "zero" and number in self.used:
                address = text.let(f"inttoptr i64 {self._first(number, indices, moves=False)[0]} to ptr")
                self.values[number] = splat_from_memory(lanes, operand.dtype, address)
        for number, stream in [*self.reads.items(), *self.writes.items()]:
            first, step = self._first(number, indices, moves=True)
            stream.start(text.let(f"inttoptr i64 {first} to ptr"), str(stream.size) if stream.unit else step)
        self.index_bases = {number: text.variable("i64") for number in self.index_rows}
        self.row.run(
            RowParts(
                self._body, self._enter_full, self._enter_overlap, self._enter_short, self._leave_tail, self._end_leaf
            )
        )

    def _first(self, number: int, indices: list[str], *, moves: bool) -> tuple[str, str]:
        """Where an operand is at the first point of a row (address or value), and its step along the row."""
        text, place = self.text, self.args.first(number)
        for loop, index in enumerate(indices):
            moved = text.let(f"mul i64 {index}, {self.args.stride(number, loop)}")
            place = text.let(f"add i64 {place}, {moved}")
        if not moves:
            return place, "0"
        operand = self.spec.operands[number]
        unit = operand.role != "index" and operand.inner in ("unit", "stream")
        step = str(item_size(operand.dtype)) if unit else self.args.stride(number, self.args.loops - 1)
        return text.let(f"add i64 {place}, {text.let(f'mul i64 {self.inner.start}, {step}')}"), step

    def _sources(self) -> list[Stream]:
        return [*self.reads.values(), *(strip.source for strip in self.strips.values())]

    def _targets(self) -> list[Stream]:
        return [*self.writes.values(), *(strip.target for strip in self.strips.values())]

    def _enter_full(self) -> None:
        for stream in [*self._sources(), *self._targets()]:
            stream.go_to_row()
        self._set_indices("0", self.lane_numbers)

    def _enter_overlap(self) -> None:
        for stream in self._sources():
            stream.go_to_row(self.row.overlap)
        self._set_indices(self.row.overlap, self.lane_numbers)
        self._enter_tail()

    def _enter_short(self) -> None:
        text, kind = self.text, self.lanes.type("i8")
        # idle lanes repeat the first element, so that they raise no floating-point flag of their own
        for stream in self._sources():
            stream.fill_scratch()
        with self.row.tail_lanes() as (lane, element):
            for stream in self._sources():
                stream.copy_in(lane, element)
        for stream in self._sources():
            stream.go_to_scratch()
        idle = self.lanes.splat("i8", self.row.idle).parts[0]
        moved = text.let(f"sub {kind} {self.lane_numbers}, {idle}")
        counts = text.let(f"icmp sgt {kind} {moved}, zeroinitializer")
        mask = f"<{self.lanes.width} x i1> {counts}"
        self._set_indices("0", text.let(f"select {mask}, {kind} {moved}, {kind} zeroinitializer"))
        self._enter_tail()

    def _set_indices(self, element: str, offsets: str) -> None:
        """Moves index operands to an element, with lanes at these distances from it."""
        text = self.text
        for number, (first, step) in self.index_rows.items():
            moved = text.let(f"mul i64 {element}, {step}")
            text.set(self.index_bases[number], text.let(f"add i64 {first}, {moved}"))
        if self.index_rows:
            text.set(self.lane_offsets, offsets)

    def _enter_tail(self) -> None:
        for stream in self._targets():
            stream.go_to_scratch()
        for fold in self.registers.values():
            fold.save()

    def _leave_tail(self) -> None:
        if self._targets():
            with self.row.tail_lanes() as (lane, element):
                for stream in self._targets():
                    stream.copy_out(lane, element)
        if self.registers:
            idle = self.lanes.splat("i8", self.row.idle).parts[0]
            mask = self.text.let(f"icmp uge {self.lanes.type('i8')} {self.lane_numbers}, {idle}")
            for fold in self.registers.values():
                fold.keep_lanes(mask)

    def _end_leaf(self) -> None:
        for fold in self.registers.values():
            if fold.pairwise:
                fold.push_leaf()

    def _body(self, element: str) -> None:
        """One vector: everything is read before anything is written."""
        spec, values = self.spec, dict(self.values)
        for number, stream in self.reads.items():
            values[number] = stream.read(element)
        for number in self.index_rows:
            values[number] = self._index(number, element)
        results: dict[tuple[str, tuple[int, ...], str], tuple[Value, ...]] = {}
        for number, step in enumerate(spec.program, len(spec.operands)):
            if number not in self.used:
                continue
            key = (step.op, step.args, step.dtype if OPS[step.op].nout == 1 else "")
            if key not in results:
                args = tuple(values[argument] for argument in step.args)
                results[key] = apply(self.lanes, step.op, args, step.dtype)
            values[number] = results[key][step.result]
        for store in spec.stores:
            self.writes[store.operand].write(element, values[store.value])
        for fold in spec.folds:
            if fold.operand in self.registers:
                self.registers[fold.operand].add(values[fold.value])
            else:
                self.strips[fold.operand].add(element, values[fold.value])

    def _index(self, number: int, element: str) -> Value:
        text, lanes = self.text, self.lanes
        _, step = self.index_rows[number]
        moved = text.let(f"mul i64 {element}, {step}")
        first = lanes.splat("i8", text.let(f"add i64 {text.get(self.index_bases[number])}, {moved}"))
        offsets = lanes.arithmetic("*", Value("i8", (text.get(self.lane_offsets),)), lanes.splat("i8", step))
        return lanes.arithmetic("+", first, offsets)


def _used_values(spec: KernelSpec) -> set[int]:
    """The values that a store or a fold needs."""
    used = {store.value for store in spec.stores} | {fold.value for fold in spec.folds}
    for number in range(len(spec.program) - 1, -1, -1):
        if number + len(spec.operands) in used:
            used.update(spec.program[number].args)
    return used
