"""What the driver has taught its workers: each lesson is sent once."""

from __future__ import annotations

from collections import OrderedDict

from ramba.graph import operations
from ramba.ops import definitions, digest_of
from ramba.runtime.messages import Command, Define, Drop, Teach

MOST_PLANS = 512


class Taught:
    """The plans and the operations that all workers know, until one of them is replaced."""

    def __init__(self) -> None:
        self.plans: OrderedDict[int, None] = OrderedDict()
        self.defined: set[str] = set()

    def teach(self, lesson: Teach, said: list[Command]) -> None:
        """Says what is missing for a plan to be run; the plan that was not used for longest is forgotten."""
        if lesson.plan in self.plans:
            self.plans.move_to_end(lesson.plan)
            return
        unknown = [digest for digest in operations(lesson.program) if digest not in self.defined]
        made = definitions(unknown)
        said += [Define(made), lesson] if made else [lesson]  # first: a signal may come between this and the next
        self.plans[lesson.plan] = None
        self.defined.update(map(digest_of, made))
        if len(self.plans) > MOST_PLANS:
            said.append(Drop((), (self.plans.popitem(last=False)[0],)))

    def clear(self) -> None:
        """Somebody knows nothing any more."""
        self.plans.clear()
        self.defined.clear()


__all__ = ["Taught"]
