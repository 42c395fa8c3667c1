"""Where workers run on a Ray cluster: dealt out to the nodes that there are, or awaited if there are too few."""

from __future__ import annotations

import contextlib
import itertools
import logging
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import ray

from ramba import config, events

_ANSWER = 2.0  # s that a node may take to answer
_LOOK = 0.5  # s between two looks at the nodes
_QUIET = 2.0  # s of waiting before anybody is told

log = logging.getLogger("ramba.ray")


class Seat(NamedTuple):
    """Where a worker is to run."""

    node: str | None  # None: anywhere
    threads: int


def nodes() -> list[dict[str, Any]]:
    """Nodes that can run workers, in the same order every time."""
    found = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
    return sorted(found, key=lambda node: (node["NodeManagerAddress"], node["NodeID"]))


def reachable(node: dict[str, Any]) -> bool:
    """Whether a node can be reached: Ray itself takes half a minute to find out that it cannot."""
    try:
        socket.create_connection((node["NodeManagerAddress"], node["NodeManagerPort"]), _ANSWER).close()
    except OSError:
        return False
    return True


def is_spread(seats: list[Seat]) -> bool:
    """Whether workers are, or may come to be, on other hosts."""
    me = ray.get_runtime_context().get_node_id()
    return any(seat.node not in (None, me) for seat in seats) or len(nodes()) > 1


def find(workers: int | None, threads: int | None, wait: bool) -> list[Seat]:
    """Where workers run: as many as wanted, dealt out to the nodes; by default one on each.

    If all nodes together have fewer processors than threads are wanted, others are waited for, or not.

    Raises
    ------
    RuntimeError
        If there are still too few after `ray_wait` seconds.
    """
    there = _present()
    if wait and _lacking(there, workers, threads):
        with _told(workers or 1):
            there = _awaited(workers, threads)
    if not there:
        raise RuntimeError("No node of the Ray cluster has a processor to offer.")
    return _dealt(there, workers, threads)


def _present() -> list[dict[str, Any]]:
    """Nodes that can be reached."""
    return list(filter(reachable, nodes()))


def _lacking(there: list[dict[str, Any]], workers: int | None, threads: int | None) -> str:
    """What is wanted and what there is, if that is too little."""
    wanted = (workers or 1) * (threads or 1)
    has = sum(int(node["Resources"]["CPU"]) for node in there)
    if has >= wanted:
        return ""
    return f"{workers or 1} workers of {threads or 1} threads were asked for, and the Ray cluster has {has} processors"


def _awaited(workers: int | None, threads: int | None) -> list[dict[str, Any]]:
    """The nodes, when there are enough."""
    begin, patience, told = time.monotonic(), config.current().ray_wait, False
    while lacking := _lacking(there := _present(), workers, threads):
        waited = time.monotonic() - begin
        if waited >= patience:
            raise RuntimeError(f"{lacking}, after {patience:.0f} s of waiting (ray_wait).")
        if not told and waited >= min(_QUIET, patience / 2):
            told = True
            log.warning("%s: waiting for more, %.0f s at most (ray_wait).", lacking, patience)
        time.sleep(min(_LOOK, patience / 4))
    return there


@contextlib.contextmanager
def _told(workers: int) -> Iterator[None]:
    """Who shows what is waited for knows it."""
    begin = time.monotonic()
    if events.listeners:
        events.tell(events.Asking(workers))
    try:
        yield
    finally:
        if events.listeners:
            events.tell(events.Asked(workers, time.monotonic() - begin))


def _dealt(there: list[dict[str, Any]], workers: int | None, threads: int | None) -> list[Seat]:
    """Seats on nodes."""
    dealt = [1 if workers is None else 0] * len(there)
    # one after the other to the node that has most processors left for each of its workers
    for _ in range(workers or 0):
        best = max(range(len(there)), key=lambda i: (there[i]["Resources"]["CPU"] / (dealt[i] + 1), -i))
        dealt[best] += 1
    seats = []
    for node, here in zip(there, dealt, strict=True):
        each = threads or max(1, int(node["Resources"]["CPU"]) // max(here, 1))
        seats += [Seat(node["NodeID"], each)] * here
    return list(itertools.islice(seats, workers))


__all__ = ["Seat", "find", "is_spread", "nodes", "reachable"]
