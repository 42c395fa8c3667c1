"""One worker's part of a plan: the same passes everywhere, then its own blocks, cells and messages."""

from __future__ import annotations

from math import prod
from typing import Protocol

import numpy as np

from ramba.graph import Program
from ramba.layout import Box, Partition, View, identity, meet
from ramba.plan.exchange import Load, Need, cells, moved, needs, reading, strip_for, takers
from ramba.plan.fuse import Fusion, Placement
from ramba.plan.inline import Choice
from ramba.plan.kernel import Body, build
from ramba.plan.lower import Lowering, combined
from ramba.plan.ownership import Owners
from ramba.plan.region import Region, part, place, shifted, through, whole
from ramba.plan.sharing import Sharing
from ramba.plan.step import AllReduce, Copy, Exchange, Fragment, Merge, Message, Plan, Receive, Send, Step, laid

ROUNDS = 64  # of messages that the kernel of one group may take: one of strips, three for each fold
LIBRARY_ROUNDS = 1 << 14  # of messages that a library call may take


class WorkerLowering(Lowering):
    """Turns groups into the steps of one worker."""

    def __init__(self, program: Program, choice: Choice, placed: Placement, sharing: Sharing, rank: int) -> None:
        super().__init__(program, choice)
        self.parts = placed.parts
        self.sharing = sharing
        self.small = sharing.small
        self.workers = sharing.workers
        self.rank = rank
        self.round = 0
        self.exchanges: list[Exchange] = []
        self.slot_parts: dict[int, Partition] = {slot: self.parts[n] for n, slot in self.slots.items()}

    def lower(self, group: Fusion, over: dict[int, int]) -> None:
        """Adds the steps of one group."""
        super().lower(group, over)
        self.round += LIBRARY_ROUNDS if group.library else ROUNDS

    def room(self, number: int) -> int:
        """Elements of an entry on this worker."""
        return prod(self.parts[number].block(self.rank).extent)

    def lying(self, number: int) -> Partition:
        """How an entry lies."""
        return self.parts[number]

    def take(self, number: int) -> int:
        """A slot for an entry, with memory: but a call brings its own."""
        slot = super().take(number)
        self.slot_parts[slot] = self.parts[number]
        return slot

    def kernel(self, group: Fusion, readable: dict[int, int], targets: dict[int, int], fresh: set[int]) -> None:
        """A kernel: messages, the cells that need none, then the others, then folds over the workers."""
        body = build(self.program, group, readable, targets, self.choice.within)
        assert group.owners is not None
        share = Share(self, body, group.owners)
        self.exchanges += share.exchanges(self.inputs)
        share.post()
        own, others = share.cells()
        partial = _Partials(self, body, group, share)
        for cell in own:
            partial.run(share.local(cell), cell, fresh)
        share.receive()
        for cell in others:
            partial.run(share.local(cell), cell, fresh)
        partial.finish()

    def finish(self) -> Plan:
        """The plan, with what workers send each other of inputs that stay as they are."""
        kept = tuple([exchange for exchange in self.exchanges if exchange.slot not in self.written])
        return super().finish()._replace(exchanges=kept)

    def scratch(self, dtype: str, count: int) -> int:
        """Memory that only this group uses."""
        return self.allocate(dtype, count)

    def new_slot(self) -> int:
        """A slot whose memory comes with a message."""
        self.next += 1
        return self.next - 1


class Site(Protocol):
    """Where a worker's part of a kernel is put down: its steps, and the slots that they use."""

    rank: int
    workers: int
    round: int
    steps: list[Step]
    slot_parts: dict[int, Partition]

    def new_slot(self) -> int:
        """A slot whose memory comes with a message."""

    def scratch(self, dtype: str, count: int) -> int:
        """A slot with memory."""


