"""Which rank was lost first, however late the process that watches them is woken; and which hosts are missed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from ramba.runtime.mpi import watcher
from ramba.runtime.mpi.watcher import Address, Kind, Signs

RANK = "import os; reading, writing = os.pipe(); print(reading, flush=True); input()"


def a_rank() -> tuple[subprocess.Popen[str], int]:
    """A process with a life line, and that line's number there."""
    process = subprocess.Popen([sys.executable, "-c", RANK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system cannot watch processes")
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_the_first_that_was_lost_is_named(order: tuple[int, ...]) -> None:
    ranks = [a_rank() for _ in order]
    command = [sys.executable, watcher.__file__]
    orders = {"ranks": [(rank, process.pid, line) for rank, (process, line) in enumerate(ranks)], "hosts": None}
    watch = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watch.stdout is not None
    assert watch.stdin is not None
    watch.stdin.write(json.dumps(orders) + "\n")
    watch.stdin.flush()
    watch.stdout.readline()
    watch.send_signal(signal.SIGSTOP)
    for rank in order:
        ranks[rank][0].kill()
        ranks[rank][0].wait()
    watch.send_signal(signal.SIGCONT)
    news = watch.communicate(timeout=10)[1]
    for process, _ in ranks:
        process.communicate()
    assert f"rank {order[0]} (process {ranks[order[0]][0].pid})" in news
    assert " or " not in news


KEY = "00" * 16


class Wire:
    """Hosts that send each other signs, and a clock that is set."""

    def __init__(self, hosts: int, silence: float = 5.0) -> None:
        self.now = 0.0
        self.cut: set[int] = set()
        self.copies: list[tuple[int, bytes]] = []
        self.ends = [
            Signs(
                {
                    "here": here,
                    "names": [f"h{host}" for host in range(hosts)],
                    "key": KEY,
                    "first": [("127.9.9.9", 1), ("first", 1)],
                    "sockets": [],
                    "silence": silence,
                },
                lambda message, to, here=here: self.send(here, message, to),  # type: ignore[misc]
                lambda: self.now,
            )
            for here in range(hosts)
        ]

    def send(self, here: int, message: bytes, to: Address) -> None:
        """Only what goes to a host arrives."""
        there = {"first": 0, "127.9.9.9": -1}.get(to[1], to[2])
        self.copies.append((there, message))
        if there >= 0 and not {here, there} & self.cut:
            self.ends[there].hear(message, (0, "first", 1) if here == 0 else (0, "other", here))

    def run(self, seconds: int, asleep: int = -1) -> dict[int, list[int]]:
        """Whom each host missed; one of them may not run."""
        missed: dict[int, list[int]] = {}
        for _ in range(seconds):
            self.now += 1.0
            for here, end in enumerate(self.ends):
                if here != asleep and (lost := end.turn()):
                    missed.setdefault(here, lost)
        return missed


def test_hosts_that_send_signs_are_not_missed() -> None:
    wire = Wire(3)
    assert wire.run(100) == {}
    assert wire.ends[0].never_heard() == []


def test_a_host_that_is_cut_off_is_missed_by_the_first_one_and_misses_that() -> None:
    wire = Wire(3)
    wire.run(3)
    wire.cut = {2}
    assert wire.run(5) == {}
    assert wire.run(2) == {0: [2], 2: [0]}
    assert wire.ends[0].named([2]) == "host h2"


def test_a_host_that_is_back_in_time_is_not_missed() -> None:
    wire = Wire(3)
    for _ in range(5):
        wire.cut = {1}
        assert wire.run(4) == {}
        wire.cut = set()
        assert wire.run(2) == {}


@pytest.mark.parametrize("asleep", [0, 1])
def test_who_did_not_run_misses_nobody(asleep: int) -> None:
    """A machine that was frozen finds old signs only."""
    wire = Wire(2, silence=50.0)
    wire.run(3)
    wire.run(40, asleep)
    wire.cut = {0, 1}
    assert asleep not in wire.run(20)
    assert asleep in wire.run(40)


def test_who_said_goodbye_is_not_missed() -> None:
    wire = Wire(3)
    wire.run(3)
    wire.ends[1].say(Kind.BYE)
    wire.cut = {1}
    assert 0 not in wire.run(20)


def test_a_host_that_was_never_heard_is_told_once_and_not_missed() -> None:
    wire = Wire(3)
    wire.cut = {1}
    assert wire.run(20) == {}
    assert wire.ends[0].never_heard() == [1]
    assert wire.ends[0].never_heard() == []
    assert wire.ends[1].never_heard() == []


def test_the_end_of_the_job_is_heard_of_the_first_host_alone() -> None:
    wire = Wire(3)
    wire.run(2)
    wire.ends[1].say(Kind.END)
    assert not wire.ends[0].ended
    wire.ends[0].say(Kind.END)
    assert [end.ended for end in wire.ends] == [False, True, True]


@pytest.mark.parametrize("harm", [lambda sign: sign[:-1] + b"\xff", lambda sign: b"", lambda sign: sign * 2])
def test_what_does_not_prove_the_key_is_no_sign(harm: Callable[[bytes], bytes]) -> None:
    wire = Wire(2)
    wire.run(2)
    wire.cut = {1}
    old = [message for there, message in wire.copies if there == 0]
    for _ in range(7):
        for message in old:
            wire.ends[0].hear(harm(message), (0, "other", 1))
        missed = wire.run(1)
    assert missed == {0: [1], 1: [0]}


def test_a_copy_of_a_sign_is_none() -> None:
    wire = Wire(2)
    wire.run(2)
    wire.cut = {1}
    old = [message for there, message in wire.copies if there == 0]
    missed: dict[int, list[int]] = {}
    for _ in range(7):
        for message in old:
            wire.ends[0].hear(message, (0, "other", 1))
        missed = wire.run(1)
    assert 0 in missed
