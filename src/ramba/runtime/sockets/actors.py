"""Workers as Ray actors: on the cluster that the settings or `RAY_ADDRESS` name, else on one of our own.

Ray places and starts the workers, carries questions of the group's formation to them, and tells when one is gone.
Commands and data do not go through it.
"""

from __future__ import annotations

import atexit
import contextlib
import ipaddress
import os
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ramba import config, machine
from ramba.errors import ConfigError, SecurityWarning, warn
from ramba.runtime import reaper
from ramba.runtime.sockets import host
from ramba.runtime.sockets.child import Child
from ramba.runtime.sockets.link import SERVICE, Died, SocketLink, close_all
from ramba.runtime.sockets.private_ray import PrivateRay, log_level, redis_password
from ramba.runtime.sockets.seats import Seat, find, is_spread, nodes, reachable

_LOOK = 1.0  # s between two looks at the list of actors; an actor's end is told at once
_FAREWELL = 2.0  # s that workers may take to end by themselves
_OBEDIENCE = 0.5  # s that one may take to end when Ray tells it to


def rays(workers: int | None = None, threads: int | None = None, service: str = SERVICE) -> SocketLink:
    """A group of actors; by default as the settings say, one on each node with all its processors."""
    settings = config.current()
    chosen = next(row.source for row in config.describe() if row.name == "num_threads") != "default"
    workers = workers or settings.workers
    threads = threads or (settings.num_threads if chosen else None)
    own = _join_cluster((workers or 1) * (threads or 1))
    try:
        seats = find(workers, threads, wait=own is None)
        # what removes the directory of our cluster, whatever happens, removes that of the sockets too
        within = own.folder.path if own is not None else None
        return SocketLink(len(seats), lambda: Rays(seats, threads, own), service, within=within)
    except BaseException:
        if own is not None:
            own.close()
        raise


class Actor:
    """A worker in a process of Ray's."""

    def __init__(self) -> None:
        self._worker = Child(ray.util.get_node_ip_address())
        self._over = threading.Event()
        threading.Thread(target=self._run, name="ramba-worker", daemon=True).start()

    def answer(self, question: bytes) -> bytes:
        """Does what the driver asks."""
        return self._worker.answer(question)

    def place(self) -> tuple[int, str, str]:
        """Process, host as people call it, and host as `host.identity` calls it."""
        return os.getpid(), host.name(), host.identity()

    def watch(self) -> None:
        """Ends the actor when the worker has left, as Ray wants it: it calls other ways unexpected. Never returns."""
        self._over.wait()
        ray.actor.exit_actor()

    def _run(self) -> None:
        try:
            self._worker.run()
        finally:
            self._over.set()


_Remote: Any = ray.remote(Actor)

atexit.register(close_all)  # before Ray ends itself, as it does in the handler that its import registered


class _Hired:
    """An actor, and what was asked of it."""

    def __init__(self, number: int, seat: Seat, died: Died) -> None:
        self.number = number
        strategy: Any = "SPREAD" if seat.node is None else NodeAffinitySchedulingStrategy(seat.node, soft=False)
        # they reserve no processors: a program's own tasks and actors would never find one
        options = {"max_restarts": 0, "max_task_retries": 0, "max_concurrency": 4, "num_cpus": 0}
        self.actor = _Remote.options(scheduling_strategy=strategy, **options).remote()
        self.watch = self.actor.watch.remote()
        self.place = self.actor.place.remote()
        self.died = died
        self.expected = False  # whether its end is our doing
        self.fate: str | None = None
        self.named: reaper.Named | None = None  # its process, if that runs here
        self.kills: host.MemoryKills | None = None

    def end(self, problem: Exception | None) -> str:
        """Notes how it ended: with this exception."""
        told = self.kills.told() if self.kills is not None else ""
        self.fate = _reason(problem) + told if problem is not None else "it ended by itself"
        return self.fate


