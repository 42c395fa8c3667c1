"""Hosts on one machine: namespaces for network, processes, files and names, joined by a bridge in the first one.

Everything a host has ends with its first process: processes, mounts, network devices. Nothing is left outside.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping

NETWORK = "10.213.7"
_BEGIN = """
mkdir -p /tmp/ray && mount -t tmpfs none /tmp/ray && mount -t tmpfs none /dev/shm &&
echo {name} > /proc/sys/kernel/hostname &&
ip link set lo up && echo up && exec sleep 600
"""
_SPACES = ["--net", "--mount", "--pid", "--uts"]


class Host:
    """One of them."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.address = f"{NETWORK}.{number}"
        command = ["unshare", *_SPACES, "--fork", "--kill-child", "--mount-proc", "sh", "-c", _BEGIN.format(name=name)]
        self._keeper = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "up\n":
            self._keeper.kill()
            raise OSError(f"no namespaces: {self._keeper.communicate()[1]}")
        pid = self._keeper.pid
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            self.pid = int(children.read().split()[0])

    def ip(self, *words: str) -> None:
        """Changes the network."""
        subprocess.run(["nsenter", "-t", str(self.pid), "-n", "ip", *words], check=True, capture_output=True)

    def start(self, *command: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Starts a program there."""
        return subprocess.Popen(
            ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-u", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": "/tmp/ray", **environment},
        )

    def run(self, *command: str, timeout: float = 60, environment: Mapping[str, str]) -> str:
        """Runs a program there to its end."""
        process = self.start(*command, environment=environment)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
        assert process.returncode == 0, stdout + stderr
        return stdout

    def end(self) -> None:
        """All processes end, and the kernel removes the rest."""
        self._keeper.kill()
        self._keeper.communicate()


@contextlib.contextmanager
def hosts(*names: str) -> Iterator[list[Host]]:
    """Hosts that reach each other; the link of each to the first one is called like the host. OSError: not here."""
    with contextlib.ExitStack() as stack:
        made = []
        for number, name in enumerate(names, 1):
            host = Host(name, number)
            stack.callback(host.end)
            made.append(host)
        try:
            _connect(*made)
        except subprocess.CalledProcessError as problem:
            raise OSError(f"no network: {problem.stderr}") from None
        yield made


def _connect(first: Host, *others: Host) -> None:
    first.ip("link", "add", "bridge", "type", "bridge")
    first.ip("addr", "add", f"{first.address}/24", "dev", "bridge")
    first.ip("link", "set", "bridge", "up")
    first.ip("route", "add", "default", "dev", "bridge")
    for other in others:
        first.ip("link", "add", other.name, "type", "veth", "peer", "name", "eth0", "netns", str(other.pid))
        first.ip("link", "set", other.name, "master", "bridge", "up")
        other.ip("addr", "add", f"{other.address}/24", "dev", "eth0")
        other.ip("link", "set", "eth0", "up")
        other.ip("route", "add", "default", "dev", "eth0")


def missing() -> str:
    """Why there can be none here; empty if there can."""
    if os.geteuid():
        return "needs root"
    lacking = [name for name in ("unshare", "nsenter", "ip", "mount") if shutil.which(name) is None]
    return f"needs {', '.join(lacking)}" if lacking else ""
