"""A TCP proxy between two ends, that stalls, cuts, or changes what goes through."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Proxy:
    """Listens on loopback; `before(address)` gives the address to be used instead."""

    def __init__(self) -> None:
        self.stalled = False
        self.recorded: list[bytes] = []  # what clients sent
        self._over = False
        self._listeners: list[socket.socket] = []
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *exception: object) -> None:
        self._over = True
        for listener in self._listeners:
            listener.close()
        self.cut()

    def before(self, address: str) -> str:
        """Where to connect instead."""
        host, port = address.removeprefix("tcp://").split(":")
        listener = socket.create_server((host, 0))
        self._listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, (host, int(port))), daemon=True).start()
        return f"tcp://{host}:{listener.getsockname()[1]}"

    def cut(self) -> None:
        """Ends all connections; what was stalled is lost."""
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self, listener: socket.socket, target: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                if self.stalled:
                    self._pairs.append((near, near))
                    continue
                far = socket.create_connection(target)
                pair = near, far
                self._pairs.append(pair)
                threading.Thread(target=self._pump, args=(pair, near, far, True), daemon=True).start()
                threading.Thread(target=self._pump, args=(pair, far, near, False), daemon=True).start()

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
