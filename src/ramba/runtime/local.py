"""Several workers in this process, who take turns: everything a cluster does, in an order that is always the same."""

from __future__ import annotations

import inspect
import os
import platform
from collections.abc import Sequence

from ramba import config
from ramba.kernels.group import Waiting
from ramba.runtime import messages
from ramba.runtime.member import Member
from ramba.runtime.messages import Command, Question, Work
from ramba.runtime.transport import Facts, Transport
from ramba.runtime.transport.mailbox import Mailbox, Mailboxes


class LocalLink:
    """Members that obey in turns, whenever they are commanded."""

    replaces = False
    one_driver = True

    fixed = ""

    def __init__(self, size: int) -> None:
        self.transport: Transport
        self._present: list[Member] = []  # those of the group that is being changed
        self._all: list[Member] = []  # and those that were enlisted
        self.post = Mailboxes(size)
        self.form([Member(Mailbox(self.post, rank)) for rank in range(size)])

    def form(self, workers: list[Member]) -> None:
        """A group of these."""
        self.post = Mailboxes(len(workers))
        self.workers = workers
        for rank, member in enumerate(workers):
            member.trace("no")  # they are told anew
            member.transport = Mailbox(self.post, rank)
            member.reset()
        self.turns = [Turns(member) for member in workers]
        self.transport = Mailbox(self.post, len(workers))
        threads = config.current().num_threads
        self.members = [Facts(rank, os.getpid(), platform.node(), threads, {}) for rank in range(len(workers))]
        self.sent = 0
        self._cancelled = 0  # the last message that nobody wants, and with it all before

    def enlist(self, workers: int | None) -> list[int]:
        """More of them cost nothing."""
        count = workers or 2
        self._present = list(self.workers)
        self._all = self.workers + [Member(Mailbox(self.post, rank)) for rank in range(len(self.workers), count)]
        return list(range(count))

    def widen(self) -> None:
        """A group of all of them."""
        self.form(self._all)

    def narrow(self, stays: Sequence[int]) -> None:
        """A group of some."""
        self.form([self.workers[rank] for rank in stays])

    def settle(self) -> None:
        """The others are gone."""
        for member in self._present:
            if member not in self.workers:
                member.trace("no")
        self._present, self._all = [], []

    def go_back(self) -> None:
        """As it was."""
        if self._present and self.workers != self._present:
            self.form(self._present)
        self._present, self._all = [], []

    def command(self, message: bytes) -> None:
        """Has every worker obey, each until it waits for another one. An interrupt ends only what they compute."""
        self.take(message)
        self.work()

    def take(self, message: bytes) -> None:
        """Puts a message before every worker."""
        number, commands = self.sent + 1, messages.commands(message)
        for turns in self.turns:
            turns.commands[number] = commands
        self.sent = number

    def work(self) -> None:
        """Has the workers do all that they were commanded."""
        interrupt: KeyboardInterrupt | None = None
        while True:
            try:
                self._work()
                break
            except KeyboardInterrupt as problem:
                interrupt, self._cancelled = problem, self.sent
        if interrupt is not None:
            raise interrupt

    def _work(self) -> None:
        running = self.turns
        while running:
            before = self.post.moves
            left = [turns for turns in running if turns.go_on(self._cancelled)]
            assert len(left) < len(running) or self.post.moves > before, "workers wait for each other"
            running = left

    def cancel(self, first: int = 1, last: int | None = None) -> None:
        """What was not begun, because an interrupt came before, is not; nothing runs while the driver runs."""
        if first == 1:
            self._cancelled = max(self._cancelled, self.sent if last is None else last)

    def recover(self) -> None:
        """Never needed: these workers live as long as the driver."""

    def close(self) -> None:
        """Drops the workers' arrays; who listens to this process listens to them no more."""
        for member in self.workers:
            member.trace("no")
        self.turns.clear()
        self.workers.clear()


class Turns:
    """What one worker is to do, taken up where it waited, or where an interrupt came in between."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.commands: dict[int, tuple[Command, ...]] = {}  # by message
        self._next = 1, 0  # message and command
        self._begun = 0, 0
        self._work: Waiting[None] | None = None

    def go_on(self, cancelled: int) -> bool:
        """Follows the worker until it waits (True) or has done everything (False)."""
        while True:
            if self._work is None or inspect.getgeneratorstate(self._work) == inspect.GEN_CLOSED:
                number, place = self._next
                if number not in self.commands:
                    return False
                if place == len(self.commands[number]):
                    self._next = number + 1, 0
                    self.commands.pop(number)
                    continue
                command = self.commands[number][place]
                self.member.cancelled = number <= cancelled
                again = self._begun == self._next and isinstance(command, Work | Question)
                self._begun = self._next
                self._work = self.member.spoiled(command) if again else self.member.work_for(command)
            try:
                next(self._work)
                return True
            except StopIteration:
                self._next = self._next[0], self._next[1] + 1
