"""What the engine asks of whoever runs its plans, and how backends are found."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ramba import config
from ramba.graph import Program, Stored
from ramba.plan import Plan
from ramba.runtime import backends, ending
from ramba.runtime.backends import threads
from ramba.runtime.call import Damage, Input, Made
from ramba.runtime.pool import Pool
from ramba.runtime.python.values import Refer


class Job(Protocol):
    """A program made ready to run."""

    @property
    def plan(self) -> Plan:
        """What is run; of several workers, the first one's."""


class Backend(Protocol):
    """Runs programs. One file of ``backends/`` each, found by its name."""

    distributed: bool  # whether arrays lie on workers, and not in the driver's memory
    pool: Pool  # memory on the driver's side
    raised: list[tuple[Any, int, str]]  # errstate, floating-point flag, operation: not yet told to the user

    @property
    def hosts(self) -> int:
        """Hosts that hold arrays; they are taken to have equal memory."""

    def key(self, inputs: Sequence[Any]) -> object:
        """What a plan depends on besides its program."""

    def prepare(self, program: Program, exact: bool, inputs: Sequence[Any]) -> Any:
        """Plans a program for inputs that lie like these: a `Job`."""

    def hold(self, node: Stored) -> Any:
        """A stored value where it can be computed with; None if it is lost."""

    def follow(
        self, job: Any, inputs: Sequence[Any], scalars: Sequence[np.generic], damaged: Damage, state: object
    ) -> list[Any]:
        """Runs a program: the blocks of its results. What it writes over is added to ``damaged`` before."""

    def call(
        self, function: str, inputs: Sequence[Input], params: tuple[Any, ...], results: int, state: object
    ) -> list[Made]:
        """Runs a kernel, now. Operands on workers are whole arrays."""

    def everywhere(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        named: dict[str, Any],
        refer: Refer,
        inputs: Sequence[Any],
        writes: bool = True,
    ) -> list[Any]:
        """Has each worker call a function of Python; the results by rank.

        Arrays that lie on workers are not sent. `refer` is asked of each argument, and of what arguments hold; for an
        array, it adds what `hold` gives to `inputs`, and gives its place there. The function sees a `Part` of it.
        What one of the calls raises is raised. One that ``writes`` to arrays is not made again after a loss.
        """

    def sync(self) -> None:
        """Waits until everything is done."""

    def available(self) -> int:
        """Bytes that a plan may take, on each worker."""

    def resize(self, workers: int | None) -> int:
        """Has so many workers go on, in memory of which all arrays are; None: what suits. Gives how many there are."""

    def capacity(self) -> int:
        """As `available`, but with what may be spilled to disks."""

    def close(self) -> None:
        """Ends what was started. Nothing may be asked afterwards."""


def chosen() -> str:
    """The backend that the settings name; else what the program was started with."""
    found = backends.descriptions()
    meant = [row for row in found.values() if row.meant()]
    above = [row for row in meant if not row.by_name]
    settings = config.current()
    if settings.backend != "auto" and not above:
        return settings.backend
    return (above or meant or [threads.BACKEND])[0].name


def starts_processes() -> bool:
    """Whether the chosen backend starts processes."""
    return backends.descriptions()[chosen()].starts_processes


def open_backend() -> Backend:
    """The chosen backend: what ``open`` in ``backends/<name>.py`` returns."""
    name = chosen()
    try:
        made: Backend = importlib.import_module(f"{backends.__name__}.{name}").open()
    except ModuleNotFoundError as missing:
        row = backends.descriptions()[name]
        if missing.name not in row.needs:
            raise
        raise ImportError(f"The backend {name!r} needs {missing.name}: {row.remedy()}") from missing
    return made


assert ending  # imported here, so that it is there before the program's exit handlers
