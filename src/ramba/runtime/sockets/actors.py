"""Workers as Ray actors: on the cluster that the settings or `RAY_ADDRESS` name, else on one of our own.

Ray places and starts the workers, carries questions of the group's formation to them, and tells when one is gone.
Commands and data do not go through it.
"""

from __future__ import annotations

import atexit
import contextlib
import ipaddress
import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ramba import config, machine
from ramba.errors import ConfigError, SecurityWarning, warn
from ramba.runtime import reaper
from ramba.runtime.sockets import host
from ramba.runtime.sockets.child import Child
from ramba.runtime.sockets.link import SERVICE, Died, SocketLink, close_all
from ramba.runtime.sockets.private_ray import PrivateRay, log_level, redis_password

_LOOK = 1.0  # s between two looks at the list of actors; an actor's end is told at once
_ANSWER = 2.0  # s that a node may take to answer
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
        seats = _seats(workers, threads)
        # what removes the directory of our cluster, whatever happens, removes that of the sockets too
        within = own.folder.path if own is not None else None
        return SocketLink(len(seats), lambda: Rays(seats, own), service, within=within)
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


class Seat(NamedTuple):
    """Where a worker is to run."""

    node: str | None  # None: anywhere
    threads: int


class _Hired:
    """An actor, and what was asked of it."""

    def __init__(self, seat: Seat, died: Died) -> None:
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

    def __init__(self, seats: list[Seat], own: PrivateRay | None) -> None:
        me = ray.get_runtime_context().get_node_id()
        self.spread = any(seat.node not in (None, me) for seat in seats) or len(_nodes()) > 1
        self.address: str | None = ray.util.get_node_ip_address()
        self._seats = seats
        self._own = own
        self._hired: dict[int, _Hired] = {}
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="ramba-watch", daemon=True).start()

    def threads(self, rank: int) -> int:
        """Of a worker."""
        return self._seats[rank].threads

    def start(self, ranks: Iterable[int], died: Died) -> None:
        """Starts actors; one whose node is gone runs on another."""
        nodes = {node["NodeID"] for node in _nodes() if not self._hired or _reachable(node)}
        for rank in ranks:
            seat = self._seats[rank]
            if seat.node is not None and seat.node not in nodes:
                seat = self._seats[rank] = Seat(min(nodes, default=None), seat.threads)
            self._hired[rank] = _Hired(seat, died)

    def ask(self, questions: dict[int, bytes], patience: float) -> dict[int, bytes]:
        """Each worker's answer."""
        asked = {self._hired[rank].actor.answer.remote(question): rank for rank, question in questions.items()}
        answers: dict[int, bytes] = {}
        deadline = time.monotonic() + patience
        while asked and (left := deadline - time.monotonic()) > 0 and not self._broken():
            done, _ = ray.wait(list(asked), num_returns=1, timeout=min(left, _LOOK))
            for future in done:
                rank = asked.pop(future)
                try:
                    answers[rank] = ray.get(future)
                except ray.exceptions.RayError as problem:
                    self._hired[rank].end(problem)
                    return answers
                self._note(self._hired[rank])
        return answers

    def kill(self, rank: int) -> None:
        """Ends a worker; a stopped one needs more than Ray does, and that can be done on this host."""
        hired = self._hired.pop(rank, None)
        if hired is None:
            return
        hired.expected = True
        if hired.named is None:
            self._note(hired)
        with contextlib.suppress(Exception):
            ray.kill(hired.actor)
        if hired.named is not None and not hired.fate:
            _end(*hired.named)

    def about(self, rank: int) -> tuple[int, str]:
        """Process and host."""
        hired = self._hired.get(rank)
        pid, name, _ = _place(hired) if hired is not None else (0, "", "")
        return pid, name or "a node of the Ray cluster"

    def fate(self, rank: int) -> str | None:
        """How a worker ended."""
        hired = self._hired.get(rank)
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
        watches = {hired.watch: rank for rank, hired in self._hired.items()}
        for hired in self._hired.values():
            hired.expected = True
        with contextlib.suppress(Exception):
            gone, _ = ray.wait(list(watches), num_returns=len(watches), timeout=_FAREWELL)
            for watch in gone:
                self._hired.pop(watches[watch])
        for rank in list(self._hired):
            self.kill(rank)
        if self._own is not None:
            self._own.close()

    def _watch(self) -> None:
        """The life of a thread: waits for the end of any actor."""
        while not self._over.is_set():
            hired = {each.watch: (rank, each) for rank, each in list(self._hired.items()) if each.fate is None}
            if not hired:
                time.sleep(0.05)
                continue
            try:
                done, _ = ray.wait(list(hired), num_returns=1, timeout=_LOOK)
                for future in done:
                    rank, each = hired[future]
                    fate = each.end(_outcome(future))
                    if not each.expected:
                        each.died(rank, fate)
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


def _nodes() -> list[dict[str, Any]]:
    """Nodes that can run workers, in the same order every time."""
    nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
    return sorted(nodes, key=lambda node: (node["NodeManagerAddress"], node["NodeID"]))


def _reachable(node: dict[str, Any]) -> bool:
    """Whether a node can be reached: Ray itself takes half a minute to find out that it cannot."""
    try:
        socket.create_connection((node["NodeManagerAddress"], node["NodeManagerPort"]), _ANSWER).close()
    except OSError:
        return False
    return True


def _seats(workers: int | None, threads: int | None) -> list[Seat]:
    """Where workers run: as many as wanted, dealt out to the nodes; by default one on each."""
    nodes = _nodes()
    if not nodes:
        raise RuntimeError("No node of the Ray cluster has a processor to offer.")
    count = workers or len(nodes)
    dealt = [0] * len(nodes)
    # one after the other to the node that has most processors left for each of its workers
    for _ in range(count):
        best = max(range(len(nodes)), key=lambda i: (nodes[i]["Resources"]["CPU"] / (dealt[i] + 1), -i))
        dealt[best] += 1
    if workers is None:
        dealt = [1] * len(nodes)
    seats = []
    for node, here in zip(nodes, dealt, strict=True):
        share = max(1, int(node["Resources"]["CPU"]) // max(here, 1))
        each = threads or share
        seats += [Seat(node["NodeID"], each) for _ in range(here)]
    return list(itertools.islice(seats, count))


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
