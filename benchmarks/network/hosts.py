"""Hosts on one machine: namespaces for network, processes, files and names, and a switch that joins them.

Everything a host has ends with its first process: processes, mounts, network devices. Nothing is left outside, and
nothing outside is reached.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

ROOT = pathlib.Path(__file__).parent.parent.parent
NETWORK = "10.213.7"
_BEGIN = """
mkdir -p /tmp/ray && mount -t tmpfs none /tmp/ray && mount -t tmpfs none /dev/shm &&
printf '{names}' > /tmp/ray/hosts && mount --bind /tmp/ray/hosts /etc/hosts &&
echo {name} > /proc/sys/kernel/hostname &&
ip link set lo up && echo up && exec sleep 3600
"""
_SPACES = ["--net", "--mount", "--pid", "--uts"]
_SWITCH = "switch"
_UNSHAPED = "pfifo limit 1000"
_LONGEST = 70_000  # bytes of a frame before it is segmented, and some more


class Link(NamedTuple):
    """What lies between a host and the switch; between two hosts there are two of them."""

    rate: float  # bits per second; 0: as fast as can be
    delay: float = 0.0  # seconds, one way


class Host:
    """One of them."""

    def __init__(self, name: str, number: int, names: Mapping[str, int]) -> None:
        self.name = name
        self.address = f"{NETWORK}.{number}"
        known = "127.0.0.1 localhost\n" + "".join(f"{NETWORK}.{at} {whose}\n" for whose, at in names.items())
        script = _BEGIN.format(name=name, names=known)
        command = ["unshare", *_SPACES, "--fork", "--kill-child", "--mount-proc", "sh", "-c", script]
        self._keeper = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "up\n":
            self._keeper.kill()
            raise OSError(f"no namespaces: {self._keeper.communicate()[1]}")
        pid = self._keeper.pid
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            self.pid = int(children.read().split()[0])

    def net(self, *words: str) -> str:
        """Runs a program of the machine's in this host's network: `ip`, `tc`, `ss`."""
        command = ["nsenter", "-t", str(self.pid), "-n", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def ip(self, *words: str) -> None:
        """Changes the network."""
        self.net("ip", *words)

    def carried(self) -> tuple[int, int]:
        """Bytes that the host has sent and received, headers included."""
        lines = pathlib.Path(f"/proc/{self.pid}/net/dev").read_text().splitlines()
        counts = next(line.partition(":")[2].split() for line in lines if line.strip().startswith("eth0:"))
        return int(counts[8]), int(counts[0])

    def start(self, *command: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Starts a program there; it ends with what entered the host for it, which is what is given."""
        enter = ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", "-u", "setpriv", "--pdeathsig", "KILL"]
        return subprocess.Popen(
            [*enter, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
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


class Switch(Protocol):
    """What joins hosts."""

    def cut(self, host: Host) -> None:
        """Nothing comes from this host any more, and nothing comes to it; nobody is told."""

    def join(self, host: Host) -> None:
        """The link is there again."""

    def shape(self, host: Host, link: Link) -> None:
        """Makes a host's link another one, from now on."""

    def close(self) -> None:
        """Ends what it needs beside the hosts."""


class Bridge:
    """The kernel's: rates by `tbf`, delays by `netem` where the kernel has it; ours had not, so that was not tried."""

    def __init__(self, place: Host, hosts: list[Host]) -> None:
        self._place = place
        place.ip("link", "add", "bridge", "type", "bridge")
        place.ip("link", "set", "bridge", "up")
        for host in hosts:
            place.ip("link", "add", "name", host.name, "type", "veth", "peer", "name", "eth0", "netns", str(host.pid))
            place.ip("link", "set", "dev", host.name, "master", "bridge", "up")

    def cut(self, host: Host) -> None:
        """Takes the link down at the switch."""
        self._place.ip("link", "set", "dev", host.name, "down")

    def join(self, host: Host) -> None:
        """Takes it up."""
        self._place.ip("link", "set", "dev", host.name, "up")

    def shape(self, host: Host, link: Link) -> None:
        """Both of its ends send no faster."""
        if link.delay:
            rate = [f"rate {link.rate:.0f}bit"] if link.rate else []
            kind = " ".join(["netem", *rate, f"delay {link.delay * 1e6:.0f}us limit 1000"])
        elif link.rate:
            kind = f"tbf rate {link.rate:.0f}bit burst {max(link.rate / 8 * 2e-3, 4000):.0f} latency 50ms"
        else:
            kind = _UNSHAPED
        for place, device in ((self._place, host.name), (host, "eth0")):
            place.net("tc", "qdisc", "replace", "dev", device, "root", *kind.split())

    def close(self) -> None:
        """It ends with the hosts."""


class Cables:
    """In user space: see `switch`."""

    def __init__(self, place: Host, hosts: list[Host]) -> None:
        command = [sys.executable, "-m", "benchmarks.network.switch", *(host.name for host in hosts)]
        environment = {"PYTHONPATH": str(ROOT)}
        self._process = place.start(*command, environment=environment)
        self._expect("up\n")
        for host in hosts:
            place.ip("link", "set", "dev", host.name, "netns", str(host.pid))
            host.ip("link", "set", "dev", host.name, "name", "eth0")

    def cut(self, host: Host) -> None:
        """Drops what comes and goes."""
        self._tell("cut", host.name)

    def join(self, host: Host) -> None:
        """Drops no more."""
        self._tell("join", host.name)

    def shape(self, host: Host, link: Link) -> None:
        """Both ways alike. What waits to be sent waits in the host, where its sockets know of it: no sender drops."""
        kind = f"tbf rate {link.rate:.0f}bit burst {_LONGEST} limit 50000000" if link.rate else _UNSHAPED
        host.net("tc", "qdisc", "replace", "dev", "eth0", "root", *kind.split())
        self._tell("shape", host.name, str(link.rate), str(link.delay))

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _tell(self, *words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        self._expect("done\n")

    def _expect(self, line: str) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != line:
            self._process.kill()
            raise OSError(f"no switch: {self._process.communicate()[1]}")


class Network(NamedTuple):
    """Hosts, and what joins them."""

    hosts: list[Host]
    switch: Switch

    def shape(self, link: Link) -> None:
        """Makes all links alike."""
        for host in self.hosts:
            self.switch.shape(host, link)


@contextlib.contextmanager
def network(*names: str, link: Link | None = None) -> Iterator[Network]:
    """Hosts that reach each other by name and address.

    Raises
    ------
    OSError
        If that cannot be had here.
    """
    numbers = {name: number for number, name in enumerate(names, 1)}
    with contextlib.ExitStack() as stack:
        made = []
        for name, number in {**numbers, _SWITCH: 254}.items():
            host = Host(name, number, numbers)
            stack.callback(host.end)
            made.append(host)
        *hosts, place = made
        kind = Cables if link is not None and link.delay and not has_netem(place) else Bridge
        try:
            found = Network(hosts, kind(place, hosts))
            stack.callback(found.switch.close)
            for host in hosts:
                host.ip("addr", "add", f"{host.address}/24", "dev", "eth0")
                host.ip("link", "set", "eth0", "up")
                route = f"{NETWORK}.0/24 dev eth0 src {host.address} congctl cubic"  # as hosts of a cluster have it
                host.ip("route", "replace", *route.split())
                host.ip("route", "add", "default", "dev", "eth0")
            if link is not None:
                found.shape(link)
        except subprocess.CalledProcessError as problem:
            raise OSError(f"no network: {problem.stderr}") from None
        yield found


def has_netem(place: Host) -> bool:
    """Whether the kernel delays frames."""
    try:
        place.net("tc", "qdisc", "replace", "dev", "lo", "root", "netem", "delay", "1us")
    except subprocess.CalledProcessError:
        return False
    return True


def missing(*more: str) -> str:
    """Why there can be none here; empty if there can."""
    if os.geteuid():
        return "needs root"
    lacking = [name for name in ("unshare", "nsenter", "setpriv", "ip", "mount", *more) if shutil.which(name) is None]
    return f"needs {', '.join(lacking)}" if lacking else ""
