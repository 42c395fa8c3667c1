"""Workers as Ray actors on a cluster of our own: what it opens, how it loses workers, what its driver leaves."""

from __future__ import annotations

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
    from ramba.runtime.backends.ray import rays

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
    monkeypatch.setattr("ramba.runtime.sockets.lines.SILENCE", 1500)
    monkeypatch.setattr("ramba.runtime.sockets.lines.PATIENCE", 1.0)
    group.recover()
    frozen = psutil.Process(group.pids[0])
    frozen.suspend()
    group.command("who")
    with pytest.raises(WorkerLostError, match="no heartbeat"):
        group.answers()
    group.recover()
    assert not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE
    assert group.ask("total", nbytes=10) == [2, 1]


def test_f19_cancelled_work_ends(group: Group) -> None:
    group.command("nap", seconds=30)
    time.sleep(0.1)
    group.link.cancel()
    assert group.answers() == ["cancelled"] * 2


def test_clusters_that_cannot_be_joined_directly_are_refused() -> None:
    import ramba
    from ramba.runtime.backends import ray as backend

    with ramba.config.set(ray_address="ray://nowhere:10001"), pytest.raises(ConfigError, match="ray_address"):
        backend._join_cluster_at("ray://nowhere:10001")


DRIVER = """
import os, time, psutil
from ramba.runtime.backends.ray import rays
from tests.runtime.groups import ECHO, Group
if __name__ == "__main__":
    group = Group(rays(2, 1, ECHO))
    group.ask("total", nbytes=1_000_000)
    family = [child.pid for child in psutil.Process().children(recursive=True)]
    print(group.link._folder.path, group.link._launcher._own.folder.path, *family, flush=True)
    {then}
"""


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
