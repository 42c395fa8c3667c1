"""What the engine tells those who listen: tests that count kernels, progress displays, traces.

A teller asks first, so that nothing is built when nobody listens::

    if events.listeners:
        events.tell(events.Ran(spec, tiles, seconds))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Planned(NamedTuple):
    """A flush was planned, or found in the plan cache."""

    steps: int  # in the plan
    cached: bool  # whether the plan cache had it
    seconds: float


class Compiled(NamedTuple):
    """A kernel became machine code."""

    kernel: str  # its name
    cached: bool  # whether the disk cache had it
    seconds: float


class Ran(NamedTuple):
    """A kernel ran to its end."""

    kernel: str  # its name
    executor: str  # "compiled" or "interpreted"
    tiles: int
    seconds: float


class FellBack(NamedTuple):
    """NumPy computed a call that has no native form yet."""

    function: str  # "numpy.sort"
    reason: str


Event = Planned | Compiled | Ran | FellBack
Listener = Callable[[Event], object]

listeners: tuple[Listener, ...] = ()  # replaced, never changed: tellers read it without a lock


class Subscription:
    """Ends a subscription, by ``close()`` or at the end of a ``with`` block."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def close(self) -> None:
        """Stop listening; closing twice does no harm."""
        global listeners
        listeners = tuple(listener for listener in listeners if listener is not self._listener)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def subscribe(listener: Listener) -> Subscription:
    """Call `listener` with every event until the subscription is closed.

    It is called in the thread that tells the event, while the engine works: it should be quick, and may not raise.
    """
    global listeners
    listeners = (*listeners, listener)
    return Subscription(listener)


def tell(event: Event) -> None:
    """Pass `event` to everybody who listens."""
    for listener in listeners:
        listener(event)
