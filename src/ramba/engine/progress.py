"""A progress bar for people who wait: silence for programs, and for everything that is over within two seconds.

It is a listener of events, which only counts, and a small thread, which looks at the clock. Neither exists unless the
setting ``progress`` asks for it. What is drawn goes to stderr, or into a notebook, and is gone when the work is done.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from ramba import config, events

PATIENCE = 2.0  # seconds before anything is shown
BETWEEN = 0.2  # seconds between two looks
FAREWELL = 1.0  # seconds that the end of the work waits for what is drawn to be gone


class State(NamedTuple):
    """What is shown."""

    text: str  # "compiling 2 of 5"
    done: int  # kernels
    planned: int  # kernels; 0: nobody knows


class Display(Protocol):
    """Something on a terminal that can be drawn again, and be gone."""

    def draw(self, state: State) -> None:
        """Shows another state."""

    def close(self) -> None:
        """Leaves nothing behind."""


class Work:
    """What is running: counted by a listener, on the thread that computes."""

    def __init__(self) -> None:
        self.depth = 0  # runs and questions that have begun and are not over
        self.since = 0.0
        self.planned = self.done = self.compiled = 0
        self.compiling = False
        self.called: list[str] = []  # calls, files and gathers that have begun and are not over
        self.asked = 0  # workers that are waited for

    def state(self) -> State:
        """The state now; from another thread."""
        if self.compiling:
            of = f" of {self.planned}" if self.planned > self.compiled else ""
            return State(f"compiling {self.compiled + 1}{of}", self.done, self.planned)
        if self.asked:  # in a call, perhaps: elements can be fetched when they are computed
            return State(f"waiting for {self.asked} workers", 0, 0)
        if self.called:
            return State(self.called[-1], self.done, self.planned)
        return State(f"kernel {min(self.done + 1, self.planned)} of {self.planned}", self.done, self.planned)


class Progress:
    """Listens, and has a thread show what takes long."""

    def __init__(self, display: Callable[[], Display | None], clock: Callable[[], float] = time.monotonic) -> None:
        self.work = Work()
        self.clock = clock
        self._display = display
        self._counting = threading.RLock()  # files are read by several threads
        self._drawing = threading.Lock()  # held while something is on the screen
        self._busy = threading.Event()
        self._idle = threading.Event()
        self._over = False
        self._thread: threading.Thread | None = None

    def listen(self, event: events.Event) -> None:
        """Counts."""
        with self._counting:
            self._count(event)

    def _count(self, event: events.Event) -> None:
        work = self.work
        match event:
            case events.Began(kernels):
                self._begin()
                work.planned += kernels
            case events.Asking(workers):
                self._begin()
                work.asked = workers
            case events.Working(what):
                self._begin()
                work.called.append(what)
            case events.Called() | events.FileRead() | events.Gathered() if work.called:
                work.called.pop()
                self._leave()
            case events.Compiling():
                work.compiling = True
            case events.Compiled():
                work.compiled += work.compiling
                work.compiling = False
            case events.Ran():
                work.done += 1
            case events.Flushed() | events.Asked():
                work.asked = 0
                self._leave()

    def _begin(self) -> None:
        self.work.depth += 1
        if self.work.depth > 1:
            return
        self.work.since = self.clock()
        self._idle.clear()
        self._busy.set()
        if self._thread is None or not self._thread.is_alive():  # it is not in a forked child
            self._thread = threading.Thread(target=self._watch, name="ramba-progress", daemon=True)
            self._thread.start()

    def _leave(self) -> None:
        self.work.depth -= 1
        if self.work.depth <= 0:
            self._end()

    def _end(self) -> None:
        self.work = Work()
        self._busy.clear()
        self._idle.set()
        if self._drawing.acquire(timeout=FAREWELL):  # what comes next may be the program's own output
            self._drawing.release()

    def close(self) -> None:
        """Ends the thread."""
        self._over = True
        self._idle.set()
        self._busy.set()

    def _watch(self) -> None:
        while not self._over:
            self._busy.wait()
            self._idle.wait(PATIENCE / 10)
            self.look()

    def look(self) -> None:
        """Shows what takes long; stays until it is over."""
        if self.clock() - self.work.since < PATIENCE:
            return
        try:
            with self._drawing:
                if self._busy.is_set():
                    self._show()
        except Exception:  # a terminal that is gone is no reason to disturb anybody
            self._idle.wait()

    def _show(self) -> None:
        display = self._display()
        if display is None:
            return
        with contextlib.closing(display):
            while self._busy.is_set() and not self._over:
                display.draw(self.work.state())
                self._idle.wait(BETWEEN)


# -- when and where


def interactive() -> bool:
    """Whether a person types the program: at Python's prompt, in IPython, in a notebook."""
    typed = hasattr(sys, "ps1") or bool(sys.flags.interactive) or hasattr(builtins, "__IPYTHON__")
    return typed and (notebook() or _is_terminal())


