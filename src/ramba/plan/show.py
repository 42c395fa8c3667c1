"""A plan as text."""

from __future__ import annotations

from itertools import pairwise

from ramba.layout import Cutting, Partition, places
from ramba.plan.spec import show
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
    Message,
    Plan,
    Receive,
    Send,
    Step,
)


def show_plan(plan: Plan) -> str:
    """The plan as people (and golden tests) read it."""
    lines = [f"inputs {plan.inputs}, results {list(plan.results)}, peak {plan.peak} bytes"]
    for step in plan.steps:
        lines += _show_step(step)
    return "\n".join(lines)


def _show_step(step: Step) -> list[str]:
    match step:
        case Allocate(slot=slot, dtype=dtype, size=size):
            return [f"allocate s{slot}: {size} x {dtype}"]
        case Free(slot=slot):
            return [f"free s{slot}"]
        case Call(function=function, targets=targets, inputs=inputs):
            made = ", ".join("_" if target.slot < 0 else f"s{target.slot}" for target in targets)
            read = ", ".join(f"s{source.slot}{list(source.view.shape)}" for source in inputs)
            return [f"{made} = {function}({read})"]
        case Combine(op=op, source=source, blocks=blocks, target=target):
            return [f"s{target} = combine {op} of {blocks} in s{source}"]
        case Send(messages=messages):
            return [f"send {_message(p)} to worker {p.peer}" for p in messages]
        case Receive(messages=messages):
            return [f"receive {_message(p)} from worker {p.peer}" for p in messages]
        case Copy(source=source, source_view=view, target=target):
            return [f"copy {list(view.shape)} of s{source} into s{target}"]
        case Merge(op=op, source=source, target=target, first=first):
            return [f"s{target} = s{source}" if first else f"s{target} = {op}(s{target}, s{source})"]
        case AllReduce(op=op, source=source, target=target, boxes=boxes):
            return [f"s{target} = all-reduce {op} of s{source} over {len(boxes)} workers"]
        case Kernel():
            places = [
                f"v{n} at s{a.slot}+{a.offset}{list(a.strides)}" if isinstance(a, Access) else f"v{n} = scalar {a}"
                for n, a in enumerate(step.accesses)
            ]
            how = "kernel" if step.compiled else "interpreted kernel"
            head = f"{how} over {list(step.extents)}, tiles {list(step.tiles)}"
            return [head, *(f"    {place}" for place in places), *(f"  {line}" for line in show(step.spec).split("\n"))]


def _message(message: Message) -> str:
    shapes = ", ".join(f"s{piece.slot}{list(piece.view.shape)}" for piece in message.pieces)
    return f"{shapes} ({message.nbytes} bytes)"


def _sizes(extent: int, parts: Cutting) -> set[int]:
    """The extents of the parts of a dimension."""
    return {end - begin for begin, end in pairwise(places(extent, parts))}


def show_partition(partition: Partition) -> str:
    """Where the blocks of an array lie, as a phrase: "3 x 1 blocks of at most 34 x 7"."""
    if partition.replicated:
        return "on every worker"
    grid = " x ".join(map(str, partition.grid))
    sizes = [_sizes(extent, parts) for extent, parts in zip(partition.shape, partition.cuts, strict=True)]
    largest, even = tuple(map(max, sizes)), all(len(found) == 1 for found in sizes)
    return f"{grid} blocks of {'' if even else 'at most '}{' x '.join(map(str, largest))}"
