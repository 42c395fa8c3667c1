"""What others may try on a session's sockets: strangers, impostors, and members that lie (F46 to F49)."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

pytest.importorskip("zmq")

import zmq
import zmq.utils.z85

from ramba.errors import ConfigError, ProtocolError, SecurityWarning
from ramba.runtime.sockets import security, wire
from ramba.runtime.sockets.security import Keys
from ramba.runtime.sockets.wire import Header, Kind, Peer
from tests.fault.proxy import Proxy
from tests.runtime.groups import Pair, pair, receive

pytestmark = [pytest.mark.security, pytest.mark.one_process, pytest.mark.timeout(60)]


def address(peer: Peer) -> tuple[str, int]:
    host, port = str(peer.remote).removeprefix("tcp://").split(":")
    return host, int(port)


def works(ends: Pair, tag: int) -> bool:
    """Whether the group still exchanges messages."""
    ends.driver.post(0, tag, np.full(3_000_000, tag, np.uint8))
    return bool((receive(ends.worker, 1, tag) == tag).all())


def test_f46_strangers_are_not_heard_and_cost_nothing() -> None:
    with pair(remote=True) as ends:
        assert works(ends, 1)
        where, before = address(ends.peers[0]), psutil.Process().memory_info().rss
        silent = []
        for number in range(300):
            with socket.create_connection(where) as stranger, contextlib.suppress(OSError):
                stranger.sendall((b"GET / HTTP/1.1\r\n\r\n", os.urandom(2000), b"\xff" * 100)[number % 3])
            if number < 200:
                silent.append(socket.create_connection(where))
        naked = zmq.Context.instance().socket(zmq.DEALER)
        naked.linger = 0
        naked.connect(str(ends.peers[0].remote))
        naked.send(wire.encode(Header(1, 1, 0, 2, Kind.DATA, 5)))
        news = ends.worker.io_thread.news
        assert works(ends, 2)
        assert ends.worker.io_thread.news == news + 3  # its own parts, and nothing else
        assert psutil.Process().memory_info().rss - before < 20 << 20
        for stranger in silent:
            stranger.close()
        naked.close()


def test_f46_refusals_are_logged_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    with pair(remote=True) as ends:
        for _ in range(3):
            intrude(ends, Keys(), ends.peers[0].key)
        door = ends.worker.io_thread.door
        assert door is not None
        while door.refused < 3:
            time.sleep(0.01)
    assert sum("are not members" in record.message for record in caplog.records) == 1


def intrude(ends: Pair, keys: Keys, server: bytes) -> bool:
    """Connects with these keys; whether the worker lets it in."""
    with contextlib.closing(zmq.Context.instance().socket(zmq.DEALER)) as intruder:
        intruder.linger = 0
        keys.show(intruder)
        intruder.curve_serverkey = server
        monitor = intruder.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        monitor.rcvtimeo = 1000
        intruder.connect(str(ends.peers[0].remote))
        try:
            number = int.from_bytes(monitor.recv_multipart()[0][:2], "little")
        except zmq.Again:
            number = 0
        intruder.disable_monitor()
        monitor.close(0)
        return number == zmq.EVENT_HANDSHAKE_SUCCEEDED


def test_f47_a_key_of_this_session_is_needed() -> None:
    with pair(remote=True) as ends:
        mine = ends.peers[0].key
        assert not intrude(ends, Keys(), mine)  # a key that nobody knows
        assert not intrude(ends, Keys(), Keys().public)  # and the wrong one for the server
        with pair(remote=True) as earlier:
            former = Keys()
            earlier.worker.io_thread.door._allowed[zmq.utils.z85.decode(former.public)] = 1  # type: ignore[union-attr]
            assert intrude(earlier, former, earlier.peers[0].key)
        assert not intrude(ends, former, mine)  # right once, in another session
        assert works(ends, 1)


class Liar:
    """A member with a good key that sends whatever it likes; the worker takes it for the driver."""

    def __init__(self, ends: Pair) -> None:
        self.keys = Keys()
        door = ends.worker.io_thread.door
        assert door is not None
        door._allowed[zmq.utils.z85.decode(self.keys.public)] = 1
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.keys.show(self.socket)
        self.socket.curve_serverkey = ends.peers[0].key
        self.socket.connect(str(ends.peers[0].remote))
        self.ends = ends

    def say(self, *frames: bytes) -> None:
        """Sends a message as it is."""
        self.socket.send_multipart(frames)

    def header(self, payload: bytes | None = None, **changes: int) -> list[bytes]:
        """The frames of a message that is right but for some fields of its header."""
        right = {"epoch": 1, "source": 1, "to": 0, "sequence": 1, "kind": Kind.DATA, "tag": 3, "nbytes": 4}
        values = list((right | {"offset": 0, "segment": 0, "descriptor": 0} | changes).values())
        encoded = msgspec.msgpack.encode(values)
        return [bytes([len(encoded)]) + encoded + (b"abcd" if payload is None else payload)]

    def refused(self) -> str:
        """What the driver is told."""
        with pytest.raises(ProtocolError) as caught:
            while True:
                self.ends.driver.wait()
        return str(caught.value)


@pytest.fixture
def liar() -> Iterator[Liar]:
    with pair(remote=True) as ends:
        made = Liar(ends)
        yield made
        made.socket.close()


def encoded(values: object) -> bytes:
    content = msgspec.msgpack.encode(values)
    return bytes([len(content)]) + content


LIES = {
    "nothing": [b""],
    "junk": [b"\x05\xc1\xc1\xc1\xc1\xc1"],
    "another type": [encoded({"a": 1})],
    "too few fields": [encoded([1, 1, 0])],
    "too many fields": [encoded([1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 7])],
    "a text for a number": [encoded([1, 1, 0, 1, 1, "x"])],
    "a negative size": [encoded([1, 1, 0, 1, 1, 0, -5])],
    "a huge number": [encoded([1, 1, 0, 1, 1, 0, 1 << 63])],
    "an unknown kind": [encoded([1, 1, 0, 1, 99])],
    "frames without end": [encoded([1, 1, 0, 1, 1]), b"a", b"b", b"c"],
    "a pickle": [b"\x80\x04\x95\x1b\x00\x00\x00"],
}
WRONG = {
    "more than all memory": {"nbytes": 1 << 60},
    "less than announced": {"nbytes": 1},
    "in the middle": {"nbytes": 100, "offset": 50},
    "in another name": {"source": 0},
    "to somebody else": {"to": 1},
    "of the future": {"epoch": 2},
    "number left out": {"sequence": 2},
    "a command of somebody who is no parent": {"kind": Kind.REPORT},
    "memory that is not there": {"kind": Kind.SHARED, "descriptor": 9999, "payload": 0},
    "memory that can be taken away": {"kind": Kind.SHARED, "descriptor": 0, "payload": 0},
}


@pytest.mark.parametrize("lie", LIES)
def test_f48_frames_that_are_no_messages(liar: Liar, lie: str) -> None:
    liar.say(*LIES[lie])
    assert "heard no more of member 1" in liar.refused()


@pytest.mark.parametrize("lie", WRONG)
def test_f48_messages_that_do_not_fit(liar: Liar, lie: str) -> None:
    changes = dict(WRONG[lie])
    payload = b"" if changes.pop("payload", 1) == 0 else None
    before = psutil.Process().memory_info().vms
    liar.say(*liar.header(payload, **changes))
    liar.refused()
    assert psutil.Process().memory_info().vms - before < 1 << 30
    liar.say(*liar.header(sequence=2))
    time.sleep(0.05)
    assert liar.ends.worker.collect(1, 3) is None


def test_f48_a_frame_that_is_too_long_ends_the_connection(liar: Liar) -> None:
    liar.say(b"x" * (wire.LONGEST + 1))
    # m24: ZeroMQ drops the long one and what is on its way, and goes on; the number tells
    while liar.ends.driver.failure is None:
        liar.say(*liar.header(sequence=2))
        time.sleep(0.01)
    assert "where 1 was expected" in liar.refused()


def test_f49_replayed_and_reordered_messages(liar: Liar) -> None:
    liar.say(*liar.header())
    receive(liar.ends.worker, 1, 3)
    liar.say(*liar.header())
    assert "where 2 was expected" in liar.refused()


def test_f49_an_old_epoch_is_not_heard(liar: Liar) -> None:
    liar.say(*liar.header(epoch=0))
    liar.say(*liar.header())
    assert receive(liar.ends.worker, 1, 3).tobytes() == b"abcd"


def test_f49_recorded_bytes_cannot_be_played_again() -> None:
    with Proxy() as proxy, pair(remote=True, detour=proxy.before) as ends:
        assert works(ends, 1)
        with socket.create_connection(address(ends.peers[0])) as player, contextlib.suppress(OSError):
            player.sendall(b"".join(proxy.recorded)[:100_000])
            player.settimeout(0.5)
            while player.recv(65536):
                pass
        assert ends.worker.collect(1, 1) is None
        assert works(ends, 2)
        assert not b"".join(proxy.recorded).count(b"\x01" * 100)  # nor does it show what was sent


def test_plain_traffic_is_for_private_networks() -> None:
    with pytest.warns(SecurityWarning, match="transport_security"):
        security.allow_plain("tcp://192.168.1.5:4000")
    with pytest.raises(ConfigError, match="transport_security"):
        security.allow_plain("tcp://8.8.8.8:4000")


def test_nothing_is_unpickled() -> None:
    folder = Path(security.__file__).parent
    assert not [path.name for path in folder.glob("*.py") if "import pickle" in path.read_text()]
