"""Hosts with a real network in between: slow, ten times slower in the middle, cut off, and back again (F10, F11)."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys
import time
from collections.abc import Iterator
from subprocess import Popen
from typing import NamedTuple

import psutil
import pytest

from benchmarks.network.hosts import Host, Link, Network, missing, network
from benchmarks.network.jobs import mpi_job, ray_cluster
from benchmarks.network.links import measured
from ramba.runtime.mpi import watcher
from tests.fault.mpi_jobs import needs_mpi

pytestmark = [
    pytest.mark.fault,
    pytest.mark.one_process,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing("tc")), reason=missing("tc")),
]

LINK = Link(200e6, 0.5e-3)
SLOW = Link(20e6, 0.5e-3)
SILENCE = 6  # s without a sign of life after which a job ends

# "turn": a round of work, its seconds; "long": a loop in place that is looked at
PROGRAM = """
import sys, time, warnings
import numpy
import ramba as np
from ramba.errors import WorkerReplacedWarning

def say(*words):
    print(*words, flush=True)

values = numpy.arange(300 * 400.0).reshape(300, 400) / 8
held = np.array(values)

def turn():
    for _ in range(5):
        assert (numpy.asarray(held.T.copy()) == values.T).all()
        assert (numpy.asarray(held[2:] - held[:-2]) == values[2:] - values[:-2]).all()
        assert float((held * 2).sum()) == (values * 2).sum()
        assert (numpy.asarray(np.sort(held.reshape(-1) % 1000)) == numpy.sort(values.reshape(-1) % 1000)).all()
        assert (numpy.asarray(held @ held.T) == values @ values.T).all()

def steps(np, until):
    a = np.array(values)
    begin = time.monotonic()
    while (time.monotonic() < begin + until) if until < 1000 else (len(sums) < until - 1000):
        for _ in range(5):
            a[1:-1, 1:-1] = a[1:-1, 1:-1] * 0.5 + (a[2:, 1:-1] + a[:-2, 1:-1]) * 0.125 + a[1:-1, 2:] * 0.25
        sums.append(float(a[0].sum()))
    return numpy.asarray(a)

turn()
say("ready")
for line in sys.stdin:
    begin = time.monotonic()
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        if line.strip() == "turn":
            turn()
        else:
            sums = []
            found, count = steps(np, float(line.split()[1])), len(sums)
            sums = []
            assert (found == steps(numpy, 1000 + count)).all()
    replaced = [warning for warning in met if warning.category is WorkerReplacedWarning]
    assert len(replaced) == len(met), [str(warning.message) for warning in met]
    say("done", time.monotonic() - begin, len(replaced))
