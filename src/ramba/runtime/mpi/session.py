"""This rank's part in an MPI job: from the start of MPI, which happens when this module is imported, to its end."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mpi4py import MPI

from ramba import config, machine
from ramba.errors import RambaError
from ramba.interrupts import Guard
from ramba.kernels.local import blas
from ramba.runtime.mpi import launcher
from ramba.runtime.mpi.channel import Channel
from ramba.runtime.mpi.commands import Commands
from ramba.runtime.mpi.death_watch import DeathWatch, meet
from ramba.runtime.mpi.sharing import Sharing
from ramba.runtime.mpi.transport import MpiTransport, PeerTransport, member_of, pooled
from ramba.runtime.mpi.waiting import Bells, Waiter, watch_until
from ramba.runtime.mpi.watcher import Watched
from ramba.runtime.sockets import host, versions
from ramba.runtime.transport import Facts

_SEGMENTS = "/dev/shm/mpich_shm_"  # MPICH's shared memory


class Session:
    """What a rank has of the job. All ranks make theirs at the same time.

    ``driven``: rank 0 drives and the others work; else all of them work, and each drives itself.
    """

    def __init__(self, guard: Guard, driven: bool = True) -> None:
        self.guard = guard
        here = launcher.place()
        assert here is not None, "this process is not a rank"
        if MPI.COMM_WORLD.Get_size() != here.size:
            raise RambaError(
                f"The launcher started {here.size} ranks, but mpi4py sees {MPI.COMM_WORLD.Get_size()}: it was built "
                f"for another MPI ({MPI.Get_library_version().splitlines()[0].strip()}). Start the program with the "
                "mpiexec of that MPI, or install mpi4py for the one that you use."
            )
        _give_back_hangup()
        self.comm = MPI.COMM_WORLD.Dup()  # what the user's program sends travels elsewhere
        launcher.forget()
        self._borrowed = here.borrowed
        self.rank = here.rank
        self.size = here.size - driven  # workers
        self._life = os.pipe()  # the kernel closes it when this process ends
        bells = Bells()
        places = self._places(bells)
        _remove_names()
        self._hang(bells, places)
        number = member_of(here.rank, self.size) if driven else here.rank
        sharing = Sharing(self._readable(places))
        self.channel = Channel(self.comm, pooled, guard, bells.ring, sharing)
        neighbours = int((places[:, :2] == places[self.rank, :2]).all(axis=1).sum())
        # the driver only waits while the workers work, and shall not take a core from one
        spins = neighbours - (self.rank > 0) <= machine.processors()
        self.waiter = Waiter(bells, self.channel.coming, self.channel.going, spins=spins)
        self.commands = Commands(self.channel)
        make = MpiTransport if driven else PeerTransport
        self.transport = make(self.channel, number, self.size, self.commands, self.waiter)
        self._share_processors(places, first=int(driven))
        self.facts = Facts(number, os.getpid(), host.name(), config.current().num_threads, versions.own())
        here_too = np.flatnonzero(places[:, 0] == places[self.rank, 0]).tolist()  # ranks of this host
        self._processes = {rank: int(places[rank, 2]) for rank in here_too}
        watched = [Watched(rank, int(places[rank, 2]), int(places[rank, 4])) for rank in here_too]
        keeps, hosts = meet(self.comm, places[:, 0])
        self._death_watch = DeathWatch(watched, hosts) if keeps else None

    def leave(self, limit: float | None = None, look: Callable[[], bool] = lambda: False) -> bool:
        """Meets all other ranks, after which each may end; False if they do not come within `limit` seconds.

        Looks again and again, meanwhile, whether there is another reason to end it.
        """
        if self._death_watch is not None:
            self._death_watch.stop()
        meeting = self.comm.Ibarrier()
        met = watch_until(lambda: (self.channel.settled() and meeting.Test()) or look(), limit)
        if met and self._death_watch is not None:
            self._death_watch.leave()
        return met

    def finalize(self) -> None:
        """Ends MPI, unless the user's program started it and may still want it."""
        if not self._borrowed:
            MPI.Finalize()

    def abort(self) -> None:
        """Ends all ranks at once."""
        self.comm.Abort(1)

    def _places(self, bells: Bells) -> np.ndarray:
        """Host, set of processors, process, bell, life line of every rank, and whether it shares memory; a row each."""
        processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        who = [_digest(host.identity()), _digest(str(processors)), os.getpid()]
        own = np.array([*who, bells.number, self._life[0], host.shares_memory()], np.int64)
        rows = np.empty((self.comm.Get_size(), own.size), np.int64)
        self.comm.Allgather([own, MPI.INT64_T], [rows, MPI.INT64_T])
        return rows

    def _hang(self, bells: Bells, places: np.ndarray) -> None:
        """Finds the bells of this host, and whether that are all there are."""
        here = np.flatnonzero(places[:, 0] == places[self.rank, 0]).tolist()
        found = bells.find((rank, *places[rank, 2:4].tolist()) for rank in here if rank != self.rank)
        everybody = np.array([found and len(here) == len(places)], np.int64)
        self.comm.Allreduce(MPI.IN_PLACE, [everybody, MPI.INT64_T], MPI.MIN)
        bells.all_ring = bool(everybody[0])

    def _readable(self, places: np.ndarray) -> dict[int, int]:
        """Processes of the other ranks here that share memory, by rank."""
        here = np.flatnonzero((places[:, 0] == places[self.rank, 0]) & (places[:, 5] > 0)).tolist()
        return {rank: int(places[rank, 2]) for rank in here if rank != self.rank} if self.rank in here else {}

    def _share_processors(self, places: np.ndarray, first: int) -> None:
        """Workers that may use the same processors take an equal part of them each, unless the settings say more.

        ``first``: the rank of the first worker.
        """
        if self.rank < first:
            return
        if any(row.name == "num_threads" and row.source == "default" for row in config.describe()):
            sharing = int((places[first:, :2] == places[self.rank, :2]).all(axis=1).sum())
            config.set(num_threads=max(1, config.current().num_threads // sharing))
        if not any(name in os.environ for name in blas.VARIABLES):
            blas.limit(config.current().num_threads)  # NumPy is loaded: its library took all processors for its own
            os.environ |= dict.fromkeys(blas.VARIABLES, str(config.current().num_threads))  # SciPy's may come later


def library() -> str:
    """The MPI that carries the messages: its name and version."""
    return str(MPI.Get_library_version()).splitlines()[0].strip()


def _give_back_hangup() -> None:
    """UCX, on which MPICH is built, takes SIGHUP for its own debugging: a closed terminal would not end the rank."""
    with contextlib.suppress(ValueError):  # Ramba is imported on another thread than the main one
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)


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
