"""Says which rank or host was lost, and ends what would wait for it: launchers name a process at best, and MPI no host.

A small process of its own, which the launcher does not know: one on each host, the child of its last rank. This file is
its program, and imports nothing of Ramba. What ranks do does not matter to it: they may compute for hours in one call.

A rank's *life line* is a pipe that the kernel closes when the process ends, a moment before the launcher hears of it;
at that moment nobody else has been killed yet.

Watchers of several hosts send each other *signs of life* by UDP, which nothing delays: each of them to the *first*,
that of the driver's host, and the first to all. A sign proves the job's key. Where nothing is heard any more of one
that was heard before, the job ends: the first watcher names the host, tells the others, and ends its launcher, which
may wait for that host as well; on the host that is cut off, its own watcher ends the ranks.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypedDict

STOP = b"s"  # ranks may end from now on
LEAVE = b"l"  # all of the job have come to their end: hosts may, too
_PATIENCE = 0.2  # s for the kernel to say how a process ended
EVERY = 1.0  # s between two signs
_REPEATED = 3  # times that what is said once is sent
_LAUNCHERS = ("mpiexec", "mpirun", "hydra_pmi_proxy", "prterun", "prted", "orterun", "orted")
_GRACE = 2.0  # s in which a launcher should end by itself
_SIGN = struct.Struct("!BHQ")  # kind, host, number
_PROOF = 16  # bytes

Address = tuple[int, str, int]  # number of the socket, address, port


class Watched(NamedTuple):
    """A rank of this host."""

    rank: int
    pid: int
    line: int  # number of the reading end of its life line, in its own process


class Hosts(TypedDict):
    """What a watcher has to know of the job's hosts."""

    here: int  # number of this one; the first is 0
    names: list[str]  # of all
    key: str  # of the job, in hexadecimal digits
    first: list[tuple[str, int]]  # elsewhere: where it may be reached, by each of the sockets
    sockets: list[int]  # descriptors
    silence: float  # s without a sign after which a host is lost


class Orders(TypedDict):
    """What a watcher is told when it begins."""

    ranks: Sequence[tuple[int, int, int]]
    hosts: Hosts | None


class Kind(IntEnum):
    """What a sign says."""

    ALIVE = 1
    BYE = 2  # there will be no more, and that is right
    END = 3  # the job ends


class _Known(NamedTuple):
    """What is known of another host."""

    address: Address
    heard: float  # when
    number: int  # of its last sign: an older one is a copy


class Signs:
    """Those that this host sends and hears."""

    def __init__(self, hosts: Hosts, send: Callable[[bytes, Address], object], clock: Callable[[], float]) -> None:
        self.ended = False  # whether the first has said that the job ends
        self._here = hosts["here"]
        self._names = hosts["names"]
        self._key = bytes.fromhex(hosts["key"])
        self._first = [(number, address, port) for number, (address, port) in enumerate(hosts["first"])]
        self._silence = hosts["silence"]
        self._send = send
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._gone: set[int] = set()  # said goodbye
        self._number = 0
        self._looked = self._begun = clock()
        self._due = self._looked
        self._warned = False

    def patience(self) -> float:
        """Seconds until the next sign is due."""
        return max(0.0, self._due - self._clock())

    def hear(self, message: bytes, address: Address) -> None:
        """Takes what came; what does not prove the key is none of ours."""
        proof, sign = message[:_PROOF], message[_PROOF:]
        if len(sign) != _SIGN.size or not hmac.compare_digest(proof, self._proof(sign)):
            return
        kind, host, number = _SIGN.unpack(sign)
        known = self._known.get(host)
        if host == self._here or (self._here and host) or (known is not None and number <= known.number):
            return
        self._known[host] = _Known(address, self._clock(), number)
        if kind == Kind.BYE:
            self._gone.add(host)
        elif kind == Kind.END and not host:
            self.ended = True

    def turn(self) -> list[int]:
        """Sends what is due, after all that came was heard: hosts of which nothing was heard for too long."""
        now = self._clock()
        late, self._looked = now - self._looked - EVERY, now
        if late > EVERY:  # this process did not run: what others did meanwhile is not known
            self._known = {host: each._replace(heard=min(now, each.heard + late)) for host, each in self._known.items()}
        if now >= self._due:
            self._due = now + EVERY
            self.say(Kind.ALIVE)
        return [
            host
            for host, each in sorted(self._known.items())
            if host not in self._gone and now - each.heard > self._silence
        ]

    def never_heard(self) -> list[int]:
        """On the first host, once: hosts of which nothing ever came, though it should have."""
        if self._here or self._warned or self._clock() - self._begun < self._silence:
            return []
        self._warned = True
        return [host for host in range(1, len(self._names)) if host not in self._known]

    def say(self, kind: Kind) -> None:
        """Sends a sign to whom it concerns."""
        for _ in range(1 if kind is Kind.ALIVE else _REPEATED):
            self._number += 1
            sign = _SIGN.pack(kind, self._here, self._number)
            message = self._proof(sign) + sign
            known = [each.address for host, each in self._known.items() if host not in self._gone]
            for address in known or (self._first if self._here else ()):
                with contextlib.suppress(OSError):  # no way there: it will be missed
                    self._send(message, address)

    def named(self, hosts: Sequence[int]) -> str:
        """Hosts, in words."""
        names = ", ".join(self._names[host] for host in hosts)
        return f"host {names}" if len(hosts) == 1 else f"hosts {names}"

    def _proof(self, sign: bytes) -> bytes:
        return hashlib.blake2b(sign, key=self._key, digest_size=_PROOF).digest()


