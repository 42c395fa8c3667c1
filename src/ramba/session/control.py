"""Ramba's own functions: when work is done, and what would be done."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ramba import events
from ramba.engine import ENGINE, Profile
from ramba.engine import explain as explain_buffers
from ramba.lazyarray import Array, define

if TYPE_CHECKING:
    from ramba.diagnosis import Doctor
    from ramba.pictures import Dashboard, Drawing


def sync() -> None:
    """Compute everything that is pending, and wait for it.

    Programs need it only to measure time or to bound memory: looking at a value computes what it needs. What went wrong
    in the meantime is raised here, as NumPy would have raised it.

    Examples
    --------
    >>> import ramba as np
    >>> a = np.arange(5) ** 2
    >>> np.sync()
    >>> a
    array([ 0,  1,  4,  9, 16])
    """
    ENGINE.sync()


def explain(*arrays: object) -> str:
    """What computing the arrays would do, as text: graph, kernels, bytes, peak memory. Nothing is run.

    A path among the arguments, ``explain(x, "plan.svg")``, has it drawn there as well: see `ndarray.visualize`.

    With several workers it also says how each value lies on them, and which messages go from whom to whom for each
    kernel. Bytes that kernels read and write are estimates; what they hold and send is what a run will hold and send.

    Parameters
    ----------
    *arrays : ndarray or path-like
        Any number of arrays; what has been computed already, or is a number, is left out. Paths are files to write.

    Returns
    -------
    str
        One line for each value of the graph, then the plan.

    Examples
    --------
    >>> import ramba as np
    >>> print(np.explain(np.arange(3)))
    Nothing is pending: the values are in memory.
    """
    buffers = [array._buffer for array in arrays if isinstance(array, Array) and array._np is None]
    for path in arrays:
        if isinstance(path, str | os.PathLike):
            _pictures().drawn(buffers).write(path)
    return explain_buffers(buffers)


def visualize(self: Array, path: str | os.PathLike[str] | None = None) -> Drawing:
    """The plan of an array as a drawing: a box for each kernel, what it computes, reads, and sends. Nothing is run.

    Parameters
    ----------
    path : path-like, optional
        Where to write it, as SVG.

    Returns
    -------
    Drawing
        A notebook shows it; ``svg`` is its text.

    Examples
    --------
    >>> import ramba as np
    >>> x = np.arange(100_000.0)
    >>> ((x - x.mean()) / 2).visualize()
    <drawing of 2 boxes: a notebook shows it, write(path) makes a file>
    """
    made: Drawing = _pictures().drawn([] if self._np is not None else [self._buffer])
    if path is not None:
        made.write(path)
    return made


define("visualize", visualize)


def _pictures() -> Any:
    """The room that draws: imported at its first use, as most programs draw nothing."""
    return importlib.import_module("ramba.pictures")


def profile(path: str | os.PathLike[str] | None = None) -> Profile:
    """Record what happens when, on the driver and on all workers, during a ``with`` block.

    What is still pending when the block ends is computed then, as `sync` does, so that it is part of the profile.
    Outside of such a block nothing is recorded, and nothing is spent on it.

    Parameters
    ----------
    path : path-like, optional
        Where to write it. A name that ends in ``.html`` becomes a page that needs nothing else: a time line, memory,
        kernels with the speed of memory, messages, and what the `doctor` says. Any other name becomes a trace, in the
        format that https://ui.perfetto.dev and ``chrome://tracing`` show: planning,
        compiling, kernels, messages and waiting, with one process for each worker and arrows along messages. Times of
        workers on other hosts are corrected by how far their clocks seem to be from the driver's.

    Returns
    -------
    Profile
        Its ``summary()`` is a table, ``trace()`` the content of the file.

    Examples
    --------
    >>> import ramba as np
    >>> with np.profile() as p:
    ...     a = np.ones(100_000) + 1
    >>> print(p.summary())  # doctest: +ELLIPSIS
    0... s in all
            kernels ...
    """
    if path is not None and os.fspath(path).endswith((".html", ".htm")):
        made: Profile = _pictures().ProfilePage(path)
        return made
    return Profile(path)


def dashboard(port: int = 0) -> Dashboard:
    """Show what the program is doing to a browser on this machine, until it is closed or the program ends.

    Processes with their memory, what runs and how far it is, what ran last, and where the arrays lie that the main
    module has names for. It listens on loopback only, and answers only those who know the token of its address.
    Workers tell what they did when they are asked for a value, or at `sync`.

    Parameters
    ----------
    port : int, optional
        Of the address; one that is free, if it is not given.

    Returns
    -------
    Dashboard
        ``url`` is the address, ``close()`` ends it, and so does a ``with`` block.

    Examples
    --------
    >>> import ramba as np
    >>> with np.dashboard() as board:
    ...     print(board.url.startswith("http://127.0.0.1:"))
    True
    """
    made: Dashboard = _pictures().Dashboard(port)
    return made


def doctor() -> Doctor:
    """Find out what took the seconds of a ``with`` block, by the program's own lines, and what to write instead.

    It reports looks inside of loops, loops over elements, what NumPy computes alone or workers gather, kernels
    compiled and plans made over and over, redistributions, and Python's built-in functions over arrays: whatever took
    one per cent of the time, the worst first. What is still pending when the block ends is computed then. While it is
    on it takes some per cent of the program's time; when it is off, none.

    Returns
    -------
    Doctor
        Prints as a report; ``findings`` and ``lines`` are its parts, ``data()`` all of it as plain data.

    Examples
    --------
    >>> import ramba as np
    >>> with np.doctor() as d:
    ...     total = float(np.ones(100_000).sum())
    >>> d.findings
    []
    """
    # imported at its first use: programs that ask for no doctor do not wait for it
    made: Doctor = importlib.import_module("ramba.diagnosis").Doctor()
    return made


class KernelCount:
    """How many kernels ran."""

    def __init__(self) -> None:
        self.kernels: list[str] = []  # their names, in the order they ran

    def __len__(self) -> int:
        return len(self.kernels)

    def __int__(self) -> int:
        return len(self.kernels)

    def __eq__(self, other: object) -> bool:
        return len(self.kernels) == other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{len(self.kernels)} kernels>"


@contextmanager
def kernels_run() -> Iterator[KernelCount]:
    """Count the kernels that run in a ``with`` block.

    Yields
    ------
    KernelCount
        Compares with numbers; ``kernels`` has the names, in the order in which they ran.

    Examples
    --------
    >>> import ramba as np
    >>> with np.kernels_run() as count:
    ...     a = np.ones(100_000) * 2 + 1
    >>> count == 0
    True
    """
    count = KernelCount()

    def listen(event: events.Event) -> None:
        told = event.event if isinstance(event, events.OnWorker) else event
        if isinstance(told, events.Ran):
            count.kernels.append(told.kernel)

    with events.subscribe(listen):
        yield count
