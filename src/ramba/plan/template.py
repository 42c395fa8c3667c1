"""What an assignment to a part of an array computes, apart from where.

A loop over slices asks in every turn for the same operations on other parts of the same arrays. Its template is the
same each time, so that nothing is planned anew: the views come as numbers, and every worker derives from them, by the
rules that plans obey, what is its own, what it sends and what it awaits.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np

from ramba.graph import Const, Fill, Map, Ref, Stored, Update
from ramba.layout import Partition, View, c_strides, compose, identity, overlaps, repeats, split
from ramba.ops import OPS, compiles, is_exact
from ramba.plan.distribute import Share
from ramba.plan.kernel import Body
from ramba.plan.memory import with_frees
from ramba.plan.ownership import Owners
from ramba.plan.statement import LARGEST
from ramba.plan.step import Allocate, Plan, Step

MOST_STEPS = 64  # operations of a template, which are followed by recursion
Value: TypeAlias = tuple[str, int]  # "o" and an operand, or "i" and an instruction


class Template(NamedTuple):
    """Operations without places: all assignments with one template differ in views, partitions and scalars only."""

    dtype: str  # of the array that is assigned to, which is input 0
    operands: tuple[tuple[str, int, str], ...]  # "load" and an input, or "scalar" and its number; then the dtype
    steps: tuple[tuple[str, str, tuple[Value, ...], int], ...]  # operation, dtype, arguments, which result
    value: Value
    compiled: bool  # False: some operation of it only exists as NumPy's own loop


class Assignment(NamedTuple):
    """One assignment: a template, and all that it leaves out."""

    template: Template
    views: tuple[View, ...]  # of the part that is assigned to, then of each load
    inputs: tuple[Stored | Update, ...]  # an update: a value that is still to be computed
    scalars: tuple[np.generic, ...]

    @property
    def fetched(self) -> int:
        """Bytes at most that one worker may lack of what is read."""
        target, loads, total = self.views[0], iter(self.views[1:]), 0
        for role, number, dtype in self.template.operands:
            if role == "load":
                view = next(loads)
                if number or view != target:
                    different = (n for n, stride in zip(view.shape, view.strides, strict=True) if stride)
                    total += prod(different) * int(dtype[1:])
        return total


class _Unfit(Exception):
    """An assignment that is more than operations on elements of what is in memory."""


def assignment(node: Update, exact: bool, once: bool = False) -> Assignment | None:
    """The template of what an update assigns; None where that has no template, or reads what it writes elsewhere.

    With `once`, no operation may be needed at two places: whoever plans it might rather store its result.
    """
    base, view, value, dtype, shape = node
    if not isinstance(base, Stored | Update) or base.shape != shape or 0 in view.shape or repeats(view, shape):
        return None
    found = _Reader(base, exact, once)
    try:
        result = found.value(value, None)
    except _Unfit:
        return None
    if any(number == 0 and place != view and overlaps(place, view, shape) for number, place in found.loads):
        return None
    template = Template(dtype.str[1:], tuple(found.operands), tuple(found.steps), result, found.compiled)
    return Assignment(template, (view, *(place for _, place in found.loads)), tuple(found.inputs), tuple(found.scalars))


def computation(node: Map, exact: bool) -> Assignment | None:
    """The template of operations, each at one place, whose result is an array of its own; None where they have none."""
    found = _Reader(None, exact, once=True)
    try:
        result = found.step(node, identity(node.shape))
    except _Unfit:
        return None
    template = Template(node.dtype.str[1:], tuple(found.operands), tuple(found.steps), result, found.compiled)
    views = identity(node.shape), *(place for _, place in found.loads)
    return Assignment(template, views, tuple(found.inputs), tuple(found.scalars))


class _Reader:
    """Follows what is assigned down to what lies in memory, each operand once for each view."""

    def __init__(self, base: Stored | Update | None, exact: bool, once: bool) -> None:
        self.exact = exact
        self.once = once
        self.seen: set[int] = set()  # operations, by identity
        self.inputs: list[Stored | Update] = [] if base is None else [base]
        self.numbers: dict[int, int] = {} if base is None else {_identity(base): 0}
        self.operands: list[tuple[str, int, str]] = []
        self.loads: dict[tuple[int, View], Value] = {}
        self.steps: list[tuple[str, str, tuple[Value, ...], int]] = []
        self.known: dict[tuple[int, View], Value] = {}
        self.scalars: list[np.generic] = []
        self.compiled = True
        self.count = 0  # of operations
        self.size = 0  # of their code

    def value(self, arg: Ref | Const, outer: tuple[View, tuple[int, ...]] | None) -> Value:
        """An operand of an operation whose own result is read through a view, ``outer``; None: as it is."""
        if isinstance(arg, Const):
            return self.scalar(arg.value, arg.dtype)
        node = arg.node
        if isinstance(node, Fill):
            return self.scalar(node.value, node.dtype)
        view = arg.view if outer is None else compose(*outer, arg.view)
        if view is None:
            raise _Unfit
        if isinstance(node, Map):
            found = self.known.get((id(node), view))
            if found is None:
                found = self.known[id(node), view] = self.step(node, view)
            return found
        if isinstance(node, Stored | Update):
            return self.load(node, view)
        raise _Unfit

    def step(self, node: Map, view: View) -> Value:
        """An operation."""
        op, result, args, dtype, shape = node
        if self.once and id(node) in self.seen:
            raise _Unfit
        self.seen.add(id(node))
        self.count += 1
        self.size += OPS[op].size
        if self.count > MOST_STEPS or self.size > LARGEST:
            raise _Unfit
        outer = None if view == identity(shape) else (view, shape)
        operands = tuple([self.value(arg, outer) for arg in args])
        loop = tuple([arg.dtype.str[1:] if isinstance(arg, Const) else arg.node.dtype.str[1:] for arg in args])
        compiled = compiles(op, loop) and not (self.exact and not is_exact(op, loop[0]))
        if self.steps and compiled != self.compiled:
            raise _Unfit  # what is compiled and what is not are kernels of their own
        self.compiled = compiled
        self.steps.append((op, dtype.str[1:], operands, result))
        return "i", len(self.steps) - 1

    def load(self, node: Stored | Update, view: View) -> Value:
        """Elements in memory, or of a value that will be there."""
        number = self.numbers.setdefault(_identity(node), len(self.inputs))
        if number == len(self.inputs):
            self.inputs.append(node)
        found = self.loads.get((number, view))
        if found is None:
            found = self.loads[number, view] = "o", len(self.operands)
            self.operands.append(("load", number, node.dtype.str[1:]))
        return found

    def scalar(self, value: np.generic, dtype: np.dtype) -> Value:
        """A scalar: equal ones count twice, for the next turn may bring others."""
        self.operands.append(("scalar", len(self.scalars), dtype.str[1:]))
        self.scalars.append(value)
        return "o", len(self.operands) - 1


def _identity(node: Stored | Update) -> int:
    return id(node.storage) if isinstance(node, Stored) else id(node)


class _Site:
    """Where one worker does its part of an assignment: the inputs' partitions, and slots for what it is sent."""

    round = 0

    def __init__(self, parts: tuple[Partition, ...], workers: int, rank: int) -> None:
        self.slot_parts = dict(enumerate(parts))
        self.workers = workers
        self.rank = rank
        self.steps: list[Step] = []
        self.next = len(parts)

    def new_slot(self) -> int:
        """A slot whose memory comes with a message."""
        self.next += 1
        return self.next - 1

    def scratch(self, dtype: str, count: int) -> int:
        """A slot with memory."""
        slot = self.new_slot()
        self.steps.append(Allocate(slot, dtype, count))
        return slot


