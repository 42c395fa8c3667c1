"""What must hold for every plan, whatever made it. Checked where `RAMBA_VERIFY=1` says so, as in all tests."""

from __future__ import annotations

from math import prod

from ramba.graph import Program
from ramba.layout import View, overlaps
from ramba.plan.memory import slots_of
from ramba.plan.step import Access, Allocate, Free, Kernel, Plan


class PlanError(AssertionError):
    """A plan that must not be run: a bug of the planner's."""


def verify(plan: Plan, program: Program) -> None:
    """Checks that steps use memory only while it is there, stay inside it, and write nothing that a neighbour reads.

    Raises
    ------
    PlanError
        Naming the step and the slot.
    """
    stored = [entry for entry in program.entries if entry.kind == "stored"]
    sizes = {slot: prod(entry.shape) for slot, entry in enumerate(stored)}
    for number, step in enumerate(plan.steps):
        if isinstance(step, Allocate):
            sizes[step.slot] = step.size
            continue
        for slot in slots_of(step):
            if slot not in sizes:
                raise PlanError(f"step {number} uses slot {slot}, which has no memory: {step}")
        if isinstance(step, Kernel):
            _verify_kernel(number, step, sizes)
        if isinstance(step, Free):
            del sizes[step.slot]
    for slot in plan.results:
        if slot not in sizes:
            raise PlanError(f"the result in slot {slot} was freed")


def _views(step: Kernel) -> list[tuple[str, int, View]]:
    """Role, slot and view of every access to memory that has one."""
    return [
        (operand.role, access.slot, View(access.offset, step.extents, access.strides))
        for operand, access in zip(step.spec.operands, step.accesses, strict=True)
        if isinstance(access, Access) and operand.role in ("load", "store")
    ]


def _verify_kernel(number: int, step: Kernel, sizes: dict[int, int]) -> None:
    places = _views(step)
    for role, slot, view in places:
        low = view.offset + sum(min(s * (e - 1), 0) for s, e in zip(view.strides, view.shape, strict=True))
        high = view.offset + sum(max(s * (e - 1), 0) for s, e in zip(view.strides, view.shape, strict=True))
        if low < 0 or high >= sizes[slot]:
            raise PlanError(f"step {number}: a {role} leaves slot {slot}: {view} of {sizes[slot]} elements")
    for n, (role, slot, view) in enumerate(places):
        if role != "store":
            continue
        for m, (_, other, place) in enumerate(places):
            if m != n and other == slot and place != view and _collide(view, place, sizes[slot]):
                raise PlanError(f"step {number} writes slot {slot} at {view} and touches it at {place}")


def _collide(a: View, b: View, size: int) -> bool:
    """Whether two accesses may meet; they are compared in the widest shape that both can be split along."""
    steps = sorted({abs(s) for s in (*a.strides, *b.strides) if s}, reverse=True)
    shape, left = [], size
    for step in steps:
        if step > 1 and left % step == 0:
            shape.append(left // step)
            left = step
    return overlaps(a, b, (*shape, left))
