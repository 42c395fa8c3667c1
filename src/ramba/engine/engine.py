"""When work is done, and who remembers it: records operations, flushes them, keeps plans."""

from __future__ import annotations

import builtins
import os
import threading
import time
import warnings
import weakref
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from ramba import config, events
from ramba.engine.buffer import CHECKED, INTERRUPTED, Buffer, same_bits
from ramba.engine.choice import Alone, is_few
from ramba.engine.keeper import KEEPER
from ramba.engine.looked import Looked
from ramba.engine.lost import is_lost, lose, loss
from ramba.engine.one_operation import computed, shown
from ramba.engine.period import Period
from ramba.engine.plans import Plans
from ramba.engine.progress import attend
from ramba.engine.report import report, tells_more
from ramba.engine.results import read_there, refused, room, settle, settle_complete, stays_in_file
from ramba.engine.sliding import Sliding
from ramba.engine.waiting import flush_all_but_picks
from ramba.errors import ArrayLostError, WorkerLostError, filtered
from ramba.graph import Empty, Fill, Index, Loan, Map, Node, Ref, Storage, Stored, Update, outline, reachable
from ramba.layout import View, identity
from ramba.limits import MOST_FEW, MOST_PARTS, MOST_PENDING
from ramba.plan.region import cover, through, whole
from ramba.runtime.backend import Backend
from ramba.runtime.backends import threads
from ramba.runtime.call import Damage, Input
from ramba.runtime.pool import Block
from ramba.runtime.sharded import Sharded

_MADE_AGAIN = (Fill, Index, Empty)  # cheaper to make again than to store

assert threads  # imported here: a fork may come while another thread opens the default backend

floating_point_state = np._core.umath._extobj_contextvar  # type: ignore[attr-defined]


