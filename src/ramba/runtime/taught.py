"""What the driver has taught its workers: each lesson is sent once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from ramba.graph import operations
from ramba.layout import Partition
from ramba.ops import definitions, digest_of
from ramba.plan import Plan, Template
from ramba.runtime.messages import Command, Define, Describe, Drop, Learn, OpenDoor, Teach
from ramba.runtime.python.carriage import Function

MOST_PLANS = 512


class Job(NamedTuple):
    """A plan that the workers know."""

    plan: Plan  # of worker 0: what the engine asks of it is the same for all
    teach: Teach
    results: tuple[tuple[str, Partition], ...]  # dtype and partition of each result


class Taught:
    """The plans, operations and functions that all workers know, until one of them is replaced."""

    def __init__(self) -> None:
        self.plans: OrderedDict[int, None] = OrderedDict()
        self.defined: set[str] = set()
        self.templates: OrderedDict[Template, int] = OrderedDict()
        self.opened = False  # whether workers know that functions of Python come
        self.functions: OrderedDict[Function, int] = OrderedDict()

    def teach(self, lesson: Teach | Describe, said: list[Command]) -> None:
        """Says what is missing for a plan to be run; the plan that was not used for longest is forgotten."""
        if lesson.plan in self.plans:
            self.plans.move_to_end(lesson.plan)
            return
        named = operations(lesson.program) if isinstance(lesson, Teach) else [op for op, *_ in lesson.template.steps]
        unknown = [digest for digest in named if digest not in self.defined]
        made = definitions(unknown)
        said += [Define(made), lesson] if made else [lesson]  # first: a signal may come between this and the next
        self.plans[lesson.plan] = None
        self.defined.update(map(digest_of, made))
        if len(self.plans) > MOST_PLANS:
            said.append(Drop((), (self.plans.popitem(last=False)[0],)))

    def describe(self, template: Template, numbers: Iterator[int], said: list[Command]) -> int:
        """The number under which the workers know a template, told before if need be."""
        plan = self.templates.get(template)
        if plan is None or plan not in self.plans:
            plan = self.templates[template] = next(numbers)
            if len(self.templates) > MOST_PLANS:
                self.templates.popitem(last=False)
        self.teach(Describe(plan, template), said)
        return plan

    def learn(self, function: Function, numbers: Iterator[int], said: list[Command]) -> int:
        """The number under which the workers know a function of Python, told before if need be."""
        if not self.opened:
            said.append(OpenDoor())
            self.opened = True
        number = self.functions.get(function)
        if number is None:
            number = self.functions[function] = next(numbers)
            said.append(Learn(number, function))
            if len(self.functions) > MOST_PLANS:
                said.append(Drop((), (self.functions.popitem(last=False)[1],)))
        self.functions.move_to_end(function)
        return number

    def clear(self) -> None:
        """Somebody knows nothing any more."""
        self.plans.clear()
        self.templates.clear()
        self.defined.clear()
        self.functions.clear()
        self.opened = False


__all__ = ["Job", "Taught"]
