"""Workers as Ray actors on a cluster of our own: what it opens, how it loses workers, what its driver leaves."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

pytest.importorskip("ray")
pytest.importorskip("zmq")

from ramba.errors import ConfigError, WorkerLostError
from tests.fault.test_workers import running
from tests.runtime.groups import ECHO, Group

pytestmark = [
    pytest.mark.fault,
    pytest.mark.one_process,
    pytest.mark.timeout(120),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def group() -> Iterator[Group]:
    from ramba.runtime.sockets.actors import rays

    link = rays(2, 1, ECHO)
    yield Group(link)
    link.close()


def cluster(group: Group) -> pathlib.Path:
    """The directory of the cluster."""
    return group.link._launcher._own.folder.path  # type: ignore[attr-defined]


def test_workers_answer(group: Group) -> None:
    assert [facts[0] for facts in group.ask("who")] == [0, 1]
    assert group.ask("total", nbytes=1_000_000) == [2, 1]


def test_the_cluster_is_private(group: Group) -> None:
    """Loopback only, directories of this user only, a token, ordinary priority."""
    mine = [psutil.Process(), *psutil.Process().children(recursive=True)]
    listening = [c for p in mine for c in p.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    assert listening
    assert {c.laddr.ip for c in listening} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert cluster(group).stat().st_mode & 0o777 == 0o700
    assert (cluster(group) / "token").stat().st_mode & 0o777 == 0o600
    assert "RAY_AUTH_TOKEN_PATH" not in os.environ
    token = (cluster(group) / "token").read_text()
    for process in mine:
        assert token not in " ".join(process.cmdline())
    assert all(psutil.Process(pid).nice() == psutil.Process().nice() for pid in group.pids)


@pytest.mark.security
def test_without_the_token_nobody_is_heard(group: Group) -> None:
    import ray

    address = ray.get_runtime_context().gcs_address
    script = f"from ray._raylet import GcsClient; GcsClient(address={address!r})"
    stranger = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    with pytest.raises((subprocess.TimeoutExpired, subprocess.CalledProcessError)) as caught:  # it tries for 20 s
        subprocess.run([sys.executable, "-c", script], env=stranger, stderr=subprocess.PIPE, timeout=4, check=True)
    assert b"InvalidAuthToken" in (caught.value.stderr or b"")


def test_f1_a_killed_worker_is_told_and_replaced(group: Group) -> None:
    pids = group.pids
    group.command("die", rank=1, how="SIGKILL")
    begin = time.monotonic()
    with pytest.raises(WorkerLostError) as caught:
        group.answers()
    assert time.monotonic() - begin < 5
    assert (caught.value.rank, caught.value.pid) == (1, pids[1])
    assert "its process ended" in caught.value.reason
    group.recover()
    assert group.pids[0] == pids[0]
    assert group.pids[1] != pids[1]
    assert group.ask("total", nbytes=100_000) == [2, 1]


def test_f4_a_frozen_worker_is_ended_and_replaced(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ramba.runtime.sockets.connections.SILENCE", 1500)
    monkeypatch.setattr("ramba.runtime.sockets.connections.PATIENCE", 1.0)
    group.recover()
    frozen = psutil.Process(group.pids[0])
    frozen.suspend()
    group.command("who")
    with pytest.raises(WorkerLostError, match="no heartbeat"):
        group.answers()
    group.recover()
    psutil.wait_procs([frozen], timeout=15)  # Ray kills it when it comes to that
    assert not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE
    assert group.ask("total", nbytes=10) == [2, 1]


def test_the_kernels_memory_killer_is_named(group: Group, short_of_memory: pathlib.Path) -> None:
    group.recover()
    (short_of_memory / "cgroup.procs").write_text(str(group.pids[1]))
    group.recover()  # the launcher looks again where its workers are
    group.command("swell", rank=1, nbytes=1 << 30)
    with pytest.raises(WorkerLostError, match="killed a process of its control group for want of memory"):
        group.answers()
    group.recover()
    assert group.ask("total", nbytes=10) == [2, 1]


def test_f19_cancelled_work_ends(group: Group) -> None:
    group.command("nap", seconds=30)
    time.sleep(0.1)
    group.link.cancel()
    assert group.answers() == ["cancelled"] * 2


def test_clusters_that_cannot_be_joined_directly_are_refused() -> None:
    import ramba
    from ramba.runtime.sockets import actors as backend

    with ramba.config.set(ray_address="ray://nowhere:10001"), pytest.raises(ConfigError, match="ray_address"):
        backend._join_cluster_at("ray://nowhere:10001")


DRIVER = """
import os, time, psutil
from ramba.runtime.sockets.actors import rays
from tests.runtime.groups import ECHO, Group
if __name__ == "__main__":
    group = Group(rays(2, 1, ECHO))
    group.ask("total", nbytes=1_000_000)
    family = [child.pid for child in psutil.Process().children(recursive=True)]
    print(group.link._folder.path, group.link._launcher._own.folder.path, *family, flush=True)
    {then}
