"""A program for `test_mpi`: members of its own obey over the MPI transport, and the driver checks what they say.

It is started with RAMBA_BACKEND=threads, so that the import of Ramba does not make its ranks workers.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Generator
from typing import Any

import numpy as np

from ramba.runtime import team
from ramba.runtime.collective import Collective
from ramba.runtime.member import work_off
from ramba.runtime.mpi import channel, launcher, link, sharing, worker
from ramba.runtime.pool import Pool
from ramba.runtime.transport import TAG_BITS, Cancelled, Poison, Transport

ANSWER = 60_000  # round of a command's tag in which members answer


class Member:
    """Obeys commands of words and numbers."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.base = 0

    def obey(self, command: bytes) -> Generator[None, None, None]:
        word, *numbers = command.decode().split()
        self.base += 1 << TAG_BITS
        try:
            answer = yield from getattr(self, word)(*map(int, numbers))
        except Cancelled:
            answer = [-1]
        except Poison as poison:
            answer = [1000 + poison.args[0]]
        self.transport.post(self.transport.size, self.base + ANSWER, np.array(answer, np.int64).view(np.uint8))

    def receive(self, source: int, tag: int) -> Generator[None, None, np.ndarray]:
        while (message := self.transport.collect(source, tag)) is None:
            yield
        return message

    def rank(self, *_: int) -> Generator[None, None, list[int]]:
        yield from ()
        return [self.transport.rank]

    def echo(self, nbytes: int) -> Generator[None, None, list[int]]:
        """Sends around the ring what the driver sent."""
        size, rank = self.transport.size, self.transport.rank
        message = yield from self.receive(size, self.base)
        self.transport.post((rank + 1) % size, self.base + 1, message)
        message = yield from self.receive((rank - 1) % size, self.base + 1)
        return [len(message), int(message.sum(dtype=np.int64)), int(message[-1]) if nbytes else 0]

    def reduce(self, count: int) -> Generator[None, None, list[int]]:
        group = Collective(self.transport, Pool())
        group.tag = self.base
        total = yield from group.reduce(np.full(count, self.transport.rank + 1), np.add)
        return [len(total), *set(total.tolist())]

    def fail(self, source: int, nbytes: int) -> Generator[None, None, list[int]]:
        """One member sends a long message, and then fails: the first arrives, the second does not."""
        size, rank = self.transport.size, self.transport.rank
        if rank == source:
            for to in range(size):
                if to != rank:
                    self.transport.post(to, self.base, self.transport.buffer(to, nbytes))
                    self.transport.post(to, self.base + 1, None)
            return [0]
        message = yield from self.receive(source, self.base)
        assert len(message) == nbytes
        yield from self.receive(source, self.base + 1)
        return [1]

    def hang(self) -> Generator[None, None, list[int]]:
        while True:
            yield

    def compute(self) -> Generator[None, None, list[int]]:
        """Long work on the thread team, in short pieces."""
        yield from ()
        team.current().map(lambda _: time.sleep(0.01), 3000)
        return [0]

    def held(self) -> Generator[None, None, list[int]]:
        """Bytes of shared memory that this rank has."""
        yield from ()
        channel = self.transport.channel  # type: ignore[attr-defined]
        return [sum(segment.nbytes for segment in channel._sharing._segments._segments.values())]

    def busy(self) -> Generator[None, None, list[int]]:
        yield from ()
        return [time.process_time_ns() // 1000]


def serve(member: Member, next_command: Any) -> None:
    while (command := next_command()) is not None:
        work_off(member.obey(command), member.transport)


class Driver:
    """Commands all members, and collects what they answer."""

    def __init__(self) -> None:
        self.link = link.MpiLink()
        self.transport = self.link.transport
        self.base = 0

    def ask(self, command: str, content: np.ndarray | None = None) -> list[list[int]]:
        self.base += 1 << TAG_BITS
        self.link.command(command.encode())
        if content is not None:
            for worker in range(self.transport.size):
                self.transport.post(worker, self.base, content)
        answers = []
        for worker in range(self.transport.size):
            while (message := self.transport.collect(worker, self.base + ANSWER)) is None:
                self.transport.wait()
            answers.append(message.view(np.int64).tolist())
        return answers


def check_messages(driver: Driver, piece: int) -> None:
    workers = range(driver.transport.size)
    assert driver.ask("rank") == [[worker] for worker in workers]
    assert driver.ask("rank " + "1 " * 50_000) == [[worker] for worker in workers], "a long command"
    for nbytes in (
        0,
        1,
        1000,
        16384,
        16385,
        (64 << 10) - 1,
        64 << 10,
        5 << 20,
        piece - 1,
        piece,
        piece + 1,
        5 * piece + 3,
    ):
        content = np.random.default_rng(nbytes).integers(0, 256, nbytes, np.uint8)
        expected = [nbytes, int(content.sum(dtype=np.int64)), int(content[-1]) if nbytes else 0]
        assert driver.ask(f"echo {nbytes}", content) == [expected for _ in workers], nbytes
    total = sum(worker + 1 for worker in workers)
    assert driver.ask("reduce 5") == [[5, total] for _ in workers]
    if len(workers) > 1:
        assert driver.ask("fail 1 300000") == [[0] if worker == 1 else [1001] for worker in workers]


def check_memory(driver: Driver) -> None:
    """What was read is used again."""
    content = np.ones(5 << 20, np.uint8)
    for _ in range(30):
        driver.ask(f"echo {content.nbytes}", content)
    held = [answer[0] for answer in driver.ask("held")]
    shared = content.nbytes > sharing.SMALLEST
    assert all((content.nbytes if shared else 0) <= each <= 6 * content.nbytes for each in held), held


def check_order(driver: Driver) -> None:
    """Commands that nobody waits for are obeyed in order, long ones among them."""
    for k in range(50):
        driver.link.command(b"rank " + b"1 " * (20_000 * (k % 7 == 0)))
        driver.base += 1 << TAG_BITS
    assert driver.ask("rank") == [[worker] for worker in range(driver.transport.size)]
    driver.transport.forget(driver.base)


def check_cancel(driver: Driver, command: str) -> None:
    begin = time.monotonic()
    threading.Timer(0.3, driver.link.cancel).start()
    assert driver.ask(command) == [[-1] for _ in range(driver.transport.size)]
    assert 0.25 < time.monotonic() - begin < 10
    assert driver.ask("rank") == [[worker] for worker in range(driver.transport.size)], "what comes later is obeyed"


def main() -> None:
    piece = channel._PIECE
    driver = Driver()
    check_messages(driver, piece)
    check_memory(driver)
    check_order(driver)
    check_cancel(driver, "hang")
    check_cancel(driver, "compute")
    driver.link.close()
    driver.link.close()
    driver = Driver()
    assert driver.ask("rank") == [[worker] for worker in range(driver.transport.size)], "a second session"
    before, begin = driver.ask("busy"), time.perf_counter_ns()
    time.sleep(1)
    after, microseconds = driver.ask("busy"), (time.perf_counter_ns() - begin) // 1000
    shares = [(b[0] - a[0]) / microseconds for a, b in zip(before, after, strict=True)]
    print("idle", *(f"{share:.4f}" for share in shares))


channel._PIECE = int(sys.argv[1])
if sys.argv[2] == "pieces":
    sharing.SMALLEST = 1 << 62
if launcher.place().rank:  # type: ignore[union-attr]
    worker.work(Member, serve)
link.meet()
if len(sys.argv) > 3:  # one message of this size
    driver = Driver()
    content = np.zeros(int(sys.argv[3]), np.uint8)
    content[-1] = 7
    print("large", *driver.ask(f"echo {len(content)}", content)[0])
else:
    main()
assert "PMI_RANK" not in os.environ
