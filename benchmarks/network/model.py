"""The model of docs/scale.md for the programs on these hosts, and what it says if messages overlap."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.network.hosts import Link
from benchmarks.network.programs import Program
from benchmarks.scale_group import path
from benchmarks.scale_model import LATENCY, NETWORK, WIRE, on_the_way

LINKS = {  # the delays are those between two hosts, each of which has such a link
    "20 Mbit/s, 5 ms": Link(20e6, 2.5e-3),
    "100 Mbit/s, 1 ms": Link(100e6, 0.5e-3),
    "1 Gbit/s, 0.2 ms": Link(1e9, 0.1e-3),
}


class Modelled(NamedTuple):
    """An iteration, as far as it can be known before."""

    messages_due: float  # of the busiest worker
    bytes_due: float
    kernels: float  # seconds
    serial: float  # seconds of an iteration: the model of docs/scale.md
    overlapping: float  # if the messages of a round travel together, and commands ahead of the work


class Record(NamedTuple):
    """A program on some hosts."""

    system: str
    hosts: int
    link: str
    program: str
    messages: float  # of the busiest worker to others, in an iteration
    nbytes: float
    wire: float  # bytes that the busiest host sent, with all headers
    seconds: float  # of an iteration
    messages_due: float
    bytes_due: float
    kernels: float
    serial: float
    overlapping: float


def modelled(program: Program, workers: int, link: Link, kernels: float, driver: float) -> Modelled:
    """What is due on so many hosts.

    Parameters
    ----------
    kernels, driver
        Seconds of an iteration.
    """
    messages, nbytes = program.sent(program.n, workers)
    network = link.rate / 8 * NETWORK / WIRE
    latency = 2 * link.delay + LATENCY
    serial = kernels + driver + on_the_way(nbytes, messages + path(workers), network, latency)
    hops = path(workers) + 1 if program.looks else 0  # a command, and the answer
    overlapping = kernels + driver + on_the_way(nbytes, program.rounds + hops, network, latency)
    return Modelled(messages, nbytes, kernels, serial, overlapping)
