"""Assignments of loops over slices: the same operations in every turn, on other parts of the same arrays.

Planned like others, each turn would be a program that nobody has seen. Once it is clear that a template goes on to new
places, each of its assignments becomes one command as soon as the next operation is recorded, if all that it reads is
in memory on the workers. What comes back to the same places is left to be fused, for its plan will be found again.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from collections.abc import Iterable

from ramba.engine.buffer import CHECKED, INTERRUPTED, Buffer
from ramba.engine.lost import lose
from ramba.errors import ArrayLostError, WorkerLostError
from ramba.graph import Storage, Stored, Update
from ramba.layout import View
from ramba.plan import Assignment, Template, assignment
from ramba.runtime.backend import Backend
from ramba.runtime.call import Damage

ENOUGH = 6  # places in a row, none of them seen before, after which a template is taken to go on
PLACES = 64  # that a template was at last: a loop that comes back has fewer
PATIENCE = 4  # flushes in a row that did not get a template's operands into memory
MOST_TEMPLATES = 128


class Track:
    """Where a template has been."""

    __slots__ = ("fresh", "places", "waits")

    def __init__(self) -> None:
        self.fresh = 0  # new places in a row
        self.waits = 0  # flushes since an assignment went to the workers alone
        self.places: deque[tuple[View, ...]] = deque(maxlen=PLACES)

    def goes_on(self, views: tuple[View, ...]) -> bool:
        """Notes a place; whether the template goes on to new ones."""
        self.fresh = 0 if views in self.places else self.fresh + 1
        self.places.append(views)
        return self.fresh >= ENOUGH


class Sliding:
    """The templates of late, and the last assignment to a part of an array."""

    def __init__(self) -> None:
        self.last: weakref.ref[Buffer] | None = None
        self.tracks: OrderedDict[Template, Track] = OrderedDict()
        self.track = Track()  # of what was taken last

    def take(self, pending: Iterable[weakref.ref[Buffer]], exact: bool) -> tuple[Buffer, Assignment | None] | None:
        """The last assignment, if its template goes on to new places; without itself, if it has to wait for others."""
        last, self.last = self.last, None
        buffer = None if last is None else last()
        if buffer is None or buffer.hold is not None or not isinstance(buffer.node, Update):
            return None
        work = assignment(buffer.node, exact)
        if work is None or not self.tracked(work.template).goes_on(work.views):
            return None
        alone = all(
            (other := reference()) is None or other is buffer or other.hold is not None for reference in pending
        )
        self.track.waits += 1
        return buffer, work if alone and all(isinstance(node, Stored) for node in work.inputs) else None

    @property
    def patient(self) -> bool:
        """Whether a flush may help what was taken last."""
        return self.track.waits <= PATIENCE

    def tracked(self, template: Template) -> Track:
        """Where a template has been; the one that was not met for longest is forgotten."""
        self.track = self.tracks.setdefault(template, Track())
        self.tracks.move_to_end(template)
        if len(self.tracks) > MOST_TEMPLATES:
            self.tracks.popitem(last=False)
        return self.track

    def go(self, buffer: Buffer, work: Assignment, backend: Backend, state: object) -> bool:
        """Has the workers compute what was taken, where it lies; False if that cannot be."""
        target = work.inputs[0]
        assert isinstance(target, Stored)
        storage = target.storage
        if storage.holders() or storage.foreign or work.fetched > CHECKED:
            return False
        try:
            inputs = [backend.hold(node) for node in work.inputs if isinstance(node, Stored)]
        except (ArrayLostError, WorkerLostError):
            return False  # whoever runs it as a part of other work says so
        if None in inputs or inputs[0].partition.replicated:
            return False
        damaged = Damage()
        try:
            storage.block = None  # as in a run: nobody takes half a result for a value
            (made,) = backend.follow(work, inputs, work.scalars, damaged, state)
            buffer.settle(Stored(Storage(made), buffer.dtype, buffer.shape))
        except BaseException:
            if damaged:
                lose(buffer, INTERRUPTED)
            else:
                storage.block = inputs[0]
            raise
        self.track.waits = 0
        return True


__all__ = ["Sliding"]
