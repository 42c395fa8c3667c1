"""A buffer: the memory that views of one array share, under one name whose value changes."""

from __future__ import annotations

from math import prod
from sys import getrefcount
from typing import cast

import numpy as np

from ramba.graph import Node, Stored, Update
from ramba.runtime.pool import Block

INTERRUPTED = "The computation that was overwriting this array was interrupted: its value is lost."
CHECKED = 256 << 20  # bytes: peaks below are not worth asking the system about
_ALONE = 3  # references to what one object has: its own, the name in the function, the argument of the question


class Buffer:
    """Names the current value of an array and of all its views.

    Assigning gives it a new node; what was read before keeps the old one.
    """

    __slots__ = ("__weakref__", "dtype", "hold", "kept", "lends", "memory", "node", "pinned", "shape", "size")

    def __init__(self, node: Node, size: int) -> None:
        self.node = node
        self.dtype: np.dtype = node.dtype
        self.shape = node.shape
        self.size = size
        self.hold: object | None = None  # the token of the storage that holds the value, see graph.Storage
        self.pinned = False  # NumPy may alias the memory: it stays where it is, and all work on it is done at once
        self.lends = False  # whether the storage may be `lent`: if not, nobody need ask it
        self.memory: np.ndarray | None = None  # the storage as an array, made when first asked for
        self.kept: tuple[object, np.ndarray] | None = None  # block and `memory` before parts were assigned to

    @classmethod
    def holding(cls, node: Stored) -> Buffer:
        """A buffer of a value that exists in memory."""
        made = cls(node, prod(node.shape))
        made.settle(node)
        return made

    @property
    def pending(self) -> bool:
        """Whether the value is still to be computed."""
        return self.hold is None

    @property
    def lent(self) -> bool:
        """Whether the program has NumPy arrays over the memory: what reads or writes it does so in the call."""
        if self.lends:
            node = self.node
            self.lends = isinstance(node, Stored) and node.storage.lent
        return self.lends

    @property
    def exclusive(self) -> bool:
        """Whether the value may be changed where it lies: no other buffer has it, nothing that is recorded reads it.

        Whatever is recorded refers to the node; so does another buffer, or it has a node of its own for the storage.
        """
        node = self.node
        if self.hold is None or type(node) is not Stored:
            return False
        storage = node.storage
        if type(storage.block) is not Block:  # it lies on workers, whatever the driver has seen of it
            return False
        unread = getrefcount(node) == _ALONE and getrefcount(storage) == _ALONE
        return unread and not storage.borrowed and storage.holders() == 1 + storage.lent

    def look_away(self) -> None:
        """Lets go of the array over the memory, if nobody else has it."""
        if self.memory is not None and getrefcount(self.memory) == _ALONE - 1:  # no name in this function
            self.memory = self.kept = None

    def settle(self, node: Stored) -> None:
        """Takes a value that exists in memory."""
        self.node = node
        self.shape = node.shape
        self.hold = node.storage.token
        kept, self.kept = self.kept, None
        # parts were changed where they lie: what showed the memory shows the new value
        self.memory = kept[1] if kept is not None and kept[0] is node.storage.block else None

    def move_on(self, node: Node) -> None:
        """Takes a value that is still to be computed."""
        if type(node) is not Update:
            self.kept = None
        elif self.memory is not None:
            block = cast(Stored, self.node).storage.block
            self.kept = (block, self.memory) if type(block) is Block else None  # what workers sent is a copy
        self.node = node
        self.shape = node.shape  # views count in C order: they do not mind another shape
        self.hold = None
        self.memory = None


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays hold the same bytes."""
    return a.tobytes() == b.tobytes()
