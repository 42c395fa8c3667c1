"""What will be run, in which order, and in which memory: plans are plain data."""

from ramba.plan.planner import plan
from ramba.plan.show import show_plan
from ramba.plan.spec import Fold, Instruction, KernelSpec, Operand, Store, Tiles, show, tile_counts
from ramba.plan.step import Access, Allocate, Call, Combine, Free, Kernel, Plan, Step, Whole
from ramba.plan.verify import PlanError, verify

__all__ = [
    "Access",
    "Allocate",
    "Call",
    "Combine",
    "Fold",
    "Free",
    "Instruction",
    "Kernel",
    "KernelSpec",
    "Operand",
    "Plan",
    "PlanError",
    "Step",
    "Store",
    "Tiles",
    "Whole",
    "plan",
    "show",
    "show_plan",
    "tile_counts",
    "verify",
]
