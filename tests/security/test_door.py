"""A worker refuses functions of Python and pickles until the driver opens its door, and from others always."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

from ramba.errors import ProtocolError
from ramba.runtime import messages
from ramba.runtime.local import LocalLink
from ramba.runtime.messages import CallFunction, Command, Fence, Learn, OpenDoor
from ramba.runtime.python.carriage import Named, carried
from ramba.runtime.python.values import pack
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
