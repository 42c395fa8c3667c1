"""Walks through all interleavings of a few actors: can a state be reached that must not be, or a wait without end?

An actor is a function: from the state of the world, and the place in its own program, to what its next step may lead
to. No outcome: it is blocked. Actors may be slow, but a step that stays possible is taken some day (weak fairness);
only who says so may `rest` for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

Place = str
Step = Callable[[Any, Place], list[tuple[Any, Place]]]  # the world, a place: what the world and the place may become


class State(NamedTuple):
    """Everything at one moment."""

    world: Any
    places: tuple[Place, ...]  # of the actors


class Walk:
    """All states that are reached from the first one, and the steps between them."""

    def __init__(self, world: Any, actors: list[tuple[Step, Place]], rests: Callable[[int, Place], bool]) -> None:
        self._steps = [step for step, _ in actors]
        self._rests = rests  # whether an actor may stay at a place for ever
        self.next: dict[State, list[tuple[int, State]]] = {}  # by state: who moves, and where that leads
        self.before: dict[State, State] = {}
        first = State(world, tuple(place for _, place in actors))
        waiting = [first]
        self.next[first] = []
        while waiting:
            state = waiting.pop()
            self.next[state] = list(self._moves(state))
            for _, reached in self.next[state]:
                if reached not in self.next:
                    self.next[reached] = []
                    self.before[reached] = state
                    waiting.append(reached)

    def _moves(self, state: State) -> Iterator[tuple[int, State]]:
        for actor, step in enumerate(self._steps):
            for world, place in step(state.world, state.places[actor]):
                places = (*state.places[:actor], place, *state.places[actor + 1 :])
                yield actor, State(world, places)

    def way(self, state: State) -> list[State]:
        """How a state is reached."""
        states = [state]
        while states[-1] in self.before:
            states.append(self.before[states[-1]])
        return states[::-1]

    def waits_for_ever(self, unfinished: Callable[[State], bool]) -> State | None:
        """A state from which something may stay unfinished although every actor goes on."""
        inside = {state for state in self.next if unfinished(state)}
        return next((next(iter(part)) for part in self._parts(inside) if self._fair(part)), None)

    def _fair(self, part: set[State]) -> bool:
        """Whether the actors could stay within a part for ever, none of them held up."""
        moving = {actor for state in part for actor, reached in self.next[state] if reached in part}
        for actor in range(len(self._steps)):
            free = any(
                self._rests(actor, state.places[actor]) or all(who != actor for who, _ in self.next[state])
                for state in part
            )
            if actor not in moving and not free:
                return False
        return bool(moving) or len(part) == 1

    def _parts(self, inside: set[State]) -> Iterable[set[State]]:
        """Strongly connected parts (Tarjan, without recursion)."""
        number: dict[State, int] = {}
        low: dict[State, int] = {}
        stack: list[State] = []
        on_stack: set[State] = set()
        for root in inside:
            if root in number:
                continue
            work = [(root, iter(self.next[root]))]
            while work:
                state, moves = work[-1]
                if state not in number:
                    number[state] = low[state] = len(number)
                    stack.append(state)
                    on_stack.add(state)
                for _, reached in moves:
                    if reached in inside and reached not in number:
                        work.append((reached, iter(self.next[reached])))
                        break
                    if reached in on_stack:
                        low[state] = min(low[state], number[reached])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[state])
                    if low[state] == number[state]:
                        part: set[State] = set()
                        while state not in part:
                            part.add(stack.pop())
                        on_stack -= part
                        yield part