class Rays:
    """See `Launcher`."""

    def __init__(self, seats: list[Seat], threads: int | None, own: PrivateRay | None) -> None:
        self.spread = is_spread(seats)
        self.address: str | None = ray.util.get_node_ip_address()
        self._seats = dict(enumerate(seats))  # by number
        self._next = len(seats)  # the number of the next one
        self._given = threads
        self._own = own
        self._hired: dict[int, _Hired] = {}
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="ramba-watch", daemon=True).start()

    def threads(self, number: int) -> int:
        """Of a worker."""
        return self._seats[number].threads

    def choose(self, workers: int | None, held: Sequence[int]) -> tuple[list[int], list[int]]:
        """Deals them out to the nodes that there are by now: who is on one that gets as many stays."""
        seats = find(workers, self._given, wait=self._own is None)
        self.spread = self.spread or is_spread(seats)
        kept = []
        for number in held:
            seat = next((seat for seat in seats if seat.node == self._seats[number].node), None)
            if seat is not None:
                seats.remove(seat)
                self._seats[number] = seat
                kept.append(number)
        added = list(range(self._next, self._next + len(seats)))
        self._next += len(seats)
        self._seats |= zip(added, seats, strict=True)
        return kept, added

    def start(self, numbers: Iterable[int], died: Died) -> None:
        """Starts actors; one whose node is gone runs on another."""
        there = {node["NodeID"] for node in nodes() if not self._hired or reachable(node)}
        for number in numbers:
            seat = self._seats[number]
            if seat.node is not None and seat.node not in there:
                seat = self._seats[number] = Seat(min(there, default=None), seat.threads)
            self._hired[number] = _Hired(number, seat, died)

    def ask(self, questions: dict[int, bytes], patience: float) -> dict[int, bytes]:
        """Each worker's answer."""
        asked = {self._hired[number].actor.answer.remote(question): number for number, question in questions.items()}
        answers: dict[int, bytes] = {}
        deadline = time.monotonic() + patience
        while asked and (left := deadline - time.monotonic()) > 0 and not self._broken():
            done, _ = ray.wait(list(asked), num_returns=1, timeout=min(left, _LOOK))
            for future in done:
                number = asked.pop(future)
                try:
                    answers[number] = ray.get(future)
                except ray.exceptions.RayError as problem:
                    self._hired[number].end(problem)
                    return answers
                self._note(self._hired[number])
        return answers

    def kill(self, number: int) -> None:
        """Ends a worker; a stopped one needs more than Ray does, and that can be done on this host."""
        hired = self._hired.pop(number, None)
        if hired is None:
            return
        hired.expected = True
        if hired.named is None:
            self._note(hired)
        with contextlib.suppress(Exception):
            ray.kill(hired.actor)
        if hired.named is not None and not hired.fate:
            _end(*hired.named)

    def about(self, number: int) -> tuple[int, str]:
        """Process and host."""
        hired = self._hired.get(number)
        pid, name, _ = _place(hired) if hired is not None else (0, "", "")
        return pid, name or "a node of the Ray cluster"

    def fate(self, number: int) -> str | None:
        """How a worker ended."""
        hired = self._hired.get(number)
        if hired is None:
            return None
        if hired.fate is None and (server := self._broken()):
            return f"the {server} of its Ray cluster has ended"
        if hired.fate is None and not _place(hired)[0]:
            return "Ray has not started it"
        return hired.fate

    def close(self) -> None:
        """Ends all actors, and the cluster if it is ours."""
        self._over.set()
        watches = {hired.watch: number for number, hired in self._hired.items()}
        for hired in self._hired.values():
            hired.expected = True
        with contextlib.suppress(Exception):
            gone, _ = ray.wait(list(watches), num_returns=len(watches), timeout=_FAREWELL)
            for watch in gone:
                self._hired.pop(watches[watch])
        for number in list(self._hired):
            self.kill(number)
        if self._own is not None:
            self._own.close()

    def _watch(self) -> None:
        """The life of a thread: waits for the end of any actor."""
        while not self._over.is_set():
            hired = {each.watch: each for each in list(self._hired.values()) if each.fate is None}
            if not hired:
                time.sleep(0.05)
                continue
            try:
                done, _ = ray.wait(list(hired), num_returns=1, timeout=_LOOK)
                for future in done:
                    fate = (each := hired[future]).end(_outcome(future))
                    if not each.expected:
                        each.died(each.number, fate)
            except Exception:  # Ray is being shut down
                time.sleep(_LOOK)

    def _broken(self) -> str | None:
        """What our own cluster cannot do without, and has lost."""
        return self._own.broken() if self._own is not None else None

    def _note(self, hired: _Hired) -> None:
        """What must be known of a worker before it ends."""
        pid, _, identity = _place(hired)
        start = reaper.started(pid) if pid and identity == host.identity() else None
        if start is not None:
            hired.named = pid, start
            hired.kills = host.MemoryKills(pid)
            if self._own is not None:
                self._own.name([hired.named])


