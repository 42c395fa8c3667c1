"""What must hold for every plan, whatever made it. Checked where `RAMBA_VERIFY=1` says so, as in all tests."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from ramba.graph import Program, StoredEntry
from ramba.layout import View, identity, overlaps
from ramba.plan.memory import given_by, slots_of
from ramba.plan.spec import CACHE_LINE
from ramba.plan.step import Access, AllReduce, Call, Combine, Copy, Free, Kernel, Merge, Plan, Send, Step

COUNTED = 1 << 20  # elements of an access that are looked at one by one


class PlanError(AssertionError):
    """A plan that must not be run: a bug of the planner's."""


def verify(plan: Plan, program: Program | None, sizes: Sequence[int] = ()) -> None:
    """Checks that steps use memory only while it is there, stay inside it, and write nothing that a neighbour reads.

    Parameters
    ----------
    sizes
        Elements of the inputs that lie on a worker, where no program says that they are whole arrays.

    Raises
    ------
    PlanError
        Naming the step and the slot.
    """
    if program is not None:
        sizes = [prod(entry.shape) for entry in program.entries if isinstance(entry, StoredEntry)]
    held = dict(enumerate(sizes))
    for number, step in enumerate(plan.steps):
        given = dict(given_by(step))
        for slot in slots_of(step) - set(given):
            if slot not in held:
                raise PlanError(f"step {number} uses slot {slot}, which has no memory: {step}")
        if isinstance(step, Kernel):
            _verify_kernel(number, step, held)
        for slot, view in _parts(step):
            _verify_inside(number, "part", slot, view, held)
        held |= given
        if isinstance(step, Free):
            del held[step.slot]
    for slot in plan.results:
        if slot not in held:
            raise PlanError(f"the result in slot {slot} was freed")


def _parts(step: Step) -> list[tuple[int, View]]:
    """What a step other than a kernel touches of the memory that it finds."""
    match step:
        case Copy():
            return [(step.source, step.source_view), (step.target, step.target_view)]
        case Merge():
            return [(step.source, identity(step.view.shape)), (step.target, step.view)]
        case Combine():
            return [(step.source, identity((step.blocks, step.size))), (step.target, identity((step.size,)))]
        case AllReduce():
            return [(step.target, identity(step.shape))]
        case Send():
            return [(piece.slot, piece.view) for message in step.messages for piece in message.pieces]
        case Call():
            return [
                (source.slot, source.view if source.partition.replicated else identity((source.size,)))
                for source in step.inputs
            ]
    return []


def _verify_inside(number: int, role: str, slot: int, view: View, held: dict[int, int]) -> None:
    if 0 in view.shape:
        return
    low = view.offset + sum(min(s * (e - 1), 0) for s, e in zip(view.strides, view.shape, strict=True))
    high = view.offset + sum(max(s * (e - 1), 0) for s, e in zip(view.strides, view.shape, strict=True))
    if low < 0 or high >= held[slot]:
        raise PlanError(f"step {number}: a {role} leaves slot {slot}: {view} of {held[slot]} elements")


def _views(step: Kernel) -> list[tuple[str, int, View]]:
    """Role, slot and view of every access to memory that has one."""
    return [
        (operand.role, access.slot, View(access.offset, step.extents, access.strides))
        for operand, access in zip(step.spec.operands, step.accesses, strict=True)
        if isinstance(access, Access) and operand.role in ("load", "store")
    ]


def _verify_kernel(number: int, step: Kernel, sizes: dict[int, int]) -> None:
    for operand, access in zip(step.spec.operands, step.accesses, strict=True):
        if operand.inner == "stream" and access.offset * int(operand.dtype[1:]) % CACHE_LINE:  # type: ignore[union-attr]
            raise PlanError(f"step {number} writes around the caches to what begins in the middle of a line: {access}")
    places = _views(step)
    for role, slot, view in places:
        _verify_inside(number, role, slot, view, sizes)
    for n, (role, slot, view) in enumerate(places):
        if role != "store":
            continue
        for m, (_, other, place) in enumerate(places):
            if m != n and other == slot and place != view and _collide(view, place, sizes[slot]):
                raise PlanError(f"step {number} writes slot {slot} at {view} and touches it at {place}")


def _collide(a: View, b: View, size: int) -> bool:
    """Whether two accesses may meet: in the widest shape that both can be split along, else by their elements."""
    steps = sorted({abs(s) for s in (*a.strides, *b.strides) if s}, reverse=True)
    shape, left = [], size
    for step in steps:
        if step > 1 and left % step == 0:
            shape.append(left // step)
            left = step
    if not overlaps(a, b, (*shape, left)):
        return False
    return a.size > COUNTED or b.size > COUNTED or bool(np.isin(_elements(a), _elements(b)).any())


def _elements(view: View) -> np.ndarray:
    """The elements of memory that a view shows."""
    found = np.array(view.offset)
    for extent, stride in zip(view.shape, view.strides, strict=True):
        found = np.add.outer(found, np.arange(extent) * stride)
    return found