class Engine:
    """The session: what is pending, what was planned, and the backend that runs it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.pending: list[weakref.ref[Buffer]] = []
        # what a run was begun for and did not compute: refused, interrupted, or still running. Only what is demanded
        # is tried again
        self.postponed: list[weakref.ref[Buffer]] = []
        self.period = Period(MOST_PENDING)
        self.row = Period(MOST_FEW)  # operations on few elements that were recorded one after the other
        self.alone = Alone()
        self.plans = Plans()
        self.sliding = Sliding()
        self.snapshots: dict[Any, Stored] = {}  # copies of small arrays that pending operations read
        self.nested = False  # whether a flush is in the middle of something that may have read operands
        self.state: Any = None  # the errstate under which pending work was recorded
        self.filters: Any = None  # the filters of warnings that held then
        self.looked = Looked(self)
        self.prompt = False  # whether programs wait for what that errstate does: then work is done in the call

    @property
    def backend(self) -> Backend:
        """Who runs the work: what the settings say at first use."""
        backend = KEEPER.backend
        if backend is None:
            with self.lock:
                backend = KEEPER.open()
        return backend

    def start(self) -> None:
        """Opens the backend now."""
        assert self.backend

    def close(self) -> None:
        """Ends the backend; the next use opens one anew. Arrays that lie on its workers are lost."""
        with self.lock:
            self.plans.clear()
            self.sliding = Sliding()
            KEEPER.close()

    # -- recording

    def record(self, node: Node, signature: object = None, part: bool = False) -> Buffer:
        """A new buffer whose value is still to be computed; a part of something neither counts nor warns: many wait."""
        with self.lock:
            if not part:
                self._begin()
            return self.add(node, signature, part)

    def add(self, node: Node, signature: object = None, part: bool = False) -> Buffer:
        """`record`, for who holds the lock and has called `turn` before he read the operands."""
        buffer = Buffer(node, prod(node.shape))
        if len(self.pending) > 1 and self.pending[-2]() is None:
            del self.pending[-2]  # made on the way of an expression, and gone
        self.pending.append(weakref.ref(buffer))
        if not part or len(self.pending) >= MOST_PARTS or config.current().eager:
            self._flush_if_full(signature, is_few(node))
        return buffer

    def record_all(self, nodes: Sequence[Node], signature: object = None) -> list[Buffer]:
        """Buffers for several values that may read the same memory: none is computed before all are known."""
        with self.lock:
            self._begin()
            buffers = [Buffer(node, prod(node.shape)) for node in nodes]
            self.pending += [weakref.ref(buffer) for buffer in buffers]
            self._flush_if_full(signature, all(map(is_few, nodes)))
            return buffers

    def assign(self, buffer: Buffer, node: Node, signature: object = None, given: Buffer | None = None) -> None:
        """Gives a buffer a new value, still to be computed; perhaps what another was given up for."""
        if type(node) is Update and node.value[0] is buffer.node and node.value[1] == node.view:
            return  # `a[i] += x` ends by assigning to `a[i]` what it shows
        with self.lock:
            self._begin()
            was_there = buffer.hold is not None
            self.pending.append(weakref.ref(buffer))  # first: a signal may come between the two
            buffer.move_on(node)
            try:
                few = type(node) is Update and is_few(node)
                self._flush_if_full(signature, few, few and was_there, given)
            finally:
                if given is not None:
                    read_there(given, buffer, node)
                    self.pending.append(weakref.ref(given))
            if type(node) is Update and self.distributed:
                self.sliding.last = weakref.ref(buffer)

    def settle(self, buffer: Buffer, node: Stored) -> None:
        """Gives a buffer a value that exists in memory already."""
        with self.lock:
            buffer.settle(node)

    def turn(self) -> None:
        """Runs what was recorded under another errstate, and an assignment of a loop over slices on workers.

        Whoever reads the node of a buffer in order to record an operation calls this first: a run between the two could
        write over what he has read.
        """
        if self.sliding.last is not None:
            self._slide()
        self._begin()

    def _begin(self) -> None:
        """Runs what was recorded under another errstate, or other filters of warnings."""
        state, filters = floating_point_state.get(), warnings.filters
        if state is not self.state or filters is not self.filters:
            flush_all_but_picks(self)
            self.state, self.filters, self.prompt = state, filters, tells_more()

    def _flush_if_full(
        self, signature: object, few: bool = False, ends: bool = False, given: Buffer | None = None
    ) -> None:
        """Flushes after many operations, or a row of operations on few elements: these are NumPy's if nothing waits.

        Such a row also ends with an assignment to few elements of what was there: the next statement finds it there.
        """
        waits = len(self.pending)
        full = self.period.full(signature, waits) or self.prompt or config.current().eager
        row = few and self.row.full(signature, waits)
        if not few:
            self.row.begin()
        if (row or (ends and self.few_wait)) and config.current().eager_size and not self.distributed:
            self.flush(given=given, depth=3)
        elif full:
            self.flush(given=given, depth=3)
            if self.prompt and self.distributed:
                self.sync()

    @property
    def few_wait(self) -> bool:
        """Whether all that is recorded are operations on few elements, which this process will do."""
        return 0 < len(self.row.signatures) == len(self.period.signatures) and not self.distributed

    def stored(self, array: np.ndarray) -> Buffer:
        """A buffer over the elements of a C-contiguous array that is ours from now on."""
        return Buffer.holding(Stored(Storage(Block.over(array)), array.dtype, array.shape))

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
        memory = buffer.memory
        if memory is None:
            with self.lock:
                if buffer.hold is None:
                    self.flush([buffer])
                node = buffer.node
                if not isinstance(node, Stored):
                    raise loss(node)
                memory = buffer.memory = node.storage.block.array(node.dtype, node.shape)
                if self.backend.pool.spill is not None:
                    self.looked.buffers.add(buffer)
                self._tell()
        return memory

    def writable_memory(self, buffer: Buffer) -> np.ndarray | None:
        """The buffer's memory, if it may be written at once: nothing is pending, and no other buffer shares it."""
        if buffer.hold is None or self.pending or (self.postponed and self._unfinished()):
            return None
        node = buffer.node
        if not isinstance(node, Stored) or isinstance(node.storage.block, Sharded):
            return None
        return self.memory(buffer) if node.storage.holders() == 1 + node.storage.lent else None

    def store(self, buffer: Buffer) -> None:
        """Computes one buffer that reads nothing, and leaves all else pending."""
        with self.lock:
            self._run([buffer])

    def settle_alone(self, buffer: Buffer) -> np.ndarray:
        """The memory of a computed value, which no other buffer shares and nothing recorded reads: perhaps a copy."""
        with self.lock:
            if self.writable_memory(buffer) is None and buffer.lent:
                self.flush(depth=3)  # a copy would part it from the arrays over it
            if self.writable_memory(buffer) is None:
                block = self.backend.pool.copied(self.memory(buffer))
                buffer.settle(Stored(Storage(block), buffer.dtype, buffer.shape))
            return self.memory(buffer)

    def own_memory(self, buffer: Buffer) -> np.ndarray:
        """The buffer's memory, computed, free to be written in the call."""
        with self.lock:
            self.memory(buffer)
            # whatever was recorded before reads the old values: now, so that they need not be copied
            self.flush(depth=3)
            return self.settle_alone(buffer)

    def lend(self, buffer: Buffer) -> np.ndarray:
        """A NumPy array over the buffer's own memory, for others to hold and to write; see `Buffer.lent`."""
        with self.lock:
            memory = self.own_memory(buffer)
            assert isinstance(buffer.node, Stored)
            storage = buffer.node.storage
            buffer.lends = True
            loan = storage.loan and storage.loan()
            return np.asarray(loan or Loan(storage, memory))

    def snapshot(self, array: np.ndarray) -> Stored:
        """A copy of a small array that may change at once; the last one, if it has not changed since."""
        place = array.__array_interface__["data"][0], array.strides, array.shape, array.dtype
        known = self.snapshots.get(place)
        if known is not None and same_bits(known.storage.block.array(array.dtype, array.shape), array):
            return known
        held = np.array(array, order="C", copy=True)
        made = self.snapshots[place] = Stored(Storage(Block.over(held)), held.dtype, held.shape)
        return made

    @property
    def distributed(self) -> bool:
        """Whether large arrays lie on workers, and not in this process."""
        return self.backend.distributed

    def room(self) -> int:
        """Bytes that a new array may take, on all hosts together."""
        return room(self.backend)

    def call(
        self, function: str, operands: Sequence[tuple[Buffer, View]], params: tuple[Any, ...], results: int
    ) -> list[Buffer]:
        """Runs a kernel, now; raises what it raises."""
        with self.lock:
            self._begin()
            if any(buffer.hold is None for buffer, _ in operands):
                self.flush(buffer for buffer, _ in operands)
            inputs = []
            for buffer, view in operands:
                node = buffer.node
                if not isinstance(node, Stored):
                    raise loss(node)
                inputs.append(Input(self.backend.hold(node), node.dtype, node.shape, view))
            with events.run():
                called = self.backend.call(function, inputs, params, results, self.state)
            made = [Buffer.holding(Stored(Storage(block), dtype, shape)) for block, dtype, shape in called]
            self._tell()
            return made

    def operand(self, reading: Ref) -> tuple[Buffer, View]:
        """A buffer for an operand of `call`, and what is read of it; on workers that is all of the buffer."""
        node, view = reading
        whole = view == identity(node.shape)
        if isinstance(node, Stored) and (whole or not self.distributed):
            buffer = Buffer.holding(node)
        elif whole or not self.distributed:
            buffer = self.record(node, "operand")
        else:
            view = identity(view.shape)
            buffer = self.record(Map("cast", 0, (reading,), node.dtype, view.shape), "copy")
        return buffer, view

    def part(self, buffer: Buffer, view: View) -> np.ndarray:
        """What a view shows of a buffer's value, only to be read; of an array on workers, only that is fetched."""
        if not view.size:
            return np.empty(view.shape, buffer.node.dtype)
        with self.lock:
            if buffer.memory is None and buffer.hold is None:
                self.flush([buffer])
            node = buffer.node
            block = node.storage.block if isinstance(node, Stored) else None
            region = cover(view, node.shape)
            if buffer.memory is not None or not isinstance(block, Sharded) or region.size > 2 * view.size:
                return shown(self.memory(buffer), view)
            fetched = block.part(region.box)
            self._tell()
            found = through(view, node.shape, whole(region.box))
            return shown(self.memory(buffer), view) if found is None else shown(fetched, found)

    def flush(self, demanded: Iterable[Buffer] = (), given: Buffer | None = None, depth: int = 2) -> None:
        """Computes all that is pending, except values that are cheaper to make again than to store.

        What was refused or interrupted before is computed only if it is demanded; see `sync`. What is `given` stays
        with the caller. A lock that is held more than `depth` times: a signal handler or finaliser has called.
        """
        with self.lock:
            self.nested = self.lock._recursion_count() > depth  # type: ignore[attr-defined]
            if self.sliding.last is not None:
                self._slide()
            asked = [b for b in demanded if b.hold is None]
            wanted: dict[int, Buffer] = {id(b): b for b in asked}
            for reference in self.pending:
                buffer = reference()
                if buffer is None or buffer is given or buffer.hold is not None:
                    continue
                if not isinstance(buffer.node, _MADE_AGAIN) and not stays_in_file(buffer.node, self.backend):
                    wanted.setdefault(id(buffer), buffer)
            # at any moment, each buffer that reads stored values is on one of the two lists: see _reserved
            self.postponed = self._unfinished() + [weakref.ref(b) for b in wanted.values()]
            self.pending = []
            self.snapshots.clear()
            self.period.flushed()
            self.row.flushed()
            if wanted:
                self._compute(list(wanted.values()), asked)
                self.postponed = self._unfinished()

    def sync(self) -> None:
        """Computes all that is pending, what was refused or interrupted before included."""
        with self.lock:
            self.pending += self.postponed
            self.flush()
            self.backend.sync()
            self._tell()

    def _slide(self) -> None:
        """Has the workers do the last assignment alone, if it is one of a loop over slices."""
        with self.lock:
            found = self.sliding.take(self.pending, config.current().exact)
            if found is None:
                return
            buffer, work = found
            if work is not None and not self.postponed and self.sliding.go(buffer, work, self.backend, self.state):
                self.pending = []
                self.period.begin()
                self.row.begin()
            elif self.sliding.patient:
                self.flush()  # what it needs is computed, copied or given up: the next one may find it in memory

    def _compute(self, buffers: list[Buffer], asked: list[Buffer]) -> None:
        """Runs buffers together. If that fails, what was asked for is tried alone, or each by itself."""
        try:
            self._run(buffers)
        except builtins.MemoryError:
            if not 0 < len(asked) < len(buffers):
                raise
        except (FloatingPointError, RecursionError):
            raise  # all is computed, and somebody wants to know what happened; or it may work from another place
        except Exception as problem:
            self._give_up(buffers)
            # an array that was lost says so to whoever uses it, not to somebody who looks at another one
            if not isinstance(problem, ArrayLostError) or any(is_lost(b) for b in asked):
                raise
        else:
            return
        if alone := [b for b in asked if b.hold is None]:
            self._run(alone)

    def _give_up(self, buffers: list[Buffer]) -> None:
        """Computes one by one what failed together; what fails again is lost, so that it fails only once."""
        for buffer in buffers:
            if buffer.hold is not None:
                continue
            try:
                self._run([buffer])
            except (builtins.MemoryError, WorkerLostError):
                continue  # may fit another time, or find other workers
            except Exception as problem:
                if buffer.hold is None:  # else only a report failed
                    lost = isinstance(problem, ArrayLostError)
                    lose(buffer, str(problem) if lost else f"Its computation failed: {problem!r}")

    def _unfinished(self) -> list[weakref.ref[Buffer]]:
        """What is still postponed: held by the program, and not computed."""
        return [r for r in self.postponed if (buffer := r()) is not None and buffer.hold is None]

    def _reserved(self, buffers: list[Buffer]) -> list[object]:
        """Tokens of the stored values that a run must not write over: postponed work, or whoever waits, reads them."""
        if len(buffers) == 1 == len(self.postponed) and self.postponed[0]() is buffers[0] and not self.nested:
            return []
        running = {id(buffer) for buffer in buffers}
        left = [b for r in self.postponed if (b := r()) is not None and b.hold is None and id(b) not in running]
        left += buffers if self.nested else []
        return [node.storage.token for b in left for node in reachable(b.node) if isinstance(node, Stored)]

    def _run(self, buffers: list[Buffer]) -> None:
        attend()
        for begins in events.before_run:
            begins()
        backend = self.backend
        if len(buffers) == 1 and computed(buffers[0], backend, self.state, self.alone):
            self._tell()
            return
        reserved = self._reserved(buffers)
        roots = [buffer.node for buffer in buffers]
        found = outline(roots)
        recipe = self.plans.recipe(found, roots, backend)
        self.alone.planned(self.plans.made, roots)
        stored = [found.stored[place] for place in recipe.stored]
        storages = [node.storage for node in stored]
        # whoever calls in the middle of this run (a signal handler, a finaliser) finds them reserved, too
        reserved += [storage.token for storage in storages]
        inputs = [backend.hold(node) for node in stored]
        if None in inputs:
            raise ArrayLostError(INTERRUPTED)
        job = self.plans.job(recipe, inputs, backend)
        if job.plan.peak > min(CHECKED, config.current().memory_limit or CHECKED):
            job = self.plans.fitting(job, recipe, inputs, backend)
            self._check(job.plan.peak, buffers)
        plan = job.plan
        damaged = Damage()
        begin = time.perf_counter()
        if events.run_listeners:
            events.tell_run(events.Began(plan.kernels))
        try:
            # what is written over belongs to this run alone: if it never ends, nobody takes half a result for a value
            for slot in plan.written:
                storages[slot].block = None
            scalars = [found.scalars[place] for place in recipe.scalars]
            blocks = backend.follow(job, inputs, scalars, damaged, self.state)
            settle(buffers, roots, blocks, plan, storages)
        except BaseException:
            settle_complete(buffers, roots, plan, storages, inputs, damaged)
            raise
        finally:
            if events.run_listeners:
                events.tell_run(events.Flushed(len(buffers), time.perf_counter() - begin, plan.sent))
        del reserved
        self._tell()

    def _tell(self) -> None:
        """Warns or raises what floating-point flags mean under the errstate that held when work was recorded."""
        raised = self.backend.raised
        while raised:
            state = raised[0][0]
            told = [(bit, name) for s, bit, name in raised if s is state]
            raised[:] = [r for r in raised if r[0] is not state]
            token = floating_point_state.set(state)
            try:
                with filtered(self.filters):
                    report(told)
            finally:
                floating_point_state.reset(token)

    def _check(self, peak: int, buffers: list[Buffer]) -> None:
        """Refuses work whose peak does not fit, before anything is touched."""
        if peak > (most := self.backend.capacity()):
            raise refused(peak, most, buffers)  # made elsewhere: in a variable here it would keep the buffers alive

    def after_fork(self) -> None:
        """In the child: a lock that no thread holds. Runs of other threads, and workers, stay with the parent."""
        self.lock = threading.RLock()
        if KEEPER.backend is not None and KEEPER.backend.distributed:
            self.plans.clear()
            config.set(backend="threads")
        KEEPER.abandon()


ENGINE = Engine()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ENGINE.after_fork)
