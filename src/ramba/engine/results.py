"""What a run computed becomes the value of the buffers that it was computed for; what it needs may be refused."""

from __future__ import annotations

from math import prod

from ramba.engine.buffer import INTERRUPTED, Buffer
from ramba.engine.lost import lose, reads_lost
from ramba.graph import Library, Map, Node, Ref, Storage, Stored, Update
from ramba.plan import Plan
from ramba.runtime.backend import Backend
from ramba.runtime.call import Damage
from ramba.runtime.memory import available, refusal
from ramba.runtime.pool import Block


def settle(buffers: list[Buffer], roots: list[Node], blocks: list[Block], plan: Plan, inputs: list[Storage]) -> None:
    """Gives buffers the values that a run computed."""
    made: dict[int, Storage] = {}
    for buffer, root, block, slot in zip(buffers, roots, blocks, plan.results, strict=True):
        if slot not in made:
            fresh = slot >= plan.inputs or slot in plan.written
            made[slot] = Storage(block) if fresh else inputs[slot]
        if buffer.node is root:  # else somebody gave it another value meanwhile
            buffer.settle(Stored(made[slot], buffer.dtype, buffer.shape))


def settle_complete(
    buffers: list[Buffer],
    roots: list[Node],
    plan: Plan,
    inputs: list[Storage],
    blocks: list[Block],
    damage: Damage,
) -> None:
    """Gives buffers what a run computed that failed later; those that read what it has written over are lost."""
    for slot in set(plan.written) - damage:
        inputs[slot].block = blocks[slot]
    if not damage:
        return
    made = {slot: Storage(block) for slot, block in damage.complete.items()}
    for buffer, root, slot in zip(buffers, roots, plan.results, strict=True):
        if slot in made and buffer.node is root:
            buffer.settle(Stored(made[slot], buffer.dtype, buffer.shape))
        elif buffer.hold is None and reads_lost(buffer.node):
            lose(buffer, INTERRUPTED)


def read_there(given: Buffer, buffer: Buffer, update: Node) -> None:
    """What was assigned to a part of a buffer is read there from now on, if that was computed and it was not."""
    if given.hold is None and type(buffer.node) is Stored and type(update) is Update:
        given.move_on(Map("cast", 0, (Ref(buffer.node, update.view),), given.dtype, given.shape))


def stays_in_file(node: Node, backend: Backend) -> bool:
    """Whether a value is read from a file and too large to be kept beside anything else: it is read again instead."""
    if type(node) is not Library or node.function != "read":
        return False
    return 2 * prod(node.shape) * node.dtype.itemsize > backend.pool.available() * backend.hosts


def room(backend: Backend) -> int:
    """Bytes that a new array may take, on all hosts together."""
    return (available() if backend.pool.spill is None else backend.capacity()) * backend.hosts


def refused(peak: int, room: int, buffers: list[Buffer]) -> ValueError | MemoryError:
    """The exception for results that do not fit in memory together."""
    largest = max(buffers, key=lambda b: b.size * b.dtype.itemsize)
    problem = refusal(largest.shape, largest.dtype)
    problem.add_note(f"The {len(buffers)} pending results need {peak:,} bytes at once; {room:,} are available.")
    return problem


__all__ = ["read_there", "refused", "room", "settle", "settle_complete", "stays_in_file"]
