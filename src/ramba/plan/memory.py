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
)


def slots_of(step: Step) -> set[int]:
    """The slots that a step reads or writes."""
    match step:
        case Kernel(accesses=accesses):
            return {a.slot for a in accesses if isinstance(a, Access) and a.slot >= 0}
        case Call(targets=targets, inputs=inputs):
            return {*(target.slot for target in targets if target.slot >= 0), *(source.slot for source in inputs)}
        case Combine(source=source, target=target) | Copy(source=source, target=target):
            return {source, target}
        case Merge(source=source, target=target) | AllReduce(source=source, target=target):
            return {source, target}
        case Send(messages=messages) | Receive(messages=messages):
            return {piece.slot for message in messages for piece in message.pieces}
        case Allocate(slot=slot) | Free(slot=slot):
            return {slot}


def given_by(step: Step) -> list[tuple[int, int]]:
    """The slots that a step gives memory, with their elements on this worker."""
    return [(slot, count) for slot, _, count in _given(step)]


def _given(step: Step) -> list[tuple[int, str, int]]:
    match step:
        case Allocate(slot=slot, dtype=dtype, size=size):
            return [(slot, dtype, size)]
        case Receive(messages=messages):
            return [(p.slot, p.dtype, p.view.size) for message in messages for p in message.pieces]
        case Call(targets=targets):
            return [(t.slot, t.dtype, t.size) for t in targets if t.slot >= 0]
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
        for slot, dtype, count in _given(step):
            sizes[slot] = count * np.dtype(dtype).itemsize
            held += sizes[slot]
        peak = max(peak, held)
        for slot in sorted(ending.get(position, ())):
            done.append(Free(slot))
            held -= sizes.get(slot, 0)
    slots = max([inputs, *(slot + 1 for slot in last)])
    return Plan(inputs, tuple(done), results, peak, written, slots)
