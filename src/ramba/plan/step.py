"""A plan: what will be run, in which order, on which memory. Plain data: it prints, compares and pickles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ramba.layout import Box, Partition, View
from ramba.plan.exchange import Moved
from ramba.plan.spec import KernelSpec, Tiles

ALIGNMENT = 64  # bytes, of the pieces of a message


class Access(NamedTuple):
    """Where an operand of a kernel lives: offset and strides in elements, one stride per loop."""

    slot: int  # -1 for an index operand: its value is the element position itself
    offset: int
    strides: tuple[int, ...]


class Kernel(NamedTuple):
    """Runs one fused loop nest."""

    spec: KernelSpec
    extents: tuple[int, ...]
    tiles: Tiles
    accesses: tuple[Access | int, ...]  # one per operand of the spec; a number names a scalar of the flush
    compiled: bool  # False: some operation of it only exists as NumPy's own loop


class Source(NamedTuple):
    """What a call reads: a view of a slot; of several workers, each one's whole block."""

    slot: int
    dtype: str
    view: View
    partition: Partition
    size: int  # elements on this worker


class Target(NamedTuple):
    """A result of a call: where it is to lie, and the slot that its memory becomes."""

    slot: int  # -1: nobody wants it
    dtype: str
    partition: Partition
    size: int  # elements on this worker


class Call(NamedTuple):
    """Calls a kernel of ``kernels.KERNELS``; on several workers, all call it together."""

    function: str
    targets: tuple[Target, ...]
    inputs: tuple[Source, ...]
    params: tuple[Any, ...]
    small: int  # elements up to which an array is whole on every worker
    round: int  # the first of the rounds of messages that it may take


class Combine(NamedTuple):
    """Folds the partial results of tiles, pairwise in a fixed tree, into the result."""

    op: str
    source: int
    blocks: int
    target: int
    dtype: str
    size: int  # elements


class Allocate(NamedTuple):
    """Gives a slot memory."""

    slot: int
    dtype: str
    size: int  # elements


class Free(NamedTuple):
    """Gives a slot's memory back."""

    slot: int


class Fragment(NamedTuple):
    """A part of a message: the elements of a slot under a view, in C order, from a byte of the message on."""

    slot: int
    dtype: str
    view: View
    at: int
    source: int = -1  # the slot of whose array it is a strip


class Message(NamedTuple):
    """One message from one worker to another."""

    peer: int
    nbytes: int
    pieces: tuple[Fragment, ...]


def laid(peer: int, pieces: Iterable[Fragment]) -> Message:
    """A message with these pieces, one after the other."""
    placed, at = [], 0
    for piece in pieces:
        placed.append(piece._replace(at=at))
        at += -(-piece.view.size * np.dtype(piece.dtype).itemsize // ALIGNMENT) * ALIGNMENT
    return Message(peer, at, tuple(placed))


class Send(NamedTuple):
    """Packs and sends messages; does not wait."""

    round: int  # rounds of a plan are numbered; sender and receiver know a message by its round
    messages: tuple[Message, ...]


class Receive(NamedTuple):
    """Waits for messages; each piece becomes the memory of its slot."""

    round: int
    messages: tuple[Message, ...]


class Copy(NamedTuple):
    """Copies elements between slots."""

    source: int
    source_view: View
    target: int
    target_view: View
    dtype: str


class Merge(NamedTuple):
    """Folds partial results that lie in C order into a part of a slot; the first ones are just stored."""

    op: str
    source: int
    target: int
    view: View
    dtype: str
    first: bool


class AllReduce(NamedTuple):
    """Folds the partial results of all workers; everybody gets the whole result."""

    round: int
    op: str
    source: int
    target: int
    dtype: str
    shape: tuple[int, ...]
    boxes: tuple[Box | None, ...]  # which part of the result each worker has partial results for


class Exchange(NamedTuple):
    """Strips of an input that workers send each other in a plan: a part of the messages of a round."""

    round: int
    slot: int
    dtype: str
    moved: Moved


Step: TypeAlias = Kernel | Call | Combine | Allocate | Free | Send | Receive | Copy | Merge | AllReduce


class Plan(NamedTuple):
    """The steps of one flush. Slots below ``inputs`` are the stored values of the program, in order."""

    inputs: int
    steps: tuple[Step, ...]
    results: tuple[int, ...]  # the slot of each root
    peak: int  # bytes that the steps hold at most, beyond the inputs
    written: tuple[int, ...] = ()  # slots of inputs that some worker writes over
    slots: int = 0
    exchanges: tuple[Exchange, ...] = ()  # of inputs that nobody writes over; those of all workers

    @property
    def kernels(self) -> int:
        """How many fused kernels the plan runs."""
        return sum(isinstance(step, Kernel) for step in self.steps)

    @property
    def sent(self) -> int:
        """How many bytes the plan sends to other workers, other than what calls exchange."""
        return sum(message.nbytes for step in self.steps if isinstance(step, Send) for message in step.messages)
