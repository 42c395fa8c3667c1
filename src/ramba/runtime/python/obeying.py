"""A worker's side of calls of functions of Python."""

from __future__ import annotations

from typing import Any

from ramba.errors import ProtocolError
from ramba.kernels.group import Group, Waiting
from ramba.runtime.python.aside import aside
from ramba.runtime.python.carriage import Door, Function
from ramba.runtime.python.outcomes import Outcome, outcome_of
from ramba.runtime.python.part import Part
from ramba.runtime.python.values import Value
from ramba.runtime.transport import Abandoned, Cancelled, Poison, Transport


class Functions:
    """What one worker knows of functions."""

    def __init__(self) -> None:
        self.door = Door()
        self.known: dict[int, Function] = {}
        self._ready: dict[int, Any] = {}

    def learn(self, number: int, function: Function) -> None:
        """Keeps what was sent; it is not looked into before it is called."""
        self.door.check("A function of Python")
        self.known[number] = function

    def forget(self, number: int) -> None:
        """It will not be called any more."""
        self.known.pop(number, None)
        self._ready.pop(number, None)

    def function(self, number: int) -> Any:
        """A function that was sent, ready to be called."""
        if number not in self._ready:
            found = self.known.get(number)
            if found is None:
                raise ProtocolError("A function is to be called that this worker does not know.")
            self._ready[number] = self.door.function(found)
        return self._ready[number]

    def called(
        self, number: int, arguments: Value, parts: list[Part], group: Group, transport: Transport
    ) -> Waiting[Outcome]:
        """The outcome of one call; what is not the function's doing is raised."""

        def call() -> Outcome:
            function = self.function(number)
            args, named = self.door.value(arguments, parts)
            return outcome_of(lambda: function(*args, **named), passing=(Poison, Abandoned, Cancelled))

        return (yield from aside(call, group, transport, self.door))


__all__ = ["Functions"]
