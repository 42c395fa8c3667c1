"""A switch in user space, for kernels that cannot delay frames (no `netem`): hosts' links with a rate and a delay.

    python -m benchmarks.network.switch HOST ...

Every port is a TAP device named like its host, which whoever started this moves to the host's namespace. Frames may be
as long as 64 KB: the kernel leaves segmenting and checksums to the devices, and these hand both on. On standard input
come lines `shape HOST BITS_PER_SECOND SECONDS`, `cut HOST` and `join HOST`, each answered by a line.

A frame takes its length by the rate of the link to the switch, and waits there for the link to the receiver, which it
may enter when its first bit has come: as the frames of 1500 bytes that it stands for would. Each link then takes its
delay. What would wait for longer than `QUEUE` is dropped, as switches do. Times are computed, not taken: being late
once makes nothing late that follows.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import os
import select
import struct
import sys
import time
from collections import deque
from typing import NamedTuple

QUEUE = 20e-3  # s of traffic that a link may have waiting; who sends to one has a queue of his own before that
ROOM = 256 << 10  # bytes that may wait at any rate: a few frames
_OPEN = 0x400454CA, 0x0002 | 0x1000 | 0x4000  # TUNSETIFF; IFF_TAP, IFF_NO_PI, IFF_VNET_HDR
_OFFLOAD = 0x400454D0, 0x01 | 0x02 | 0x04  # TUNSETOFFLOAD; checksums, segments of TCP over IPv4 and IPv6
_HEADER = 10  # bytes before each frame: what is left to do to it
_WIRE = 24  # bytes that Ethernet adds to a frame on the wire
_SEGMENT = 1448  # bytes of TCP in a frame of 1500
_PREFIX = 66  # bytes of headers that each of them has
_LONGEST = 1 << 17
_TIMER_SLACK = 29  # prctl


class Waiting(NamedTuple):
    """A frame on its way to the switch."""

    first: float  # when its first bit is there
    number: int
    last: float  # when its last bit is there
    to: Port
    frame: bytes


class Port:
    """A host's link, both ways."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.device, _OPEN[0], struct.pack("16sH22x", name.encode(), _OPEN[1]))
        fcntl.ioctl(self.device, *_OFFLOAD)
        self.second = 0.0  # of a byte
        self.delay = 0.0
        self.up = True
        self.free_in = self.free_out = 0.0  # when the link has carried what it was given so far
        self.leaving: deque[tuple[float, bytes]] = deque()  # when it is at the host

    def limit(self) -> float:
        """Seconds that a frame may wait for this link."""
        return max(QUEUE, ROOM * self.second)


class Switch:
    """Ports and what is on its way between them."""

    def __init__(self, names: list[str]) -> None:
        self.ports = {name: Port(name) for name in names}
        self._by_device = {port.device: port for port in self.ports.values()}
        self._by_address: dict[bytes, Port] = {}
        self._coming: list[Waiting] = []
        self._number = 0

    def run(self) -> None:
        """Until standard input ends."""
        lines = b""
        while True:
            due = self._forward()
            ready = select.select([0, *self._by_device], (), (), None if due is None else max(0.0, due))[0]
            for descriptor in ready:
                if descriptor:
                    self._take(self._by_device[descriptor])
                    continue
                data = os.read(0, 4096)
                if not data:
                    return
                *whole, lines = (lines + data).split(b"\n")
                for line in whole:
                    self._obey(line.decode().split())

    def _obey(self, words: list[str]) -> None:
        verb, name, *numbers = words
        port = self.ports[name]
        if verb == "shape":
            rate, port.delay = map(float, numbers)
            port.second = 8 / rate if rate else 0.0
        else:
            port.up = verb == "join"
        os.write(1, b"done\n")

    def _take(self, port: Port) -> None:
        """Reads what a host sends."""
        for _ in range(64):
            try:
                frame = os.read(port.device, _LONGEST)
            except OSError:  # nothing more, or the device is gone
                return
            now = time.monotonic()
            source, target = frame[_HEADER + 6 : _HEADER + 12], frame[_HEADER : _HEADER + 6]
            self._by_address[source] = port
            to = self._by_address.get(target)
            others = [to] if to is not None else [each for each in self.ports.values() if each is not port]
            first = max(now, port.free_in)
            if not port.up or first - now > port.limit():
                continue
            port.free_in = last = first + length(frame) * port.second
            for each in others:
                self._number += 1
                delay = port.delay
                heapq.heappush(self._coming, Waiting(first + delay, self._number, last + delay, each, frame))

    def _forward(self) -> float | None:
        """Hands on what is due; seconds until the next is."""
        now = time.monotonic()
        while self._coming and self._coming[0].first <= now:
            first, _, last, to, frame = heapq.heappop(self._coming)
            begin = max(first, to.free_out)
            if to.up and begin - first <= to.limit():
                to.free_out = end = max(begin + length(frame) * to.second, last)
                to.leaving.append((end + to.delay, frame))
        due = [self._coming[0].first] if self._coming else []
        for port in self.ports.values():
            while port.leaving and port.leaving[0][0] <= now:
                frame = port.leaving.popleft()[1]
                if port.up:
                    try:
                        os.write(port.device, frame)
                    except OSError:  # the host has ended, or its queue is full
                        continue
            if port.leaving:
                due.append(port.leaving[0][0])
        return min(due) - time.monotonic() if due else None


def length(frame: bytes) -> int:
    """Bytes on the wire, with the headers of all frames that this one stands for."""
    nbytes = len(frame) - _HEADER
    more = max(0, nbytes - _PREFIX - 1) // _SEGMENT
    return nbytes + more * _PREFIX + (more + 1) * _WIRE


def main() -> None:
    """As fast as it can: a network takes no time of the hosts' processors, and asks nobody for one."""
    ctypes.CDLL(None).prctl(_TIMER_SLACK, 1, 0, 0, 0)
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    switch = Switch(sys.argv[1:])
    os.write(1, b"up\n")
    switch.run()


if __name__ == "__main__":
    main()
