"""One worker's run of a plan that several workers follow together: what it sends, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ramba.kernels import Piece
from ramba.kernels.group import Waiting
from ramba.kernels.pairwise import fold
from ramba.layout import Partition
from ramba.ops import OPS
from ramba.plan import AllReduce, Call, Fragment, Message, Receive, Send
from ramba.runtime.collective import Collective
from ramba.runtime.pool import Block
from ramba.runtime.strips import Strips, plainly, tag_of
from ramba.runtime.transport import TAG_BITS
from ramba.runtime.worker import Prepared, StepRun, Worker

_NEVER = (1 << TAG_BITS) - 1  # a round of no plan's: who asks for its message hears whether the sender failed
ALIGNMENT = 16  # bytes: kernels read vectors at addresses that their elements divide


class JointRun(StepRun):
    """The state of one run."""

    def __init__(
        self,
        worker: Worker,
        prepared: Prepared,
        inputs: Sequence[Block],
        scalars: Sequence[np.generic],
        group: Collective,
        number: int,
    ) -> None:
        super().__init__(worker, prepared.plan, inputs, scalars)
        self.prepared = prepared
        self.group = group
        self.base = number << TAG_BITS
        self.strips = Strips()
        self.named: dict[tuple[int, int], int] = {}  # strips that are kept, by round and slot
        if prepared.plan.written:  # this worker cannot tell what others have written by now: it goes to the end
            self.damaged = set(prepared.plan.written)
        if worker.pool.spill is not None:
            worker.pool.spill.pressing = bool(self.damaged)

    def keep(self, strips: Strips, named: Iterable[tuple[int, int, int]]) -> None:
        """Some of what inputs exchange is kept: by round and slot, the number."""
        self.strips, self.named = strips, {(number, slot): name for number, slot, name in named}

    def follow(self) -> Waiting[None]:
        """Runs all steps."""
        for step, ready in self.prepared.steps:
            match step:
                case Send(number, messages):
                    for message in messages:
                        for name, part in self.parts(number, message):
                            self.send(self.base + number if not name else tag_of(name), part, name)
                case Receive(number, messages):
                    for message in messages:
                        for name, part in self.parts(number, message):
                            if name:
                                yield from self.receive(part, name)
                            else:
                                self.unpack(part, (yield from self.group.receive(part.peer, self.base + number)))
                case AllReduce():
                    yield from self.all_reduce(step)
                case Call():
                    self.group.tag = self.base + step.round
                    pieces = [piece_of(self.block(s.slot), s.dtype, s.partition, self.group.rank) for s in step.inputs]
                    yield from self.called(step, self.group, pieces)
                case _:
                    self.step(step, ready)

    def parts(self, number: int, message: Message) -> list[tuple[int, Message]]:
        """A message as what is kept, by its number, and (0) what is not."""
        if not self.named:
            return [(0, message)]
        slots = tuple([slot for at, slot in self.named if at == number])
        return [(self.named.get((number, slot), 0), part) for slot, part in self.strips.split(message, slots)]

    def send(self, tag: int, message: Message, name: int) -> None:
        """Packs and posts one message, if the receiver does not have the strips that it consists of."""
        transport = self.group.transport
        if name and message.peer in self.strips.sent.get(name, ()):
            return
        content = transport.buffer(message.peer, message.nbytes)
        for piece in message.pieces:
            _lying_in(content, piece)[...] = self.elements(piece.slot, piece.view, piece.dtype)
        transport.post(message.peer, tag, content)
        if name:
            self.strips.sent.setdefault(name, set()).add(message.peer)

    def receive(self, message: Message, name: int) -> Waiting[None]:
        """Strips that are kept, or will be."""
        transport, peer, strips = self.group.transport, message.peer, self.strips
        while (held := strips.find(name, peer, transport, self.worker.pool)) is None:
            plainly(transport).collect(peer, self.base + _NEVER)
            yield
        for piece in message.pieces:
            self.put(piece.slot, Block.over(_lying_in(held, piece)))

    def unpack(self, message: Message, content: np.ndarray) -> None:
        """Makes each piece of a message the memory of its slot."""
        if content.ctypes.data % ALIGNMENT:
            held = self.worker.pool.take(max(content.nbytes, 1)).array(np.dtype(np.uint8), content.shape)
            held[...] = content
            content = held
        for piece in message.pieces:
            self.put(piece.slot, Block.over(_lying_in(content, piece)))

    def all_reduce(self, step: AllReduce) -> Waiting[None]:
        """Partial results of everybody, folded in a fixed tree: everybody gets the same bits."""
        dtype = np.dtype(step.dtype)
        boxes = step.boxes
        width = max((int(np.prod(box.extent)) for box in boxes if box is not None), default=0)
        row = np.zeros(width, dtype)
        own = boxes[self.group.rank]
        if own is not None:
            count = int(np.prod(own.extent))
            row[:count] = self.block(step.source).array(dtype, (count,))
        self.group.tag = self.base + step.round
        rows = yield from self.group.gather(row)
        target = self.block(step.target).array(dtype, step.shape)
        for box in dict.fromkeys(box for box in boxes if box is not None):
            count = int(np.prod(box.extent))
            part = fold(OPS[step.op].numpy, rows[[n for n, b in enumerate(boxes) if b == box], :count])
            place = tuple(slice(s, s + n) for s, n in zip(box.start, box.extent, strict=True))
            target[place] = part.reshape(box.extent)


def piece_of(block: Block, dtype: str, partition: Partition, rank: int) -> Piece:
    """This worker's block of an array, as distributed kernels take it."""
    return Piece(block.array(np.dtype(dtype), partition.block(rank).extent), partition)


def _lying_in(content: np.ndarray, piece: Fragment) -> np.ndarray:
    """A piece of a message as an array."""
    dtype = np.dtype(piece.dtype)
    return np.ndarray(piece.view.shape, dtype, content, piece.at)


__all__ = ["JointRun", "piece_of"]
