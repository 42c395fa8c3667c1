"""What the engine asks of whoever runs its plans, and how backends are found."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ramba import config
from ramba.graph import Program, Stored
from ramba.layout import View
from ramba.plan import Plan
from ramba.runtime import ending
from ramba.runtime.mpi import launcher
from ramba.runtime.pool import Pool

Input = tuple[Any, np.dtype, tuple[int, ...], View]  # an operand's block, its dtype and shape, what is read of it
Made = tuple[Any, np.dtype, tuple[int, ...]]  # a result's block, its dtype and shape


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
        self, job: Any, inputs: Sequence[Any], scalars: Sequence[np.generic], damaged: set[int], state: Any
    ) -> list[Any]:
        """Runs a program: the blocks of its results. What it writes over is added to ``damaged`` before."""

    def call(
        self, function: str, inputs: Sequence[Input], params: tuple[Any, ...], results: int, state: Any
    ) -> list[Made]:
        """Runs a kernel, now. Operands on workers are whole arrays."""

    def sync(self) -> None:
        """Waits until everything is done."""

    def available(self) -> int:
        """Bytes that a plan may take, on each worker."""

    def close(self) -> None:
        """Ends what was started. Nothing may be asked afterwards."""


def chosen() -> str:
    """The backend that the settings name; else what the program was started with."""
    settings = config.current()
    if settings.spmd and launcher.place() is not None:
        return "spmd"
    if settings.backend != "auto":
        return settings.backend
    if launcher.is_driver_rank():
        return "mpi"
    if settings.ray_address is not None:
        return "ray"
    return "threads"


def starts_processes() -> bool:
    """Whether the chosen backend starts processes."""
    return chosen() in ("processes", "ray")


def open_backend() -> Backend:
    """The chosen backend: what ``open`` in ``backends/<name>.py`` returns."""
    name = chosen()
    try:
        module = importlib.import_module(f"{__package__}.backends.{name}")
    except ModuleNotFoundError as missing:
        raise ImportError(f"The backend {name!r} needs {missing.name}: pip install 'ramba[{name}]'") from missing
    made: Backend = module.open()
    return made


assert ending  # imported here, so that it is there before the program's exit handlers