class Watch:
    """The ranks of this host and, where there are several, the other hosts."""

    def __init__(self, ranks: Sequence[Watched], hosts: Hosts | None) -> None:
        self._silence = hosts["silence"] if hosts is not None else 0.0
        self._watched: dict[int, Watched] = {}
        self._processes: dict[int, int] = {}
        self._waiting = select.epoll()
        self._launchers = _launchers(ranks[0].pid) if hosts is not None else []
        for rank in ranks:
            with contextlib.suppress(OSError):  # it has ended already
                self._processes[rank.rank] = os.pidfd_open(rank.pid)
                self._watched[self._processes[rank.rank]] = rank
                self._watched[os.open(f"/proc/{rank.pid}/fd/{rank.line}", os.O_RDONLY | os.O_NONBLOCK)] = rank
        for descriptor in (0, *self._watched):
            self._waiting.register(descriptor, select.EPOLLIN)
        self._sockets = [socket.socket(fileno=each) for each in (hosts["sockets"] if hosts is not None else ())]
        for each in self._sockets:
            each.setblocking(False)
        self._signs = Signs(hosts, self._send, time.monotonic) if hosts is not None else None

    def run(self) -> None:
        """Until the job is over."""
        while True:
            if self._signs is not None and self._missed(self._signs):
                return
            patience = self._signs.patience() if self._signs is not None else None
            waiting = self._waiting.fileno()
            ready = select.select([waiting, *(each.fileno() for each in self._sockets)], (), (), patience)[0]
            if waiting not in ready:
                continue
            # epoll's list of what is ready is in the order in which it became so: however late this process is woken
            # on a busy host, the first one is the first that ended
            first = self._waiting.poll(maxevents=1)[0][0]
            if first == 0 and (order := os.read(0, 1)):
                if order == LEAVE:
                    self._part()
                    return
                for descriptor in self._watched:
                    self._waiting.unregister(descriptor)
                os.write(1, b"stopped\n")
                continue
            self._lost(first)
            return

    def _lost(self, first: int) -> None:
        """A rank was lost, or the parent's life is over: the other end of standard input was closed."""
        if first == 0:
            self._waiting.unregister(0)
            ready = self._waiting.poll(_PATIENCE, maxevents=1)
            first = ready[0][0] if ready else 0
        if first:
            lost = self._watched[first]
            who = f"rank {lost.rank} (process {lost.pid})"
            how = _end_of(self._processes[lost.rank], lost.pid)
            _tell(f"{who} on host {socket.gethostname()} was lost{how}; the job ends.")
        if self._signs is None:
            return
        if self._launchers:
            self._outlast(self._signs)
        self._part()

    def _outlast(self, signs: Signs) -> None:
        """The launcher shall end the job now, and it may wait for a host that is lost, too."""
        deadline = time.monotonic() + self._silence + _GRACE
        while time.monotonic() < deadline and not _ended([self._launchers[0].process], signs.patience()):
            self._read(signs)
            if lost := signs.turn():
                self._end(signs, lost)
                return

    def _missed(self, signs: Signs) -> bool:
        """Whether a host was lost; then the job has been ended here."""
        self._read(signs)
        if lost := signs.turn():
            self._end(signs, lost)
            return True
        if never := signs.never_heard():
            ports = ", ".join(str(each.getsockname()[1]) for each in self._sockets)
            where = f"UDP port {ports} of {signs.named([0])}"
            _tell(f"no sign of life of {signs.named(never)} came to {where}: if it is cut off, the job waits for it.")
        if signs.ended:
            self._kill()
        return signs.ended

    def _end(self, signs: Signs, lost: list[int]) -> None:
        _tell(f"nothing was heard of {signs.named(lost)} for {self._silence:g} s; the job ends.")
        signs.say(Kind.END)
        started = [_children(launcher.pid) for launcher in self._launchers]  # remote shells among them
        self._kill()
        for launcher, children in zip(self._launchers, started, strict=True):
            _end_launcher(launcher, children)

    def _kill(self) -> None:
        """Ends the ranks of this host."""
        for process in self._processes.values():
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(process, signal.SIGKILL)

    def _part(self) -> None:
        if self._signs is not None:
            self._signs.say(Kind.BYE)

    def _send(self, message: bytes, to: Address) -> None:
        number, address, port = to
        self._sockets[number].sendto(message, (address, port))

    def _read(self, signs: Signs) -> None:
        for number, each in enumerate(self._sockets):
            with contextlib.suppress(BlockingIOError):
                while True:
                    with contextlib.suppress(ConnectionError):  # of what was sent before: nobody was there
                        message, (address, port) = each.recvfrom(512)
                        signs.hear(message, (number, address, port))


