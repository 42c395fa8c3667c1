"""The thread of a process that owns its sockets: others hand it what is to be sent, and are told what has come.

It sleeps in one poll on everything; whoever puts something into its tray wakes it, unless it is awake. Signs of life
do not need it: ZeroMQ's own thread, which needs no interpreter lock, sends and expects them.
"""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import select
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import zmq

from ramba.errors import ProtocolError, RambaError
from ramba.runtime.sockets import wire
from ramba.runtime.sockets.alarm import Alarm
from ramba.runtime.sockets.lines import Lines
from ramba.runtime.sockets.security import Door, Keys
from ramba.runtime.sockets.wire import Assembly, Header, Kind, Peer

_IDLE = 5000  # ms between two looks at nothing in particular
_CHECK = 200  # ms while a connection is missing
_TICK = 10  # ms without a visit of the member's after which the thread reads what comes
_URGENT = 1 << 20  # bytes of a message that its sender should get back soon

log = logging.getLogger("ramba.sockets")


class Reader(Protocol):
    """Whom the office tells; called on its thread."""

    def arrived(self, header: Header, message: np.ndarray | None) -> None:
        """A whole message, or a note without one."""

    def unreachable(self, number: int, why: str) -> None:
        """A member's connection is broken for good."""

    def violated(self, problem: ProtocolError) -> None:
        """Something came that no member would send."""

    def urge(self) -> bool:
        """Ends what is not wanted any more; whether that is still to be tried."""


class Letter(NamedTuple):
    """Something to be sent."""

    epoch: int
    to: int
    kind: Kind
    message: np.ndarray | None
    fields: dict[str, int]


