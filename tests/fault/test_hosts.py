"""One Ray cluster over three hosts, of which one is cut off (F4, F10): hosts are namespaces of this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from benchmarks.network.hosts import Host, Network, missing, network
from benchmarks.network.jobs import ray_cluster

pytest.importorskip("ray")
pytest.importorskip("zmq")

pytestmark = [
    pytest.mark.fault,
    pytest.mark.one_process,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing("ss")), reason=missing("ss")),
]


class Cluster(NamedTuple):
    """Hosts of a Ray cluster, and the environment of programs there."""

    network: Network
    environment: dict[str, str]


PROGRAM = """
import sys, time
import numpy
import ramba as np
from ramba.engine import ENGINE
from ramba.errors import ArrayLostError, WorkerLostError

def say(*words):
    print(*words, flush=True)

def check():
    values = numpy.arange(300 * 400.0).reshape(300, 400) / 8
    a = np.array(values)
    assert (numpy.asarray(a[1:-1, 1:-1] + a[2:, 1:-1] - a[:-2, 1:-1])
            == values[1:-1, 1:-1] + values[2:, 1:-1] - values[:-2, 1:-1]).all()
    assert (numpy.asarray(a.T.copy()) == values.T).all()
    assert (numpy.asarray(a.reshape(-1)[::-3]) == values.reshape(-1)[::-3]).all()
    assert float((a * 2).sum()) == (values * 2).sum()
    assert (numpy.asarray(a @ a.T) == values @ values.T).all()

def members():
    return ENGINE.backend.link.members

check()
held = np.arange(300_000) * 2.0
np.sync()
say("members", *(facts.host for facts in members()))
say("endpoints", *(peer.remote for peer in ENGINE.backend.link.transport.newest.peers))
sys.stdin.readline()                                    # meanwhile a link goes down
begin = time.monotonic()
try:
    while True:
        a = np.arange(400 * 300.0).reshape(400, 300).T.copy() + 1
        a.sum().item()
        begin = time.monotonic()
except WorkerLostError as problem:
    say("lost", problem.host, time.monotonic() - begin, problem.reason, *getattr(problem, "__notes__", []))
try:
    held.sum().item()
except ArrayLostError as problem:
    say("array", problem)
for _ in range(2):
    sys.stdin.readline()                                # the second time, the link is there again
    begin = time.monotonic()
    check()
    say("works", time.monotonic() - begin, *(facts.host for facts in members()))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A head and two nodes, each with one processor."""
    try:
        with network("head", "left", "right") as made, ray_cluster(made.hosts) as environment:
            # a loss is told: nothing is computed again
            yield Cluster(made, {**environment, "RAMBA_RESILIENCE": "none"})
    except OSError as problem:
        pytest.skip(str(problem))


def sockets(host: Host, which: str) -> list[str]:
    """Addresses of TCP sockets on a host, of which `ss` shows these."""
    return [here for here, _ in pairs(host, which)]


def pairs(host: Host, which: str = "-tn") -> list[tuple[str, str]]:
    """Both ends of TCP connections."""
    return [tuple(line.split()[3:5]) for line in host.net("ss", "-H", which).splitlines()]  # type: ignore[misc]


GREET = """
import socket, sys
address, _, port = sys.argv[1].removeprefix("tcp://").rpartition(":")
with socket.create_connection((address, int(port)), 5) as peer:
    peer.sendall(b"\\xff" + bytes(8) + b"\\x7f\\x03\\x01NULL".ljust(54, b"\\0"))
    seen = b""
    while len(seen) < 32:
        seen += peer.recv(64)
    print(seen[12:32].rstrip(b"\\0").decode())
"""


def mechanism(host: Host, endpoint: str) -> str:
    """How a ZeroMQ socket wants others to prove who they are: it says so in its greeting."""
    return host.run(sys.executable, "-c", GREET, endpoint, environment={}).strip()


def read(process: subprocess.Popen[str], word: str) -> list[str]:
    """The program's next line, which begins with this word."""
    assert process.stdout is not None
    line = next((line for line in process.stdout if "(raylet)" not in line), "").split()
    if not line or line[0] != word:
        process.kill()
        assert process.stderr is not None
        raise AssertionError(f"{line} {process.stderr.read()}")
    return line[1:]


def test_a_host_of_three_is_cut_off(cluster: Cluster) -> None:
    """NumPy's results over CURVE on the hosts' own addresses; the loss is told in time, and work goes on."""
    head, _, right = hosts = cluster.network.hosts
    process = head.start(sys.executable, "-c", PROGRAM, environment=cluster.environment)
    try:
        assert read(process, "members") == [host.name for host in hosts]
        examine_sockets(hosts, read(process, "endpoints"))
        cluster.network.switch.cut(right)
        tell(process)
        host, seconds, *reason = read(process, "lost")
        assert host == right.name
        assert float(seconds) < 15
        assert " ".join(reason).startswith("no heartbeat for"), reason
        assert f"on {right.name})" in " ".join(read(process, "array"))
        tell(process)
        seconds, *members = read(process, "works")  # on those that are left
        assert right.name not in members
        cluster.network.switch.join(right)
        tell(process)
        read(process, "works")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def examine_sockets(hosts: list[Host], endpoints: list[str]) -> None:
    """Members listen on the addresses of their hosts only, are connected across hosts, and ask for a key."""
    ports = {}
    for endpoint, host in zip(endpoints, [*hosts, hosts[0]], strict=True):
        address, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        assert address == host.address
        assert {at for at in sockets(host, "-ltn") if at.endswith(f":{port}")} == {f"{address}:{port}"}
        ports[f"{address}:{port}"] = host.address
    _, left, right = hosts
    met = {(there.rpartition(":")[0], ports.get(here)) for host in hosts for here, there in pairs(host)}
    assert (left.address, right.address) in met or (right.address, left.address) in met
    assert all(mechanism(hosts[0], endpoint) == "CURVE" for endpoint in endpoints)


def tell(process: subprocess.Popen[str]) -> None:
    """Lets the program go on."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
