"""The thread of a process that owns its sockets: others hand it what is to be sent, and are told what has come.

It sleeps in one poll on everything; whoever puts something into its tray wakes it, unless it is awake. Signs of life
do not need it: ZeroMQ's own thread, which needs no interpreter lock, sends and expects them. No message ends it, and if
anything else does, everybody who counts on it is told at once.
"""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import zmq

from ramba.errors import MemoryError, ProtocolError, RambaError
from ramba.runtime.sockets import wire
from ramba.runtime.sockets.connections import Connections
from ramba.runtime.sockets.security import Door, Keys
from ramba.runtime.sockets.turn import Share, Turn
from ramba.runtime.sockets.wakeup import Wakeup
from ramba.runtime.sockets.wire import Assembly, Header, Kind, Peer

_IDLE = 5000  # ms between two looks at nothing in particular
_CHECK = 200  # ms while a connection is missing
_TICK = 10  # ms without a visit of the member's after which the thread reads what comes
_URGENT = 1 << 20  # bytes of a message that its sender should get back soon
_ANSWER = 30  # s that the thread may take to do what it is asked
_LAST_WORDS = 500  # ms for what was said about its end to leave

log = logging.getLogger("ramba.sockets")


class Reader(Protocol):
    """Whom the I/O thread tells; called on its thread."""

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """A whole message, or a note without one."""

    def unfit(self, header: Header, problem: MemoryError) -> None:
        """There was no room for a message."""

    def unreachable(self, number: int, why: str) -> None:
        """A member's connection is broken for good."""

    def violated(self, problem: ProtocolError) -> None:
        """Something came that no member would send."""

    def ended(self, problem: RambaError) -> None:
        """The thread is at its end: nothing comes any more, and what is sent now is the last."""


class Letter(NamedTuple):
    """Something to be sent."""

    epoch: int
    to: int
    kind: Kind
    message: np.ndarray | None
    fields: dict[str, int]