def beginning(view: View, part: Partition) -> tuple[View, tuple[int, ...]]:
    """A view moved to the beginning of each dimension that is not cut, and from where.

    Who computes, sends and awaits what depends on places along the dimensions that are cut: a plan for the moved view
    is one for this view, too, if memory is taken to begin so much later.
    """
    shape, grid = part.shape, part.grid
    parts = split(view, shape)
    if parts is None:
        return view, (0,) * len(shape)
    low = []
    for d, start in enumerate(parts.start):
        back = [min(step[d] * (count - 1), 0) for step, count in zip(parts.steps, view.shape, strict=True)]
        low.append(0 if grid and grid[d] > 1 else start + sum(back))
    offset = view.offset - sum(at * unit for at, unit in zip(low, c_strides(shape), strict=True))
    return View(offset, view.shape, view.strides), tuple(low)


def assignment_plan(
    template: Template, views: tuple[View, ...], parts: tuple[Partition, ...], workers: int, rank: int
) -> Plan:
    """What one worker does for an assignment: its part of the elements, what it sends, and what it awaits.

    Each view has a slot of its own: the memory of the array that it shows, which lies as ``parts`` say.
    """
    site = _Site(parts, workers, rank)
    share = Share(site, _body(template, views, tuple(range(len(views)))), Owners(parts[0], views[0]))
    share.post()
    own, others = share.cells()
    for cell in own:
        site.steps.append(share.local(cell).kernel(set()))
    share.receive()
    for cell in others:
        site.steps.append(share.local(cell).kernel(set()))
    return with_frees(len(parts), site.steps, (0,), (0,))


def alone(work: Assignment, fresh: bool) -> Plan:
    """The plan of an assignment in the memory of one process: one kernel, no pass.

    The result is memory of its own (``fresh``), or the first input, which may be written over.
    """
    target, dtype, view = len(work.inputs) if fresh else 0, work.template.dtype, work.views[0]
    slots = [number for role, number, _ in work.template.operands if role == "load"]
    steps: list[Step] = [Allocate(target, dtype, view.size)] if fresh else []
    steps.append(_body(work.template, work.views, (target, *slots)).kernel({target} if fresh else set()))
    return with_frees(len(work.inputs), steps, (target,), () if fresh else (0,))


def _body(template: Template, views: tuple[View, ...], slots: tuple[int, ...]) -> Body:
    """A template with places: a slot for each view."""
    places = iter(zip(slots, views, strict=True))
    target = next(places)
    operands = [(role, dtype) for role, _, dtype in template.operands]
    return Body(
        views[0].shape,
        None,
        (*operands, ("store", template.dtype)),
        (*(next(places) if role == "load" else number for role, number, _ in template.operands), target),
        template.steps,
        ((len(operands), template.value),),
        (),
        template.compiled,
    )


__all__ = ["Assignment", "Template", "alone", "assignment", "assignment_plan", "beginning", "computation"]
