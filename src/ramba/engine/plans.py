"""What was planned, and how a flush finds it: by the key of its graph's outline, else by the numbered program."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from ramba import config, events
from ramba.graph import Node, Outline, Program, Recipe, recipe
from ramba.runtime.backend import Backend, Job

MOST_PLANS = 512


class Plans:
    """The plans of one backend, the oldest of which are forgotten."""

    def __init__(self) -> None:
        self.jobs: OrderedDict[tuple[Program, bool, object], Job] = OrderedDict()
        self.recipes: OrderedDict[tuple[Any, ...] | bytes, Recipe] = OrderedDict()

    def __len__(self) -> int:
        return len(self.jobs)

    def clear(self) -> None:
        """Forgets all."""
        self.jobs.clear()
        self.recipes.clear()

    def recipe(self, found: Outline, roots: list[Node]) -> Recipe:
        """The program of a graph."""
        known = self.recipes.get(found.key)
        if known is None:
            known = self.recipes[found.key] = recipe(found, roots)
            if len(self.recipes) > MOST_PLANS:
                self.recipes.popitem(last=False)
        elif config.current().verify:
            assert recipe(found, roots)[:-1] == known[:-1], "graphs of one key have one program"
        return known

    def job(self, known: Recipe, inputs: Sequence[Any], backend: Backend) -> Job:
        """The plan of a program for inputs that lie like these."""
        more = config.current().exact, backend.key(inputs)
        job: Job | None = known.jobs.get(more)
        if job is None:
            job = known.jobs[more] = self._planned((known.program, *more), inputs, backend)
        return job

    def _planned(self, key: tuple[Program, bool, object], inputs: Sequence[Any], backend: Backend) -> Job:
        found = self.jobs.get(key)
        if found is None:
            start = time.perf_counter()
            program, exact, _ = key
            found = self.jobs[key] = backend.prepare(program, exact, inputs)
            if events.listeners:
                events.tell(events.Planned(len(found.plan.steps), False, time.perf_counter() - start))
            if len(self.jobs) > MOST_PLANS:
                self.jobs.popitem(last=False)
        return found


__all__ = ["MOST_PLANS", "Plans"]
