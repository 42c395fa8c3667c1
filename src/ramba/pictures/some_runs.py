"""Hearing of every run, until there are so many short ones that this would be felt: then of some of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ramba import events
from ramba.runtime.pace import Pace

COST = 5e-6  # seconds that it takes to hear of an event
SHARE, FIRST = 0.004, 5e-4  # of the time that this may take; seconds of it until some are left out
_OF_RUNS = frozenset({events.Began, events.Ran, events.Called, events.Working, events.Flushed})

Heard: TypeAlias = Callable[[events.Event, int], None]  # an event, and how many like it this one stands for


def hear_some(heard: Heard, unread: Callable[[events.Block], object]) -> events.Subscription:
    """Has a listener told of everything but some of the short runs; what workers tell is given him to be read later."""
    pace, many, told = Pace(SHARE, FIRST), 1, 0

    def before() -> None:
        nonlocal many, told
        many = pace.due()
        if many:
            told = 0
            events.hear_run(listen)

    def listen(event: events.Event) -> None:
        nonlocal many, told
        kind = type(event)
        if kind in _OF_RUNS:
            told += 1
            heard(event, many)
            if kind is events.Flushed:
                pace.told(told * COST, event.seconds)  # type: ignore[union-attr]
        else:
            if kind is events.Planned:  # the first run of its kind: a program's last ones, which are long, are such
                pace.alone(many)
                many, told = 1, 0
                events.hear_run(listen)
            heard(event, 1)

    return events.subscribe(listen, workers=True, before=before, unread=unread)


__all__ = ["Heard", "hear_some"]
