"""Assignments that come as a template and views: a worker's plans for them, by what matters of the views."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba import config
from ramba.layout import Partition, c_strides
from ramba.plan import Template, assignment_plan, beginning, verify
from ramba.runtime.messages import Assign
from ramba.runtime.pool import Block
from ramba.runtime.worker import Prepared, prepare

MOST_PLANS = 256


class Assigning:
    """The plans of one worker of a group."""

    def __init__(self, workers: int, rank: int) -> None:
        self.workers = workers
        self.rank = rank
        self.plans: OrderedDict[Any, Prepared] = OrderedDict()

    def prepared(self, command: Assign, template: Template, blocks: Sequence[Block]) -> tuple[Prepared, list[Block]]:
        """What this worker does for an assignment, and the memory of each view as that takes it."""
        loads = [(number, dtype) for role, number, dtype in template.operands if role == "load"]
        views, parts, memory = [], [], []
        for view, (number, dtype) in zip(command.views, [(0, template.dtype), *loads], strict=True):
            part = command.inputs[number][1]
            moved, begin = beginning(view, part)
            units = c_strides(part.block(self.rank).extent)
            skipped = sum(at * unit for at, unit in zip(begin, units, strict=True)) * np.dtype(dtype).itemsize
            views.append(moved)
            parts.append(part)
            memory.append(blocks[number].after(skipped))
        key = command.plan, *views, *(part for _, part in command.inputs)
        found = self.plans.get(key)
        if found is None:
            made = assignment_plan(template, tuple(views), tuple(parts), self.workers, self.rank)
            if config.current().verify:
                verify(made, None, [self._room(part) for part in parts])
            found = self.plans[key] = prepare(made)
            if len(self.plans) > MOST_PLANS:
                self.plans.popitem(last=False)
        return found, memory

    def _room(self, part: Partition) -> int:
        return prod(part.block(self.rank).extent)


__all__ = ["Assigning"]
