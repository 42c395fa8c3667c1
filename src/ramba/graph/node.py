"""The nodes of the graph: values that were asked for, immutable, each with a dtype and a shape.

Every value is a whole C-order array; an operand reads a value through a view. Nodes compare by identity: two equal
nodes are found to be one when a flush numbers them.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ramba.layout import Partition, View


class Storage:
    """Memory that holds a value, and how many arrays of the program hold it.

    Each buffer whose current value lives here keeps a reference to ``token``; its reference count therefore says,
    at any time and without finalisers, whether a kernel may write its result over this value.
    """

    __slots__ = ("block", "borrowed", "loan", "token")

    def __init__(self, block: Any, borrowed: bool = False) -> None:
        self.block = block  # the runtime's business
        self.borrowed = borrowed  # somebody else's memory: never written over
        self.loan: weakref.ref[Loan] | None = None  # the NumPy arrays over it that the program has
        self.token = object()

    @property
    def lent(self) -> bool:
        """Whether the program has NumPy arrays over this memory."""
        if self.loan is None:
            return False
        if self.loan() is None:
            self.loan = None
        return self.loan is not None

    @property
    def foreign(self) -> bool:
        """Whether somebody else may write this memory at any time: what reads it runs at once, and nothing keeps it."""
        return self.borrowed or self.lent

    def holders(self) -> int:
        """How many buffers hold this storage as their current value."""
        return sys.getrefcount(self.token) - 2 + self.borrowed  # one for our own field, one for the call's argument


class Loan:
    """What NumPy arrays over a value hold on to, and with it the value's memory; it ends with the last of them."""

    __slots__ = ("__array_interface__", "__weakref__", "_memory", "_token")

    def __init__(self, storage: Storage, memory: np.ndarray) -> None:
        self.__array_interface__ = memory.__array_interface__
        self._memory = memory
        self._token = storage.token  # a holder: no kernel writes its result over this memory
        storage.loan = weakref.ref(self)


class Stored(NamedTuple):
    """A value that exists in memory."""

    storage: Storage
    dtype: np.dtype
    shape: tuple[int, ...]


class Fill(NamedTuple):
    """One value everywhere."""

    value: np.generic
    dtype: np.dtype
    shape: tuple[int, ...]


class Empty(NamedTuple):
    """Whatever memory holds: every element will be written before it is read, or the user asked for it."""

    dtype: np.dtype
    shape: tuple[int, ...]


class Index(NamedTuple):
    """Each element is its own position in C order, as int64."""

    dtype: np.dtype
    shape: tuple[int, ...]


class Const(NamedTuple):
    """A scalar operand, already in the dtype of the operation."""

    value: np.generic
    dtype: np.dtype


class Ref(NamedTuple):
    """An operand: a value, read through a view."""

    node: Node
    view: View


class Map(NamedTuple):
    """One elementwise operation; operands are read through views of the node's own shape."""

    op: str  # digest of an operation, see `ramba.ops`
    result: int  # which result, for operations that have two
    args: tuple[Ref | Const, ...]
    dtype: np.dtype
    shape: tuple[int, ...]


class Reduce(NamedTuple):
    """A binary operation folded over some axes of its operand; the shape is what remains of the operand's."""

    op: str
    arg: Ref
    axes: tuple[int, ...]
    dtype: np.dtype
    shape: tuple[int, ...]


class Update(NamedTuple):
    """The old value with the elements under a view replaced: what assigning to a part of an array makes."""

    base: Node
    view: View
    value: Ref | Const  # of the view's shape and the base's dtype
    dtype: np.dtype
    shape: tuple[int, ...]


class Library(NamedTuple):
    """A result of a kernel that is called on whole operands in memory."""

    function: str  # a name in kernels.KERNELS
    args: tuple[Ref, ...]
    params: tuple[Any, ...]  # plain, hashable
    result: int  # which one of those that one call gives
    types: tuple[tuple[str, tuple[int, ...]], ...]  # dtype and shape of each of them
    dtype: np.dtype
    shape: tuple[int, ...]


class Placed(NamedTuple):
    """The same elements, lying on workers as the user wants it."""

    arg: Ref
    lies: Partition
    dtype: np.dtype
    shape: tuple[int, ...]


class Lost(NamedTuple):
    """A value that will never be known."""

    dtype: np.dtype
    shape: tuple[int, ...]
    reason: str


Node: TypeAlias = Stored | Fill | Empty | Index | Map | Reduce | Update | Library | Placed | Lost
