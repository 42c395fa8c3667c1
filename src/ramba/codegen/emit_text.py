"""Writes the text of one LLVM function: fresh names, variables, structured loops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

KERNEL = "define void @kernel(ptr noalias readonly %args, i64 %tile) #0"


STOP = "%ramba.stop"


class Variable(NamedTuple):
    """A mutable local; LLVM turns it into a register."""

    type: str
    address: str


class Text:
    """A function under construction, one basic block after the other."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._allocations: list[str] = []
        self._declarations: dict[str, None] = {}
        self._definitions: dict[str, None] = {}
        self._loops: list[str] = []  # names of loop metadata
        self._stops: list[str] = []
        self._count = 0

    def let(self, code: str) -> str:
        """The name of the value that an instruction gives."""
        name = self._fresh("%v")
        self._lines.append(f"  {name} = {code}")
        return name

    def do(self, code: str) -> None:
        """Appends an instruction without a value."""
        self._lines.append("  " + code)

    def call(self, returned: str, function: str, *arguments: tuple[str, str]) -> str:
        """The value of a call of an outside function that touches no memory; arguments are (type, value)."""
        types = ", ".join(kind for kind, _ in arguments)
        self._declarations[f"declare {returned} @{function}({types}) nounwind willreturn memory(none)"] = None
        return self.let(f"call {returned} @{function}({', '.join(f'{kind} {value}' for kind, value in arguments)})")

    def declare(self, declaration: str) -> None:
        """Makes an outside function known."""
        self._declarations[f"declare {declaration}"] = None

    def define(self, definition: str) -> None:
        """Adds another function to the module, once."""
        self._definitions[definition] = None

    def variable(self, kind: str, initial: str | None = None) -> Variable:
        """A new local of an LLVM type."""
        address = self.allocate(kind)
        variable = Variable(kind, address)
        if initial is not None:
            self.set(variable, initial)
        return variable

    def allocate(self, kind: str, align: int = 0) -> str:
        """The address of memory on the stack, taken once per call of the kernel."""
        address = self._fresh("%m")
        self._allocations.append(f"  {address} = alloca {kind}{f', align {align}' if align else ''}")
        return address

    def stop(self) -> str:
        """Where loops look whether to leave: its address is the word before the arguments."""
        if not self._stops:
            self._stops = [
                "  %ramba.word = getelementptr i64, ptr %args, i64 -1",
                f"  {STOP} = load ptr, ptr %ramba.word",
            ]
        return STOP

    def get(self, variable: Variable) -> str:
        """The variable's value now."""
        return self.let(f"load {variable.type}, ptr {variable.address}")

    def set(self, variable: Variable, value: str) -> None:
        """Gives the variable a value."""
        self.do(f"store {variable.type} {value}, ptr {variable.address}")

    def label(self) -> str:
        """A name for a block that `place` starts later."""
        return self._fresh("b")

    def place(self, label: str) -> None:
        """Starts a block; the one before it must have ended in a branch."""
        self._lines.append(f"{label}:")

    def goto(self, label: str) -> None:
        """Ends a block."""
        self.do(f"br label %{label}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        """Ends a block in one of two ways."""
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """What follows happens only if the condition holds."""
        inside, after = self.label(), self.label()
        self.branch(condition, inside, after)
        self.place(inside)
        yield
        self.goto(after)
        self.place(after)

    @contextmanager
    def loop(self, start: str, stop: str, step: int = 1) -> Iterator[str]:
        """Repeats what follows for ``range(start, stop, step)`` and gives the index, an i64."""
        head, inside, after = self.label(), self.label(), self.label()
        counter = self.variable("i64", start)
        self.goto(head)
        self.place(head)
        index = self.get(counter)
        self.branch(self.let(f"icmp slt i64 {index}, {stop}"), inside, after)
        self.place(inside)
        yield index
        self.set(counter, self.let(f"add nsw i64 {index}, {step}"))
        # vectors are explicit already; unrolling only costs compile time
        loop = f"!{len(self._loops) + 4}"
        self._loops.append(loop)
        self.do(f"br label %{head}, !llvm.loop {loop}")
        self.place(after)

    def module(self, triple: str, attributes: tuple[tuple[str, str], ...], head: str = KERNEL) -> str:
        """The whole text, with one function in it: ``void kernel(ptr args, i64 tile)`` if nothing else is said."""
        texts = "".join(f' "{name}"="{value}"' for name, value in attributes)
        loops = [f"{loop} = distinct !{{{loop}, !1, !2, !3}}" for loop in self._loops]
        return "\n".join(
            (
                f'target triple = "{triple}"',
                f"{head} {{",
                "entry:",
                *self._allocations,
                *self._stops,
                *self._lines,
                *(["  ret void"] if head is KERNEL else []),
                "}",
                *self._definitions,
                *self._declarations,
                f"attributes #0 = {{ nounwind{texts} }}",
                "!0 = !{i32 1}",
                '!1 = !{!"llvm.loop.unroll.disable"}',
                '!2 = !{!"llvm.loop.vectorize.enable", i1 false}',
                '!3 = !{!"llvm.loop.mustprogress"}',
                *loops,
                "",
            )
        )

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"
