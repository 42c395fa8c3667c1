"""A plan as text."""

from __future__ import annotations

from ramba.plan.spec import show
from ramba.plan.step import Access, Allocate, Call, Combine, Free, Kernel, Plan, Step


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
        case Call(function=function, target=target, inputs=inputs):
            return [f"s{target} = {function}({', '.join(f's{w.slot}{list(w.view.shape)}' for w in inputs)})"]
        case Combine(op=op, source=source, blocks=blocks, target=target):
            return [f"s{target} = combine {op} of {blocks} in s{source}"]
        case Kernel():
            places = [
                f"v{n} at s{a.slot}+{a.offset}{list(a.strides)}" if isinstance(a, Access) else f"v{n} = scalar {a}"
                for n, a in enumerate(step.accesses)
            ]
            how = "kernel" if step.compiled else "interpreted kernel"
            head = f"{how} over {list(step.extents)}, tiles {list(step.tiles)}"
            return [head, *(f"    {place}" for place in places), *(f"  {line}" for line in show(step.spec).split("\n"))]
