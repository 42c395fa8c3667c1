"""A Ray cluster that grows and shrinks while two programs run on it: hosts are namespaces of this machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.network.hosts import Host, missing, network
from benchmarks.network.jobs import join, ray_cluster
from tests.fault.test_hosts import read, tell

pytest.importorskip("ray")
pytest.importorskip("zmq")

pytestmark = [
    pytest.mark.fault,
    pytest.mark.one_process,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

PROGRAM = """
import logging, sys, time
import numpy
import ramba as np
from ramba.engine import ENGINE

def say(*words):
    print(*words, flush=True)

def members():
    return [facts.host for facts in ENGINE.backend.link.members]

def right():
    assert (numpy.asarray(turned + 0) == values.T).all()
    assert float((held + 0).sum()) == 300_000 * 299_999

values = numpy.arange(300 * 400.0).reshape(300, 400) / 8
turned = np.array(values).T
held = np.arange(300_000) * 2.0
np.sync()
say("members", *members())
sys.stdin.readline()                                # meanwhile a host joins
right()
say("before", *members())                           # it is not used
assert np.resize(workers=None) == 2
say("members", *members())
right()
sys.stdin.readline()
begin = time.monotonic()
with np.config.set(ray_wait=1):
    try:
        np.resize(workers=4)
    except RuntimeError as problem:
        say("refused", time.monotonic() - begin, problem)
right()
if sys.argv[1:] == ["first"]:
    say("waiting")
    with np.config.set(ray_wait=60):
        say("found", np.resize(workers=3), *members())
    right()
    sys.stdin.readline()                            # meanwhile that host is gone
    right()
    say("members", *members())
    assert np.resize(workers=1) == 1
    right()
    say("members", *members())
else:
    sys.stdin.readline()
    right()
    say("members", *members())
"""


def test_hosts_that_join_are_used_and_those_that_leave_are_a_loss() -> None:
    try:
        with network("head", "left", "right") as made, ray_cluster(made.hosts[:1]) as environment:
            story(*made.hosts, {**environment, "RAMBA_BACKEND": "ray", "RAMBA_NUM_THREADS": "1"})
    except OSError as problem:
        pytest.skip(str(problem))


def story(head: Host, left: Host, right: Host, environment: dict[str, str]) -> None:
    """Two programs, of which one is asked for more than there is until there is more."""
    programs = [head.start(sys.executable, "-c", PROGRAM, name, environment=environment) for name in ("first", "other")]
    try:
        for program in programs:
            assert read(program, "members") == ["head"]
        join(head, left, environment)
        for program in programs:
            tell(program)
            assert read(program, "before") == ["head"]
            assert read(program, "members") == ["head", "left"]
        for program in programs:
            tell(program)
            seconds, *text = read(program, "refused")
            assert 1 <= float(seconds) < 15
            assert "4 workers of 1 threads were asked for, and the Ray cluster has 2 processors" in " ".join(text)
        waits, other = programs
        read(waits, "waiting")
        join(head, right, environment)
        assert read(waits, "found") == ["3", "head", "left", "right"]
        right.end()
        tell(waits)
        members = read(waits, "members")
        assert len(members) == 3
        assert "right" not in members
        assert read(waits, "members") in (["head"], ["left"])
        tell(other)
        assert read(other, "members") == ["head", "left"]  # what happened to the first one is nothing to it
        for program in programs:
            assert program.wait(30) == 0
        assert "waiting for more" in communicated(waits)
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def communicated(program: subprocess.Popen[str]) -> str:
    """What it said on stderr."""
    return program.communicate()[1]
