"""The thread that owns the sockets: no message ends it, and if something else does, everybody is told at once."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("zmq")

from ramba.errors import ProtocolError, RambaError, WorkerLostError
from ramba.runtime.sockets.io_thread import IOThread, Letter
from ramba.runtime.sockets.processes import processes
from ramba.runtime.sockets.wire import Kind
from tests.runtime.groups import ECHO, Group, Pair, pair, receive

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(60)]


@pytest.fixture
def ends() -> Iterator[Pair]:
    with pair() as made:
        yield made


def until(happens: Callable[[], Any]) -> None:
    """Waits for something that happens at once, at most some seconds."""
    deadline = time.monotonic() + 10
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_visit_that_is_held_up_still_gets_its_turn(ends: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system takes the processor from the member in a bad moment; the other thread makes two rounds meanwhile."""
    io_thread = ends.worker.io_thread
    plain, member = io_thread._empty_tray, threading.current_thread()

    def held_up() -> None:
        if threading.current_thread() is member:
            for _ in range(2):
                io_thread._ear.ring()
                time.sleep(0.05)
        plain()

    time.sleep(0.1)
    monkeypatch.setattr(io_thread, "_empty_tray", held_up)
    for _ in range(3):
        io_thread.attend(0.1, io_thread.news)
    ends.driver.post(0, 1, np.ones(5, np.uint8))
    assert len(receive(ends.worker, 1, 1)) == 5


def test_an_epoch_begins_while_the_member_waits_for_its_turn(ends: Pair) -> None:
    """It was refused because the thread wanted to be alone; nobody rings again when that is over."""
    over = threading.Event()

    def attend() -> None:
        while not over.is_set():
            ends.worker.io_thread.attend(5, ends.worker.io_thread.news)

    member = threading.Thread(target=attend)
    member.start()
    for _ in range(300):
        assert ends.worker.io_thread.call(lambda: 1) == 1
    over.set()
    ends.worker.io_thread.bell.ring()
    member.join(3)
    assert not member.is_alive()


def test_a_late_frame_of_the_old_epoch(ends: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    io_thread, era = ends.worker.io_thread, ends.worker.newest
    plain = io_thread.open

    def late(*words: Any) -> Any:
        ends.driver.post(0, 5, np.ones(100_000, np.uint8))
        until(lambda: (1, 5) in era.inbox)
        return plain(*words)

    monkeypatch.setattr(io_thread, "open", late)
    begin = time.monotonic()
    ends.worker.open(0, 1, 2, ends.driver.io_thread.connections._folder, None, True, "here")  # type: ignore[union-attr]
    assert time.monotonic() - begin < 5
    assert ends.worker.newest is not era
    assert not ends.worker.newest.inbox
    assert io_thread.call(lambda: "alive") == "alive"


REPORTS = {"not UTF-8": b"\x92\x01\xa3\xff\xfe\xfd", "nothing": b"", "deep": b"\x91" * 5000, "other": b"\x07"}


@pytest.mark.parametrize("report", REPORTS)
def test_a_malformed_report(ends: Pair, report: str) -> None:
    content = np.frombuffer(REPORTS[report], np.uint8)
    ends.worker.io_thread.send(Letter(1, 1, Kind.REPORT, content, {}))
    with pytest.raises(ProtocolError, match="A report that cannot be read"):
        while True:
            ends.driver.wait()
    assert ends.driver.io_thread.call(lambda: "alive") == "alive"


def test_a_message_that_nobody_thought_of(
    ends: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours in taking a message is the sender's fault to everybody else; the log says whose it is."""
    monkeypatch.setattr(type(ends.worker.newest.mappings), "open", lambda *_: {}["missing"])
    ends.driver.post(0, 5, np.ones(100_000, np.uint8))
    with pytest.raises(ProtocolError, match=r"Reading failed: KeyError"):
        while True:
            ends.driver.wait()
    assert any(record.exc_info for record in caplog.records)
    assert ends.worker.io_thread.call(lambda: "alive") == "alive"


def broken(io_thread: IOThread) -> IOThread:
    """Something that is no message ends the thread."""

    def gone(*_: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    io_thread._look = gone  # type: ignore[method-assign]
    io_thread.call(lambda: setattr(io_thread.connections, "watching", lambda: True))
    io_thread._ear.ring()
    return io_thread


def test_callers_are_told_at_once_that_the_thread_ended(ends: Pair, caplog: pytest.LogCaptureFixture) -> None:
    io_thread = broken(ends.worker.io_thread)
    begin = time.monotonic()
    until(lambda: not io_thread._thread.is_alive())
    for ask in (lambda: io_thread.call(lambda: 1), lambda: ends.worker.wait(), lambda: ends.worker.next_command()):
        with pytest.raises(RambaError, match="ZeroDivisionError"):
            ask()
    assert time.monotonic() - begin < 5
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.CRITICAL]
    until(lambda: ends.suspects)  # it had something to say before it went
    assert ends.suspects[0][0] == 0
    assert "ZeroDivisionError" in ends.suspects[0][1]


def test_a_member_that_reads_when_the_thread_ends_is_told(ends: Pair) -> None:
    caught: list[BaseException] = []

    def live() -> None:
        try:
            ends.worker.next_command()
        except RambaError as problem:
            caught.append(problem)

    member = threading.Thread(target=live)
    member.start()
    time.sleep(0.1)
    broken(ends.worker.io_thread)
    member.join(5)
    assert "ZeroDivisionError" in str(caught[0])


def test_a_job_that_waits_when_the_thread_ends_fails(ends: Pair) -> None:
    io_thread = ends.worker.io_thread
    with pytest.raises(RambaError, match="SystemExit"):
        io_thread._round = lambda: time.sleep(0.2) or exit_now()  # type: ignore[method-assign, func-returns-value]
        io_thread._ear.ring()
        time.sleep(0.05)
        io_thread.call(lambda: 1)


def exit_now() -> None:
    raise SystemExit


def test_the_driver_goes_on_with_a_new_thread() -> None:
    link = processes(2, 1, ECHO)
    try:
        group = Group(link)
        pids = group.pids
        broken(link._end.io_thread)
        begin = time.monotonic()
        with pytest.raises(ProtocolError, match="ZeroDivisionError"):
            group.command("nap", seconds=0.1)
            group.answers()
        assert time.monotonic() - begin < 5
        group.recover()
        assert group.ask("total", nbytes=100_000) == [2, 1]
        assert group.pids == pids
    finally:
        link.close()


def test_a_worker_without_its_thread_is_replaced() -> None:
    link = processes(2, 1, ECHO)
    try:
        group = Group(link)
        pid = group.pids[1]
        group.command("break_thread", rank=1)
        begin = time.monotonic()
        with pytest.raises(WorkerLostError) as caught:
            group.answers()
        assert time.monotonic() - begin < 5
        assert caught.value.rank == 1
        group.recover()
        assert group.ask("total", nbytes=100_000) == [2, 1]
        assert group.pids[1] != pid
        assert not os.path.exists(f"/proc/{pid}")
    finally:
        link.close()


@pytest.mark.repeats
@pytest.mark.timeout(150)
def test_more_workers_than_processors_for_a_moment() -> None:
    """The short form of `tests.soaks.crowded`."""
    command = [sys.executable, "-m", "tests.soaks.crowded", "--minutes", "0.1", "--workers", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
