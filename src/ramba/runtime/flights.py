"""Commands that were sent and not reported on yet: who wants their results, and what their failures mean for whom."""

from __future__ import annotations

import builtins
import contextlib
import weakref
from collections.abc import Collection, MutableMapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from ramba import errors, events
from ramba.errors import ArrayLostError, ProtocolError, RambaError, WorkerLostError
from ramba.graph import Program, StoredEntry, needed_by
from ramba.runtime.messages import Problem, Teach
from ramba.runtime.sharded import Sharded

CANCELLED = "Cancelled"  # the kind of problem that a cancelled command has
_PASSING = (CANCELLED, "MemoryError")  # kinds after which it is computed again when somebody looks: it may fit then
INTERRUPTED = "The computation of this array was interrupted: its value is lost."


class Recipe(NamedTuple):
    """How a result is computed once more, for as long as all that it reads is there."""

    lesson: Teach
    root: int  # number of its entry in the program
    inputs: tuple[weakref.ref[Sharded] | None, ...]  # None: not needed
    scalars: tuple[np.generic, ...]
    state: Any  # errstate

    def operands(self) -> list[Sharded | None] | None:
        """The inputs, with None in the place of those that it does not need; None if one is gone."""
        needed = _read_by(self.lesson.program, self.root)
        found = [ref() if ref is not None and place in needed else None for place, ref in enumerate(self.inputs)]
        return None if any(found[place] is None for place in needed) else found

    def program(self) -> Program:
        """What computes this result alone, and writes over nothing."""
        whole = self.lesson.program
        entries = tuple([replace(e, free=False) if isinstance(e, StoredEntry) else e for e in whole.entries])
        return whole._replace(entries=entries, roots=(self.root,))


class Flight(NamedTuple):
    """One command that computes something."""

    number: int
    message: int  # that carries it
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    recipes: tuple[Recipe, ...] = ()  # of the results


class Flights:
    """In the order in which they were sent."""

    def __init__(self, arrays: MutableMapping[int, Sharded]) -> None:
        self._arrays = arrays  # those that the program holds, by number
        self._flights: dict[int, Flight] = {}  # by number

    def __len__(self) -> int:
        return len(self._flights)

    def add(self, flight: Flight) -> None:
        """Something is about to be sent."""
        self._flights[flight.number] = flight
        if events.tracers:
            events.tell(events.Commanded(flight.number))

    def clear(self) -> None:
        """All are reported on."""
        self._flights.clear()

    def retain(self, numbers: Collection[int]) -> None:
        """Only these are said again."""
        self._flights = {number: self._flights[number] for number in numbers if number in self._flights}

    def resent(self, number: int, message: int) -> None:
        """Something is said again, if it is one of these."""
        if number in self._flights:
            self._flights[number] = self._flights[number]._replace(message=message)

    def unwanted(self, question: int) -> list[tuple[int, int]]:
        """Ranges of messages whose results nobody holds, and nobody reads whose own results are wanted."""
        read: set[int] = set()
        wanted: dict[int, bool] = {}  # by message
        for flight in reversed(self._flights.values()):
            held = flight.number == question or any(n in read or n in self._arrays for n in flight.results)
            wanted[flight.message] = wanted.get(flight.message, False) or held
            if held:
                read.update(flight.inputs)
        ranges: list[tuple[int, int]] = []
        before = True
        for message in sorted(wanted):
            if not wanted[message]:
                ranges.append((message if before else ranges.pop()[0], message))
            before = wanted[message]
        return ranges

    def judge(self, problems: Sequence[Problem], question: int, excused: int) -> Problem | None:
        """Marks the arrays that have no value because of problems; gives the one that the program must be told.

        That is the first cause, not its consequences, wherever and whenever these were noticed. Of commands up to
        `excused` nothing is told: somebody stopped waiting for them.
        """
        roots: dict[int, Problem] = {}  # by command
        guilty: dict[int, Problem] = {}  # by array
        told = None
        # of one command's problems the cause first; that it was cancelled somewhere explains less than a failure
        for problem in sorted(problems, key=lambda p: (p.command, not p.cause, p.kind == CANCELLED)):
            flight = self._flights.get(problem.command)
            root = roots.get(problem.command)
            if root is None:
                root = problem
                if not problem.cause and flight is not None:
                    root = next((guilty[n] for n in flight.inputs if n in guilty), problem)
                roots[problem.command] = root
            for number in problem.lost:
                guilty.setdefault(number, root)
                self._lose(number, root, flight)
            asked = problem.command == question
            if told is None and root.kind != CANCELLED and problem.command > excused and (root.cause or asked):
                told = root
        return told

    def _lose(self, number: int, root: Problem, flight: Flight | None) -> None:
        array = self._arrays.get(number)
        if array is None:
            return
        why = INTERRUPTED
        if root.kind != CANCELLED:
            why = f"Its computation failed: {root.kind}: {root.text}" if root.cause else root.text
        again = root.kind in _PASSING and flight is not None and flight.recipes
        array.lose(why, flight.recipes[flight.results.index(number)] if flight is not None and again else None)


def _read_by(program: Program, root: int) -> set[int]:
    """Which of the stored values, counted from 0, one entry needs."""
    found = needed_by(program, root)
    stored = (n for n, entry in enumerate(program.entries) if isinstance(entry, StoredEntry))
    return {place for place, number in enumerate(stored) if number in found}


def lost_ones(arrays: Sequence[Sharded]) -> list[Sharded]:
    """Those arrays that have no value, and what has to be computed again before them, in order.

    Raises
    ------
    ArrayLostError
        If one cannot be computed any more.
    """
    wanted: dict[Sharded, None] = {}  # operands last
    stack = [array for array in arrays if array.lost is not None]
    while stack:
        array = stack.pop()
        operands = array.recipe.operands() if array.recipe is not None else None
        if operands is None:
            raise ArrayLostError(array.lost)
        wanted.pop(array, None)
        wanted[array] = None
        stack += [operand for operand in operands if operand is not None and operand.lost is not None]
    return list(reversed(wanted))


def exception_of(problem: Problem) -> BaseException:
    """The exception of a worker's, as one of the driver's."""
    kind: Any = None
    for place in (errors, builtins, np.exceptions, np.linalg):
        kind = kind or getattr(place, problem.kind, None)
    raised: BaseException = RuntimeError(f"{problem.kind}: {problem.text}")
    if isinstance(kind, type) and issubclass(kind, BaseException):
        with contextlib.suppress(TypeError):
            raised = kind(problem.text)
    if isinstance(raised, OSError) and problem.errno:
        raised.errno = problem.errno
    for note in problem.notes:
        raised.add_note(note)
    return raised


def last_loss(problem: WorkerLostError | ProtocolError, final: str) -> RambaError:
    """What is said after this loss, which was the last one."""
    if isinstance(problem, WorkerLostError):
        return WorkerLostError(problem.rank, problem.pid, problem.host, f"{problem.reason}. {final.rstrip('.')}")
    return RambaError(f"{problem} {final}")


__all__ = ["CANCELLED", "INTERRUPTED", "Flight", "Flights", "Recipe", "exception_of", "last_loss", "lost_ones"]
