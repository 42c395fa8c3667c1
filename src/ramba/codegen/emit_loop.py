"""The loop nest of a kernel: which points belong to a tile, and how each row is cut into vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ramba.codegen.emit_text import Text, Variable
from ramba.plan.spec import KernelSpec


class Arguments:
    """The block of 64-bit words that a kernel receives."""

    def __init__(self, text: Text, spec: KernelSpec) -> None:
        self._text = text
        self.loops = spec.kept + spec.folded + 1
        self._places = []
        place = self.loops + 6
        for operand in spec.operands:
            self._places.append(place)
            place += {"load": 1 + self.loops, "store": 1 + self.loops, "index": 1 + self.loops,
                      "scalar": 2, "fold": 1}[operand.role]  # fmt: skip

    def word(self, place: int) -> str:
        """One word, as an i64."""
        return self._text.let(f"load i64, ptr {self._text.let(f'getelementptr i64, ptr %args, i64 {place}')}, align 8")

    def extent(self, loop: int) -> str:
        """Points of a loop, outermost first."""
        return self.word(loop)

    def tile(self, axis: int) -> tuple[str, str]:
        """Points of a tile, and the number of tiles, along the kept (0), folded (1) or inner (2) loops."""
        return self.word(self.loops + axis), self.word(self.loops + 3 + axis)

    def first(self, operand: int) -> str:
        """An operand's first word: its address, start, or bits."""
        return self.word(self._places[operand])

    def second(self, operand: int) -> str:
        """A scalar's second word."""
        return self.word(self._places[operand] + 1)

    def stride(self, operand: int, loop: int) -> str:
        """How far an operand moves per step of a loop."""
        return self.word(self._places[operand] + 1 + loop)


class Range:
    """The points of a tile along a group of loops, which are flattened in C order."""

    def __init__(self, text: Text, extents: list[str], tile: str, number: str) -> None:
        self._text, self._extents = text, extents
        self.total = "1"
        for extent in extents:
            self.total = text.let(f"mul i64 {self.total}, {extent}")
        self.start = text.let(f"mul i64 {number}, {tile}")
        end = text.let(f"add i64 {self.start}, {tile}")
        self.stop = smaller(text, end, self.total)

    @contextmanager
    def each(self) -> Iterator[tuple[str, list[str]]]:
        """Repeats what follows for every point: gives its flat number and its index along each loop."""
        text = self._text
        indices = [text.variable("i64") for _ in self._extents]
        rest = self.start
        for index, extent in zip(reversed(indices[1:]), reversed(self._extents[1:]), strict=True):
            text.set(index, text.let(f"urem i64 {rest}, {extent}"))
            rest = text.let(f"udiv i64 {rest}, {extent}")
        if indices:
            text.set(indices[0], rest)
        with text.loop(self.start, self.stop) as point:
            yield point, [text.get(index) for index in indices]
            self._advance(indices)

    def _advance(self, indices: list[Variable]) -> None:
        """Moves on by one point, like an odometer."""
        text, carry = self._text, "1"
        for index, extent in zip(reversed(indices), reversed(self._extents), strict=True):
            moved = text.let(f"add i64 {text.get(index)}, {carry}")
            if index is indices[0]:
                text.set(index, moved)
                break
            wraps = text.let(f"icmp eq i64 {moved}, {extent}")
            text.set(index, text.let(f"select i1 {wraps}, i64 0, i64 {moved}"))
            carry = text.let(f"zext i1 {wraps} to i64")


def smaller(text: Text, a: str, b: str) -> str:
    """The smaller of two i64."""
    return text.let(f"select i1 {text.let(f'icmp slt i64 {a}, {b}')}, i64 {a}, i64 {b}")


