"""A TCP proxy between two ends, that stalls, cuts, or changes what goes through."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable


class Proxy:
    """Listens on loopback; `before(address)` gives the address to be used instead."""

    def __init__(self) -> None:
        self.stalled = False
        self.recorded: list[bytes] = []  # what clients sent
        self._over = False
        self._listeners: list[socket.socket] = []
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(2)
        for end in self._sockets:
            end.close()

    def before(self, address: str) -> str:
        """Where to connect instead."""
        host, port = address.removeprefix("tcp://").split(":")
        listener = socket.create_server((host, 0))
        self._listeners.append(listener)
        self._start(self._accept, listener, (host, int(port)))
        return f"tcp://{host}:{listener.getsockname()[1]}"

    def cut(self) -> None:
        """Ends all connections; what was stalled is lost."""
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _start(self, function: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, target: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                self._sockets.append(near)
                if self.stalled:
                    self._pairs.append((near, near))
                    continue
                far = socket.create_connection(target)
                self._sockets.append(far)
                pair = near, far
                self._pairs.append(pair)
                self._start(self._pump, pair, near, far, True)
                self._start(self._pump, pair, far, near, False)

    def _pump(
        self, pair: tuple[socket.socket, socket.socket], source: socket.socket, to: socket.socket, record: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if record:
                    self.recorded.append(data)
                while self.stalled and not self._over and pair in self._pairs:
                    time.sleep(0.01)
                if pair not in self._pairs:
                    break
                to.sendall(data)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