def notebook() -> bool:
    """Whether the output goes to a notebook."""
    get = getattr(builtins, "get_ipython", None)
    return get is not None and type(get()).__name__ == "ZMQInteractiveShell"


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # no stderr, or a closed one
        return False


def attend() -> None:
    """Begins or ends to show progress, as the settings say by now."""
    global _seen, _progress, _subscription
    settings = config.current()
    if settings is _seen:
        return
    _seen = settings  # once for each change: this is asked for every run
    wanted = settings.progress == "on" or (settings.progress == "auto" and interactive())
    if wanted == (_progress is not None):
        return
    if wanted:
        _progress = Progress(display)
        _subscription = events.subscribe(_progress.listen)
    elif _progress is not None and _subscription is not None:
        _subscription.close()
        _progress.close()
        _progress = _subscription = None


_seen: config.Settings | None = None
_progress: Progress | None = None
_subscription: events.Subscription | None = None


# -- with what


def display() -> Display | None:
    """In notebooks a bar of the page; on terminals one by the library that is installed, or plain text."""
    for make in (_Page,) if notebook() else (_Rich, _Tqdm):
        with contextlib.suppress(ImportError):
            return make()
    return _Plain()


class _Page:
    """A bar of HTML, which needs no widgets and no script."""

    def __init__(self) -> None:
        self._library = importlib.import_module("IPython.display")
        self._escape = importlib.import_module("html").escape
        self._begin = time.monotonic() - PATIENCE
        self._shown: Any = None

    def draw(self, state: State) -> None:
        """Shows another state."""
        share = f' max="{state.planned}" value="{state.done}"' if state.planned else ""
        self._show(f"<progress{share}></progress> {self._escape(state.text)}, {time.monotonic() - self._begin:.0f} s")

    def close(self) -> None:
        """Leaves nothing behind."""
        self._show("")

    def _show(self, text: str) -> None:
        content = {"text/html": text, "text/plain": ""}  # a notebook that is kept as text has no word of it
        if self._shown is None:
            self._shown = self._library.display(content, raw=True, display_id=True)
        else:
            self._shown.update(content, raw=True)


class _Rich:
    """Drawn by rich."""

    def __init__(self) -> None:
        progress, console = importlib.import_module("rich.progress"), importlib.import_module("rich.console")
        columns = (
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TimeElapsedColumn(),
        )
        self._bar = progress.Progress(
            *columns,
            console=console.Console(file=sys.stderr),
            transient=True,
            auto_refresh=False,  # the thread that watches draws
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def draw(self, state: State) -> None:
        """Shows another state."""
        self._bar.update(self._task, description=state.text, completed=state.done, total=state.planned or None)
        self._bar.refresh()

    def close(self) -> None:
        """Leaves nothing behind."""
        self._bar.stop()


class _Tqdm:
    """Drawn by tqdm."""

    def __init__(self) -> None:
        self._bar: Any = importlib.import_module("tqdm").tqdm(total=0, leave=False, file=sys.stderr)

    def draw(self, state: State) -> None:
        """Shows another state."""
        self._bar.total, self._bar.n = state.planned or None, state.done
        self._bar.set_description_str(state.text)

    def close(self) -> None:
        """Leaves nothing behind."""
        self._bar.close()


class _Plain:
    """Text that is written over."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._width = 0

    def draw(self, state: State) -> None:
        """Shows another state."""
        text = f"{state.text}, {time.monotonic() - self._begin + PATIENCE:.0f} s"
        sys.stderr.write(f"\r{text.ljust(self._width)}")
        sys.stderr.flush()
        self._width = len(text)

    def close(self) -> None:
        """Leaves nothing behind."""
        sys.stderr.write(f"\r{' ' * self._width}\r")
        sys.stderr.flush()


def _after_fork() -> None:
    global _seen, _progress, _subscription
    if _subscription is not None:
        _subscription.close()
    _seen = _progress = _subscription = None  # the child makes its own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

__all__ = ["Display", "Progress", "State", "attend", "display", "interactive"]
