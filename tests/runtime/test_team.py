"""The thread team: every tile once, on all threads, with the exceptions of all of them."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ramba import config
from ramba.runtime import team as team_module
from ramba.runtime.team import DIVIDE, INVALID, OVERFLOW, UNDERFLOW, Team
from tests.runtime import kernels


@pytest.fixture(params=[1, 2, 5])
def team(request: pytest.FixtureRequest) -> Iterator[Team]:
    team = Team(request.param)
    yield team
    team.close()


def native_threads() -> int:
    return sum(name.read_text() == "ramba\n" for name in Path("/proc/self/task").glob("*/comm") if name.exists())


@pytest.mark.parametrize("tiles", [0, 1, 2, 3, 7, 1000, 100_003])
def test_every_tile_runs_once(team: Team, tiles: int) -> None:
    code = kernels.counter()
    calls = np.zeros(tiles + 1, np.int64)
    block = kernels.arguments(calls)
    for _ in range(3):
        assert team.run(code.address, block.ctypes.data, tiles) == 0
    assert (calls[:tiles] == 3).all()
    assert calls[tiles] == 0


def test_many_small_jobs(team: Team) -> None:
    code = kernels.counter()
    calls = np.zeros(8, np.int64)
    block = kernels.arguments(calls)
    for _ in range(5000):
        team.run(code.address, block.ctypes.data, 8)
    assert (calls == 5000).all()


def test_jobs_after_sleep(team: Team) -> None:
    code = kernels.counter()
    calls = np.zeros(50, np.int64)
    block = kernels.arguments(calls, rounds=10_000)
    for _ in range(30):
        time.sleep(0.001)  # the threads stopped spinning
        team.run(code.address, block.ctypes.data, 50)
    assert (calls == 30).all()


@pytest.mark.parametrize("tiles", [1, 400])
def test_floating_point_exceptions(team: Team, tiles: int) -> None:
    code = kernels.reciprocal()
    for value, raised in [
        (2.0, 0),
        (0.0, DIVIDE),
        (5e-324, OVERFLOW),
        (1.7e308, UNDERFLOW),
        (np.inf, 0),
        (np.nan, 0),
    ]:
        values = np.full(tiles, 2.0)
        values[-1] = value
        block = kernels.arguments(values)
        assert team.run(code.address, block.ctypes.data, tiles) == raised
    # a signalling nan
    values = np.full(tiles, 2.0)
    values.view(np.int64)[tiles // 2] = 0x7FF0000000000001
    assert team.run(code.address, kernels.arguments(values).ctypes.data, tiles) == INVALID


def test_threads_are_created_at_first_use_and_end_with_the_team() -> None:
    before = native_threads()
    team = Team(4)
    calls = np.zeros(100, np.int64)
    block = kernels.arguments(calls)
    code = kernels.counter()
    team.run(code.address, block.ctypes.data, 1)
    assert native_threads() == before
    team.run(code.address, block.ctypes.data, 100)
    assert native_threads() == before + 3
    del team
    gc.collect()
    assert native_threads() == before


def test_a_closed_team_works_on_the_thread_that_calls() -> None:
    team = Team(3)
    calls = np.zeros(100, np.int64)
    block = kernels.arguments(calls)
    code = kernels.counter()
    team.run(code.address, block.ctypes.data, 100)
    team.close()
    team.close()
    team.run(code.address, block.ctypes.data, 100)
    assert (calls == 2).all()


def test_a_job_inside_a_job(team: Team) -> None:
    """As a signal handler or a finalizer does it, while its own thread waits for a job."""
    code = kernels.counter()
    calls = np.zeros(10, np.int64)
    block = kernels.arguments(calls)
    with team._lock:
        team._owner = threading.get_ident()
        team.run(code.address, block.ctypes.data, 10)
        team._owner = 0
    assert (calls == 1).all()


def test_idle_threads_use_no_processor() -> None:
    team = Team(3)
    calls = np.zeros(100, np.int64)
    block = kernels.arguments(calls)
    code = kernels.counter()
    team.run(code.address, block.ctypes.data, 100)
    time.sleep(0.02)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.1  # of 0.9, if they did not sleep
    team.close()


def test_the_current_team_follows_the_settings() -> None:
    with config.set(num_threads=3):
        three = team_module.current()
        assert three.size == 3
        assert team_module.current() is three
    with config.set(num_threads=1):
        assert team_module.current().size == 1
    with config.set(num_threads=3):
        assert team_module.current() is three


# ---- Python functions -------------------------------------------------------------------------------------------


def test_map_calls_every_number_once(team: Team) -> None:
    for count in (0, 1, 2, 500):
        calls = np.zeros(count + 1, np.int64)

        def call(number: int, calls: np.ndarray = calls) -> None:
            calls[number] += 1

        team.map(call, count)
        assert (calls[:count] == 1).all()


def test_map_uses_several_threads() -> None:
    team = Team(3)
    seen: set[int] = set()
    everybody = threading.Barrier(3, timeout=10)

    def call(number: int) -> None:
        seen.add(threading.get_ident())
        everybody.wait()

    team.map(call, 3)
    assert len(seen) == 3
    team.close()


def test_map_passes_exceptions_on(team: Team) -> None:
    calls: list[int] = []

    def fail(number: int) -> None:
        calls.append(number)
        if number == 5:
            raise KeyError(number)
        time.sleep(0.0005)

    with pytest.raises(KeyError):
        team.map(fail, 1000)
    assert len(calls) < 100
    done: list[int] = []
    team.map(done.append, 10)
    assert sorted(done) == list(range(10))


def test_map_keeps_the_callers_errstate(team: Team) -> None:
    def divide(number: int) -> None:
        np.ones(3) / np.zeros(3)

    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        team.map(divide, 20)
    with np.errstate(divide="ignore"):
        team.map(divide, 20)


def test_map_inside_map(team: Team) -> None:
    calls: list[tuple[int, int]] = []
    team.map(lambda i: team.map(lambda j: calls.append((i, j)), 4), 4)
    assert sorted(calls) == [(i, j) for i in range(4) for j in range(4)]


def test_map_lets_arguments_go() -> None:
    team = Team(2)

    class Payload:
        alive = 0

        def __init__(self) -> None:
            Payload.alive += 1

        def __del__(self) -> None:
            Payload.alive -= 1

    def use() -> None:
        payload = Payload()
        team.map(lambda number: time.sleep(0.001 if payload else 0), 6)

    use()
    deadline = time.monotonic() + 5
    while Payload.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Payload.alive == 0
    team.close()


def test_helpers_that_come_too_late_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class AtOnce(threading.Thread):
        def start(self) -> None:
            super().start()
            self.join()  # it has failed before the next one begins

    def fail(number: int) -> None:
        raise ArithmeticError(number)

    team = Team(3)
    monkeypatch.setattr(threading, "Thread", AtOnce)
    try:
        with pytest.raises(ArithmeticError, match="0"):
            team.map_apart(fail, 3)
    finally:
        monkeypatch.undo()
        team.close()
