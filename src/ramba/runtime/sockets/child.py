"""The life of a worker: it answers the driver's questions, and obeys commands on a thread of its own.

As a program, ``python -m ramba.runtime.sockets.child``, it is asked through its standard input, a socket whose other
end only the driver has. When that is gone, so is the driver, and the process ends at once.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from ramba import config
from ramba.runtime.sockets import folder, host, stream, versions, wire
from ramba.runtime.sockets.folder import Folder
from ramba.runtime.sockets.wire import Join, Joined, Leave, Ready, Refused, Roster, Wait
from ramba.runtime.sockets.worker_end import WorkerEnd
from ramba.runtime.transport import Abandoned

CHANGE = 8.0  # s that the member may take to end what it does for the old group
_ORPHANED = 70  # exit code

log = logging.getLogger("ramba.sockets")


class Child:
    """One worker; `answer` is called by whoever carries the driver's questions, `run` by the thread that works."""

    def __init__(self, address: str | None = None) -> None:
        self.begun = threading.Event()  # whether it knows its number
        self._address = address  # of this node, for workers on others
        self._transport: WorkerEnd | None = None
        self._join: Join | None = None
        self._folder: Folder | None = None

    def answer(self, question: bytes) -> bytes:
        """Does what the driver asks."""
        try:
            match wire.decode_request(question):
                case Join() as join:
                    return wire.encode(self._joined(join))
                case Roster() as roster:
                    return wire.encode(self._ready(roster))
                case Wait():
                    if self._transport is not None:
                        self._transport.wait_alone()
                    return wire.encode(Ready())
                case Leave():
                    if self._transport is not None:
                        self._transport.leave()
                    return wire.encode(Ready())
        except Exception as problem:
            log.debug("A question could not be answered.", exc_info=True)
            return wire.encode(Refused(f"{type(problem).__name__}: {problem}", versions.own()))

    def run(self) -> None:
        """Obeys commands until the driver says that there will be no more."""
        self.begun.wait()
        assert self._join is not None
        assert self._transport is not None
        transport = self._transport
        service: Any = importlib.import_module(self._join.service)
        member = service.Member(transport)
        while True:
            try:
                service.serve(member, transport.next_command)
                break
            except Abandoned:
                member.reset()
        self.close()

    def close(self) -> None:
        """Ends connections, removes what this worker made."""
        if self._transport is not None:
            self._transport.close()
        if self._folder is not None:
            self._folder.close()

    def orphaned(self) -> None:
        """The driver is gone without a word: so is this process, and the driver's directory."""
        if self._join is not None and self._join.host == host.identity():
            folder.remove(Path(self._join.folder))
        if self._folder is not None:
            self._folder.close()
        os._exit(_ORPHANED)

    def _joined(self, join: Join) -> Joined:
        """Becomes a member, or listens under a new key."""
        if self._join is None:
            self._settle(join)
        assert self._transport is not None
        near = join.host == host.identity()
        if not near and self._folder is None:
            self._folder = Folder()
        path = Path(join.folder) if near else self._folder.path if self._folder is not None else Path()
        address = self._address or "127.0.0.1"
        identity = join.alias or host.identity()
        config.set(num_threads=join.threads)
        reach = address if join.spread else None
        peer = self._transport.open(join.rank, join.size, join.epoch, path, reach, join.secure, identity)
        if self._join is None:
            self._join = join
            self.begun.set()
        return Joined(peer, os.getpid(), host.name(), join.threads, versions.own())

    def _settle(self, join: Join) -> None:
        """Lives as the driver does: its settings, its modules."""
        known = {row.name for row in config.describe()}
        config.set(**{name: value for name, value in join.settings.items() if name in known})
        sys.path.extend(path for path in join.paths if path not in sys.path)
        # the thread that owns the sockets should not wait long for the interpreter
        sys.setswitchinterval(0.001)
        self._transport = WorkerEnd(join.rank, join.size)

    def _ready(self, roster: Roster) -> Ready | Refused:
        assert self._transport is not None
        self._transport.admit(roster.peers, [])
        if not self._transport.changed(CHANGE):
            return Refused(f"it did not end what it was doing within {CHANGE:.0f} s")
        return Ready()


def main() -> None:
    """A worker process."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the driver's to handle
    channel = socket.socket(fileno=os.dup(0))
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    worker = Child()
    threading.Thread(target=_listen, args=(channel, worker), name="ramba-driver", daemon=True).start()
    worker.run()


def _listen(channel: socket.socket, worker: Child) -> None:
    """Answers the driver as long as there is one."""
    with contextlib.suppress(OSError):
        while (question := stream.receive(channel)) is not None:
            stream.send(channel, worker.answer(question))
    worker.orphaned()


if __name__ == "__main__":
    main()
