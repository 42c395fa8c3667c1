"""When work is done, and who remembers it: records operations, flushes them, keeps plans."""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from ramba import config, events
from ramba.engine.buffer import Buffer
from ramba.engine.period import Period
from ramba.engine.report import report
from ramba.errors import ArrayLostError, MemoryError
from ramba.graph import Empty, Fill, Index, Node, Program, Reduce, Ref, Storage, Stored, Update, number
from ramba.graph.node import Library, Map
from ramba.graph.program import Numbered
from ramba.plan import plan
from ramba.runtime.backend import Backend, open_backend
from ramba.runtime.memory import complaint
from ramba.runtime.pool import Block
from ramba.runtime.worker import Prepared, prepare

MOST_PLANS = 512
MOST_PENDING = 512  # operations; the planner's time grows with them, a kernel's benefit does not
INTERRUPTED = "The computation that was overwriting this array was interrupted: its value is lost."
CHECKED = 256 << 20  # bytes: peaks below are not worth asking the system about

_floating_point_state = np._core.umath._extobj_contextvar  # type: ignore[attr-defined]


class Engine:
    """The session: what is pending, what was planned, and the backend that runs it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.pending: list[weakref.ref[Buffer]] = []
        self.period = Period(MOST_PENDING)
        self.plans: OrderedDict[tuple[Program, bool], Prepared] = OrderedDict()
        self.backend: Backend = open_backend("threads")
        self.snapshots: dict[Any, Stored] = {}  # copies of small arrays that pending operations read
        self.state: Any = None  # the errstate under which pending work was recorded

    # -- recording

    def record(self, node: Node, signature: object = None) -> Buffer:
        """A new buffer whose value is still to be computed."""
        with self.lock:
            buffer = Buffer(node, prod(node.shape))
            self._note(buffer, signature)
            return buffer

    def record_all(self, nodes: Sequence[Node], signature: object = None) -> list[Buffer]:
        """Buffers for several values that may read the same memory: none is computed before all are known."""
        with self.lock:
            buffers = [Buffer(node, prod(node.shape)) for node in nodes]
            self.pending += [weakref.ref(buffer) for buffer in buffers[1:]]
            self._note(buffers[0], signature)
            return buffers

    def assign(self, buffer: Buffer, node: Node, signature: object = None) -> None:
        """Gives a buffer a new value, still to be computed."""
        with self.lock:
            buffer.move_on(node)
            self._note(buffer, signature)

    def worth(self, buffer: Buffer, node: Stored) -> None:
        """Gives a buffer a value that exists in memory already."""
        with self.lock:
            buffer.settle(node)

    def _note(self, buffer: Buffer, signature: object) -> None:
        """Puts a buffer on the list of pending ones. Work recorded under another errstate is run first."""
        state = _floating_point_state.get()
        if state is not self.state:
            if self.pending:
                self.flush()
            self.state = state
        self.pending.append(weakref.ref(buffer))
        if self.period.full(signature, len(self.pending)) or config.current().eager:
            self.flush()

    def stored(self, array: np.ndarray, own: bool = False) -> Buffer:
        """A buffer over the elements of a C-contiguous array; ``own``: its memory is ours from now on."""
        node = Stored(Storage(Block.over(array)), array.dtype, array.shape)
        buffer = Buffer(node, array.size)
        buffer.settle(node)
        return buffer

    def share(self, buffer: Buffer) -> Buffer:
        """A second buffer with the same value: a copy that costs nothing until one of them is written."""
        with self.lock:
            other = Buffer(buffer.node, buffer.size)
            if isinstance(buffer.node, Stored):
                other.settle(buffer.node)
            else:
                self.pending.append(weakref.ref(other))
            return other

    # -- computing

    def memory(self, buffer: Buffer) -> np.ndarray:
        """The buffer's value as a NumPy array over its memory, computed if need be."""
        if buffer.memory is None:
            with self.lock:
                if buffer.hold is None:
                    self.flush([buffer])
                node = buffer.node
                if not isinstance(node, Stored):
                    raise ArrayLostError(getattr(node, "reason", "The value of this array is lost."))
                buffer.memory = node.storage.block.array(node.dtype, node.shape)
        return buffer.memory

    def writable_memory(self, buffer: Buffer) -> np.ndarray | None:
        """The buffer's memory, if it may be written at once: nothing is pending, and no other buffer shares it."""
        if buffer.hold is None or self.pending:
            return None
        node = buffer.node
        if not isinstance(node, Stored) or node.storage.holders() != 1:
            return None
        return self.memory(buffer)

    def snapshot(self, array: np.ndarray) -> Stored:
        """A copy of a small array that may change at once; the last one, if it has not changed since."""
        place = array.__array_interface__["data"][0], array.strides, array.shape, array.dtype
        known = self.snapshots.get(place)
        if known is not None and _same_bits(known.storage.block.array(array.dtype, array.shape), array):
            return known
        held = np.array(array, order="C", copy=True)
        made = self.snapshots[place] = Stored(Storage(Block.over(held)), held.dtype, held.shape)
        return made

    def fresh(self, shape: tuple[int, ...], dtype: np.dtype) -> Buffer:
        """A buffer in memory, of arbitrary values: for whoever computes its elements right now."""
        block = self.backend.pool.take(max(prod(shape) * dtype.itemsize, 1))
        node = Stored(Storage(block), dtype, shape)
        buffer = Buffer(node, prod(shape))
        buffer.settle(node)
        return buffer

    def copied(self, array: np.ndarray) -> Block:
        """A block of our own with the values of an array."""
        block = self.backend.pool.take(max(array.nbytes, 1))
        block.array(array.dtype, array.shape)[...] = array
        return block

    def flush(self, demanded: Iterable[Buffer] = ()) -> None:
        """Computes all that is pending, except values that are cheaper to make again than to store."""
        with self.lock:
            wanted: dict[int, Buffer] = {id(b): b for b in demanded if b.hold is None}
            waiting: list[weakref.ref[Buffer]] = []
            for reference in self.pending:
                buffer = reference()
                if buffer is None or buffer.hold is not None:
                    continue
                if isinstance(buffer.node, Fill | Index | Empty) and id(buffer) not in wanted:
                    waiting.append(reference)
                else:
                    wanted.setdefault(id(buffer), buffer)
            self.pending = []
            self.snapshots.clear()
            self.period.flushed()
            try:
                if wanted:
                    self._run(list(wanted.values()))
            except BaseException as problem:
                failed = [b for b in wanted.values() if b.hold is None]
                if isinstance(problem, Exception) and not isinstance(problem, MemoryError | FloatingPointError):
                    failed = self._give_up(failed)
                self.pending += [weakref.ref(b) for b in failed]
                raise

    def _give_up(self, buffers: list[Buffer]) -> list[Buffer]:
        """Computes one by one what failed together; what fails again is lost, so that it fails only once."""
        left = []
        for buffer in buffers:
            try:
                self._run([buffer])
            except Exception as problem:
                lost: Any = Lost(buffer.dtype, buffer.shape, f"Its computation failed: {problem!r}")
                buffer.move_on(lost)
                buffer.hold = Lost
            except BaseException:
                left.append(buffer)
        return left

    def prepared(self, numbered: Numbered) -> Prepared:
        """The plan of a program, remembered."""
        key = (numbered.program, config.current().exact)
        found = self.plans.get(key)
        if found is None:
            start = time.perf_counter()
            made = plan(*key)
            if events.listeners:
                events.tell(events.Planned(len(made.steps), False, time.perf_counter() - start))
            found = self.plans[key] = prepare(made)
            if len(self.plans) > MOST_PLANS:
                self.plans.popitem(last=False)
        return found

    def _run(self, buffers: list[Buffer]) -> None:
        numbered = number([buffer.node for buffer in buffers])
        prepared = self.prepared(numbered)
        if prepared.plan.peak > CHECKED:
            self._check(prepared.plan.peak, buffers)
        inputs = [node.storage.block for node in numbered.stored]
        damaged: set[int] = set()
        try:
            blocks, flags = self.backend.follow(prepared, inputs, numbered.scalars, damaged)
        except BaseException:
            if damaged:
                self._lose({id(numbered.stored[slot].storage) for slot in damaged}, buffers)
            raise
        storages: dict[int, Storage] = {}
        for buffer, block, slot in zip(buffers, blocks, prepared.plan.results, strict=True):
            if slot not in storages:
                fresh = slot >= prepared.plan.inputs or slot in prepared.written
                storages[slot] = Storage(block) if fresh else numbered.stored[slot].storage
            buffer.settle(Stored(storages[slot], buffer.dtype, buffer.shape))
        if flags:
            token = _floating_point_state.set(self.state)
            try:
                report(flags)
            finally:
                _floating_point_state.reset(token)

    def _check(self, peak: int, buffers: list[Buffer]) -> None:
        """Refuses work whose peak does not fit, before anything is touched."""
        room = self.backend.pool.available()
        if peak > room:
            largest = max(buffers, key=lambda b: b.size * b.dtype.itemsize)
            problem = MemoryError(complaint(largest.shape, largest.dtype))
            problem.add_note(f"The {len(buffers)} pending results need {peak:,} bytes at once; {room:,} are available.")
            raise problem

    def _lose(self, storages: set[int], buffers: list[Buffer]) -> None:
        """Marks buffers whose value needs memory that a run which failed had begun to write over."""
        for buffer in buffers:
            if any(isinstance(n, Stored) and id(n.storage) in storages for n in _reachable(buffer.node)):
                lost: Any = Lost(buffer.dtype, buffer.shape, INTERRUPTED)
                buffer.move_on(lost)
                buffer.hold = Lost


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.tobytes() == b.tobytes()


class Lost:
    """Stands for a value that will never be computed."""

    def __init__(self, dtype: np.dtype, shape: tuple[int, ...], reason: str) -> None:
        self.dtype = dtype
        self.shape = shape
        self.reason = reason


def _reachable(root: Node) -> Iterator[Node]:
    seen, stack = set(), [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Map | Library):
            stack += [arg.node for arg in node.args if isinstance(arg, Ref)]
        elif isinstance(node, Reduce):
            stack.append(node.arg.node)
        elif isinstance(node, Update):
            stack.append(node.base)
            if isinstance(node.value, Ref):
                stack.append(node.value.node)


ENGINE = Engine()
