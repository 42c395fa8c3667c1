"""A worker refuses functions of Python and pickles until the driver opens its door, and from others always."""

from __future__ import annotations

import pathlib
import queue
from typing import Any

import numpy as np
import pytest

from ramba.errors import ProtocolError
from ramba.remote.at_worker import Service
from ramba.remote.letters import Begin, Done, Introduce, Line, read
from ramba.runtime import messages
from ramba.runtime.local import LocalLink
from ramba.runtime.messages import CallFunction, Command, Fence, Learn, OpenDoor
from ramba.runtime.python.carriage import Named, carried
from ramba.runtime.python.outcomes import Raised
from ramba.runtime.python.values import pack
from ramba.runtime.transport.mailbox import Mailbox, Mailboxes
from tests.runtime.groups import pair

pytestmark = [pytest.mark.security, pytest.mark.one_process, pytest.mark.timeout(60)]


class Trap:
    """Leaves a trace where it is unpickled."""

    def __init__(self, file: pathlib.Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return pathlib.Path.touch, (self.file,)


def told(*commands: Command) -> list[str]:
    """What two workers report that were told something."""
    link = LocalLink(2)
    link.command(messages.encode((*commands, Fence(99))))
    return [
        f"{problem.kind}: {problem.text}"
        for turns in link.turns
        for _, report in turns.member.unheard
        for problem in report.problems
    ]


def test_while_the_door_is_closed_nothing_is_unpickled(tmp_path: pathlib.Path) -> None:
    mark = tmp_path / "mark"
    lessons = [carried(lambda: mark.touch()), Named("os", "getpid")]
    for lesson in lessons:
        found = told(Learn(1, lesson), CallFunction(2, 1, (), pack(((Trap(mark),), {}))))
        assert len(found) == 4  # each worker, for each command
        assert all(text.startswith("ProtocolError: ") for text in found)
        assert any("before the driver said" in text for text in found)
    assert not mark.exists()
    assert not told(OpenDoor(), Learn(1, lessons[0]), CallFunction(2, 1, (), pack(((), {}))))
    assert mark.exists()


def test_commands_come_from_the_driver_alone() -> None:
    pytest.importorskip("zmq")
    from ramba.runtime.sockets.wire import Header, Kind  # here: it needs pyzmq

    message = np.frombuffer(messages.encode((OpenDoor(),)), np.uint8)
    with pair() as ends, pytest.raises(ProtocolError, match="sent a command"):
        ends.worker.arrived(Header(1, 0, 0, 1, Kind.COMMAND, 1, message.nbytes), message)


def test_letters_are_refused_where_nobody_asked_for_them_and_from_other_workers() -> None:
    pytest.importorskip("zmq")
    from ramba.runtime.sockets.wire import Header, Kind  # here: it needs pyzmq

    service = Service("session", Mailbox(Mailboxes(2), 0))
    content = np.frombuffer(Line("session").write(Introduce(1, Named("os", "getpid"))), np.uint8)

    def letter(source: int) -> Header:
        return Header(1, source, 0, 1, Kind.LETTER, 0, content.nbytes)

    with pair() as ends:
        driver = ends.driver.rank
        with pytest.raises(ProtocolError, match="LETTER"):
            ends.worker.arrived(letter(driver), content)
        ends.worker.listener = service
        with pytest.raises(ProtocolError, match="LETTER"):
            ends.worker.arrived(letter(driver + 1), content)


def test_what_comes_by_letter_waits_for_the_door(tmp_path: pathlib.Path) -> None:
    mark = tmp_path / "mark"
    box = Outbox(Mailboxes(1), 0)
    service = Service("session", box)
    line = Line("session")
    for content in (Introduce(1, carried(lambda: mark.touch())), Begin(2, 1, pack(((), {})))):
        service.heard(1, line.write(content))
    (done,) = Line("session").take(read(box.told.get(timeout=10)))
    assert isinstance(done, Done)
    assert isinstance(done.outcome, Raised)
    assert done.outcome.kind == "ProtocolError"
    assert not mark.exists()


class Outbox(Mailbox):
    """Keeps the letters that are written."""

    def __init__(self, post: Mailboxes, rank: int) -> None:
        super().__init__(post, rank)
        self.told: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def tell(self, to: int, letter: bytes) -> None:
        self.told.put(letter)