class IOThread:
    """Started with the first epoch, ended by `close`.

    The member's own thread may do two things itself, which saves waking this one: send (`send_now`), and read while it
    has nothing else to do (`attend`): see `turn`. Not the driver's: a signal handler could raise between two frames.
    """

    def __init__(self, number: int, reader: Reader) -> None:
        self.number = number
        self.connections: Connections | None = None
        self.door: Door | None = None
        self.closed = False
        self.failure: RambaError | None = None  # why the thread ended, if it was not told to
        self._reader = reader
        self._context = zmq.Context()
        self._context.max_sockets = 16384
        self._jobs: collections.deque[tuple[Callable[[], Any], Future]] = collections.deque()
        self._tray: collections.deque[Letter] = collections.deque()
        self._asleep = False
        self._ends = False  # whether the thread shall end
        self._over = False  # whether it does no more jobs
        self._ear = Wakeup()  # wakes the thread
        self.bell = Wakeup()  # wakes the member
        self._writing = threading.Lock()  # held by who uses the outward socket
        self._turn = Turn()  # of using the inward socket
        self._followed: zmq.Socket | None = None  # the inward socket while this thread reads
        self.news = 0  # messages and notes that came
        self._poller = zmq.Poller()  # of what this thread alone reads
        self._poller.register(self._ear.ear, zmq.POLLIN)
        self._idle = zmq.Poller()  # of the member while there is nothing to read from
        self._idle.register(self.bell.ear, zmq.POLLIN)
        self._assemblies: dict[int, Assembly] = {}  # by sender
        self._overdue: set[int] = set()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="ramba-sockets", daemon=True)
        self._thread.start()
        _io_threads.append(self)

    def send(self, letter: Letter) -> None:
        """Takes something to be sent; from any thread."""
        self._tray.append(letter)
        if self._asleep:
            self._ear.ring()

    def send_all(self, letters: list[Letter]) -> None:
        """Takes several at once: a signal handler cannot come between them."""
        self._tray.extend(letters)
        if self._asleep:
            self._ear.ring()

    def send_later(self, letter: Letter) -> None:
        """Takes something to be sent when there is an occasion; allowed in finalizers."""
        self._tray.append(letter)
        if letter.fields.get("nbytes", 0) >= _URGENT and self._asleep:
            self._ear.ring()

    def send_now(self, letter: Letter) -> None:
        """Sends something, and what was to be sent before; for the member's thread."""
        self._tray.append(letter)
        self._empty_tray()

    def attend(self, seconds: float, seen: int) -> None:
        """Reads what comes until there is more than was seen, or the bell rings; for the member's thread."""
        self._empty_tray()
        if not self._turn.ask():
            self._ear.ring()
            self._turn.wait()
        try:
            self.examine()
            connections = self.connections
            if self.news != seen:
                return
            poller = self._idle if connections is None else connections.poller(self.bell.ear)
            ready = dict(poller.poll(int(seconds * 1000)))
            if self.bell.ear in ready:
                self.bell.silence()
            if connections is not None and connections.inward in ready:
                self._read(connections)
        finally:
            if self._turn.give_back():
                self._ear.ring()

    def examine(self) -> None:
        """Raises why nothing will come any more, if that is so."""
        if self.failure is not None:
            raise self.failure.with_traceback(None)

    def call(self, function: Callable[[], Any]) -> Any:
        """Runs a function on the thread that owns the sockets, when nobody else reads, and gives its result."""
        future: Future = Future()
        self._jobs.append((function, future))
        self._ear.ring()
        if self._over:
            self._refuse_jobs()
        try:
            return future.result(_ANSWER)
        except TimeoutError:
            raise RambaError(f"The thread that owns the sockets did not answer within {_ANSWER} s.") from None

    def open(
        self,
        number: int,
        epoch: int,
        folder: Path,
        address: str | None,
        keys: Keys | None,
        identity: str,
        begun: Callable[[], None],
    ) -> Peer:
        """Begins a new epoch: the connections of the last one end. Nobody is let in before `admit`.

        `begun` is called on the thread in between: all messages before belong to the last epoch.
        """
        return self.call(lambda: self._open(number, epoch, folder, address, keys, identity, begun))

    def part(self) -> None:
        """Ends all connections; another epoch may begin later."""
        self.call(self._part)

    def admit(self, peers: list[Peer], reach: list[int]) -> None:
        """Lets the members of the group in, and connects to some of them at once."""
        self.call(lambda: self._admit(peers, reach))

    def close(self) -> None:
        """Ends all connections and the thread."""
        if self.closed or self._pid != os.getpid():
            return
        with contextlib.suppress(Exception):
            self.call(self._close)
        self._thread.join(2)
        self.closed = True
        self._ear.close()
        self.bell.close()
        if not self._thread.is_alive():
            self._cut()
            self._context.term()
        _io_threads.remove(self)

    def after_fork(self) -> None:
        """In the child: neither the thread nor the sockets exist here."""
        self.closed = self._over = True
        self._ear.abandon()
        self.bell.abandon()

    def _open(
        self,
        number: int,
        epoch: int,
        folder: Path,
        address: str | None,
        keys: Keys | None,
        identity: str,
        begun: Callable[[], None],
    ) -> Peer:
        if self.door is None:
            self.door = Door(self._context)
            self._poller.register(self.door.socket, zmq.POLLIN)
        self.door.admit([])
        with self._writing:
            self._end_epoch()
            self.number = number
            connections = Connections(self._context, number, epoch, folder, address)
            try:
                peer = connections.bind(keys, identity)
            except BaseException:
                connections.close()
                raise
            begun()
            self.connections = connections
        for socket in (connections.inward_monitor, connections.outward_monitor):
            self._poller.register(socket, zmq.POLLIN)
        return peer

    def _admit(self, peers: list[Peer], reach: list[int]) -> None:
        assert self.connections is not None
        assert self.door is not None
        self.door.admit(peers)
        with self._writing:
            self.connections.admit(peers)
            for number in reach:
                self.connections.connect(number)

    def _part(self) -> None:
        if self.door is not None:
            self.door.admit([])
        with self._writing:
            self._end_epoch()

    def _end_epoch(self) -> None:
        self._assemblies.clear()
        self._overdue.clear()
        self._follow(None)
        if self.connections is None:
            return
        for socket in (self.connections.inward_monitor, self.connections.outward_monitor):
            self._poller.unregister(socket)
        self.connections.close()
        self.connections = None

    def _close(self) -> None:
        self._cut()
        self._ends = True

    def _run(self) -> None:
        """The life of the thread."""
        try:
            while not self._ends:
                self._round()
        except BaseException as problem:
            self._fail(problem)
        finally:
            self._turn.end()
            self._over = True  # before: whoever comes later sees it
            self._refuse_jobs()

    def _round(self) -> None:
        """Sleeps until there is something to do, and does it."""
        share = self._turn.look(bool(self._jobs))
        if self._jobs and share is Share.READ:
            self._do_jobs()
            return  # to look again: the member may have waited for that
        if self._jobs:
            self.bell.ring()
        self._follow(self.connections.inward if share is Share.READ and self.connections is not None else None)
        self._asleep = True
        ready = dict(self._poller.poll(self._patience(share)))
        self._asleep = False
        if self._ear.ear in ready:
            self._ear.silence()
        if self.door is not None and self.door.socket in ready:
            self.door.answer()
        connections = self.connections
        if connections is not None:
            if connections.inward in ready:
                self._read(connections)
            if connections.outward_monitor in ready or connections.inward_monitor in ready or connections.watching():
                self._look(connections)
        self._empty_tray()

    def _do_jobs(self) -> None:
        while self._jobs:
            function, future = self._jobs.popleft()
            try:
                future.set_result(function())
            except BaseException as problem:
                future.set_exception(problem)

    def _refuse_jobs(self) -> None:
        """Nobody will do them."""
        with contextlib.suppress(IndexError):
            while True:
                _, future = self._jobs.popleft()
                future.set_exception(self.failure or RambaError("The connections to the workers were closed."))

    def _fail(self, problem: BaseException) -> None:
        """This thread cannot go on: tells everybody that this member counts no more, and cuts its connections."""
        if self.closed:
            return
        log.critical("The thread that owns the sockets of member %d failed.", self.number, exc_info=problem)
        self.failure = ProtocolError(f"The thread that owns the sockets of member {self.number} failed: {problem!r}.")
        self.failure.__cause__ = problem
        try:
            self._reader.ended(self.failure)
            self._empty_tray()
        except Exception:
            log.exception("Nobody could be told.")
        if self._turn.look(True) is Share.READ:
            self._cut(_LAST_WORDS)  # peers see at once that this member is gone
        else:
            self.bell.ring()  # the member reads: it is told now, and `close` cuts

    def _cut(self, linger: int = 0) -> None:
        """Closes what is still open; for whoever may use all sockets."""
        with self._writing:
            connections, self.connections = self.connections, None
            if connections is not None:
                connections.close(linger)
        if self.door is not None:
            self.door.close()

    def _follow(self, inward: zmq.Socket | None) -> None:
        """Polls the inward socket, too, or not any more."""
        if inward is not self._followed:
            if self._followed is not None:
                self._poller.unregister(self._followed)
            if inward is not None:
                self._poller.register(inward, zmq.POLLIN)
            self._followed = inward

    def _patience(self, share: Share) -> int:
        """Milliseconds to sleep, unless something happens."""
        if self._tray:
            return 0
        if share is Share.SOON:
            return _TICK
        return _CHECK if self.connections is not None and self.connections.watching() else _IDLE

    def _look(self, connections: Connections) -> None:
        """What became of connections."""
        with self._writing:
            back = list(connections.watch())
            overdue = [(number, why) for number, why in connections.overdue() if number not in self._overdue]
        for number in back:
            # its number tells the other side whether anything was lost
            self.send_now(Letter(connections.epoch, number, Kind.BEAT, None, {}))
        for _ in range(connections.refusals()):
            assert self.door is not None
            self.door.count()
        for number, why in overdue:
            self._overdue.add(number)
            self._reader.unreachable(number, why)

    def _read(self, connections: Connections) -> None:
        """Takes what has come. Whatever that may be, this thread goes on; its sender is not heard any more."""
        source = None
        try:
            for header, part in connections.receive():
                source = header.source
                self._deliver(header, part)
                self.news += 1
                source = None
        except Exception as problem:
            if source is not None:
                connections.ban(source)
            expected = isinstance(problem, ProtocolError)
            log.error("Member %d: %s", self.number, problem, exc_info=None if expected else problem)
            told = problem if isinstance(problem, ProtocolError) else ProtocolError(f"Reading failed: {problem!r}.")
            self._reader.violated(told)

    def _deliver(self, header: Header, part: memoryview | None) -> None:
        """Passes on what is complete."""
        if part is None:
            self._reader.arrived(header, None)
            return
        assembly = self._assemblies.get(header.source)
        if assembly is None:
            assembly = self._assemblies[header.source] = Assembly()
        message = assembly.add(header, part)
        if isinstance(message, MemoryError):
            self._reader.unfit(header, message)
        elif message is not None:
            self._reader.arrived(header, message)

    def _empty_tray(self) -> None:
        """Sends what is to be sent."""
        while self._tray:
            with self._writing:
                try:
                    letter = self._tray.popleft()
                except IndexError:
                    return
                self._dispatch(letter)

    def _dispatch(self, letter: Letter) -> None:
        """Sends a message, in parts if it is long."""
        connections = self.connections
        if connections is None or letter.epoch != connections.epoch:
            return  # written before the group was formed anew
        try:
            if letter.message is None:
                connections.send(letter.to, letter.kind, None, **letter.fields)
                return
            content = letter.message.data
            for offset in range(0, max(1, content.nbytes), wire.FRAME):
                part = content[offset : offset + wire.FRAME]
                connections.send(letter.to, letter.kind, part, nbytes=content.nbytes, offset=offset, **letter.fields)
        except Exception as problem:
            log.debug("Member %d cannot send.", self.number, exc_info=True)
            self._reader.unreachable(letter.to, f"nothing can be sent to it: {problem}")


_io_threads: list[IOThread] = []


def _after_fork() -> None:
    for io_thread in _io_threads:
        io_thread.after_fork()


os.register_at_fork(after_in_child=_after_fork)
