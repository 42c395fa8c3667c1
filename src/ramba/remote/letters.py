"""What the driver and a worker write to each other about calls: typed, in order, and nothing is lost on the way.

Letters may overtake each other, and may be lost when a group is formed anew. So each carries a number, and the number
of the last one that came in order from the other side; what is not known to have come is kept, and sent again if asked.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from ramba.runtime.python.carriage import Function
from ramba.runtime.python.outcomes import Outcome
from ramba.runtime.python.values import Value
from ramba.runtime.transport import decoder


class Introduce(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """To a worker: a function or class that will be named."""

    function: int
    content: Function


class Begin(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """To a worker: call a function."""

    call: int
    function: int
    arguments: Value
    num_cpus: float | None = None
    parts: int = 0  # under which it was lent its parts of arrays


class Make(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """To a worker: make an object that lives there."""

    actor: int
    kind: int
    arguments: Value
    parts: int = 0


class CallMethod(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """To a worker: call a method of an object, after what came before."""

    call: int
    actor: int
    method: str
    arguments: Value
    parts: int = 0


class Forget(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """To a worker: an object ends when it has done what was asked for; parts of arrays are not needed any more."""

    actor: int = 0
    parts: int = 0


class Done(msgspec.Struct, array_like=True, tag=True, frozen=True):
    """From a worker: what became of a call."""

    call: int
    outcome: Outcome


Content: TypeAlias = Introduce | Begin | Make | CallMethod | Forget | Done


class Envelope(msgspec.Struct, array_like=True, frozen=True):
    """One letter."""

    session: str  # of the driver's: those of an older one are not read
    number: int  # from 1; 0: it only tells what came
    heard: int  # the last one that came in order
    again: bool = False  # whether all later ones are to be sent again
    content: Content | None = None


_encode = msgspec.msgpack.Encoder().encode
_letters = msgspec.msgpack.Decoder(Envelope)


@decoder("A letter")
def read(message: bytes) -> Envelope:
    """A letter of the other side's."""
    return _letters.decode(message)


class Line:
    """One end of the exchange between two: not for several threads at once."""

    def __init__(self, session: str) -> None:
        self.session = session
        self._sent = 0
        self._heard = 0
        self._kept: dict[int, Content] = {}  # by number: not known to have come
        self._early: dict[int, Content] = {}

    def write(self, content: Content) -> bytes:
        """A letter to be sent."""
        self._sent += 1
        self._kept[self._sent] = content
        return self._written(self._sent)

    def receipt(self, again: bool = False) -> bytes:
        """A letter that only tells what came, and perhaps asks for what did not."""
        return _encode(Envelope(self.session, 0, self._heard, again))

    def repeated(self) -> list[bytes]:
        """All that is not known to have come."""
        return [self._written(number) for number in self._kept]

    def take(self, letter: Envelope) -> list[Content]:
        """What can be read now, in order, of this letter and of those that came too early."""
        for number in [number for number in self._kept if number <= letter.heard]:
            del self._kept[number]
        if letter.number > self._heard and letter.content is not None:
            self._early[letter.number] = letter.content
        found = []
        while self._heard + 1 in self._early:
            self._heard += 1
            found.append(self._early.pop(self._heard))
        return found

    def _written(self, number: int) -> bytes:
        return _encode(Envelope(self.session, number, self._heard, False, self._kept[number]))


__all__ = ["Begin", "CallMethod", "Content", "Done", "Forget", "Introduce", "Envelope", "Line", "Make", "read"]