class Row:
    """The inner loop over the points of one row of a tile: at most one vector for the tail, then full vectors.

    The body is emitted once and entered twice, the tail before the rest: in a kernel that writes to what it reads, the
    vector of the tail must see its neighbours as they were.
    """

    def __init__(self, text: Text, width: int, length: str, leaf: int) -> None:
        self._text, self._width, self._leaf = text, width, leaf
        self.length = length
        vectors = text.let(f"udiv i64 {length}, {width}")
        self.whole = text.let(f"mul i64 {vectors}, {width}")  # elements in full vectors
        self.tail = text.let(f"sub i64 {length}, {self.whole}")
        self.overlap = text.let(f"sub i64 {length}, {width}")  # the element where the last full vector starts
        self.idle = text.let(f"sub i64 {width}, {self.tail}")  # lanes of the tail's vector that do not count
        self._in_tail = text.variable("i1")
        self._at = text.variable("i64")  # next element of this phase
        self._end = text.variable("i64")  # of this phase
        self._in_leaf = text.variable("i64", "0")  # elements of this leaf so far

    def start_leaf(self) -> None:
        """Forgets how much of a leaf has been folded."""
        self._text.set(self._in_leaf, "0")

    def run(self, parts: RowParts) -> None:
        """Emits the loop."""
        text = self._text
        phase, tail, short, overlap, last, full, done = (text.label() for _ in range(7))
        text.branch(text.let(f"icmp eq i64 {self.tail}, 0"), full, tail)
        text.place(tail)
        text.branch(text.let(f"icmp eq i64 {self.whole}, 0"), short, overlap)
        text.place(short)
        parts.enter_short()
        text.goto(last)
        text.place(overlap)
        parts.enter_overlap()
        text.goto(last)
        text.place(last)
        self._enter(tail=True)
        text.goto(phase)
        text.place(full)
        parts.enter_full()
        self._enter(tail=False)
        text.goto(phase)
        text.place(phase)
        self._vectors(parts.body)
        leave, after = text.label(), text.label()
        text.branch(text.get(self._in_tail), leave, after)
        text.place(leave)
        parts.leave_tail()
        if self._leaf:
            self._count_leaf(parts.end_leaf)
        text.goto(full)
        text.place(after)
        if self._leaf:
            self._count_leaf(parts.end_leaf)
            text.branch(text.let(f"icmp slt i64 {text.get(self._at)}, {text.get(self._end)}"), phase, done)
        else:
            text.goto(done)
        text.place(done)

    def _enter(self, *, tail: bool) -> None:
        self._text.set(self._in_tail, "true" if tail else "false")
        self._text.set(self._at, "0")
        self._text.set(self._end, str(self._width) if tail else self.whole)

    def _vectors(self, body: Callable[[str], None]) -> None:
        text = self._text
        start, stop = text.get(self._at), text.get(self._end)
        if self._leaf:
            room = text.let(f"sub i64 {self._leaf}, {text.get(self._in_leaf)}")
            stop = smaller(text, stop, text.let(f"add i64 {start}, {room}"))
            taken = text.let(f"sub i64 {stop}, {start}")
            text.set(self._in_leaf, text.let(f"add i64 {text.get(self._in_leaf)}, {taken}"))
            text.set(self._at, stop)
        with text.loop(start, stop, self._width) as element:
            body(element)

    def _count_leaf(self, end_leaf: Callable[[], None]) -> None:
        text = self._text
        with text.when(text.let(f"icmp eq i64 {text.get(self._in_leaf)}, {self._leaf}")):
            end_leaf()
            text.set(self._in_leaf, "0")

    @contextmanager
    def tail_lanes(self) -> Iterator[tuple[str, str]]:
        """Repeats what follows for every lane that counts in the tail's vector: gives it and its element of the row."""
        with self._text.loop(self.idle, str(self._width)) as lane:
            yield lane, self._text.let(f"add i64 {self.overlap}, {lane}")


class RowParts(NamedTuple):
    """What a kernel does at each place of its inner loop."""

    body: Callable[[str], None]  # one vector; gets its first element, counted from the streams' pointers
    enter_full: Callable[[], None]
    enter_overlap: Callable[[], None]  # to the last vector of a row
    enter_short: Callable[[], None]  # to the only vector of a short row
    leave_tail: Callable[[], None]
    end_leaf: Callable[[], None]