"""


@pytest.mark.repeats
@pytest.mark.parametrize("then", ["time.sleep(60)", "pass"])
def test_f17_nothing_survives_the_driver(then: str) -> None:
    root = pathlib.Path(__file__).parents[2]
    begin = [sys.executable, "-c", DRIVER.format(then=then)]
    with subprocess.Popen(
        begin, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    ) as process:
        assert process.stdout is not None
        ours, rays, *family = process.stdout.readline().split()
        if then != "pass":
            process.send_signal(signal.SIGKILL)
        process.wait(20)
        deadline = time.monotonic() + 5
        left = [int(pid) for pid in family]
        while time.monotonic() < deadline and (left or os.path.exists(ours) or os.path.exists(rays)):
            left = [pid for pid in left if running(pid)]
            time.sleep(0.05)
        assert not [psutil.Process(pid).cmdline() for pid in left]
        assert not os.path.exists(ours)
        assert not os.path.exists(rays)


BYSTANDERS = """
import os, subprocess, time
import ramba as np
np.init(backend="ray", workers=1, num_threads=1)
assert float(np.arange(100_000.0).sum()) == 4999950000
os.system("sleep 60 & echo $!")  # has the files open that Ray has opened
print(subprocess.Popen(["sleep", "60"], close_fds=False).pid)
forked = os.fork()
if not forked:
    time.sleep(60)
    os._exit(0)
print(forked, flush=True)
{then}
"""


@pytest.mark.repeats
@pytest.mark.parametrize(
    "then",
    ["time.sleep(60)", "np.shutdown(); print('over', flush=True); time.sleep(60)"],
)
def test_f17_what_the_program_started_is_left_alone(then: str) -> None:
    """Only what the cluster consists of is ended, also if others have its files open."""
    script = BYSTANDERS.format(then=then)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        bystanders = [int(process.stdout.readline()) for _ in range(3)]
        family = [each for each in psutil.Process(process.pid).children(recursive=True) if each.pid not in bystanders]
        family = [each for each in family if running(each.pid)]
        (reaper,) = (each for each in family if any(word.endswith("reaper.py") for word in each.cmdline()))
        try:
            if "over" in then:
                assert process.stdout.readline() == "over\n"
            process.kill()
            process.wait(5)
            psutil.wait_procs([reaper], 15)
            psutil.wait_procs(family, 5)
            assert not [each for each in family if running(each.pid)]
            assert [pid for pid in bystanders if running(pid)] == bystanders
        finally:
            for pid in bystanders:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


STARTED_ASIDE = """
import threading, time
import ramba as np
starting = threading.Thread(target=np.init, kwargs={"backend": "ray", "workers": 2, "num_threads": 1})
starting.start()
starting.join()
time.sleep(1)
from ramba.engine import ENGINE
own = ENGINE.backend.link._launcher._own
assert own.broken() is None, own.broken()
assert float(np.arange(100_000.0).sum()) == 4999950000
"""


@pytest.mark.repeats
def test_a_cluster_outlives_the_thread_that_started_it() -> None:
    command = [sys.executable, "-c", STARTED_ASIDE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


ENDS = """
import ramba as np
def begin():
    np.init(backend="ray", workers=2, num_threads=1)
    assert float(np.arange(100_000.0).sum()) == 4999950000
begin()
np.shutdown()
begin()
"""


@pytest.mark.repeats
def test_ordinary_ends_are_not_told_as_failures() -> None:
    """When workers are shut down, and at the end of the program."""
    done = subprocess.run([sys.executable, "-c", ENDS], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == ""


BROKEN = """
import os, psutil, signal, time
import ramba as np
def begin():
    np.init(backend="ray", workers=2, num_threads=1)
    assert float(np.arange(100_000.0).sum()) == 4999950000
def lost(limit):
    begin = time.monotonic()
    try:
        np.ones(100_000).sum().item()
    except np.WorkerLostError as problem:
        assert time.monotonic() - begin < limit, time.monotonic() - begin
        return str(problem)
    raise AssertionError("nothing was lost")
begin()
for process in psutil.Process().children():
    if process.name() == "raylet":
        process.kill()
from ramba.engine import ENGINE
os.kill(ENGINE.backend.link.members[0].pid, signal.SIGKILL)
lost(5)
for limit in (20, 1, 1):
    text = lost(limit)
    assert "the raylet of its Ray cluster has ended" in text, text
assert "ramba.init()" in text, text
begin()
"""


@pytest.mark.repeats
def test_f9_a_cluster_that_is_broken_is_not_waited_for() -> None:
    """Nothing can be started on it: the next statements say so at once; a new cluster can be started."""
    environment = os.environ | {"RAMBA_RESILIENCE": "none"}
    command = [sys.executable, "-c", BROKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, env=environment)
    assert done.returncode == 0, done.stderr