class Share:
    """This worker's part of one kernel: its cells, what it sends, and where its operands lie."""

    def __init__(self, lowering: Site, body: Body, owners: Owners) -> None:
        self.lowering = lowering
        self.rank = lowering.rank
        self.body = body
        self.owners = owners
        self.loads = {
            n: Load(at[0], at[1], lowering.slot_parts[at[0]])
            for n, ((role, _), at) in enumerate(zip(body.operands, body.places, strict=True))
            if role == "load" and not isinstance(at, int)
        }
        self.dtypes = {load.slot: body.operands[n][1] for n, load in self.loads.items()}
        # what lies as the domain is shared out never travels
        key = owners.key
        self.moving = {
            n: load
            for n, load in self.loads.items()
            if owners.everybody or Owners(load.partition, load.view).key != key
        }
        # in an order that is not the program's: kernels that read the same have the same strips
        self.everything = sorted(self.moving.values(), key=lambda load: (load.view, load.partition, load.slot))
        self.all_cells = cells(owners, self.rank, self.everything)
        self.needs = needs(owners, self.rank, self.everything)
        self.strips: dict[int, list[int]] = {}  # by giver: the slots of the strips it sends

    def exchanges(self, inputs: int) -> list[Exchange]:
        """What workers send each other of each input."""
        cut = [load.slot for load in self.everything if load.slot < inputs and not load.partition.replicated]
        return [
            Exchange(self.lowering.round, slot, self.dtypes[slot], moved(self.owners, self.everything, slot))
            for slot in dict.fromkeys(cut)
        ]

    def post(self) -> None:
        """Sends what others need."""
        messages = []
        for peer in takers(self.owners, self.rank, self.everything, self.lowering.workers):
            if peer == self.rank:
                continue
            wanted = needs(self.owners, peer, self.everything, self.rank).get(self.rank, [])
            if wanted:
                messages.append(self.message(peer, wanted, None))
        if messages:
            self.lowering.steps.append(Send(self.lowering.round, tuple(messages)))

    def receive(self) -> None:
        """Waits for what others send."""
        messages = []
        for giver, wanted in sorted(self.needs.items()):
            self.strips[giver] = [self.lowering.new_slot() for _ in wanted]
            messages.append(self.message(giver, wanted, self.strips[giver]))
        if messages:
            self.lowering.steps.append(Receive(self.lowering.round, tuple(messages)))

    def message(self, peer: int, wanted: list[Need], slots: list[int] | None) -> Message:
        """A message with strips of own blocks (to send), or with strips that get new slots (to receive)."""
        pieces = []
        for n, (slot, region) in enumerate(wanted):
            dtype = self.dtypes[slot]
            if slots is None:
                block = self.lowering.slot_parts[slot].block(self.rank)
                pieces.append(Fragment(slot, dtype, place(region, whole(block)), 0, slot))
            else:
                pieces.append(Fragment(slots[n], dtype, identity(region.extent), 0, slot))
        return laid(peer, pieces)

    def cells(self) -> tuple[list[Box], list[Box]]:
        """Cells that read own memory only, and the others."""
        own: list[Box] = []
        others: list[Box] = []
        for cell in self.all_cells:
            alone = all(
                load.partition.replicated or reading(load, cell)[1].inside(load.partition.block(self.rank))
                for load in self.moving.values()
            )
            (own if alone else others).append(cell)
        return own, others

    def local(self, cell: Box) -> Body:
        """The kernel on one cell, with every operand where it lies on this worker."""
        places: list[tuple[int, View] | int] = []
        for n, ((role, _), at) in enumerate(zip(self.body.operands, self.body.places, strict=True)):
            if isinstance(at, int) or role == "fold":
                places.append(at)
            elif role == "index":
                places.append((at[0], shifted(at[1], cell)))
            elif role == "store":
                places.append((at[0], self.in_block(at[0], shifted(at[1], cell))))
            else:
                places.append(self.load(self.loads[n], cell))
        return self.body._replace(domain=cell.extent, places=tuple(places))

    def in_block(self, slot: int, view: View) -> View:
        """A view of an array as a view of this worker's block of it."""
        partition = self.lowering.slot_parts[slot]
        found = through(view, partition.shape, whole(partition.block(self.rank)))
        assert found is not None, "what a worker stores lies in its block"
        return found

    def load(self, load: Load, cell: Box) -> tuple[int, View]:
        """Where an operand reads in a cell: in the own block, in a strip, or in memory assembled for it."""
        view, region = reading(load, cell)
        shape = load.partition.shape
        if load.partition.replicated:
            return load.slot, view
        block = load.partition.block(self.rank)
        if region.inside(block):
            found = through(view, shape, whole(block))
            if found is not None:
                return load.slot, found
        givers = list(load.partition.owners(region.box))
        if len(givers) == 1 and givers[0] != self.rank:
            strips = self.needs[givers[0]]
            number = strip_for(strips, load.slot, region)
            found = through(view, shape, strips[number].region)
            if found is not None:
                return self.strips[givers[0]][number], found
        return self.assembled(load, view, region, givers)

    def assembled(self, load: Load, view: View, region: Region, givers: list[int]) -> tuple[int, View]:
        """Memory with a region of which several workers hold parts."""
        dtype = self.dtypes[load.slot]
        slot = self.lowering.scratch(dtype, region.size)
        for giver in givers:
            block = load.partition.block(giver)
            piece = part(region, block)
            if piece is None:
                continue
            if giver == self.rank:
                source, source_view = load.slot, place(piece, whole(block))
            else:
                strips = self.needs[giver]
                number = strip_for(strips, load.slot, piece)
                source, source_view = self.strips[giver][number], place(piece, strips[number].region)
            self.lowering.steps.append(Copy(source, source_view, slot, place(piece, region), dtype))
        found = through(view, load.partition.shape, region)
        assert found is not None
        return slot, found


