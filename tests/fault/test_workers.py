"""Workers that die, freeze, hang or are cut off, and drivers that do (F1 to F5, F10, F11, F17, F19, F23, F28)."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

pytest.importorskip("zmq")

from ramba.errors import ProtocolError, WorkerLostError
from ramba.runtime.sharing_calls import look_between_tiles
from ramba.runtime.sockets import connections
from ramba.runtime.sockets.processes import processes
from ramba.runtime.team import Team
from ramba.runtime.transport import Cancelled, Unwanted
from tests.fault.proxy import Proxy
from tests.runtime import kernels
from tests.runtime.groups import ECHO, Group, pair, receive
from tests.subject import repeats

pytestmark = [pytest.mark.fault, pytest.mark.one_process, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def shared_group() -> Iterator[Group]:
    link = processes(3, 1, ECHO)
    yield Group(link)
    link.close()


@pytest.fixture
def group(shared_group: Group) -> Group:
    """Three workers; every test forms the group anew if it broke it."""
    with contextlib.suppress(WorkerLostError, ProtocolError):
        if shared_group.number < 10**6 and shared_group.ask("who"):
            return shared_group
    shared_group.recover()
    return shared_group


def lost(group: Group, limit: float) -> WorkerLostError:
    """The loss that is told when somebody waits, within the limit."""
    begin = time.monotonic()
    with pytest.raises(WorkerLostError) as caught:
        group.answers()
    assert time.monotonic() - begin < limit
    return caught.value


ENDS = {"SIGKILL": "killed by SIGKILL", "SIGSEGV": "killed by SIGSEGV", "11": "exit code 11"}


@pytest.mark.parametrize("how", ENDS)
def test_f1_f3_f5_a_worker_dies_while_others_wait_for_it(group: Group, how: str) -> None:
    pids = group.pids
    group.command("die", rank=1, how=how)
    problem = lost(group, 5)
    assert (problem.rank, problem.pid, problem.reason) == (1, pids[1], ENDS[how])
    assert str(pids[1]) in str(problem)
    group.recover()
    after = group.ask("who")
    assert [facts[0] for facts in after] == [0, 1, 2]
    assert [facts[1] for facts in after][::2] == pids[::2]
    assert after[1][1] != pids[1]
    assert after[0][2] > 0  # a survivor was told
    assert group.ask("total", nbytes=100_000) == [5, 4, 3]


def test_f2_a_worker_dies_while_idle(group: Group) -> None:
    os.kill(group.pids[2], signal.SIGKILL)
    time.sleep(0.3)  # nothing is raised here
    group.command("who")
    assert lost(group, 5).rank == 2
    group.recover()
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_all_workers_die_at_once(group: Group) -> None:
    pids = group.pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    group.command("who")
    lost(group, 5)
    group.recover()
    assert not set(pids) & {facts[1] for facts in group.ask("who")}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heartbeats of two and a half seconds instead of nine, on the driver's side."""
    monkeypatch.setattr(connections, "HEARTBEAT", 300)
    monkeypatch.setattr(connections, "SILENCE", 1500)
    monkeypatch.setattr(connections, "PATIENCE", 1.0)


