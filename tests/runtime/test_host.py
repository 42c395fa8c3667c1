"""What the kernel tells of processes that it killed for want of memory."""

from __future__ import annotations

import os
import pathlib

import pytest

from ramba.runtime.sockets.host import MemoryKills

OLDER = "12:cpu,cpuacct:/job\n4:memory:/job/7\n0::/\n"
NEWER = "0::/user.slice/job\n"


def machine(root: pathlib.Path, groups: str, counter: str) -> pathlib.Path:
    """Files as the kernel shows them: the control groups of process 5, and the file that counts."""
    (root / "proc" / "5").mkdir(parents=True)
    (root / "proc" / "5" / "cgroup").write_text(groups)
    path = root / "groups" / counter
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    ("groups", "counter"),
    [
        (OLDER, "memory/job/7/memory.oom_control"),
        (OLDER, "memory/memory.oom_control"),
        (NEWER, "user.slice/job/memory.events"),
        (NEWER, "memory.events"),
    ],
)
def test_kills_are_counted_from_the_beginning_on(tmp_path: pathlib.Path, groups: str, counter: str) -> None:
    path = machine(tmp_path, groups, counter)
    path.write_text("oom_kill_disable 0\nunder_oom 0\noom 3\noom_kill 2\n")
    kills = MemoryKills(5, tmp_path / "proc", tmp_path / "groups")
    assert kills.told() == ""
    path.write_text("oom_kill_disable 0\nunder_oom 0\noom 4\noom_kill 3\n")
    assert kills.told().endswith("killed a process of its control group for want of memory")
    path.write_text("oom_kill 5\n")
    assert kills.told().endswith("killed 3 processes of its control group for want of memory")
    path.unlink()
    assert kills.told() == ""


@pytest.mark.parametrize("text", ["", "oom_kill", "oom_kill x", "low 0\nhigh 0\n"])
def test_where_the_kernel_tells_nothing(tmp_path: pathlib.Path, text: str) -> None:
    path = machine(tmp_path, NEWER, "user.slice/job/memory.events")
    path.write_text(text)
    kills = MemoryKills(5, tmp_path / "proc", tmp_path / "groups")
    path.write_text("oom_kill 5\n")
    assert kills.told() == ""
    assert MemoryKills(6, tmp_path / "proc", tmp_path / "groups").told() == ""
    assert MemoryKills(os.getpid()).told() == ""