"""


class Program:
    """That one, at work on the hosts."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        self._line("ready")

    def begin(self, words: str) -> None:
        """Has it do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()

    def end(self) -> tuple[float, int]:
        """How long it took, and how many losses were told; all values were NumPy's."""
        seconds, replaced = self._line("done")
        return float(seconds), int(replaced)

    def turn(self) -> float:
        """Seconds of a round of work, in which nobody is lost."""
        self.begin("turn")
        seconds, replaced = self.end()
        assert not replaced
        return seconds

    def died(self, seconds: float) -> tuple[int, str]:
        """Its status and what it said, if it does not take longer to end."""
        _, said = self._process.communicate(timeout=seconds)
        return self._process.returncode, said

    def _line(self, word: str) -> list[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(word):
                return line.split()[1:]
        assert self._process.stderr is not None
        raise AssertionError(self._process.stderr.read())


class OnHosts(NamedTuple):
    """The hosts, and the program."""

    network: Network
    program: Program

    def is_slowed(self) -> None:
        """One link is ten times slower from the middle on, then as it was."""
        right = self.network.hosts[-1]
        before = min(self.program.turn() for _ in range(2))
        self.network.switch.shape(right, SLOW)
        assert self.program.turn() > 1.5 * before  # so it was used
        self.program.begin("turn")
        time.sleep(before)
        self.network.switch.shape(right, LINK)
        assert self.program.end()[1] == 0
        self.program.turn()


@contextlib.contextmanager
def hosts(link: Link = LINK) -> Iterator[Network]:
    """Three of them."""
    try:
        with network("head", "left", "right", link=link) as made:
            yield made
    except OSError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def on_ray() -> Iterator[OnHosts]:
    """The program on a cluster, where losses are made good."""
    pytest.importorskip("ray")
    pytest.importorskip("zmq")
    with hosts() as made, ray_cluster(made.hosts) as environment:
        process = made.hosts[0].start(sys.executable, "-c", PROGRAM, environment=environment)
        try:
            yield OnHosts(made, Program(process))
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def on_mpi(place: pathlib.Path) -> Iterator[OnHosts]:
    """The program under mpiexec."""
    script = place / "program.py"
    script.write_text(PROGRAM)
    environment = {"RAMBA_MPI_HEARTBEAT_TIMEOUT": str(SILENCE)}
    with hosts() as made, mpi_job(made.hosts, sys.executable, str(script), environment=environment) as process:
        yield OnHosts(made, Program(process))


@pytest.mark.parametrize("delay", [0.5e-3, pytest.param(0.0, marks=pytest.mark.repeats)])
def test_links_are_as_they_are_told_to_be(delay: float) -> None:
    """With a delay and without one; they change at once, and only those that are told to."""
    slow, fast = SLOW._replace(delay=delay), LINK._replace(delay=delay)
    with hosts(fast) as made:
        first, second, third = made.hosts
        found = measured(first, second, 2_000_000)
        assert 4 * delay <= found.round_trip < 4 * delay + 20e-3  # other work on this machine may come in between
        assert 10e6 < found.bandwidth < 1.1 * fast.rate / 8
        made.switch.shape(second, slow)
        assert 1e6 < measured(first, second, 500_000).bandwidth < 1.1 * slow.rate / 8
        assert measured(first, third, 500_000).bandwidth > 2 * slow.rate / 8
        made.switch.cut(third)
        with pytest.raises(AssertionError, match="timed out"):
            measured(first, third, 1)
        made.switch.join(third)
        measured(first, third, 1)


@needs_mpi
@pytest.mark.slow
def test_a_host_of_a_job_is_slow(on_mpi: OnHosts) -> None:
    on_mpi.is_slowed()


@needs_mpi
@pytest.mark.slow
def test_a_host_of_a_job_is_away_for_a_while(on_mpi: OnHosts) -> None:
    """MPI waits for it: nothing is lost that TCP repeats."""
    right = on_mpi.network.hosts[-1]
    on_mpi.program.begin("turn")
    on_mpi.network.switch.cut(right)
    time.sleep(4)
    on_mpi.network.switch.join(right)
    assert on_mpi.program.end()[0] > 4
    on_mpi.program.turn()


@needs_mpi
@pytest.mark.slow
@pytest.mark.parametrize("which", [2, 0])
def test_a_host_of_a_job_is_cut_off(on_mpi: OnHosts, place: pathlib.Path, which: int) -> None:
    """The job ends on both sides, and says why in one sentence."""
    lost = on_mpi.network.hosts[which]
    others = [host.name for host in on_mpi.network.hosts[1:]]
    script = str(place / "program.py")
    launcher, *ranks = sorted(processes(script), key=lambda each: each.pid)
    assert len(ranks) == 4
    shell = launcher.cmdline()[launcher.cmdline().index("-launcher-exec") + 1]
    assert len(processes(shell)) == 1 + 3 + 2 * 3  # its parts on each host, two of them by a shell
    on_mpi.program.begin("long 60")
    time.sleep(1)
    on_mpi.network.switch.cut(lost)
    status, said = on_mpi.program.died(SILENCE + 8)
    assert status != 0
    whom = "hosts " + ", ".join(others) if which == 0 else f"host {lost.name}"  # nobody is heard where the driver is
    assert [line for line in said.splitlines() if line.startswith("ramba:")] == [
        f"ramba: nothing was heard of {whom} for {SILENCE} s; the job ends."
    ]
    deadline = time.monotonic() + 12
    while (left := processes(script, shell, watcher.__file__)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


@needs_mpi
@pytest.mark.slow
def test_a_rank_that_is_stopped_is_waited_for(on_mpi: OnHosts, place: pathlib.Path) -> None:
    """By a debugger, or in a call that does not let others run: hosts are watched, not what ranks do."""
    right = on_mpi.network.hosts[-1]
    rank = next(each for each in processes(str(place / "program.py")) if on_host(each, right))
    on_mpi.program.begin("turn")
    rank.suspend()
    time.sleep(SILENCE + 3)
    rank.resume()
    assert on_mpi.program.end()[0] > SILENCE
    on_mpi.program.turn()


def processes(*words: str) -> list[psutil.Process]:
    """Those that have one of these words in their command, on any host."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and any(word in " ".join(process.cmdline()) for word in words):
                found.append(process)
    return found


def on_host(process: psutil.Process, host: Host) -> bool:
    """Whether a process runs there."""
    return os.readlink(f"/proc/{process.pid}/ns/net") == os.readlink(f"/proc/{host.pid}/ns/net")


@pytest.mark.slow
def test_a_node_is_slow(on_ray: OnHosts) -> None:
    """It is waited for: nobody is given up."""
    on_ray.is_slowed()


@pytest.mark.slow
def test_a_node_is_away_for_a_moment(on_ray: OnHosts) -> None:
    """Shorter than a heartbeat is missed for: TCP repeats what was on its way."""
    right = on_ray.network.hosts[-1]
    on_ray.program.begin("long 4")
    time.sleep(1)
    on_ray.network.switch.cut(right)
    time.sleep(1.5)
    on_ray.network.switch.join(right)
    assert on_ray.program.end()[1] == 0


@pytest.mark.slow
def test_a_node_is_cut_off_and_comes_back(on_ray: OnHosts) -> None:
    """A loop in place goes on with the same bits, and says so once; a node that is back disturbs nobody."""
    right = on_ray.network.hosts[-1]
    on_ray.program.begin("long 4")
    time.sleep(1)
    on_ray.network.switch.cut(right)
    seconds, replaced = on_ray.program.end()
    assert replaced == 1
    assert seconds < 4 + 15 + 20  # until it is noticed, and until there is another group
    on_ray.program.turn()
    on_ray.network.switch.join(right)
    on_ray.program.begin("long 4")
    assert on_ray.program.end()[1] == 0
    on_ray.program.turn()
