"""This rank's part in an MPI job: from the start of MPI, which happens when this module is imported, to its end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import numpy as np
from mpi4py import MPI

from ramba import config
from ramba.errors import RambaError
from ramba.runtime.mpi import launcher
from ramba.runtime.mpi.channel import Channel
from ramba.runtime.mpi.commands import Commands
from ramba.runtime.mpi.guard import Guard
from ramba.runtime.mpi.patience import IDLE, wait_until
from ramba.runtime.mpi.transport import MpiTransport, member_of, pooled
from ramba.runtime.mpi.watch import Neighbour, Watch
from ramba.runtime.sockets import host, versions
from ramba.runtime.transport import Facts

_SEGMENTS = "/dev/shm/mpich_shm_"  # MPICH's shared memory


class Session:
    """What a rank has of the job. All ranks make theirs at the same time."""

    def __init__(self, guard: Guard) -> None:
        here = launcher.place()
        assert here is not None, "this process is not a rank"
        if MPI.COMM_WORLD.Get_size() != here.size:
            raise RambaError(
                f"The launcher started {here.size} ranks, but mpi4py sees {MPI.COMM_WORLD.Get_size()}: it was built "
                f"for another MPI ({MPI.Get_library_version().splitlines()[0].strip()}). Start the program with the "
                "mpiexec of that MPI, or install mpi4py for the one that you use."
            )
        self.comm = MPI.COMM_WORLD.Dup()  # what the user's program sends travels elsewhere
        launcher.forget()
        places = self._places()
        _remove_names()
        self.rank = here.rank
        self.size = here.size - 1  # workers
        number = member_of(here.rank, self.size)
        self.channel = Channel(self.comm, pooled, guard)
        self.commands = Commands(self.channel)
        self.transport = MpiTransport(self.channel, number, self.size, self.commands)
        self._share_processors(places)
        self.facts = Facts(number, os.getpid(), host.name(), config.current().num_threads, versions.own())
        self._watch = self._watched(places)

    def leave(self, limit: float | None = None) -> bool:
        """Meets all other ranks, after which each may end; False if they do not come within `limit` seconds."""
        if self._watch is not None:
            self._watch.stop()
        meeting = self.comm.Ibarrier()
        return wait_until(lambda: self.channel.settled() and meeting.Test(), IDLE, limit)

    def abort(self) -> None:
        """Ends all ranks at once."""
        if self._watch is not None:
            self._watch.stop()
        self.comm.Abort(1)

    def _places(self) -> np.ndarray:
        """Host, set of processors and process of every rank; a row each."""
        processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        own = np.array([_digest(host.identity()), _digest(str(processors)), os.getpid()], np.int64)
        rows = np.empty((self.comm.Get_size(), own.size), np.int64)
        self.comm.Allgather([own, MPI.INT64_T], [rows, MPI.INT64_T])
        return rows

    def _share_processors(self, places: np.ndarray) -> None:
        """Workers that may use the same processors take an equal part of them each, unless the settings say more."""
        default = any(row.name == "num_threads" and row.source == "default" for row in config.describe())
        if self.rank and default:
            sharing = int((places[1:, :2] == places[self.rank, :2]).all(axis=1).sum())
            config.set(num_threads=max(1, config.current().num_threads // sharing))

    def _watched(self, places: np.ndarray) -> Watch | None:
        ring = np.flatnonzero(places[:, 0] == places[self.rank, 0]).tolist()
        if len(ring) < 2:
            return None
        following = ring[(ring.index(self.rank) + 1) % len(ring)]
        return Watch(Neighbour(following, int(places[following, 2]), host.name()), self.abort)


def packed(facts: Facts) -> np.ndarray:
    """Facts as a message."""
    return np.frombuffer(json.dumps(facts).encode(), np.uint8)


def unpacked(message: np.ndarray) -> Facts:
    """Facts out of a message."""
    return Facts(*json.loads(message.tobytes()))


def library() -> str:
    """The MPI that carries the messages: its name and version."""
    return str(MPI.Get_library_version()).splitlines()[0].strip()


def finalize() -> None:
    """Ends MPI, once all ranks have met for the last time."""
    MPI.Finalize()


def _remove_names() -> None:
    """MPICH leaves the names of its shared memory when a job is killed. All ranks have mapped it: no name is needed."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text().splitlines():
            name = line.partition("/")[1] + line.partition("/")[2]
            if name.startswith(_SEGMENTS):
                Path(name).unlink(missing_ok=True)


def _digest(text: str) -> int:
    """The same number for the same text in all processes."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
