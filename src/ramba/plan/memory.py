"""When memory is free again, and how much a plan holds at its peak."""

from __future__ import annotations

import numpy as np

from ramba.plan.step import (
    Access,
    Allocate,
    AllReduce,
    Call,
    Combine,
    Copy,
    Free,
    Kernel,
    Merge,
    Plan,
    Receive,
    Send,
    Step,
    Together,
)


def slots_of(step: Step) -> set[int]:
    """The slots that a step reads or writes."""
    match step:
        case Kernel(accesses=accesses):
            return {a.slot for a in accesses if isinstance(a, Access) and a.slot >= 0}
        case Call(target=target, inputs=inputs):
            return {target, *(whole.slot for whole in inputs)}
        case Combine(source=source, target=target) | Copy(source=source, target=target):
            return {source, target}
        case Merge(source=source, target=target) | AllReduce(source=source, target=target):
            return {source, target}
        case Send(messages=messages) | Receive(messages=messages):
            return {piece.slot for message in messages for piece in message.pieces}
        case Together(target=target, inputs=operands):
            return {target, *(slot for slot, _, _ in operands)}
        case Allocate(slot=slot) | Free(slot=slot):
            return {slot}


def _taken(step: Step) -> list[tuple[int, int]]:
    """The slots that a step gives memory, with their bytes on this worker."""
    match step:
        case Allocate(slot=slot, dtype=dtype, size=size):
            return [(slot, size * np.dtype(dtype).itemsize)]
        case Receive(messages=messages):
            return [(p.slot, p.view.size * np.dtype(p.dtype).itemsize) for message in messages for p in message.pieces]
        case Together(target=target, dtype=dtype, size=size):
            return [(target, size * np.dtype(dtype).itemsize)]
    return []


def with_frees(inputs: int, steps: list[Step], results: tuple[int, ...], written: tuple[int, ...]) -> Plan:
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
        for slot, nbytes in _taken(step):
            sizes[slot] = nbytes
            held += nbytes
        peak = max(peak, held)
        for slot in sorted(ending.get(position, ())):
            done.append(Free(slot))
            held -= sizes.get(slot, 0)
    slots = max([inputs, *(slot + 1 for slot in last)])
    return Plan(inputs, tuple(done), results, peak, written, slots)