def _join_cluster(processors: int) -> PrivateRay | None:
    """Makes sure that there is a Ray cluster; gives it if it is our own."""
    if ray.is_initialized():
        return None
    address = config.current().ray_address or os.environ.get("RAY_ADDRESS")
    if not address or address == "local":
        return PrivateRay(max(processors, machine.processors()))
    _join_cluster_at(address)
    return None


def _join_cluster_at(address: str) -> None:
    """Joins a cluster that others have started."""
    if address.startswith("ray://"):
        allowed = "the address of a cluster that this machine is a node of, or auto; run the driver on the cluster"
        raise ConfigError("ray_address", address, allowed, "the settings or RAY_ADDRESS")
    try:
        ray.init(address=address, log_to_driver=False, logging_level=log_level(), **redis_password())
    except (ConnectionError, RuntimeError, ValueError) as problem:
        hint = "Is this machine a node of that cluster, and does RAY_AUTH_TOKEN_PATH name its token, if it has one?"
        raise ConnectionError(f"Ray at {address} cannot be joined: {problem} {hint}") from problem
    _judge(ray.util.get_node_ip_address())


def _judge(address: str) -> None:
    """Warns where everybody on the network may start programs on the cluster."""
    protected = os.environ.get("RAY_AUTH_MODE") == "token" or os.environ.get("RAY_USE_TLS") == "1"
    with contextlib.suppress(ValueError):
        protected = protected or ipaddress.ip_address(address).is_loopback
    if not protected:
        text = "This Ray cluster asks for no token: whoever reaches its ports can run programs on it."
        warn(text + " RAY_AUTH_MODE=token protects it.", SecurityWarning)


def _place(hired: _Hired) -> tuple[int, str, str]:
    """Where an actor runs, if it has started."""
    try:
        place: tuple[int, str, str] = ray.get(hired.place, timeout=0.2)
    except ray.exceptions.RayError:  # a timeout is one, too
        return 0, "", ""
    return place


def _outcome(future: ray.ObjectRef[Any]) -> Exception | None:
    """What Ray raises for it."""
    try:
        ray.get(future)
    except ray.exceptions.RayError as problem:
        return problem
    return None


def _end(pid: int, start: str) -> None:
    """Sees to it that a process of this host is gone: a stopped one does not do what Ray says."""
    deadline = time.monotonic() + _OBEDIENCE
    while reaper.started(pid) == start:
        if time.monotonic() > deadline:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.01)


def _reason(problem: Exception) -> str:
    """What Ray says about the end of an actor, in one line."""
    text = " ".join(str(problem).split())
    told = text.partition("Worker exit detail:")[2] or text
    return f"its process ended (Ray: {told.partition('Some common causes')[0].strip().rstrip('.')[:200]})"
