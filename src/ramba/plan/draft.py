"""What the planner knows between two of its passes, and how people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ramba.graph import (
    Entry,
    Program,
    Reading,
    ReduceEntry,
    Scalar,
    StoredEntry,
    UpdateEntry,
    arguments,
    kind,
    operation,
)
from ramba.layout import View, identity
from ramba.plan.fuse import Placement
from ramba.plan.inline import Choice
from ramba.plan.sharing import Sharing
from ramba.plan.statement import Statement


class Draft(NamedTuple):
    """A program on its way to a plan."""

    program: Program
    exact: bool
    sharing: Sharing | None  # how values lie on several workers
    choice: Choice | None = None  # by the pass "choose"
    statements: tuple[Statement, ...] = ()  # by the pass "split"
    placed: Placement | None = None  # by the pass "fuse"

    @property
    def chosen(self) -> Choice:
        """What is stored; known after the pass "choose"."""
        assert self.choice is not None
        return self.choice

    @property
    def fused(self) -> Placement:
        """The groups of statements; known after the pass "fuse"."""
        assert self.placed is not None
        return self.placed


def show_draft(draft: Draft) -> str:
    """The program, then as much as is known of what is stored, of statements and of groups."""
    lines = list(_program(draft.program))
    if draft.choice is not None:
        lines.append(f"stored: {_numbers(draft.choice.stored)}; computed again: {_numbers(draft.choice.cheap)}")
    if draft.placed is not None:
        for number, group in enumerate(draft.placed.groups):
            lines.append(f"group {number} over {list(group.domain)}: {'; '.join(map(_statement, group.statements))}")
        if draft.placed.over:
            lines.append("written over: " + ", ".join(f"v{n} over v{m}" for n, m in sorted(draft.placed.over.items())))
    else:
        lines += [f"statement {_statement(statement)}" for statement in draft.statements]
    return "\n".join(lines)


def _program(program: Program) -> Iterator[str]:
    for number, entry in enumerate(program.entries):
        base = [f"v{entry.base}"] if isinstance(entry, UpdateEntry) else []
        read = ", ".join([*base, *(_reading(arg, program) for arg in arguments(entry))])
        name = f"{kind(entry)} {operation(entry)}".strip()
        yield f"v{number} = {name}({read}) -> {entry.dtype}{list(entry.shape)}{_detail(entry)}"
    yield f"roots: {_numbers(program.roots)}"


def _reading(arg: Reading | Scalar, program: Program) -> str:
    if not isinstance(arg, Reading):
        return f"c{arg}"
    whole = arg.view == identity(program.entries[arg.number].shape)
    return f"v{arg.number}" if whole else f"v{arg.number}{_view(arg.view)}"


def _view(view: View) -> str:
    return f"[{view.offset}; {list(view.shape)}; {list(view.strides)}]"


def _detail(entry: Entry) -> str:
    match entry:
        case ReduceEntry():
            return f" over {list(entry.axes)}"
        case UpdateEntry():
            return f" at {_view(entry.view)}"
        case StoredEntry():
            return " (may be written over)" if entry.free else ""
    return ""


def _statement(statement: Statement) -> str:
    read = _numbers(statement.reads)
    inside = _numbers(statement.needs)
    return f"{statement.kind} v{statement.entry} reads {read}, computes {inside}"


def _numbers(entries: object) -> str:
    assert isinstance(entries, frozenset | tuple | dict | set)
    return ", ".join(f"v{n}" for n in sorted(entries)) or "nothing"


__all__ = ["Draft", "show_draft"]
