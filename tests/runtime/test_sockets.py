"""The transport over sockets: order, tags, failures, large messages, shared memory that comes back."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("zmq")

from ramba.errors import ProtocolError, VersionMismatchError, VersionMismatchWarning
from ramba.runtime.sockets import shared, tree, versions
from ramba.runtime.sockets.folder import Folder
from ramba.runtime.sockets.wire import Peer
from ramba.runtime.transport import TAG_BITS, Cancelled, Poison
from tests.runtime.groups import Pair, pair, receive

pytestmark = [pytest.mark.timeout(60), pytest.mark.one_process]


@pytest.fixture(params=["same host", "other host", "unprotected"])
def ends(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with pair(remote=request.param == "other host", secure=request.param != "unprotected") as made:
        yield made


def numbers(nbytes: int) -> np.ndarray:
    return np.resize(np.arange(251, dtype=np.uint8), nbytes)


@pytest.mark.parametrize("nbytes", [0, 1, 100, 16383, 16384, 16385, 1 << 20, (5 << 20) + 3])
def test_messages_arrive_as_they_were_sent(ends: Pair, nbytes: int) -> None:
    sent = numbers(nbytes)
    for sender, receiver in ((ends.driver, ends.worker), (ends.worker, ends.driver)):
        memory = sender.buffer(receiver.rank, nbytes)
        memory[:] = sent
        sender.post(receiver.rank, 7, memory)
        message = receive(receiver, sender.rank, 7)
        assert message.dtype == np.uint8
        assert message.shape == (nbytes,)
        assert np.array_equal(message, sent)
        assert receiver.collect(sender.rank, 7) is None


def test_memory_from_elsewhere_can_be_sent_too(ends: Pair) -> None:
    sent = numbers(100_000)
    ends.driver.post(0, 1, sent)
    ends.driver.post(0, 2, sent)
    assert np.array_equal(receive(ends.worker, 1, 1), sent)
    assert np.array_equal(receive(ends.worker, 1, 2), sent)


def test_tags_keep_messages_apart(ends: Pair) -> None:
    for tag in range(500):
        ends.driver.post(0, tag, np.full(tag % 30, tag % 251, np.uint8))
    for tag in reversed(range(500)):
        message = receive(ends.worker, 1, tag)
        assert len(message) == tag % 30
        assert (message == tag % 251).all()


def test_commands_come_in_order(ends: Pair) -> None:
    wanted = [b"x" * (1 << 20) * (number % 3) + b"%d" % number for number in range(20)]
    for command in wanted:
        ends.driver.command(command)
    assert [ends.worker.next_command() for _ in wanted] == wanted


def test_a_command_that_is_sent_again_is_heard_once(ends: Pair) -> None:
    """After an interrupt a driver may not know that it has sent it."""
    ends.driver.command(b"first")
    ends.driver.sent -= 1
    ends.driver.command(b"first")
    ends.driver.command(b"second")
    assert [ends.worker.next_command() for _ in range(2)] == [b"first", b"second"]


def test_a_cancel_means_the_commands_that_it_names(ends: Pair) -> None:
    for number in range(1, 5):
        ends.driver.command(b"%d" % number)
    ends.driver.cancel(1, 1)
    ends.driver.cancel(3, 3)
    ends.driver.post(0, 1, numbers(3))
    receive(ends.worker, 1, 1)
    for number in range(1, 5):
        assert ends.worker.next_command() == b"%d" % number
        if number in (1, 3):
            with pytest.raises(Cancelled):
                ends.worker.examine()
        ends.worker.examine()


def test_a_failed_sender_is_told_of_once_for_each_command(ends: Pair) -> None:
    first, second = 5 << TAG_BITS, 6 << TAG_BITS
    ends.driver.post(0, first + 1, numbers(10))
    ends.driver.post(0, first + 2, None)
    ends.driver.post(0, second + 1, None)
    ends.driver.post(0, 8 << TAG_BITS, numbers(3))
    receive(ends.worker, 1, 8 << TAG_BITS)
    assert len(receive(ends.worker, 1, first + 1)) == 10
    for tag in (first + 2, first + 3, second):
        with pytest.raises(Poison):
            ends.worker.collect(1, tag)
    assert ends.worker.collect(1, 7 << TAG_BITS) is None
    ends.worker.forget(6 << TAG_BITS)
    assert ends.worker.collect(1, first) is None


def test_forgotten_messages_are_gone(ends: Pair) -> None:
    for tag in (1, 2, 3):
        ends.driver.post(0, tag, numbers(20_000))
    receive(ends.worker, 1, 3)
    ends.worker.forget(3)
    assert ends.worker.collect(1, 1) is None
    assert ends.worker.collect(1, 2) is None


def test_two_messages_with_one_tag_are_refused(ends: Pair) -> None:
    for _ in range(2):
        ends.worker.post(1, 1, numbers(5))
    with pytest.raises(ProtocolError, match="two messages"):
        while True:
            ends.driver.wait()


def test_shared_memory_is_read_where_it_is_and_used_again() -> None:
    with pair() as ends:
        addresses = set()
        for tag in range(20):
            memory = ends.driver.buffer(0, 1 << 20)
            addresses.add(memory.ctypes.data)
            memory[:] = tag
            ends.driver.post(0, tag, memory)
            del memory
            message = receive(ends.worker, 1, tag)
            assert not message.flags.writeable
            assert (message == tag).all()
            del message
            ends.worker.post(1, tag, numbers(1))  # the occasion on which it is given back
            receive(ends.driver, 0, tag)
        assert len(addresses) <= 2


def test_memory_in_use_is_not_used_again() -> None:
    with pair() as ends:
        kept = []
        for tag in range(10):
            ends.driver.post(0, tag, np.full(1 << 20, tag, np.uint8))
            kept.append(receive(ends.worker, 1, tag).view(np.int32)[1:])
            ends.worker.post(1, tag, numbers(1))
            receive(ends.driver, 0, tag)
        for tag, view in enumerate(kept):
            assert (view.view(np.uint8) == tag).all()


def test_memory_that_nobody_uses_goes_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_RETAINED", 0)
    monkeypatch.setattr(shared, "_share", 1)
    with pair() as ends:
        before = descriptors()
        for tag in range(12):
            ends.driver.post(0, tag, np.full((5 + tag) << 20, tag, np.uint8))
            assert receive(ends.worker, 1, tag)[-1] == tag
            ends.worker.post(1, tag, numbers(1))
            receive(ends.driver, 0, tag)
        ends.driver.buffer(0, 20_000)
        assert descriptors() - before < 5


def descriptors() -> int:
    gc.collect()
    return sum("memfd" in os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())


def test_more_than_two_gigabytes() -> None:
    nbytes = (1 << 31) + (1 << 20)
    with pair() as ends:
        memory = ends.driver.buffer(0, nbytes)
        memory[0], memory[-1] = 3, 4
        ends.driver.post(0, 1, memory)
        message = receive(ends.worker, 1, 1)
        assert message.nbytes == nbytes
        assert (message[0], message[-1]) == (3, 4)


@pytest.mark.slow
def test_more_than_two_gigabytes_to_another_host() -> None:
    nbytes = (1 << 31) + 12345
    with pair(remote=True) as ends:
        memory = np.zeros(nbytes, np.uint8)
        memory[0], memory[-1] = 3, 4
        ends.driver.post(0, 1, memory)
        message = receive(ends.worker, 1, 1)
        assert message.nbytes == nbytes
        assert (message[0], message[-1]) == (3, 4)


def test_nothing_is_left() -> None:
    def traces() -> set[str]:
        return {str(path) for folder in ("/dev/shm", "/tmp") for path in Path(folder).glob("*ramba*")}

    with pair() as ends:
        ends.driver.post(0, 1, numbers(1 << 20))
        receive(ends.worker, 1, 1)
        mine = str(Path(ends.peers[0].local.removeprefix("ipc://")).parent)
    assert not [trace for trace in traces() if trace.startswith(mine)]


def test_directories_of_dead_owners_are_swept() -> None:
    script = "from ramba.runtime.sockets.folder import Folder; import os; print(Folder().path, flush=True); os._exit(1)"
    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False).stdout.strip()
    assert Path(dead).is_dir()
    living = Folder()
    another = Folder()
    assert not Path(dead).exists()
    assert living.path.is_dir()
    assert living.path.stat().st_mode & 0o777 == 0o700
    living.close()
    another.close()
    assert not living.path.exists()


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6, 20, 21, 100, 1024])
def test_every_worker_hears_from_one_member(size: int) -> None:
    heard = {child: member for member in range(size + 1) for child in tree.children(member, size)}
    assert sorted(heard) == list(range(size))
    assert all(tree.parent(child, size) == member for child, member in heard.items())
    for rank in range(size):
        hops, member = 0, rank
        while member != size:
            hops, member = hops + 1, heard[member]
        assert 4 ** (hops - 1) <= 3 * size


@pytest.mark.fault
@pytest.mark.parametrize("name", ["ramba", "protocol", "python", "byteorder"])
def test_other_versions_are_refused_with_both_named(name: str) -> None:
    theirs = versions.own() | {name: "0.0.0"}
    with pytest.raises(VersionMismatchError, match=r"host7 has .* 0\.0\.0, the driver has ") as caught:
        versions.compare(theirs, "Worker 3 on host7")
    assert versions.own()[name] in str(caught.value)


@pytest.mark.fault
def test_other_libraries_are_warned_of() -> None:
    own = versions.own()
    versions.compare(own | {"numpy": own["numpy"] + ".1"}, "Worker 3")
    with pytest.warns(VersionMismatchWarning, match=r"NumPy 1\.0"):
        versions.compare(own | {"numpy": "1.0"}, "Worker 3")


def test_one_way_takes_less_than_a_millisecond() -> None:
    with pair() as ends:
        times = []
        for tag in range(200):
            begin = time.perf_counter()
            ends.driver.post(0, tag, numbers(8))
            receive(ends.worker, 1, tag)
            times.append(time.perf_counter() - begin)
        assert min(times) < 1e-3


def test_a_message_without_room_troubles_only_who_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shared memory that cannot be mapped: MemoryError for that message; the next ones come."""
    with pair() as ends:
        mapped = shared._map

        def refuse(*arguments: object, **words: object) -> None:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")

        def short(source: int, process: int, descriptor: int) -> object:
            with monkeypatch.context() as patch:
                patch.setattr(shared.mmap, "mmap", refuse)
                return mapped(source, process, descriptor)

        monkeypatch.setattr(shared, "_map", short)
        ends.driver.post(0, 1, numbers(200_000))
        with pytest.raises(MemoryError, match="Unable to map"):
            receive(ends.worker, 1, 1)
        monkeypatch.setattr(shared, "_map", mapped)
        ends.driver.post(0, 2, numbers(200_000))
        assert np.array_equal(receive(ends.worker, 1, 2), numbers(200_000))
        assert ends.driver.failure is None


