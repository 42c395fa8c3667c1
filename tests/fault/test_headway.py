"""Workers that live and do not get on are named in the log, with what they are in the middle of; nobody is given up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip("zmq")

from ramba.errors import ProtocolError
from ramba.runtime.sockets import headway
from ramba.runtime.sockets.headway import Headway, position
from ramba.runtime.sockets.io_thread import Letter
from ramba.runtime.sockets.processes import processes
from ramba.runtime.sockets.wire import Kind, State
from ramba.runtime.team import Team
from tests.runtime import kernels
from tests.runtime.groups import ECHO, Group, pair

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def workers() -> Iterator[Group]:
    link = processes(3, 1, ECHO)
    yield Group(link)
    link.close()


@pytest.fixture
def group(workers: Group, monkeypatch: pytest.MonkeyPatch) -> Group:
    """Whose driver asks after half a second, and names after two."""
    monkeypatch.setattr(headway, "EVERY", 0.5)
    monkeypatch.setattr(headway, "STUCK", 2.0)
    return workers


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says about workers that do not get on."""
    records = [record for record in caplog.records if "was waited for" in record.message]
    assert {(record.name, record.levelno) for record in records} <= {("ramba.sockets", logging.WARNING)}
    return [record.getMessage() for record in records]


def test_who_hangs_is_named_and_those_that_wait_for_it_are_not(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    begun = group.number + 1
    assert group.ask("hang", rank=1, seconds=6) == ["came", "slept", "came"]
    (line,) = lines(caplog)
    assert line.startswith(f"Worker 1 (process {group.pids[1]}), which was waited for these")
    assert "it is in Member.hang (runtime/echo.py:" in line
    assert f"at command {begun} of {begun}" in line
    assert group.ask("total", nbytes=10) == [5, 4, 3]  # and goes on


def test_all_are_named_if_everybody_waits(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    group.command("stuck", whom=0)
    timer = threading.Timer(6, group.link.cancel)
    timer.start()
    assert group.answers() == ["cancelled"] * 3
    told = lines(caplog)
    assert [line[:8] for line in sorted(told)] == ["Worker 0", "Worker 1", "Worker 2"]
    assert all("it waits in WorkerEnd.wait" in line and "serve (runtime/echo.py:" in line for line in told)


def test_who_holds_its_interpreter_is_named(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    group.command("clutch", rank=2, seconds=7)
    assert group.answers() == ["waited", "waited", "held"]
    (line,) = lines(caplog)
    assert line.startswith("Worker 2 ")
    assert "its interpreter is occupied" in line


def test_a_worker_that_gets_on_is_not_named(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    """Five commands, of which only the last one's answer is waited for."""
    for _ in range(5):
        group.command("nap", seconds=1)
    assert group.answers() == ["rested"] * 3
    assert not lines(caplog)


def test_tiles_are_headway() -> None:
    elements, code, team = np.zeros(20_000, np.int64), kernels.counter(), Team(1)
    block = kernels.arguments(elements, kernels.LONG)
    runs = threading.Thread(target=lambda: team.run(code["kernel"], block.ctypes.data, 3_000))
    assert position(threading.get_ident()).tiles == 0
    runs.start()
    seen = set()
    while runs.is_alive():
        seen.add(position(runs.ident or 0).tiles)
        runs.join(0.05)
    assert len(seen) > 5


def test_a_long_kernel_is_headway_until_its_tiles_stop(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    asked: list[float] = []
    head = Headway(2, lambda: asked.append(clock[0]), lambda rank: f"Worker {rank}", lambda: clock[0])
    moves: list[tuple[int, Callable[[int], State]]] = [
        (0, lambda n: State(5, 5, 10, n, False, "kernel")),
        (1, lambda n: State(5, 5, 10, 0, True, "receive")),
    ]

    def wait(tiles: int) -> None:
        head.waits()
        clock[0] += headway.EVERY
        for rank, state in moves:
            head.heard(rank, state(tiles))

    for tiles in range(30):  # five minutes
        wait(tiles)
    assert not lines(caplog)
    for _ in range(9):
        wait(30)
    assert [line[:8] for line in lines(caplog)] == ["Worker 0"]
    assert len(asked) == 38
    head.news()
    for _ in range(6):
        wait(31)
    assert len(lines(caplog)) == 1
    clock[0] += 3600.0  # that wait was interrupted, and another one begins
    wait(31)
    wait(31)
    assert len(lines(caplog)) == 1


def test_only_the_driver_may_ask() -> None:
    with pair() as ends:
        ends.worker.io_thread.send(Letter(1, 1, Kind.ASK, None, {}))
        with pytest.raises(ProtocolError, match="ASK"):
            while True:
                ends.driver.wait()
