"""Which operation of a kernel may have raised a floating-point flag."""

from __future__ import annotations

from ramba.ops import OPS
from ramba.plan.step import Kernel

# NumPy's bit, word in the ufunc table
FLAGS = ((1, "divide"), (2, "over"), (4, "under"), (8, "invalid"))


def culprits(kernel: Kernel, raised: int) -> list[tuple[int, str]]:
    """Each flag that was raised, with the name of an operation that can have raised it."""
    if raised and any(OPS[step.op].speculates for step in kernel.spec.program):
        return []  # nobody knows whether it comes of anything that was used
    found = []
    for bit, word in FLAGS:
        if raised & bit:
            name = _culprit(kernel, word)
            if name is not None:
                found.append((bit, name))
    return found


def _culprit(kernel: Kernel, word: str) -> str | None:
    dtypes = [value.dtype for value in kernel.spec.operands] + [step.dtype for step in kernel.spec.program]
    for step in kernel.spec.program:
        op = OPS[step.op]
        if word in op.flags(dtypes[step.args[0]], step.dtype):
            return op.name
    for fold in kernel.spec.folds:
        if fold.op in ("add", "multiply") or word in OPS[fold.op].flags(dtypes[fold.value]):
            return "reduce"
    return None


__all__ = ["FLAGS", "culprits"]
