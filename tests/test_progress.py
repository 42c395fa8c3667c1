"""The progress bar: silence for programs, and for what is soon over; gone when the work is done."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

from ramba import events
from ramba.engine import progress
from ramba.engine.progress import Progress, State
from tests.subject import ramba
from tests.test_explain import workers


class Screen:
    """Keeps what is drawn."""

    def __init__(self) -> None:
        self.states: list[State] = []
        self.open = 0
        self.drawn = threading.Event()

    def __call__(self) -> Screen:
        self.open += 1
        return self

    def draw(self, state: State) -> None:
        self.states.append(state)
        self.drawn.set()

    def close(self) -> None:
        self.open -= 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is; looks come quickly."""
    monkeypatch.setattr(progress, "BETWEEN", 0.001)
    return [0.0]


def test_nothing_before_two_seconds(clock: list[float]) -> None:
    screen = Screen()
    shown = Progress(screen, lambda: clock[0])
    shown.listen(events.Began(3))
    clock[0] = 1.9
    shown.look()
    assert screen.states == []
    shown.listen(events.Flushed(1, 1.9))
    shown.look()
    shown.close()
    assert screen.states == []


def test_what_is_shown_is_what_happens(clock: list[float]) -> None:
    screen = Screen()
    shown = Progress(screen, lambda: clock[0])
    shown.listen(events.Began(3))
    shown.listen(events.Ran("add", "compiled", 1, 1.0))
    assert shown.work.state() == State("kernel 2 of 3", 1, 3)
    shown.listen(events.Compiling("multiply"))
    assert shown.work.state() == State("compiling 1 of 3", 1, 3)
    shown.listen(events.Compiled("kernel", False, 1.0))
    shown.listen(events.Ran("multiply", "compiled", 1, 1.0))
    assert shown.work.state() == State("kernel 3 of 3", 2, 3)
    shown.listen(events.Asking(4))
    assert shown.work.state().text == "waiting for 4 workers"
    clock[0] = 2.1
    assert screen.drawn.wait(10)
    assert screen.open == 1
    shown.listen(events.Asked(4, 1.0))
    assert screen.open == 1
    shown.listen(events.Flushed(1, 3.0))
    assert screen.open == 0
    before = len(screen.states)
    time.sleep(0.01)
    assert len(screen.states) == before
    shown.close()


def test_calls_files_and_gathers_are_shown(clock: list[float]) -> None:
    screen = Screen()
    shown = Progress(screen, lambda: clock[0])
    for what, end in (
        ("sort", events.Called("sort", 3.0)),
        ("reading a.npy", events.FileRead("a.npy", 8, 3.0)),
        ("fetching 80.0 MB", events.Gathered(80_000_000, 3.0)),
    ):
        shown.listen(events.Working(what))
        assert shown.work.state().text == what
        shown.listen(events.Asking(2))
        shown.listen(events.Asked(2, 1.0))
        clock[0] += 2.1
        assert screen.drawn.wait(10)
        shown.listen(end)
        assert screen.open == 0
        assert shown.work.depth == 0
        screen.drawn.clear()
    shown.close()


@pytest.mark.own_modes
def test_all_that_begins_ends(tmp_path: Path) -> None:
    heard: list[events.Event] = []

    def kinds(*wanted: type) -> int:
        return sum(isinstance(event, wanted) for event in heard)

    numpy.save(tmp_path / "a.npy", numpy.arange(90_000.0))
    with events.subscribe(heard.append):
        a = ramba.load(tmp_path / "a.npy") * 2
        ramba.sync()
        ramba.sort(a)  # in the call
        ramba.sync()
        with workers(3):
            b = ramba.arange(90_000.0) * 2
            numpy.asarray(ramba.sort(b))
            with pytest.raises(IndexError):
                b[ramba.array([5, 90_000])]
    assert {event.what for event in heard if isinstance(event, events.Working)} >= {
        "reading a.npy", "sort", "fetching 0.7 MB",
    }  # fmt: skip
    assert kinds(events.Working) == kinds(events.Called, events.FileRead, events.Gathered)


def test_a_broken_terminal_disturbs_nobody(clock: list[float]) -> None:
    begun = threading.Event()

    def broken() -> Any:
        begun.set()
        raise OSError

    shown = Progress(broken, lambda: clock[0])
    for _ in range(2):
        begun.clear()
        shown.listen(events.Began(1))
        clock[0] += 3
        assert begun.wait(10)
        shown.listen(events.Flushed(1, 3.0))
    shown.close()


def test_programs_have_no_listener_and_no_thread() -> None:
    with ramba.config.set(progress="auto", eager_size=10):
        float((ramba.arange(100.0) + 1).sum())
        assert progress._progress is None
    with ramba.config.set(progress="on", eager_size=10):
        float((ramba.arange(100.0) + 1).sum())
        assert progress._progress is not None
        thread = progress._progress._thread
    with ramba.config.set(progress="off", eager_size=10):
        float((ramba.arange(100.0) + 1).sum())
        assert progress._progress is None
    assert events.listeners == ()
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()


PROGRAM = """
import sys, time
import ramba
from ramba import events
from ramba.engine import progress
{first}
progress.PATIENCE = 0.1
a = ramba.arange(200_000.0) + 1
ramba.sync()
slow = events.subscribe(lambda event: time.sleep(1.5) if isinstance(event, events.Began) else None)
print(float((a * 2).sum()))
"""


def on_terminal(first: str, **variables: str) -> tuple[str, str]:
    """What a program writes to stdout, and to a terminal as stderr."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAMBA_")}
    done = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(first=first)],
        env=environment | {"TERM": "xterm", "COLUMNS": "100"} | variables, stdout=subprocess.PIPE, stderr=theirs,
        stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 4096):
            written += part
    except OSError:  # a terminal ends so
        pass
    output = done.communicate(timeout=60)[0]
    os.close(ours)
    assert done.returncode == 0, written
    return output, written.decode()


def test_a_terminal_shows_a_line_and_is_clean_again() -> None:
    pytest.importorskip("rich")
    output, written = on_terminal("sys.ps1 = '>>> '")
    assert output == "40000200000.0\n"
    assert "kernel 1 of" in written
    assert written.rstrip().endswith("\x1b[2K")  # the last thing it does is to erase the line


def test_a_script_on_a_terminal_is_silent() -> None:
    assert on_terminal("")[1] == ""
    assert on_terminal("sys.ps1 = '>>> '", RAMBA_PROGRESS="off")[1] == ""
    assert "kernel 1 of" in on_terminal("", RAMBA_PROGRESS="on")[1]


def test_without_a_library_it_is_silent() -> None:
    first = "sys.ps1 = '>>> '; sys.modules['rich.progress'] = sys.modules['tqdm.auto'] = None"
    assert on_terminal(first)[1] == ""


def test_a_pipe_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    monkeypatch.setattr(progress, "_is_terminal", lambda: False)
    assert not progress.interactive()
    monkeypatch.setattr(progress, "_is_terminal", lambda: True)
    assert progress.interactive()


def test_without_a_library_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress._Plain()
    shown.draw(progress.State("waiting for 3 workers", 0, 0))
    shown.draw(progress.State("sort", 0, 0))
    shown.close()
    said = capsys.readouterr().err
    assert said.startswith("\rwaiting for 3 workers, 2 s\rsort, 2 s")
    assert said.endswith(" \r")