def test_a_long_message_without_room_troubles_only_who_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pair(remote=True) as ends:
        empty = np.empty

        def short(shape: object, *arguments: object) -> np.ndarray:
            if shape == 3_000_000:
                raise MemoryError
            return empty(shape, *arguments)  # type: ignore[call-overload, no-any-return]

        sent = numbers(3_000_000)
        monkeypatch.setattr(np, "empty", short)
        ends.driver.post(0, 1, sent)
        ends.driver.post(0, 2, sent[:100])
        with pytest.raises(MemoryError, match="3000000 bytes"):
            receive(ends.worker, 1, 1)
        assert np.array_equal(receive(ends.worker, 1, 2), sent[:100])
        assert ends.driver.failure is None


def test_memory_of_a_process_that_has_ended_is_a_loss_and_no_attack() -> None:
    """Its last message may be read a moment after its end."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pair() as ends:
        peer = ends.peers[0]
        ends.driver.newest.peers = [
            Peer(peer.number, ended.pid, peer.host, peer.local, peer.remote, peer.key, peer.shares),
            ends.peers[1],
        ]
        message = ends.worker.buffer(1, 1 << 20)
        message[:] = 7
        ends.worker.post(1, 5, message)
        deadline = time.monotonic() + 10
        while not ends.suspects and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ends.suspects == [(0, "its process has ended, and its memory with it")]
        assert ends.driver.failure is None
        ends.driver.examine()
