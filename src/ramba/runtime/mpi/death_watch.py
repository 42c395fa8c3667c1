"""Has a process of its own watch this host's ranks and the other hosts: see `watcher`."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import psutil
from mpi4py import MPI

from ramba import config
from ramba.runtime.mpi import watcher
from ramba.runtime.mpi.watcher import Hosts, Orders, Watched

_PATIENCE = 1.0  # s for the process to answer
_ADDRESSES = 16  # of the first host, at most
_NAME = 64  # bytes of a host's name
_KEY = 16
_AGREED = struct.Struct(f"!{_KEY}sd{6 * _ADDRESSES}s")  # key, seconds, addresses with their ports


class DeathWatch:
    """Watches until it is stopped. Where the system cannot do that, nobody does."""

    def __init__(self, ranks: Sequence[Watched], hosts: Hosts | None) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        inherited = [] if hosts is None else hosts["sockets"]
        try:
            with contextlib.suppress(OSError):
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", watcher.__file__],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                    bufsize=0,
                    pass_fds=inherited,
                )
                orders: Orders = {"ranks": list(ranks), "hosts": hosts}
                self._order(json.dumps(orders).encode() + b"\n")
                assert self._process.stdout is not None
                self._process.stdout.readline()  # it watches
        finally:
            for descriptor in inherited:
                os.close(descriptor)

    def stop(self) -> None:
        """From now on the ranks of this host may end."""
        if self._process is not None:
            assert self._process.stdout is not None
            with contextlib.suppress(OSError):
                self._order(watcher.STOP)
                select.select([self._process.stdout], (), (), _PATIENCE)

    def leave(self) -> None:
        """All ranks have come to their end: nothing is watched any more."""
        if self._process is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self._process.communicate(watcher.LEAVE, timeout=_PATIENCE)

    def _order(self, order: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(order)


def can_watch() -> bool:
    """Whether the system tells when a process ends."""
    return hasattr(os, "pidfd_open")


def meet(comm: Any, hosts: np.ndarray) -> tuple[bool, Hosts | None]:
    """All ranks agree on who watches: whether this one has its host's watcher, and what that has to know of others.

    ``hosts``: a number for the host of each rank. The last rank of a host has its watcher.
    """
    rank: int = comm.Get_rank()
    order = list(dict.fromkeys(hosts.tolist()))  # the first is that of rank 0
    keepers = [int(np.flatnonzero(hosts == host)[-1]) for host in order]
    keeps = rank in keepers and can_watch()
    if len(order) == 1:
        return keeps, None
    first = _listen() if rank == keepers[0] and keeps else []
    agreed = bytearray(_AGREED.size)
    if first:
        places = b"".join(socket.inet_aton(address) + port.to_bytes(2) for address, port in map(_place, first))
        _AGREED.pack_into(agreed, 0, secrets.token_bytes(_KEY), config.current().mpi_heartbeat_timeout, places)
    comm.Bcast([agreed, MPI.BYTE], keepers[0])
    names = np.zeros((len(hosts), _NAME), np.uint8)
    comm.Allgather([socket.gethostname().encode()[:_NAME].ljust(_NAME, b"\0"), MPI.BYTE], [names, MPI.BYTE])
    key, seconds, places = _AGREED.unpack(agreed)
    if not keeps or not seconds:
        return keeps, None
    sockets = first or _reach(
        (socket.inet_ntoa(places[at : at + 4]), int.from_bytes(places[at + 4 : at + 6]))
        for at in range(0, len(places), 6)
    )
    return True, Hosts(
        here=order.index(hosts[rank]),
        names=[names[keeper].tobytes().rstrip(b"\0").decode(errors="replace") for keeper in keepers],
        key=key.hex(),
        first=[each.getpeername() for each in sockets] if not first else [],
        sockets=[each.detach() for each in sockets],
        silence=seconds,
    )


def _listen() -> list[socket.socket]:
    """A socket at each address under which other hosts may reach this one."""
    found = []
    for address in _addresses()[:_ADDRESSES]:
        each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            each.bind((address, 0))
        except OSError:
            each.close()
        else:
            found.append(each)
    return found


def _reach(places: Iterable[tuple[str, int]]) -> list[socket.socket]:
    """A socket for each of these, at the address of this host from where the way begins."""
    found = []
    for address, port in places:
        if port:
            each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                each.connect((address, port))
            except OSError:
                each.close()
            else:
                found.append(each)
    return found


def _place(listening: socket.socket) -> tuple[str, int]:
    address, port = listening.getsockname()
    return address, port


def _addresses() -> list[str]:
    return [
        each.address
        for interface in psutil.net_if_addrs().values()
        for each in interface
        if each.family == socket.AF_INET and not each.address.startswith("127.")
    ]
