"""The key under which a flush finds its plan: all that a numbered program depends on, in one quick walk.

`number` gives equal values one number and looks through assignments, which takes longer than a plan takes to start.
What it makes depends only on what is written down here: the operations, which of them read which and through which
views, which scalars are equal, and which stored values may be written over. So who has numbered one graph knows the
program of every graph with the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from ramba.errors import ArrayLostError
from ramba.graph.node import Const, Empty, Fill, Index, Library, Map, Node, Placed, Reduce, Ref, Stored, Update
from ramba.graph.program import Program, number, same_bits


class Outline(NamedTuple):
    """A graph as a flat key, and what the key leaves out."""

    key: tuple[Any, ...] | bytes
    stored: list[Stored]  # one for each storage
    free: list[bool]  # whether it may be written over
    scalars: list[np.generic]  # those that differ


class Recipe(NamedTuple):
    """The program of all graphs with one key, and where in their outlines its stored values and scalars are."""

    program: Program | None  # None: it was planned without
    stored: tuple[int, ...]
    scalars: tuple[int, ...]
    jobs: dict[Any, Any]  # what was made of the program, by what else that depends on


Quick: TypeAlias = Callable[[list[Node]], Outline | None]
_quick: list[Quick] = []


def write_by(quick: Quick) -> None:
    """Has another function write outlines; it gives None for graphs that it does not know."""
    _quick[:] = [quick]


def outline(roots: list[Node]) -> Outline:
    """Walks over all that the roots need, each node once, readers first."""
    for quick in _quick:
        found = quick(roots)
        if found is not None:
            return found
    return walked(roots)


def walked(roots: list[Node]) -> Outline:
    """`outline`, complete and in Python."""
    walk = _Walk(roots)
    nodes, places, key = walk.nodes, walk.places, walk.key
    for node in nodes:  # the walk adds what it finds
        kind = type(node)
        if kind is Map:
            op, result, args, dtype, shape = cast(Map, node)
            key += (op, result, dtype, shape)
            for arg in args:
                if type(arg) is Ref:
                    child, view = arg
                    place = places.get(id(child))
                    if place is None:
                        place = places[id(child)] = len(nodes)
                        nodes.append(child)
                    key += (place, view)
                else:
                    place = walk.scalar(cast(Const, arg))
                    key.append(place)
        elif kind is Stored:
            walk.storage(cast(Stored, node))
        else:
            walk.other(node)
    return Outline(tuple(key), walk.stored, walk.free, walk.scalars)


def recipe(found: Outline, roots: list[Node]) -> Recipe:
    """Numbers a graph, for all graphs that have the same key."""
    stored = {id(node.storage): place for place, node in enumerate(found.stored)}
    # as the key says: by now another thread may have dropped an array
    numbered = number(roots, {storage: found.free[place] for storage, place in stored.items()})
    scalars = {same_bits(value, value.dtype): place for place, value in enumerate(found.scalars)}
    return Recipe(
        numbered.program,
        tuple([stored[id(node.storage)] for node in numbered.stored]),
        tuple([scalars[same_bits(value, value.dtype)] for value in numbered.scalars]),
        {},
    )


@lru_cache(maxsize=256)
def _zero(dtype: np.dtype) -> tuple[np.generic, object]:
    zero: np.generic = dtype.type(0)
    return zero, same_bits(zero, dtype)


class _Walk:
    def __init__(self, roots: list[Node]) -> None:
        self.nodes: list[Node] = []
        self.places: dict[int, int] = {}  # by identity of the node; the roots keep every node alive meanwhile
        self.stored: list[Stored] = []
        self.free: list[bool] = []
        self.storage_places: dict[int, int] = {}
        self.scalars: list[np.generic] = []
        self.scalar_places: dict[object, int] = {}
        self.key: list[Any] = [self.place(root) for root in roots]

    def place(self, node: Node) -> int:
        """The number of a node; one that was not met before is visited later."""
        found = self.places.get(id(node))
        if found is None:
            found = self.places[id(node)] = len(self.nodes)
            self.nodes.append(node)
        return found

    def scalar(self, constant: Const) -> int:
        """A negative number, the same for all scalars of the same bits."""
        value, dtype = constant
        return self.placed(value, same_bits(value, dtype))

    def zero(self, dtype: np.dtype) -> int:
        """What a program reads where memory may hold anything."""
        return self.placed(*_zero(dtype))

    def placed(self, value: np.generic, bits: object) -> int:
        """The number of a scalar of these bits."""
        found = self.scalar_places.get(bits)
        if found is None:
            found = self.scalar_places[bits] = ~len(self.scalars)
            self.scalars.append(value)
            self.key.append(value.dtype)  # not always that of what it meets: there are loops of mixed dtypes
        return found

    def storage(self, node: Stored) -> None:
        """A value in memory: which one, and whether it may be written over."""
        storage, dtype, shape = node
        known = self.storage_places.get(id(storage))
        if known is None:
            known = self.storage_places[id(storage)] = len(self.stored)
            self.stored.append(node)
            self.free.append(storage.holders() == 0)
        self.key += (Stored, known, self.free[known], dtype, shape)

    def read(self, arg: Ref | Const) -> tuple[object, ...]:
        """An operand."""
        return (self.scalar(arg),) if isinstance(arg, Const) else (self.place(arg.node), arg.view)

    def other(self, node: Node) -> None:
        """A node of the rarer kinds."""
        match node:
            case Update(base, view, value, dtype, shape):
                # all that was there before may be assigned over
                self.key += (Update, self.place(base), view, *self.read(value), self.zero(dtype))
            case Reduce(op, arg, axes, dtype, shape):
                self.key += (Reduce, op, *self.read(arg), axes)
            case Placed(arg, lies, dtype, shape):
                self.key += (Placed, lies, *self.read(arg))
            case Fill(value, dtype, shape):
                self.key += (Fill, self.scalar(Const(value, dtype)))
            case Library(function, args, params, result, types, dtype, shape):
                self.key += (
                    Library,
                    function,
                    params,
                    result,
                    types,
                    *[part for arg in args for part in self.read(arg)],
                )
            case Empty(dtype, shape):
                self.key += (Empty, self.zero(dtype))
            case Index(dtype, shape):
                self.key.append(Index)
            case _:  # it stands for a value that will never be known
                raise ArrayLostError(getattr(node, "reason", "The value of this array is lost."))
        self.key += (dtype, shape)


__all__ = ["Outline", "Recipe", "outline", "recipe", "walked", "write_by"]
