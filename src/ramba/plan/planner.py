"""From a program to a plan: the passes, in order."""

from __future__ import annotations

from ramba.graph import Program
from ramba.plan.distribute import WorkerLowering
from ramba.plan.fuse import Placement, fuse
from ramba.plan.inline import Choice, choose
from ramba.plan.lower import Lowering
from ramba.plan.sharing import Sharing, with_whole_operands
from ramba.plan.statement import statements
from ramba.plan.step import Plan


def plan(program: Program, exact: bool = False) -> Plan:
    """Chooses what is stored, fuses the rest around it, lays it out in memory, and says when memory is free again."""
    choice, placed = _placed(program, exact, None)
    return _lowered(Lowering(program, choice), placed)


def worker_plan(program: Program, exact: bool, sharing: Sharing, rank: int) -> Plan:
    """What one of several workers does for a program: a pure function, so that all plans fit together."""
    program = with_whole_operands(program)
    choice, placed = _placed(program, exact, sharing)
    return _lowered(WorkerLowering(program, choice, placed, sharing, rank), placed)


def _placed(program: Program, exact: bool, sharing: Sharing | None) -> tuple[Choice, Placement]:
    choice = choose(program, exact)
    found, choice = statements(program, choice)
    return choice, fuse(program, choice, found, sharing)


def _lowered(lowering: Lowering, placed: Placement) -> Plan:
    for group in placed.groups:
        lowering.lower(group, placed.over)
    return lowering.finish()


__all__ = ["plan", "worker_plan"]