class _Launcher(NamedTuple):
    """A process above a rank that launches jobs."""

    pid: int
    process: int  # descriptor


def _launchers(pid: int) -> list[_Launcher]:
    """Those above a rank, from the outermost on."""
    found: list[_Launcher] = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        while (pid := int(_stat(pid)[1])) > 1:
            with open(f"/proc/{pid}/comm") as name:
                if name.read().startswith(_LAUNCHERS):
                    found.insert(0, _Launcher(pid, os.pidfd_open(pid)))
    return found


def _end_launcher(launcher: _Launcher, children: Sequence[int]) -> None:
    """It has heard that ranks were lost, and may wait for those that are not reached any more; so may its children."""
    # the second interrupt ends MPICH's, which tries to reach all hosts after the first one
    for number in (0, signal.SIGINT, signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(launcher.process, number)
        if _ended([launcher.process], _GRACE / 2):
            break
    for process in children:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(process, signal.SIGTERM)


def _children(pid: int) -> list[int]:
    """Descriptors of the processes that a process has started."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int(_stat(int(name))[1]) == pid:
                found.append(os.pidfd_open(int(name)))
    return found


def _stat(pid: int) -> list[str]:
    """What the kernel tells of a process, from its state on."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()


def _ended(processes: Sequence[int], seconds: float) -> bool:
    return bool(select.select(processes, (), (), seconds)[0])


def _end_of(process: int, pid: int) -> str:
    """How a process ended, if its parent has not asked yet."""
    _ended([process], _PATIENCE)
    with contextlib.suppress(OSError, ValueError, IndexError):
        status = int(_stat(pid)[-1])
        if os.WIFSIGNALED(status):
            return f" (killed by {signal.Signals(os.WTERMSIG(status)).name})"
        return f" (it ended with status {os.WEXITSTATUS(status)})"
    return ""


def _tell(news: str) -> None:
    sys.stderr.write(f"ramba: {news}\n")
    sys.stderr.flush()


def _orders() -> Orders:
    """The first line of standard input; the rest is left where it is."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(0, 1)
    orders: Any = json.loads(line)
    found: Orders = orders
    return found


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orders = _orders()
    watch = Watch([Watched(*each) for each in orders["ranks"]], orders["hosts"])
    os.write(1, b"watching\n")
    watch.run()


if __name__ == "__main__":
    _main()
