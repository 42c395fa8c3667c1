"""What strikes while a program runs: signals to workers, sockets that are closed, a disk that fills up."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ramba.engine import ENGINE

_PIDFD_GETFD = 438  # the number of the system call
_MEMBER = re.compile(r"/ramba-[^/]+/\d+\.\d+$")  # how their sockets are called
_FILLING = "filled-by-the-soak"


def workers() -> list[int]:
    """Their processes."""
    link: Any = getattr(ENGINE.backend, "link", None)
    return [facts.pid for facts in link.members] if link is not None else []


@contextlib.contextmanager
def striking(chance: random.Random, strikes: list[Callable[[], bool]]) -> Iterator[list[int]]:
    """While this is open each of these happens at a random moment; gives a list that grows with those that hit."""
    moments = [chance.random() * chance.choice([0.01, 0.1, 1.0]) for _ in strikes]
    hit: list[int] = []

    def strike() -> None:
        for number, (moment, each) in enumerate(zip(moments, strikes, strict=True)):
            time.sleep(moment)
            if each():
                hit.append(number)

    thread = threading.Thread(target=strike)
    thread.start()
    try:
        yield hit
    finally:
        thread.join()


def signalled(pid: int, number: signal.Signals) -> bool:
    """Whether there was such a process to send a signal to."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def cut(pid: int, chance: random.Random) -> bool:
    """Closes a connection of Ramba's in a process, without telling it; whether there was one."""
    try:
        process = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        names = _names(pid)
        return any(_closed(process, int(name)) for name in chance.sample(names, len(names)))
    finally:
        os.close(process)


def _names(pid: int) -> list[str]:
    """Of descriptors of sockets."""
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                    found.append(name)
    return found


def _closed(process: int, descriptor: int) -> bool:
    """Closes both directions of a socket, if it is a connection between members: Ray has its own beside them."""
    ours = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, descriptor, 0)
    if ours < 0:
        return False
    with socket.socket(fileno=ours) as found:
        try:
            ends = found.getsockname(), found.getpeername()
        except OSError:
            return False
        if found.family != socket.AF_UNIX or not any(_MEMBER.search(str(end)) for end in ends):
            return False
        with contextlib.suppress(OSError):
            found.shutdown(socket.SHUT_RDWR)
        return True


def filled(folder: Path, left: int) -> bool:
    """Leaves only so much room on a small disk."""
    try:
        room = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        with open(folder / _FILLING, "ab") as file:
            file.write(bytes(max(0, room - left)))
    except OSError:  # somebody else was quicker to take the rest
        pass
    return True


def emptied(folder: Path) -> None:
    """There is room again."""
    (folder / _FILLING).unlink(missing_ok=True)


__all__ = ["cut", "emptied", "filled", "signalled", "striking", "workers"]