@pytest.mark.usefixtures("impatient")
def test_f4_f11_a_frozen_worker_is_lost_a_busy_one_is_not(group: Group) -> None:
    group.recover()
    assert group.ask("hog", seconds=4) == ["hogged"] * 3
    frozen = psutil.Process(group.pids[0])
    frozen.suspend()
    group.command("who")
    problem = lost(group, 15)
    assert problem.rank == 0
    assert problem.reason.startswith("no heartbeat for")
    group.recover()
    assert not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_a_suspicion_that_comes_late_is_not_about_the_next_group(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a moment to ask how a process ended; meanwhile the worker may have been replaced."""
    link: Any = group.link
    asked, over = threading.Event(), threading.Event()

    def fate(_: int) -> None:
        asked.set()
        over.wait(30)

    with monkeypatch.context() as slow:
        slow.setattr(link._launcher, "fate", fate)
        condemning = threading.Thread(target=link._condemn, args=(1, "no heartbeat", link._epoch))
        condemning.start()
        assert asked.wait(10)
    group.recover()
    over.set()
    condemning.join(10)
    assert not link._lost
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_the_end_of_a_worker_that_is_told_late_is_not_its_successors(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    link: Any = group.link
    told: list[Any] = []
    start = link._launcher.start

    def recorded(ranks: Any, died: Any) -> None:
        told.append(died)
        start(ranks, died)

    monkeypatch.setattr(link._launcher, "start", recorded)
    for _ in range(2):
        group.command("die", rank=1, how="SIGKILL")
        lost(group, 5)
        group.recover()
    assert group.ask("total", nbytes=10) == [5, 4, 3]
    told[0](1, "it ended")
    assert not link._lost
    assert group.ask("total", nbytes=10) == [5, 4, 3]
    told[1](1, "it ended")
    assert lost(group, 5).rank == 1
    group.recover()


def test_a_recovery_has_one_deadline(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.runtime.sockets.link._FORMING", 1.5)
    link: Any = group.link
    group.command("die", rank=1, how="SIGKILL")
    lost(group, 5)

    def nobody_answers(_: dict[int, bytes], patience: float) -> dict[int, bytes]:
        time.sleep(patience)
        return {}

    with monkeypatch.context() as silent:
        silent.setattr(link._launcher, "ask", nobody_answers)
        begin = time.monotonic()
        with pytest.raises(WorkerLostError, match="no answer within"):
            group.recover()
        assert 1 < time.monotonic() - begin < 5
    monkeypatch.undo()
    group.recover()
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_the_kernels_memory_killer_is_named(group: Group, short_of_memory: pathlib.Path) -> None:
    (short_of_memory / "cgroup.procs").write_text(str(group.pids[1]))
    group.recover()  # the launcher looks again where its workers are
    group.command("swell", rank=1, nbytes=1 << 30)
    problem = lost(group, 30)
    assert problem.rank == 1
    told = "; meanwhile the kernel has killed a process of its control group for want of memory"
    assert problem.reason == "killed by SIGKILL" + told
    group.recover()
    group.command("die", rank=1, how="SIGKILL")
    assert lost(group, 5).reason == "killed by SIGKILL"
    group.recover()


def test_a_survivor_that_does_not_let_go_is_replaced(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.runtime.sockets.link._CHANGE", 1.0)
    pids = group.pids
    group.command("hog", seconds=30)
    time.sleep(0.2)
    os.kill(pids[0], signal.SIGKILL)
    lost(group, 5)
    group.recover()
    assert not set(pids) & set(group.pids)
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_survivors_that_do_not_answer_are_replaced(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once, and they are not waited for as long as one that is starting."""
    monkeypatch.setattr("ramba.runtime.sockets.link._CHANGE", 1.0)
    link: Any = group.link
    replace, rounds = link._replace, []
    monkeypatch.setattr(link, "_replace", lambda deadline: (rounds.append(deadline), replace(deadline)))
    pids = group.pids
    for rank in (0, 2):
        psutil.Process(pids[rank]).suspend()
    os.kill(pids[1], signal.SIGKILL)
    group.command("who")
    assert lost(group, 5).rank == 1
    begin = time.monotonic()
    group.recover()
    assert time.monotonic() - begin < 20
    assert len(rounds) == 2
    assert not set(pids) & set(group.pids)
    monkeypatch.undo()
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_f19_cancelled_work_ends_and_the_group_is_usable(group: Group) -> None:
    group.command("nap", seconds=30)
    time.sleep(0.1)
    group.link.cancel()
    begin = time.monotonic()
    assert group.answers() == ["cancelled"] * 3
    assert time.monotonic() - begin < 10
    group.command("stuck", whom=3)
    time.sleep(0.1)
    group.link.cancel()
    assert group.answers() == ["cancelled"] * 3
    assert group.ask("total", nbytes=10) == [5, 4, 3]


def test_f19_a_kernel_ends_between_tiles() -> None:
    elements, code, team = np.zeros(100_000, np.int64), kernels.counter(), Team(1)
    block = kernels.arguments(elements, kernels.LONG)
    seen: list[BaseException] = []

    unwanted = Unwanted()
    unwanted.begin(7)

    def look() -> None:
        if unwanted.untold:
            unwanted.tell()
            raise Cancelled

    def work() -> None:
        look_between_tiles(look)
        try:
            team.run(code["kernel"], block.ctypes.data, len(elements))
        except Cancelled as problem:
            seen.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    unwanted.add(1, 6)  # not this one
    unwanted.add(8, 9)
    time.sleep(0.2)
    assert thread.is_alive()
    unwanted.add(7, 7)
    thread.join(5)
    assert len(seen) == 1
    assert 0 < elements.sum() < len(elements)
    assert not unwanted.untold
    unwanted.begin(8)
    assert unwanted.untold  # was told of in advance


def test_poison_reaches_everybody(group: Group) -> None:
    assert group.ask("poison", rank=1) == ["poisoned by 1", "failed", "poisoned by 1"]


def test_long_commands_reach_everybody(group: Group) -> None:
    assert [facts[3] for facts in group.ask("who", filler="x" * 5_000_000)] == [5_000_000] * 3


def test_commands_go_down_a_tree() -> None:
    link = processes(6, 1, ECHO)
    try:
        group = Group(link)
        assert [facts[0] for facts in group.ask("who", filler="x" * 50_000)] == list(range(6))
        assert group.ask("total", nbytes=50_000) == [20, 19, 18, 17, 16, 15]
        group.command("nap", seconds=30)
        time.sleep(0.1)
        link.cancel()
        assert group.answers() == ["cancelled"] * 6
    finally:
        link.close()


def test_workers_that_cannot_start_say_why() -> None:
    with pytest.raises(WorkerLostError, match=r"Worker 0 .*exit code 1"):
        processes(1, 1, "tests.no_such_module")


def test_interrupts_from_the_keyboard_are_the_drivers(group: Group) -> None:
    assert all(os.getsid(pid) == pid for pid in group.pids)


@pytest.mark.usefixtures("impatient")
def test_f10_what_was_lost_on_the_way_is_noticed() -> None:
    with Proxy() as proxy, pair(remote=True, detour=proxy.before) as ends:
        ends.driver.post(0, 1, np.zeros(10, np.uint8))
        receive(ends.worker, 1, 1)
        proxy.stalled = True
        ends.driver.post(0, 2, np.zeros(10, np.uint8))
        deadline = time.monotonic() + 15
        while not ends.suspects and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ends.suspects[0][0] == 0
        assert ends.suspects[0][1].startswith("no heartbeat for")
        proxy.cut()
        proxy.stalled = False
        ends.driver.post(0, 3, np.zeros(10, np.uint8))
        # the worker reports what is missing: message 3 is not accepted as if nothing had happened
        with pytest.raises(ProtocolError, match="lost, repeated or replaced"):
            while True:
                ends.driver.wait()
        assert ends.worker.collect(1, 3) is None


def test_f23_a_forked_driver_leaves_the_workers_alone(group: Group) -> None:
    child = os.fork()
    if not child:
        status = 1
        with contextlib.suppress(BaseException):
            try:
                group.link.transport.wait()
            except RuntimeError as problem:
                status = 0 if "forked" in str(problem) else 2
            group.link.close()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert group.ask("total", nbytes=100_000) == [5, 4, 3]


DRIVER = """
import os, sys, time
from ramba.runtime.sockets.processes import processes
from tests.runtime.groups import ECHO, Group
if __name__ == "__main__":
    group = Group(processes(2, 1, ECHO))
    group.ask("total", nbytes=1_000_000)
    print(group.link._folder.path, *group.pids, flush=True)
    {then}
"""


@contextlib.contextmanager
def drive(then: str) -> Iterator[tuple[subprocess.Popen[str], pathlib.Path, list[int]]]:
    """A driver in a process of its own, the directory of its sockets, and its workers."""
    root = pathlib.Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER.format(then=then)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    with process:
        folder, *pids = process.stdout.readline().split()
        yield process, pathlib.Path(folder), [int(pid) for pid in pids]
        process.kill()


def running(pid: int) -> bool:
    """Whether a process is more than an entry that nobody has asked for."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def gone(pids: list[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(running, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(running, pids))


@pytest.mark.parametrize(
    ("number", "busy"),
    [
        (signal.SIGKILL, False),
        (signal.SIGTERM, True),
        *repeats((signal.SIGKILL, True), (signal.SIGTERM, False), rows=True),
    ],
)
def test_f17_f18_nothing_survives_the_driver(number: int, busy: bool) -> None:
    then = 'group.ask("nap", seconds=60)' if busy else "time.sleep(60)"
    with drive(then) as (process, folder, pids):
        time.sleep(0.2)
        process.send_signal(number)
        assert process.wait(5) == -number
        assert gone(pids, 5)
        assert not folder.exists()


def test_nothing_is_left_after_an_ordinary_end() -> None:
    with drive("pass") as (process, folder, pids):
        assert process.wait(10) == 0
        assert process.communicate()[1] == ""
        assert gone(pids, 1)
        assert not folder.exists()


def test_f28_a_session_beside_another_one() -> None:
    with drive("time.sleep(60)") as (first, folder, _), drive("pass") as (second, _, _):
        assert second.wait(10) == 0
        assert folder.exists()
        assert first.poll() is None
