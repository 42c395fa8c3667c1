"""Calls and actors on worker processes and MPI ranks: the driver's side.

Letters go beside the commands on arrays (`letters`). A thread reads the answers, begins what waits, and does what the
loss of a worker asks for (`recovery`).
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import itertools
import queue
import threading
import time
import uuid
import weakref
from collections.abc import Callable
from typing import Any

from ramba.engine import ENGINE
from ramba.engine.keeper import KEEPER
from ramba.errors import ProtocolError, RambaError, WorkerLostError
from ramba.lazyarray import Array
from ramba.lazyarray.everywhere import everywhere, read_everywhere
from ramba.remote import at_worker
from ramba.remote.futures import Ref, after
from ramba.remote.handles import ActorHandle
from ramba.remote.jit import Jitted
from ramba.remote.letters import Begin, CallMethod, Content, Done, Forget, Introduce, Line, Make, read
from ramba.remote.options import Options
from ramba.remote.pool import refs_in, values_of, when_ready
from ramba.remote.scheduler import Scheduler
from ramba.runtime.cluster import Cluster
from ramba.runtime.python.carriage import Function, carried
from ramba.runtime.python.outcomes import result_of
from ramba.runtime.python.values import Value, pack
from ramba.runtime.transport import Transport

_MOST = 1024  # functions that are remembered as they travel
_MOMENT = 2e-3  # s between two looks at calls that are waited for
_LARGE = 1 << 20  # bytes of an answer, of which the worker is told at once that it has come


class Given:
    """Arguments, ready to travel; arrays among them stay on the workers, which lend calls their parts."""

    def __init__(self, packed: Value, arrays: list[Any], number: int) -> None:
        self.packed = packed
        self.arrays = arrays  # that nobody may write over meanwhile
        self.number = number  # under which they are lent; 0: there are none


class Asked:
    """A call that was asked for."""

    def __init__(self, ref: Ref, given: Given, options: Options, function: Function | Actor, method: str = "") -> None:
        self.ref = ref
        self.given = given
        self.options = options
        self.function = function
        self.method = method  # of an actor
        self.restarts = 0
        self.begun = 0.0


class Actor:
    """An actor on a worker, for its handle: see `handles.Body`."""

    def __init__(self, runner: OnWorkers, number: int, kind: Function, given: Given, options: Options) -> None:
        self.number = number
        self.kind = kind
        self.given = given
        self.options = options
        self.rank = -1
        self.restarts = 0
        self.failed: Exception | None = None  # why it is no more
        self._runner = runner
        self._waiting: collections.deque[tuple[Ref, str, tuple[Any, ...], dict[str, Any]]] = collections.deque()

    def call(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Ref:
        """Has a method called, when its arguments are there and those before it have been asked for."""
        ref = Ref()
        with self._runner.lock:
            if not self._waiting and not refs_in(args, named):
                self._runner.ask(ref, self, method, *values_of(args, named))
                return ref
            self._waiting.append((ref, method, args, named))
            if len(self._waiting) == 1:
                self._go_on()
        return ref

    def close(self) -> None:
        """Nobody has a handle any more. From finalizers: the thread does it."""
        self._runner.later(lambda: self._runner.end_actor(self))

    def _go_on(self) -> None:
        """Asks for the methods whose arguments are there, in order."""
        with self._runner.lock:
            while self._waiting:
                ref, method, args, named = self._waiting[0]
                waits = [each for each in refs_in(args, named) if not each.done()]
                if waits:
                    after(waits, self._go_on)
                    return
                self._waiting.popleft()
                when_ready(ref, args, named, lambda a, n, r=ref, m=method: self._runner.ask_late(r, self, m, a, n))


class OnWorkers:
    """Runs calls and actors on the workers of a backend."""

    def __init__(self, backend: Cluster) -> None:
        self.backend = backend
        self.session = uuid.uuid4().hex
        self.lock = threading.RLock()  # taken after the engine's, if both are
        self.lines: list[Line] = []
        self.actors: dict[int, Actor] = {}
        self.asked: dict[int, tuple[Asked, int]] = {}  # calls that a worker was told of, and which
        self.closed: Exception | None = None
        self._transport: Transport = backend.link.transport
        self._known: list[dict[Function, int]] = []  # functions, by worker
        self._lent: weakref.WeakValueDictionary[int, Given] = weakref.WeakValueDictionary()
        self._carried: dict[Any, tuple[Any, Function]] = {}
        self._numbers = itertools.count(1)
        self._events: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.scheduler = Scheduler([max(1, facts.threads) for facts in backend.link.members])
        self.pids = [facts.pid for facts in backend.link.members]
        everywhere(at_worker.attend, self.session)
        for rank in range(len(self.pids)):
            self.begin_line(rank)
        self._transport.listener = self
        self._pause = self._transport.attend()
        self._thread = threading.Thread(target=self._run, name="ramba-remote", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    @property
    def processors(self) -> int:
        """Of all workers."""
        return sum(self.scheduler.processors)

    def is_current(self) -> bool:
        """Whether the program still has the workers."""
        return KEEPER.backend is self.backend

    # -- what programs ask

    def submit(
        self, function: Callable[..., Any], options: Options, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Ref:
        """Has a function called."""
        options.check_here(max(self.scheduler.processors))
        ref = Ref()
        if refs_in(args, named):
            when_ready(ref, args, named, lambda a, n: self.ask_late(ref, function, "", a, n, options))
        else:
            self.ask(ref, function, "", *values_of(args, named), options)
        return ref

    def start(self, kind: type, options: Options, args: tuple[Any, ...], named: dict[str, Any]) -> ActorHandle:
        """Makes an actor on the worker that has the fewest; futures among the arguments are waited for."""
        options.check_here(max(self.scheduler.processors))
        given = self._given(*values_of(args, named))
        with self.lock:
            actor = Actor(self, next(self._numbers), self._carriage(kind), given, options)
        self.later(lambda: self._settle_down(actor))
        return ActorHandle(kind, actor)

    def ask(
        self,
        ref: Ref,
        function: Callable[..., Any] | Actor,
        method: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        options: Options | None = None,
    ) -> None:
        """Has a function called whose arguments are there, or a method of an actor."""
        if self.closed is not None:
            raise self.closed
        given = self._given(args, named)
        if isinstance(function, Actor):
            asked = Asked(ref, given, function.options, function, method)
        else:
            if isinstance(function, Jitted):
                function.prepare(args, named)
            asked = Asked(ref, given, options or Options(), self._carriage(function))
        self.later(lambda: self._take_in(asked))  # one step: no interrupt can lose it

    def ask_late(self, ref: Ref, *asked: Any) -> None:
        """The same, where nobody is there to be told at once that it cannot be."""
        try:
            self.ask(ref, *asked)
        except Exception as problem:
            if ref.begin():
                ref.set_exception(problem)

    # -- what goes to workers, on the thread; the lock is held

    def _take_in(self, asked: Asked) -> None:
        with self.lock:
            if self.closed is not None:
                if asked.ref.begin():
                    asked.ref.set_exception(self.closed)
            elif isinstance(asked.function, Actor):
                self._ask_actor(asked, asked.function)
            else:
                self.scheduler.add(asked, asked.options)
                self.begin()

    def _settle_down(self, actor: Actor) -> None:
        with self.lock:
            if self.closed is None:
                actor.rank = self.scheduler.home()
                self.actors[actor.number] = actor
                self.make(actor)

    def begin(self) -> None:
        """Begins the calls for which there are processors."""
        while (found := self.scheduler.next()) is not None:
            asked, rank = found
            if asked.restarts or asked.ref.begin():
                self._tell_of(asked, rank)
            else:
                self.scheduler.done(rank, asked.options)

    def make(self, actor: Actor) -> None:
        """Has a worker make an actor."""
        kind = self._learned(actor.rank, actor.kind)
        self.tell(actor.rank, Make(actor.number, kind, actor.given.packed, actor.given.number))

    def tell(self, rank: int, content: Content) -> None:
        """Writes to a worker."""
        self.send(rank, self.lines[rank].write(content))

    def send(self, rank: int, letter: bytes) -> None:
        """Sends a letter."""
        self._transport.tell(rank, letter)
        if self._pause is not None:
            self.later(_nothing)  # so that the thread looks

    def begin_line(self, rank: int) -> None:
        """A worker is new: it knows nothing."""
        if rank == len(self.lines):
            self.lines.append(Line(self.session))
            self._known.append({})
        self.lines[rank], self._known[rank] = Line(self.session), {}

    def _tell_of(self, asked: Asked, rank: int) -> None:
        number, given = next(self._numbers), asked.given
        self.asked[number], asked.begun = (asked, rank), time.perf_counter()
        if isinstance(asked.function, Actor):
            self.tell(rank, CallMethod(number, asked.function.number, asked.method, given.packed, given.number))
        else:
            function = self._learned(rank, asked.function)
            self.tell(rank, Begin(number, function, given.packed, asked.options.num_cpus, given.number))

    def _ask_actor(self, asked: Asked, actor: Actor) -> None:
        if not asked.ref.begin():
            return
        if actor.failed is not None:
            asked.ref.set_exception(actor.failed)
        else:
            self._tell_of(asked, actor.rank)

    def _learned(self, rank: int, function: Function) -> int:
        known = self._known[rank]
        if function not in known:
            known[function] = next(self._numbers)
            self.tell(rank, Introduce(known[function], function))
        return known[function]

    def end_actor(self, actor: Actor) -> None:
        """An actor ends, when it has done what was asked for."""
        with self.lock:
            if self.actors.pop(actor.number, None) is not None and self.closed is None:
                self.scheduler.left(actor.rank)
                self.tell(actor.rank, Forget(actor.number, actor.given.number))

    def _carriage(self, function: Callable[..., Any]) -> Function:
        """A function as it travels; what it was when it was sent first is what it stays, unless more was compiled."""
        key = id(function), function.variants if isinstance(function, Jitted) else 0
        found = self._carried.get(key)
        if found is None:
            if len(self._carried) >= _MOST:
                self._carried.clear()
            found = self._carried[key] = function, carried(function)
        return found[1]

    def _given(self, args: tuple[Any, ...], named: dict[str, Any]) -> Given:
        """Arguments, ready to travel. Arrays become references, which the workers know afterwards."""
        arrays: list[Any] = []

        def refer(value: object) -> int | None:
            if not isinstance(value, Array):
                return None
            arrays.append(value.copy())  # costs nothing until one of the two is written
            return len(arrays) - 1

        packed, number = pack((args, named), refer), 0
        if arrays:
            number = next(self._numbers)
            read_everywhere(at_worker.lend, self.session, number, arrays)
        given = Given(packed, arrays, number)
        if number:
            self._lent[number] = given
        return given

    # -- what comes from workers

    def heard(self, source: int, letter: bytes) -> None:
        """See `Listener`."""
        self.later(lambda: self._take(source, letter))

    def lost(self, problem: Exception) -> None:
        """See `Listener`."""
        self.later(lambda: recovery(self, problem))

    def leaving(self, workers: int) -> None:
        """See `Listener`."""
        with self.lock:
            self.scheduler.only(workers)
        while self.closed is None and any(rank >= workers for _, rank in list(self.asked.values())):
            time.sleep(_MOMENT)

    def regrouped(self) -> None:
        """See `Listener`."""
        if self.closed is None:
            self.greet()
            self.meet(None)

    def greet(self) -> None:
        """All workers take letters, and have their parts of what was lent; for who has the engine's lock."""
        everywhere(at_worker.attend, self.session)
        if len(self.pids) != len(self.backend.link.members):
            for number, given in list(self._lent.items()):
                read_everywhere(at_worker.lend, self.session, number, given.arrays)

    def meet(self, problem: Exception | None) -> None:
        """The group was formed anew: what became of those that were in it, and who has come."""
        with self.lock:
            facts, before = self.backend.link.members, self.pids
            self.pids = [each.pid for each in facts]
            self.scheduler.resize([max(1, each.threads) for each in facts])
            for rank in range(len(before), len(facts)):
                self.begin_line(rank)
            for rank, pid in enumerate(before):
                if rank < len(facts) and facts[rank].pid == pid:
                    for letter in (self.lines[rank].receipt(again=True), *self.lines[rank].repeated()):
                        self.send(rank, letter)
                else:
                    host = facts[min(rank, len(facts) - 1)].host
                    reason = "it left when the number of workers changed" if problem is None else reason_of(problem)
                    _replace(self, rank, WorkerLostError(rank, pid, host, reason))
            del self.lines[len(facts) :], self._known[len(facts) :]
            self.begin()

    def later(self, work: Callable[[], None]) -> None:
        """Has the thread do something. From any thread, and from finalizers."""
        self._events.put(work)
        if self.closed is not None:
            self._drain()

    def _drain(self) -> None:
        """Nobody else does what is left to do, now that it is closed."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._events.get_nowait()()

    def _run(self) -> None:
        """The life of the thread."""
        while self.closed is None:
            pause = self._pause if self.asked else None
            with contextlib.suppress(queue.Empty):
                self._events.get(timeout=pause)()
            if self._pause is not None and ENGINE.lock.acquire(blocking=False):
                try:
                    if self.closed is None:
                        self._transport.attend()
                finally:
                    ENGINE.lock.release()
        self._drain()

    def _take(self, rank: int, message: bytes) -> None:
        letter = read(message)
        if letter.session != self.session or rank >= len(self.lines):
            return
        with self.lock:
            contents = self.lines[rank].take(letter)
            if letter.again:
                for each in self.lines[rank].repeated():
                    self.send(rank, each)
            if len(message) > _LARGE:
                self.send(rank, self.lines[rank].receipt())
        for content in contents:
            if not isinstance(content, Done):
                raise ProtocolError(f"Worker {rank} wrote a letter that only the driver writes.")
            self._settle(content)

    def _settle(self, done: Done) -> None:
        with self.lock:
            asked, rank = self.asked.pop(done.call)
            if asked.given.number:
                self.tell(rank, Forget(parts=asked.given.number))
            if not isinstance(asked.function, Actor):
                self.scheduler.done(rank, asked.options, time.perf_counter() - asked.begun)
            self.begin()
        try:
            result = result_of(done.outcome, f"on worker {rank}")
        except BaseException as problem:
            asked.ref.set_exception(problem)
        else:
            asked.ref.set_result(result)

    # -- the end

    def end(self, problem: Exception) -> None:
        """Nothing will be called any more: what was asked for fails."""
        with self.lock:
            self.closed = problem
            left = [asked for asked, _ in self.asked.values()] + self.scheduler.dropped()
            self.asked.clear()
            for actor in self.actors.values():
                actor.failed = problem
        for asked in left:
            asked.ref.begin()
            asked.ref.set_exception(problem)

    def stop(self) -> None:
        """At the end of the program: the thread does nothing any more."""
        if self.closed is None:
            self.closed = RambaError("The program is at its end.")
            self.later(_nothing)
            self._thread.join(1)


def recovery(runner: OnWorkers, problem: Exception) -> None:
    """After a loss: the group is formed anew; what the lost workers did fails, or is begun anew if it may."""
    backend = runner.backend
    if backend.closed or not runner.is_current():
        runner.end(problem)
        return
    try:
        with ENGINE.lock:
            with contextlib.suppress(WorkerLostError, ProtocolError):
                backend.sync()  # it may not know yet
            backend.mend()
            runner.greet()
    except Exception as final:
        runner.end(final)
        return
    runner.meet(problem)


def _replace(runner: OnWorkers, rank: int, loss: WorkerLostError) -> None:
    """A worker is another one, or no more: what the lost one did."""
    here = rank < len(runner.pids)
    if here:
        runner.begin_line(rank)
    for actor in [actor for actor in runner.actors.values() if actor.rank == rank]:
        if actor.options.again(actor.restarts) and not actor.given.number:
            actor.restarts += 1
            actor.rank = rank if here else runner.scheduler.home()
            runner.make(actor)
        else:
            actor.failed = loss
            if not here:
                del runner.actors[actor.number]
    for number, (asked, where) in list(runner.asked.items()):
        if where != rank:
            continue
        del runner.asked[number]
        task = not isinstance(asked.function, Actor)
        if task and here:
            runner.scheduler.done(rank, asked.options)
        if task and asked.options.again(asked.restarts) and not asked.given.number:
            asked.restarts += 1
            runner.scheduler.add(asked, asked.options)
        else:
            asked.ref.set_exception(loss)


def reason_of(problem: Exception) -> str:
    """How a worker was lost."""
    return problem.reason if isinstance(problem, WorkerLostError) else str(problem)


def _nothing() -> None:
    """Wakes the thread."""


def open_on(backend: Cluster) -> OnWorkers:
    """Who runs calls, on the workers of a backend."""
    return OnWorkers(backend)


__all__ = ["Actor", "Asked", "OnWorkers", "open_on"]
