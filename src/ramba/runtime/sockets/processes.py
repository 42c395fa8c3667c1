"""Workers as child processes of the driver."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ramba import config, machine
from ramba.kernels.local import blas
from ramba.runtime.sockets import host, stream
from ramba.runtime.sockets.link import SERVICE, Died, SocketLink

_PROGRAM = "ramba.runtime.sockets.child"
_FAREWELL = 1.0  # s that workers may take to end by themselves


def processes(workers: int | None = None, threads: int | None = None, service: str = SERVICE) -> SocketLink:
    """A group of child processes; by default as the settings say, filling the machine."""
    settings = config.current()
    chosen = next(row.source for row in config.describe() if row.name == "num_threads") != "default"
    given = threads or (settings.num_threads if chosen else None)
    count = _count(workers or settings.workers, given)
    return SocketLink(count, lambda: Processes(given, count), service)


def _count(workers: int | None, threads: int | None) -> int:
    """How many there are, if that is not said: as many as fill the machine."""
    return workers or (machine.processors() if threads is None else 1)


class _Child:
    """A worker process, and the end of the channel to it."""

    def __init__(self, threads: int) -> None:
        self.channel, theirs = socket.socketpair()
        self.expected = False  # whether its end is our doing
        self.owing = 0  # answers that it has not given yet: nobody may be waiting for the first ones any more
        with theirs:
            self.process = subprocess.Popen(
                # -P: modules in the current directory must not replace those of the installation
                [sys.executable, "-P", "-m", _PROGRAM],
                stdin=theirs.fileno(),
                stdout=2,
                env=_environment(threads),
                # not the terminal's: Ctrl-C is for the driver only
                start_new_session=True,
            )
        self.kills = host.MemoryKills(self.process.pid)
        self._fate = ""

    def fate(self) -> str | None:
        """How it ended, if it has."""
        code = self.process.poll()
        if code is None:
            return None
        if not self._fate:
            told = self.kills.told() if code == -signal.SIGKILL else ""
            self._fate = f"killed by {signal.Signals(-code).name}{told}" if code < 0 else f"exit code {code}"
        return self._fate


class Processes:
    """See `Launcher`."""

    def __init__(self, threads: int | None, workers: int) -> None:
        self.spread = False
        self.address: str | None = "127.0.0.1"
        self._given = threads
        self._threads = self._share(workers)
        self._next = workers  # the number of the next one
        self._children: dict[int, _Child] = {}
        _launchers.append(self)

    def threads(self, number: int) -> int:
        """The same for all."""
        return self._threads

    def choose(self, workers: int | None, held: Sequence[int]) -> tuple[list[int], list[int]]:
        """The first ones stay, and share the machine out anew."""
        count = _count(workers, self._given)
        added = list(range(self._next, self._next + max(count - len(held), 0)))
        self._next += len(added)
        self._threads = self._share(count)
        return list(held[:count]), added

    def _share(self, workers: int) -> int:
        """How many threads each has."""
        return self._given or max(1, machine.processors() // workers)

    def start(self, numbers: Iterable[int], died: Died) -> None:
        """Starts child processes, each with a thread that waits for its end."""
        for number in numbers:
            child = self._children[number] = _Child(self._threads)
            name = f"ramba-watch-{number}"
            threading.Thread(target=_watch, args=(number, child, died), name=name, daemon=True).start()

    def ask(self, questions: dict[int, bytes], patience: float) -> dict[int, bytes]:
        """Each worker's answer."""
        poll, numbers = select.poll(), {}
        answers: dict[int, bytes] = {}
        for number, question in questions.items():
            child = self._children[number]
            with contextlib.suppress(OSError):  # dead: the poll tells
                stream.send(child.channel, question)
                child.owing += 1
            poll.register(child.channel, select.POLLIN)
            numbers[child.channel.fileno()] = number
        deadline = time.monotonic() + patience
        while numbers and (left := deadline - time.monotonic()) > 0:
            for descriptor, _ in poll.poll(left * 1000):
                child = self._children[numbers[descriptor]]
                try:
                    answer = stream.receive(child.channel)
                except OSError:
                    answer = None
                if answer is None:
                    return answers  # its end explains more than the silence of others
                child.owing -= 1
                if not child.owing:
                    child.kills = host.MemoryKills(child.process.pid)  # somebody may have put it into another group
                    poll.unregister(descriptor)
                    answers[numbers.pop(descriptor)] = answer
        return answers

    def kill(self, number: int) -> None:
        """Ends a worker; also one that is stopped."""
        child = self._children.get(number)
        if child is not None:
            child.expected = True
            child.process.kill()
            child.process.wait()
            child.channel.close()  # not earlier: it would believe that the driver is gone
            self._children.pop(number, None)

    def about(self, number: int) -> tuple[int, str]:
        """Process and host."""
        child = self._children.get(number)
        return (child.process.pid if child is not None else 0), host.name()

    def fate(self, number: int) -> str | None:
        """How a worker ended. A channel closes a moment before the process can be waited for."""
        child = self._children.get(number)
        if child is None:
            return None
        deadline = time.monotonic() + 0.1
        while child.fate() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return child.fate()

    def close(self) -> None:
        """Ends those that have not left."""
        for child in self._children.values():
            child.expected = True
        deadline = time.monotonic() + _FAREWELL
        for number, child in list(self._children.items()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            self.kill(number)
        with contextlib.suppress(ValueError):
            _launchers.remove(self)

    def after_fork(self) -> None:
        """In the child: the channels must end with the parent."""
        for child in self._children.values():
            child.channel.close()
            child.process.returncode = 0  # not ours to wait for


def _watch(number: int, child: _Child, died: Died) -> None:
    child.process.wait()
    if not child.expected:
        died(number, child.fate() or "it ended")


def _environment(threads: int) -> dict[str, str]:
    """The driver's, with this package to be found, and no more threads than wanted in libraries."""
    environment = dict(os.environ)
    place = str(Path(__file__).parents[3])
    paths = environment.get("PYTHONPATH", "")
    if place not in paths.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [paths, place]))
    for name in blas.VARIABLES:
        environment.setdefault(name, str(threads))
    return environment


_launchers: list[Processes] = []


def _after_fork() -> None:
    for launcher in _launchers:
        launcher.after_fork()


os.register_at_fork(after_in_child=_after_fork)
