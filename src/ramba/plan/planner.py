"""From a program to a plan: the passes, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ramba import config
from ramba.graph import Program
from ramba.layout import Partition
from ramba.plan.distribute import WorkerLowering
from ramba.plan.draft import Draft, show_draft
from ramba.plan.fuse import fuse
from ramba.plan.gather import with_gathers
from ramba.plan.inline import choose
from ramba.plan.lower import Lowering
from ramba.plan.narrowing import narrowed
from ramba.plan.sharing import Sharing, partitions, with_whole_operands
from ramba.plan.show import show_plan
from ramba.plan.statement import statements
from ramba.plan.step import Plan


class Pass(NamedTuple):
    """One step from a program towards a plan; what it leaves can be printed: `RAMBA_SHOW_PLAN=after-fuse`."""

    name: str
    run: Callable[[Draft], Draft]


def _gather(draft: Draft) -> Draft:
    """What is picked while it is combined with something else."""
    return draft._replace(program=with_gathers(draft.program))


def _narrow(draft: Draft) -> Draft:
    """Of files, only what is used is read."""
    return draft._replace(program=narrowed(draft.program))


def _whole(draft: Draft) -> Draft:
    """Workers call kernels on whole arrays: views of operands become copies."""
    return draft if draft.sharing is None else draft._replace(program=with_whole_operands(draft.program))


def _choose(draft: Draft) -> Draft:
    """What is stored, and what is computed where it is read."""
    return draft._replace(choice=choose(draft.program, draft.exact))


def _split(draft: Draft) -> Draft:
    """One statement for each thing stored; what would be too large a kernel falls apart."""
    found, choice = statements(draft.program, draft.chosen)
    return draft._replace(statements=tuple(found), choice=choice)


def _fuse(draft: Draft) -> Draft:
    """What is written over what, in which order, and which statements become one kernel."""
    return draft._replace(placed=fuse(draft.program, draft.chosen, list(draft.statements), draft.sharing))


REWRITES = (Pass("gather", _gather), Pass("narrow", _narrow), Pass("whole", _whole))  # of the program
PASSES = (*REWRITES, Pass("choose", _choose), Pass("split", _split), Pass("fuse", _fuse))


def drafted(program: Program, exact: bool, sharing: Sharing | None, passes: Iterable[Pass] = PASSES) -> Draft:
    """What the passes make of a program."""
    draft = Draft(program, exact, sharing)
    shown = config.current().show_plan
    for step in passes:
        draft = step.run(draft)
        if shown in ("all", f"after-{step.name}"):
            print(f"after {step.name}:\n{show_draft(draft)}\n")  # noqa: T201 - what the user asked for
    return draft


def results_of(program: Program, exact: bool, sharing: Sharing) -> tuple[tuple[str, Partition], ...]:
    """Dtype and partition of each result: of the program as it is rewritten, which the plans of all workers follow."""
    draft = Draft(program, exact, sharing)
    for step in REWRITES:
        draft = step.run(draft)
    parts = partitions(draft.program, sharing)
    return tuple((draft.program.entries[root].dtype, parts[root]) for root in draft.program.roots)


def plan(program: Program, exact: bool = False) -> Plan:
    """Chooses what is stored, fuses the rest around it, lays it out in memory, and says when memory is free again."""
    draft = drafted(program, exact, None)
    return _lowered(Lowering(draft.program, draft.chosen), draft)


def worker_plan(program: Program, exact: bool, sharing: Sharing, rank: int) -> Plan:
    """What one of several workers does for a program: a pure function, so that all plans fit together."""
    draft = drafted(program, exact, sharing)
    return _lowered(WorkerLowering(draft.program, draft.chosen, draft.fused, sharing, rank), draft)


def _lowered(lowering: Lowering, draft: Draft) -> Plan:
    for group in draft.fused.groups:
        lowering.lower(group, draft.fused.over)
    made = lowering.finish()
    if config.current().show_plan in ("all", "after-lower"):
        print(f"after lower:\n{show_plan(made)}\n")  # noqa: T201 - what the user asked for
    return made


__all__ = ["PASSES", "Pass", "drafted", "plan", "results_of", "worker_plan"]