class Office:
    """Started with the first epoch, ended by `close`.

    The member's own thread may do two things itself, which saves waking this one: send (`send_now`), and read while it
    has nothing else to do (`attend`). Not the driver's: a signal handler could raise between two frames.
    """

    def __init__(self, number: int, reader: Reader) -> None:
        self.number = number
        self.lines: Lines | None = None
        self.door: Door | None = None
        self.closed = False
        self._reader = reader
        self._context = zmq.Context()
        self._context.max_sockets = 16384
        self._jobs: collections.deque[Callable[[], None]] = collections.deque()
        self._tray: collections.deque[Letter] = collections.deque()
        self._asleep = False
        self._ends = False
        self._ear = Alarm()  # wakes the thread
        self.bell = Alarm()  # wakes the member
        self._writing = threading.Lock()  # held by who uses the outward socket
        self._reading = threading.Lock()  # held by who uses the inward socket, also while it sleeps there
        self._claimed = False  # whether this thread needs the inward socket for itself
        self._armed = False  # whether this thread reads
        self._visiting = False  # whether the member reads, or wants to
        self._parked = False  # whether this thread wants to know when the member reads no more
        self.news = 0  # messages and notes that came
        self._attended = 0  # times that the member wanted to read
        self._poller = zmq.Poller()  # of what this thread alone reads
        self._poller.register(self._ear.ear, zmq.POLLIN)
        self._assemblies: dict[int, Assembly] = {}  # by sender
        self._overdue: set[int] = set()
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="ramba-sockets", daemon=True)
        self._thread.start()
        _offices.append(self)

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
        self._attended += 1
        self._empty_tray()
        if self._claimed:
            select.select([self.bell.ear], [], [], _TICK / 1000)
            return
        self._visiting = True  # before it is tried: the thread might take the lock again as soon as it gave it back
        if not self._reading.acquire(blocking=False):
            self._ear.ring()
            self._reading.acquire()
        try:
            lines = self.lines
            if self.news != seen or lines is None or self._claimed:
                return
            ready = dict(lines.poller(self.bell.ear).poll(int(seconds * 1000)))
            if self.bell.ear in ready:
                self.bell.silence()
            if lines.inward in ready:
                self._read(lines)
        finally:
            self._visiting = False
            self._reading.release()
            if self._parked:
                self._ear.ring()

    def nudge(self) -> None:
        """Lets the thread look at everything once."""
        self._ear.ring()

    def call(self, function: Callable[[], Any]) -> Any:
        """Runs a function on the thread that owns the sockets, and gives its result."""
        future: Future = Future()

        def job() -> None:
            try:
                future.set_result(function())
            except BaseException as problem:
                future.set_exception(problem)

        self._jobs.append(job)
        self._ear.ring()
        return future.result(timeout=30)

    def open(self, epoch: int, folder: Path, address: str | None, keys: Keys | None, identity: str) -> Peer:
        """Begins a new epoch: the connections of the last one end. Nobody is let in before `admit`."""
        return self.call(lambda: self._open(epoch, folder, address, keys, identity))

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
            self._context.term()
        _offices.remove(self)

    def after_fork(self) -> None:
        """In the child: neither the thread nor the sockets exist here."""
        self.closed = True
        self._ear.abandon()
        self.bell.abandon()

    def _open(self, epoch: int, folder: Path, address: str | None, keys: Keys | None, identity: str) -> Peer:
        if self.door is None:
            self.door = Door(self._context)
            self._poller.register(self.door.socket, zmq.POLLIN)
        self.door.admit([])
        with self._alone():
            self._end_epoch()
            lines = self.lines = Lines(self._context, self.number, epoch, folder, address)
            peer = lines.bind(keys, identity)
        for socket in (lines.inward_monitor, lines.outward_monitor):
            self._poller.register(socket, zmq.POLLIN)
        return peer

    def _admit(self, peers: list[Peer], reach: list[int]) -> None:
        assert self.lines is not None
        assert self.door is not None
        self.door.admit(peers)
        with self._writing:
            self.lines.admit(peers)
            for number in reach:
                self.lines.connect(number)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else uses the sockets meanwhile."""
        self._disarm()
        self._claimed = True
        self.bell.ring()
        try:
            with self._reading, self._writing:
                yield
        finally:
            self._claimed = False

    def _end_epoch(self) -> None:
        self._assemblies.clear()
        self._overdue.clear()
        if self.lines is None:
            return
        for socket in (self.lines.inward_monitor, self.lines.outward_monitor):
            self._poller.unregister(socket)
        self.lines.close()
        self.lines = None

    def _close(self) -> None:
        with self._alone():
            self._end_epoch()
        if self.door is not None:
            self.door.close()
        self._ends = True

    def _run(self) -> None:
        try:
            attended = 0
            while not self._ends:
                attended = self._round(attended)
        except BaseException as problem:
            if not self.closed:
                log.exception("The thread that owns the sockets failed.")
                self._reader.violated(ProtocolError(f"The thread that owns the sockets failed: {problem!r}"))

    def _round(self, attended: int) -> int:
        """Sleeps until there is something to do, and does it. Reads unless the member has done so since last time."""
        mine = attended == self._attended
        attended = self._attended
        self._parked = False
        if not mine:
            self._disarm()
        elif not self._armed and self.lines is not None:
            self._arm(self.lines)
        self._asleep = True
        wait = _TICK if self._reader.urge() else self._patience()
        if self._tray or self._jobs:
            wait = 0
        ready = dict(self._poller.poll(wait))
        self._asleep = False
        if self._ear.ear in ready:
            self._ear.silence()
        if self.door is not None and self.door.socket in ready:
            self.door.answer()
        lines = self.lines
        if lines is not None:
            if lines.inward in ready:
                self._read(lines)
            if lines.outward_monitor in ready or lines.inward_monitor in ready or lines.watching():
                self._look(lines)
        self._empty_tray()
        while self._jobs:
            self._jobs.popleft()()
        return attended

    def _arm(self, lines: Lines) -> None:
        """Reads from now on, unless the member does."""
        self._parked = True  # before it may have left
        if not self._visiting and self._reading.acquire(blocking=False):
            self._parked, self._armed = False, True
            self._poller.register(lines.inward, zmq.POLLIN)

    def _disarm(self) -> None:
        """Lets the member read."""
        if self._armed:
            assert self.lines is not None
            self._armed = False
            self._poller.unregister(self.lines.inward)
            self._reading.release()

    def _patience(self) -> int:
        if self.lines is not None and self.lines.watching():
            return _CHECK
        return _IDLE if self._armed or self._parked or self.lines is None else _TICK

    def _look(self, lines: Lines) -> None:
        """What became of connections."""
        with self._writing:
            back = list(lines.watch())
            overdue = [(number, why) for number, why in lines.overdue() if number not in self._overdue]
        for number in back:
            # its number tells the other side whether anything was lost
            self.send_now(Letter(lines.epoch, number, Kind.BEAT, None, {}))
        for _ in range(lines.refusals()):
            assert self.door is not None
            self.door.count()
        for number, why in overdue:
            self._overdue.add(number)
            self._reader.unreachable(number, why)

    def _read(self, lines: Lines) -> None:
        try:
            for header, part in lines.receive():
                try:
                    self._deliver(header, part)
                    self.news += 1
                except ProtocolError:
                    lines.ban(header.source)
                    raise
        except ProtocolError as problem:
            log.error("%s", problem)
            self._reader.violated(problem)

    def _deliver(self, header: Header, part: memoryview | None) -> None:
        """Passes on what is complete."""
        if part is None:
            self._reader.arrived(header, None)
            return
        assembly = self._assemblies.get(header.source)
        if assembly is None:
            assembly = self._assemblies[header.source] = Assembly()
        message = assembly.add(header, part)
        if message is not None:
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
        lines = self.lines
        if lines is None or letter.epoch != lines.epoch:
            return  # written before the group was formed anew
        try:
            if letter.message is None:
                lines.send(letter.to, letter.kind, None, **letter.fields)
                return
            content = letter.message.data
            for offset in range(0, max(1, content.nbytes), wire.FRAME):
                part = content[offset : offset + wire.FRAME]
                lines.send(letter.to, letter.kind, part, nbytes=content.nbytes, offset=offset, **letter.fields)
        except (zmq.ZMQError, RambaError) as problem:
            self._reader.unreachable(letter.to, f"nothing can be sent to it: {problem}")


_offices: list[Office] = []


def _after_fork() -> None:
    for office in _offices:
        office.after_fork()


os.register_at_fork(after_in_child=_after_fork)
