"""Who can see or reach what a session has: keys, ports, directories, memory (F53 to F55)."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

pytest.importorskip("zmq")

from ramba.runtime.sockets.processes import processes
from ramba.runtime.sockets.security import Keys
from tests.runtime.groups import ECHO, Group

pytestmark = [pytest.mark.security, pytest.mark.one_process, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def group() -> Iterator[Group]:
    link = processes(2, 1, ECHO)
    made = Group(link)
    made.ask("total", nbytes=100_000)
    yield made
    link.close()


def test_f53_keys_are_not_shown(group: Group, caplog: pytest.LogCaptureFixture) -> None:
    keys = Keys()
    secrets = [keys._secret, keys.public, *(peer.key for peer in group.link._end.era.peers)]
    caplog.set_level(logging.DEBUG)
    group.link.recover()
    group.number = 0
    group.ask("who")
    shown = [repr(keys), str(keys), repr(group.link), caplog.text]
    public = [Path(f"/proc/{pid}/{name}") for pid in group.pids for name in ("cmdline", "environ")]
    shown += [path.read_bytes().decode(errors="replace") for path in public]
    assert not [secret for secret in secrets for text in shown if secret.decode() in text]


def test_f53_every_epoch_has_its_own_keys(group: Group) -> None:
    before = {peer.key for peer in group.link._end.era.peers}
    group.recover()
    after = {peer.key for peer in group.link._end.era.peers}
    assert len(before | after) == 6


def test_f54_processes_of_one_host_open_no_port(group: Group) -> None:
    for pid in (os.getpid(), *group.pids):
        assert not [c for c in psutil.Process(pid).net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]


STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
path, pid, descriptor = sys.argv[1:]
tried = socket.socket(socket.AF_UNIX)
for attempt in (
    lambda: tried.connect(path),
    lambda: os.listdir(os.path.dirname(path)),
    lambda: os.open(f"/proc/{pid}/fd/{descriptor}", os.O_RDONLY),
):
    try:
        attempt()
        print("open")
    except PermissionError:
        print("denied")
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_f55_another_user_reaches_neither_sockets_nor_memory(group: Group) -> None:
    memory = group.link.transport.buffer(0, 1 << 20)
    memory[:] = 1
    segments = group.link._end.era.segments._segments
    descriptor = next(iter(segments.values())).descriptor
    path = group.link._end.era.peers[0].local.removeprefix("ipc://")
    command = [sys.executable, "-c", STRANGER, path, str(os.getpid()), str(descriptor)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["denied"] * 3
    assert isinstance(memory, np.ndarray)


def test_f55_permissions(group: Group) -> None:
    folder = group.link._folder.path
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "lock").stat().st_mode & 0o777 == 0o600
    segments = group.link._end.era.segments._segments
    assert all(os.fstat(segment.descriptor).st_mode & 0o777 == 0o600 for segment in segments.values())