class _Partials:
    """The folds of one kernel: cell by cell, then over the workers."""

    def __init__(self, lowering: WorkerLowering, body: Body, group: Fusion, share: Share) -> None:
        self.lowering = lowering
        self.body = body
        self.group = group
        self.owners = share.owners
        self.rank = lowering.rank
        self.kept = [d for d in range(len(body.domain)) if d not in (body.axes or ())]
        self.cells = len(share.all_cells)
        self.own = self.kept_box(self.rank)
        self.slots: dict[int, int] = {}  # operand -> slot of this worker's partial results
        self.seen: set[tuple[int, Box]] = set()
        for _, operand, _ in body.folds:
            self.slots[operand] = self.begin(operand)

    def kept_box(self, rank: int) -> Box | None:
        """The part of the results that a worker folds into."""
        boxes = self.owners.boxes(rank)
        return self.reduced(boxes[0]) if boxes else None

    def reduced(self, box: Box) -> Box:
        return Box(tuple(box.start[d] for d in self.kept), tuple(box.extent[d] for d in self.kept))

    def target(self, operand: int) -> int:
        place = self.body.places[operand]
        assert not isinstance(place, int)
        return place[0]

    def alone(self, operand: int) -> bool:
        """Whether this worker's partial results are the results of its block."""
        partition = self.lowering.slot_parts[self.target(operand)]
        if self.owners.everybody or partition.replicated:
            return self.owners.everybody and partition.replicated
        count = self.lowering.sharing.workers
        boxes = [self.kept_box(rank) for rank in range(count)]
        return all(
            box == block or (box is None and 0 in block.extent)
            for box, block in zip(boxes, (partition.block(rank) for rank in range(count)), strict=True)
        )

    def begin(self, operand: int) -> int:
        """A slot for this worker's partial results."""
        if self.alone(operand) or self.own is None:
            return self.target(operand)
        return self.lowering.scratch(self.body.operands[operand][1], max(prod(self.own.extent), 1))

    def run(self, body: Body, cell: Box, fresh: set[int]) -> None:
        """Adds the steps of one cell."""
        places, merges = list(body.places), []
        box = self.reduced(cell)
        for op, operand, _ in body.folds:
            slot, dtype = self.slots[operand], body.operands[operand][1]
            if self.cells > 1:
                assert self.own is not None
                inner = self.lowering.scratch(dtype, prod(box.extent))
                first = (operand, box) not in self.seen
                self.seen.add((operand, box))
                view = place(whole(box), whole(self.own))
                merges.append(Merge(op, inner, slot, view, dtype, first))
                slot = inner
            places[operand] = (slot, identity(box.extent))
        kernels = [part.kernel(fresh) for part in body._replace(places=tuple(places)).parts()]
        counts = {operand: prod(box.extent) for _, operand, _ in body.folds}
        self.lowering.steps += combined(self.lowering, kernels, counts)
        self.lowering.steps += merges

    def finish(self) -> None:
        """Folds over the workers."""
        for n, (op, operand, _) in enumerate(self.body.folds):
            if self.alone(operand):
                continue
            target, dtype = self.target(operand), self.body.operands[operand][1]
            partition = self.lowering.slot_parts[target]
            count = self.lowering.sharing.workers
            if self.owners.everybody:
                self.keep_own(operand, partition)
            elif partition.replicated:
                boxes = tuple(self.kept_box(rank) for rank in range(count))
                self.lowering.steps.append(
                    AllReduce(
                        self.lowering.round + 1 + 3 * n, op, self.slots[operand], target, dtype, partition.shape, boxes
                    )
                )
            else:
                self.scatter(op, operand, partition, self.lowering.round + 1 + 3 * n)

    def keep_own(self, operand: int, partition: Partition) -> None:
        """Everybody has the whole result: this worker's block of it is kept."""
        block = partition.block(self.rank)
        if 0 not in block.extent:
            view, dtype = place(whole(block), whole(Box((0,) * len(block.start), partition.shape))), self.body.operands
            self.lowering.steps.append(
                Copy(self.slots[operand], view, self.target(operand), identity(block.extent), dtype[operand][1])
            )

    def scatter(self, op: str, operand: int, partition: Partition, number: int) -> None:
        """Sends each owner of a result the partial results for its block."""
        lowering, dtype = self.lowering, self.body.operands[operand][1]
        size, source, target = np.dtype(dtype).itemsize, self.slots[operand], self.target(operand)
        count, messages, awaited = lowering.sharing.workers, [], []
        for peer in range(count):
            box = None if self.own is None else meet(self.own, partition.block(peer))
            if box is not None and peer != self.rank:
                assert self.own is not None
                view = place(whole(box), whole(self.own))
                messages.append(Message(peer, view.size * size, (Fragment(source, dtype, view, 0),)))
        block, merges, seen = partition.block(self.rank), [], set()
        for peer in range(count):
            theirs = self.kept_box(peer)
            box = None if theirs is None else meet(theirs, block)
            if box is None:
                continue
            slot = lowering.new_slot()
            if peer == self.rank:
                assert self.own is not None
                slot = lowering.scratch(dtype, prod(box.extent))
                lowering.steps.append(
                    Copy(source, place(whole(box), whole(self.own)), slot, identity(box.extent), dtype)
                )
            else:
                piece = Fragment(slot, dtype, identity(box.extent), 0)
                awaited.append(Message(peer, prod(box.extent) * size, (piece,)))
            merges.append(Merge(op, slot, target, place(whole(box), whole(block)), dtype, box not in seen))
            seen.add(box)
        if messages:
            lowering.steps.append(Send(number, tuple(messages)))
        if awaited:
            lowering.steps.append(Receive(number, tuple(awaited)))
        lowering.steps += merges


__all__ = ["Share", "WorkerLowering"]
