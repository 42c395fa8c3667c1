"""What was planned, and how a flush finds it: by the key of its graph's outline, else by the numbered program.

One assignment to a part of an array is planned without numbering: a loop over slices brings a new one in every turn.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from math import prod
from typing import Any

from ramba import config, events
from ramba.graph import Map, Node, Outline, Program, Recipe, Stored, Update, recipe, same_bits
from ramba.plan import Assignment, alone, assignment, computation, counts, streamed, verify
from ramba.runtime.backend import Backend, Job
from ramba.runtime.worker import prepare

MOST_PLANS = 512


class Plans:
    """The plans of one backend, the oldest of which are forgotten."""

    def __init__(self) -> None:
        self.jobs: OrderedDict[tuple[Program, bool, object], Job] = OrderedDict()
        self.recipes: OrderedDict[tuple[Any, ...] | bytes, Recipe] = OrderedDict()

        self.made = False  # whether the last recipe is new

    def __len__(self) -> int:
        return len(self.jobs)

    def clear(self) -> None:
        """Forgets all."""
        self.jobs.clear()
        self.recipes.clear()

    def recipe(self, found: Outline, roots: list[Node], backend: Backend) -> Recipe:
        """What a flush of a graph needs: a plan, or the program that one is made from."""
        known, self.made = self.recipes.get(found.key), False
        if known is None or (known.program is None and config.current().exact not in known.jobs):
            self.made = True
            known = None if backend.distributed else _planned_alone(found, roots)
            known = self.recipes[found.key] = recipe(found, roots) if known is None else known
            if len(self.recipes) > MOST_PLANS:
                self.recipes.popitem(last=False)
        elif known.program is not None and config.current().verify:
            assert recipe(found, roots)[:-1] == known[:-1], "graphs of one key have one program"
        return known

    def job(self, known: Recipe, inputs: Sequence[Any], backend: Backend) -> Job:
        """The plan of a program for inputs that lie like these."""
        exact = config.current().exact
        if known.program is None:
            made: Job = known.jobs[exact]
            return made
        more = exact, backend.key(inputs)
        job: Job | None = known.jobs.get(more)
        if job is None:
            job = known.jobs[more] = self._planned((known.program, *more), inputs, backend)
        return job

    def fitting(self, job: Job, known: Recipe, inputs: Sequence[Any], backend: Backend) -> Job:
        """The plan, or one that reads files in pieces if it needs more memory than there is and that one does not."""
        room, more = backend.available(), (config.current().exact, backend.key(inputs))
        if job.plan.peak <= room or known.program is None:
            return job
        for pieces in counts(2 * job.plan.peak // max(room, 1)):
            made: Job | None = known.jobs.get((pieces, *more))
            if made is None:
                program = streamed(known.program, pieces)
                if program is None:
                    break
                made = known.jobs[pieces, *more] = self._planned((program, *more), inputs, backend)
            if made.plan.peak <= room:
                return made
        return job

    def _planned(self, key: tuple[Program, bool, object], inputs: Sequence[Any], backend: Backend) -> Job:
        found = self.jobs.get(key)
        if found is None:
            start = time.perf_counter()
            program, exact, _ = key
            found = self.jobs[key] = backend.prepare(program, exact, inputs)
            _tell(found, start, program)
            if len(self.jobs) > MOST_PLANS:
                self.jobs.popitem(last=False)
        return found


def _planned_alone(found: Outline, roots: list[Node]) -> Recipe | None:
    """The recipe and the plan of operations with one result, in an array that nobody else has; None for all else."""
    start, settings = time.perf_counter(), config.current()
    work = _work(roots, settings.exact) if settings.show_plan == "off" else None
    if work is None:
        return None
    places = {id(node.storage): place for place, node in enumerate(found.stored)}
    stored = tuple([places[id(node.storage)] for node in work.inputs if isinstance(node, Stored)])
    fresh = not isinstance(roots[0], Update)
    if len(stored) < len(work.inputs) or (any(found.free) if fresh else not found.free[stored[0]]):
        return None  # a result of its own might be written over what nobody needs any more
    plan = alone(work, fresh)
    if settings.verify:
        verify(plan, None, [prod(found.stored[place].shape) for place in stored])
    job = prepare(plan)
    _tell(job, start, work._replace(inputs=()))  # whoever keeps the event keeps no memory
    known = {same_bits(value, value.dtype): place for place, value in enumerate(found.scalars)}
    scalars = tuple([known[same_bits(value, value.dtype)] for value in work.scalars])
    return Recipe(None, stored, scalars, {settings.exact: job})


def _work(roots: list[Node], exact: bool) -> Assignment | None:
    """What is computed, if that is one thing without its like in what else is pending."""
    if len(roots) > 1:
        return None
    (root,) = roots
    if isinstance(root, Update):
        return assignment(root, exact, once=True)
    return computation(root, exact) if isinstance(root, Map) and 0 not in root.shape else None


def _tell(job: Job, start: float, planned: Program | Assignment) -> None:
    if events.listeners:
        events.tell(events.Planned(len(job.plan.steps), False, time.perf_counter() - start, planned))


__all__ = ["MOST_PLANS", "Plans"]
