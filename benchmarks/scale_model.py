"""A model of the PRK star stencil on a small cluster, beside what was published for it. Nothing here is measured.

Time of an iteration on each node = max(bytes / bandwidth, operations / peak) + halo / network + messages * latency
+ the driver's time. Nothing overlaps, and nobody waits for a slower node.
"""

from __future__ import annotations

from typing import NamedTuple

SIDE, RADIUS = 30_000, 2  # of the published runs, in single precision
POINTS = (SIDE - 2 * RADIUS) ** 2
FLOPS = 19  # for each point, as the Parallel Research Kernels count them: nine weights times two, and one
CORES = 36  # of a node: two Xeon E5-2699 v3, as published
CLOCK = 2.3e9  # Hz, nominal, as published
FLOPS_PER_CYCLE = 32  # of a Haswell core in single precision: two fused multiply-adds on eight lanes
WIRE = 1.25e9  # bytes/s of 10 Gb Ethernet
NETWORK = 1.1e9  # of them that it carries: headers take the rest
LATENCY = 50e-6  # seconds of a message: an assumption; ZeroMQ over the loopback takes 43 us one way on our machine

# MFlop/s of 1, 2, 3, 4 such nodes, from the prototype's README (averages of five runs)
PUBLISHED: dict[str, tuple[float, ...]] = {
    "C/MPI": (52_308, 104_695, 151_327, 201_156),
    "old prototype": (49_748, 97_619, 138_725, 172_050),
    "Dask": (4_746, 6_995, 9_040, 9_563),
    "NumS": (995, 1_843, 2_376, 1_333),
    "Numba": (41_172,),
    "NumPy": (453,),
}
NODES = (1, 2, 3, 4)
C_SECONDS = FLOPS * POINTS / (PUBLISHED["C/MPI"][0] * 1e6)  # of an iteration of the C program on one node


class Modelled(NamedTuple):
    """One iteration on some nodes."""

    nodes: int
    kernels: float  # seconds
    network: float
    driver: float
    mflops: float

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.kernels + self.network + self.driver


def modelled(nodes: int, bytes_of_one: int, nbytes: int, halo: int, messages: int, driver: float) -> Modelled:
    """The model on some nodes.

    Parameters
    ----------
    bytes_of_one
        What the kernels move in one iteration if one node does everything. The bandwidth of a node is what makes this
        take as long as the published C program takes there: it is calibrated, not known.
    nbytes, halo, messages
        Of the busiest node: what its kernels move, and what it sends; the hops of a command count as messages.
    driver
        Seconds of the driver for each iteration.
    """
    bandwidth = bytes_of_one / C_SECONDS
    kernels = max(nbytes / bandwidth, FLOPS * POINTS / nodes / (CORES * CLOCK * FLOPS_PER_CYCLE))
    network = on_the_way(halo, messages)
    return Modelled(nodes, kernels, network, driver, FLOPS * POINTS / (kernels + network + driver) / 1e6)


def on_the_way(nbytes: float, messages: float, network: float = NETWORK, latency: float = LATENCY) -> float:
    """Seconds of what the busiest node sends: one message after the other."""
    return nbytes / network + messages * latency


def table(found: list[Modelled]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns and lines of a table: the model, its parts, and the published figures."""
    columns = ("MFlop/s", *(f"{one.nodes} node{'s' if one.nodes > 1 else ''}" for one in found))
    lines = [("Ramba, modelled", *(f"{one.mflops:,.0f}" for one in found))]
    for title, name in (("kernels", "kernels"), ("halo and latency", "network"), ("driver", "driver")):
        lines.append((f"  its {title}, ms", *(f"{getattr(one, name) * 1e3:.2f}" for one in found)))
    for name, values in PUBLISHED.items():
        cells = [f"{value:,}" for value in values] + [""] * (len(found) - len(values))
        lines.append((f"{name}, published", *cells[: len(found)]))
    return columns, lines
