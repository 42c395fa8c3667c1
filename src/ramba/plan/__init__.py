"""What will be run, in which order, and in which memory: plans are plain data."""

from ramba.plan.draft import Draft, show_draft
from ramba.plan.exchange import Moved, most_received
from ramba.plan.fp_flags import culprits
from ramba.plan.planner import PASSES, drafted, plan, results_of, worker_plan
from ramba.plan.sharing import Sharing
from ramba.plan.show import show_partition, show_plan
from ramba.plan.spec import Fold, Instruction, KernelSpec, Operand, Store, Tiles, show, tile_counts
from ramba.plan.step import (
    Access,
    Allocate,
    AllReduce,
    Call,
    Combine,
    Copy,
    Exchange,
    Fragment,
    Free,
    Kernel,
    Merge,
    Message,
    Plan,
    Receive,
    Send,
    Source,
    Step,
    Target,
    laid,
)
from ramba.plan.streaming import counts, streamed
from ramba.plan.survey import Stage, Survey, Traffic, Transfer, survey, traffic
from ramba.plan.template import Assignment, Template, alone, assignment, assignment_plan, beginning, computation
from ramba.plan.verify import PlanError, verify

__all__ = [
    "PASSES",
    "Draft",
    "Exchange",
    "Moved",
    "drafted",
    "laid",
    "most_received",
    "show_draft",
    "Access",
    "AllReduce",
    "Allocate",
    "Assignment",
    "Receive",
    "Call",
    "Combine",
    "Copy",
    "Fold",
    "Template",
    "Free",
    "Instruction",
    "Kernel",
    "KernelSpec",
    "Merge",
    "Message",
    "Operand",
    "Fragment",
    "Plan",
    "PlanError",
    "Send",
    "Sharing",
    "Source",
    "Stage",
    "Step",
    "Store",
    "Survey",
    "Target",
    "Tiles",
    "Traffic",
    "Transfer",
    "alone",
    "assignment",
    "assignment_plan",
    "beginning",
    "computation",
    "counts",
    "culprits",
    "plan",
    "show",
    "show_partition",
    "show_plan",
    "streamed",
    "survey",
    "tile_counts",
    "traffic",
    "verify",
    "results_of",
    "worker_plan",
]
