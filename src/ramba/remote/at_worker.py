"""A worker's side of remote calls: they run on threads beside the worker's own, which goes on with arrays meanwhile."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ramba.remote.futures import Ref
from ramba.remote.letters import Begin, CallMethod, Content, Done, Envelope, Forget, Introduce, Line, Make, read
from ramba.remote.options import Options
from ramba.remote.pool import OnThreads, ThreadActor
from ramba.runtime.python.aside import place
from ramba.runtime.python.carriage import Door
from ramba.runtime.python.outcomes import Outcome, outcome_of, raised
from ramba.runtime.python.part import Part
from ramba.runtime.python.values import Value
from ramba.runtime.transport import Transport


class Service:
    """Takes the driver's letters, and answers them."""

    def __init__(self, session: str, transport: Transport) -> None:
        self.session = session
        self.door = Door()
        self.lent: dict[int, list[Part]] = {}  # parts of arrays
        self._transport = transport
        self._line = Line(session)
        self._writing = threading.Lock()
        self._runner = OnThreads()
        self._functions: dict[int, Any] = {}  # carried ones, then ready ones
        self._actors: dict[int, ThreadActor] = {}
        self._letters: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="ramba-letters", daemon=True).start()

    def heard(self, source: int, letter: bytes) -> None:
        """Keeps a letter for the thread that reads them."""
        self._letters.put(letter)

    def lost(self, problem: Exception) -> None:
        """For the driver to know."""

    def leaving(self, workers: int) -> None:
        """For the driver to know."""

    def regrouped(self) -> None:
        """For the driver to know."""

    def _run(self) -> None:
        """The life of the thread."""
        while True:
            letter = read(self._letters.get())
            if letter.session == self.session:
                self._take(letter)

    def _take(self, letter: Envelope) -> None:
        with self._writing:
            contents = self._line.take(letter)
            if letter.again:
                for each in [self._line.receipt(), *self._line.repeated()]:
                    self._transport.tell(None, each)
        for content in contents:
            self._do(content)

    def _do(self, content: Content) -> None:
        """Begins what a letter asks for."""
        match content:
            case Introduce(function, carried):
                self._functions[function] = carried
            case Begin(call, function, arguments, num_cpus, parts):
                self._answering(
                    call, lambda work: self._runner.submit(work, Options(num_cpus=num_cpus), (), {}),
                    lambda: self._called(self._function(function), arguments, parts),
                )  # fmt: skip
            case Make(actor, kind, arguments, parts):
                self._actors[actor] = ThreadActor(
                    _Made, (lambda: self._called(self._function(kind), arguments, parts),), {}
                )
            case CallMethod(call, actor, method, arguments, parts):
                made = self._actors[actor]

                def work(instance: object) -> Any:
                    return self._called(getattr(instance, method), arguments, parts)

                self._answering(call, lambda work: made.call("outcome", (work,), {}), work)
            case Forget(actor, parts):
                self.lent.pop(parts, None)
                if (ended := self._actors.pop(actor, None)) is not None:
                    ended.close()

    def _answering(self, call: int, begin: Callable[[Callable[..., Outcome]], Ref], work: Callable[..., Any]) -> None:
        """Begins a call, whose outcome is told to the driver."""

        def outcome(*given: object) -> Outcome:
            return outcome_of(lambda: work(*given))

        def tell(ref: Future) -> None:
            problem = ref.exception()
            self._tell(Done(call, ref.result() if problem is None else raised(problem)))

        try:
            begin(outcome).add_done_callback(tell)
        except BaseException as problem:
            self._tell(Done(call, raised(problem)))

    def _tell(self, content: Content) -> None:
        with self._writing:
            letter = self._line.write(content)
            self._transport.tell(None, letter)

    def _function(self, number: int) -> Any:
        """What was sent under a number, ready to be called."""
        found = self._functions[number]
        if not callable(found):
            found = self._functions[number] = self.door.function(found)
        return found

    def _called(self, function: Callable[..., Any], arguments: Value, parts: int) -> Any:
        args, named = self.door.value(arguments, self.lent.get(parts, ()))
        return function(*args, **named)


class _Made:
    """An object that lives here: its constructor's exception is each call's."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.instance = make()

    def outcome(self, work: Callable[[Any], Outcome]) -> Outcome:
        """Has something done with it."""
        return work(self.instance)


_service: Service | None = None


def attend(session: str) -> None:
    """On every worker: takes letters from now on; a session's objects stay when its group is formed anew."""
    global _service
    here = place()
    assert here is not None, "only workers are asked for this"
    if _service is None or _service.session != session:
        _service = Service(session, here.transport)
    _service.door = here.door
    here.transport.listener = _service


def lend(session: str, number: int, parts: list[Part]) -> None:
    """On every worker: keeps its parts of arrays for a call."""
    for part in parts:
        part.lent = True
    if _service is not None and _service.session == session:
        _service.lent[number] = parts


__all__ = ["Service", "attend", "lend"]
