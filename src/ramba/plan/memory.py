"""When memory is free again, and how much a plan holds at its peak."""

from __future__ import annotations

import numpy as np

from ramba.plan.step import Access, Allocate, Call, Combine, Free, Kernel, Plan, Step


def slots_of(step: Step) -> set[int]:
    """The slots that a step reads or writes."""
    match step:
        case Kernel(accesses=accesses):
            return {a.slot for a in accesses if isinstance(a, Access) and a.slot >= 0}
        case Call(target=target, inputs=inputs):
            return {target, *(whole.slot for whole in inputs)}
        case Combine(source=source, target=target):
            return {source, target}
        case Allocate(slot=slot) | Free(slot=slot):
            return {slot}


def with_frees(inputs: int, steps: list[Step], results: tuple[int, ...]) -> Plan:
    """A plan in which each slot is freed right after the last step that uses it, unless it is a result."""
    last: dict[int, int] = {}
    for position, step in enumerate(steps):
        for slot in slots_of(step):
            last[slot] = position
    ending: dict[int, list[int]] = {}
    for slot, position in last.items():
        if slot not in results:
            ending.setdefault(position, []).append(slot)
    done: list[Step] = []
    sizes: dict[int, int] = {}
    held = peak = 0
    for position, step in enumerate(steps):
        done.append(step)
        if isinstance(step, Allocate):
            sizes[step.slot] = step.size * np.dtype(step.dtype).itemsize
            held += sizes[step.slot]
            peak = max(peak, held)
        for slot in sorted(ending.get(position, ())):
            done.append(Free(slot))
            held -= sizes.get(slot, 0)
    return Plan(inputs, tuple(done), results, peak)
